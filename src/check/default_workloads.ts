import type { Call, Command, SingleCall, Workload } from "./workload.ts";

const append = (bytes: number): SingleCall => ({ do: "append", bytes });
const burst = (bytes: number[], stagger: number): Command => ({ do: "burst", bytes, stagger });
const forget = (count: number): SingleCall => ({ do: "truncateFront", count });
const killDuring = (ops: number, ...calls: Call[]): Command => ({ do: "killDuring", calls, ops });
const together = (...callers: SingleCall[][]): Command => ({ do: "concurrent", callers });
const sync: SingleCall = { do: "sync" };
const reopen: Command = { do: "reopen" };
const kill: Command = { do: "kill" };

/**
 * The workloads that a log is checked with when no others are named. Each is small, so that all of
 * its crash states can be covered; together they show every mistake of the zoo.
 *
 * @example
 * ```ts
 * import { checkLog, defaultWorkloads } from "../../mod.ts";
 * import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
 *
 * const mine = { name: "mine", lives: [[{ do: "append", bytes: 9000 }, { do: "sync" }]] } as const;
 * const { verdict } = await checkLog(naiveLog(allFixes), { workloads: [...defaultWorkloads, mine] });
 * console.log(verdict); // holds
 * ```
 */
export const defaultWorkloads: readonly Workload[] = [
  { name: "one record", lives: [[append(24), sync]] },
  { name: "synced, then not", lives: [[append(24), append(40), sync, append(24), append(40)]] },
  { name: "empty and tiny records", lives: [[append(0), append(1), sync, append(0), append(2)]] },
  { name: "records of several sectors", lives: [[append(700), sync, append(1300), append(24)]] },
  { name: "a record across two pages", lives: [[append(3000), sync, append(2000)]] },
  {
    name: "many records",
    lives: [[200, 200, 200, 200, 200, 200].flatMap((bytes) => [append(bytes), sync])],
  },
  { name: "a dozen records", lives: [Array<Call[]>(12).fill([append(24), sync]).flat()] },
  {
    name: "many records, one sync",
    lives: [[...Array<Command>(6).fill(append(200)), sync, append(200)]],
  },
  { name: "reopened", lives: [[append(24), sync, reopen, append(24), sync, reopen, append(24)]] },
  { name: "killed, shown, then power loss", lives: [[append(24), append(300), kill]] },
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((ops): Workload => ({
    name: `killed in the first append, after op ${ops}`,
    lives: [[killDuring(ops, append(24), sync)]],
  })),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((ops): Workload => ({
    name: `killed in a later append, after op ${ops}`,
    lives: [[append(700), sync, append(700), sync, killDuring(ops, append(700), sync)]],
  })),
  ...[1, 2, 3, 4, 5, 6].map((ops): Workload => ({
    name: `killed while records are forgotten, after op ${ops}`,
    lives: [[append(700), sync, append(700), sync, killDuring(ops, forget(1), sync)]],
  })),
  {
    name: "killed, then going on",
    lives: [[append(24), sync, append(24), kill, append(24), sync]],
  },
  {
    name: "going on after a power loss",
    lives: [[append(24), sync, append(24), append(24)], [append(24), sync, append(24)]],
  },
  {
    name: "going on behind a torn record",
    lives: [[append(300), sync, append(300), append(300)], [append(300), sync]],
  },
  {
    name: "going on behind a torn record of several sectors",
    lives: [[append(24), sync, append(1100), append(1100)], [append(1100), sync]],
  },
  { name: "power loss in recovery", lives: [[append(24), sync, append(300), append(24)], []] },
  {
    name: "power lost three times",
    lives: [[append(24)], [append(24), sync], []],
  },
  {
    name: "oldest records forgotten",
    lives: [[
      ...Array<Command>(5).fill(append(300)),
      sync,
      forget(4),
      append(300),
      sync,
      forget(1),
    ]],
  },
  {
    name: "oldest records forgotten, then a new segment",
    lives: [[append(700), append(700), sync, forget(1), append(700), sync, append(24)]],
  },
  {
    name: "records forgotten before they are durable",
    lives: [[append(24), append(24), forget(2), append(24)], [append(24), sync]],
  },
  {
    name: "oldest records forgotten, power loss in recovery",
    lives: [[append(200), append(200), sync, forget(1), append(200), sync], [append(24), sync]],
  },
  { name: "at once", lives: [[burst([24, 24, 24], 0), sync, burst([24, 300], 0)]] },
  { name: "at once, one turn apart", lives: [[burst([24, 24, 24], 1), sync, burst([24, 24], 1)]] },
  { name: "at once, two turns apart", lives: [[burst([24, 24, 24], 2), sync]] },
  { name: "at once, five turns apart", lives: [[burst([24, 24, 24], 5), sync]] },
  {
    name: "two appenders",
    lives: [[together([append(24), append(300)], [append(40)]), sync]],
  },
  {
    name: "an appender beside one that syncs",
    lives: [[together([append(24), append(24)], [append(300), sync])]],
  },
  {
    name: "an appender beside one that forgets",
    lives: [[append(300), append(24), sync, together([append(700)], [forget(1), sync])]],
  },
];
