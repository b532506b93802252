import { append, lives } from "./commands.ts";
import { compactLog } from "./compact_log.ts";
import { clockWhim, randomWhim, unfitLog } from "./unfit_log.ts";
import { everywhere, type ZooEntry } from "./zoo_entry.ts";

/** Mistakes 25 and 26: logs that cannot be judged, which is a finding of its own. */
export const unfitEntries: readonly ZooEntry[] = [
  {
    id: "25a",
    title: "recovery depends on the clock",
    rule: "Opening the same disk makes the same calls at any time of day.",
    expected: "harness-broken",
    models: everywhere,
    kill: "Append over several sectors and lose power: two runs on the same state read another " +
      "sector first.",
    shows: lives([append(1000), append(1000)]),
    correct: "base-sync",
    log: () => unfitLog("25a depends on the clock", clockWhim),
  },
  {
    id: "25b",
    title: "recovery depends on randomness",
    rule: "Opening the same disk makes the same calls every time.",
    expected: "harness-broken",
    models: everywhere,
    kill: "Append over several sectors and lose power: two runs on the same state read another " +
      "sector first.",
    shows: lives([append(1000), append(1000)]),
    correct: "base-sync",
    log: () => unfitLog("25b depends on randomness", randomWhim),
  },
  {
    id: "26",
    title: "recovery never ends",
    rule: "Opening ends, whatever is on the disk.",
    expected: "harness-broken",
    models: ["posix-ra"],
    kill: "Append one record and lose power: the size persists, the bytes do not. Open reads the " +
      "same bad frame for ever.",
    shows: lives([append(24)]),
    correct: "base-sync",
    log: () => compactLog("26 never ends", { acks: "sync", badFrame: "is read again" }),
  },
];
