import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { causeOf, checkLog, type Command, SimulatedFileSystem, Wal } from "../../mod.ts";
import { journalStore, keptRun } from "./_journal_store.ts";
import { Journal, JournalError, NOTHING_TOLD, tell } from "./journal.ts";

const NOTE: Command = { do: "append", bytes: 8 };
const SYNC: Command = { do: "sync" };

/** The fourth command writes the journal anew. */
const WORKLOADS = [
  { name: "notes", lives: [[NOTE, NOTE, SYNC, NOTE], [NOTE, SYNC]] },
  { name: "compacts", lives: [[NOTE, NOTE, SYNC, NOTE, NOTE, NOTE, SYNC]] },
  {
    name: "compacts, is killed",
    lives: [[NOTE, NOTE, NOTE, NOTE, { do: "kill" as const }, NOTE, SYNC]],
  },
];

for (const model of ["posix-ra", "ext4-ordered", "xfs", "btrfs"] as const) {
  Deno.test(`a campaign's journal keeps what it has synced, whatever a crash leaves (${model})`, async () => {
    const result = await checkLog(journalStore(), { model, workloads: WORKLOADS });
    assertEquals(result.verdict, "holds", result.reason);
    assertEquals(result.complete, true);
  });
}

Deno.test("a campaign's journal that does not sync is found out", async () => {
  const store = journalStore({ name: "careless journal", sync: () => {} });
  const result = await checkLog(store, { workloads: WORKLOADS });
  assertEquals(result.verdict, "violates");
});

Deno.test("Journal.lines() refuses records of another version, and what is no record", () => {
  const cases: [unknown, string][] = [
    [{ kind: "whole", version: 2 }, "its version is 2, expected 1"],
    [{ kind: "entry" }, "entry"],
    [{ kind: "something" }, "kind"],
    ["no JSON", "a record is no JSON"],
  ];
  for (const [record, words] of cases) {
    const fs = new SimulatedFileSystem();
    const wal = Wal.open(fs, "/");
    const text = typeof record === "string" ? record : JSON.stringify(record);
    wal.append(new TextEncoder().encode(text));
    wal.close();
    const error = assertThrows(() => [...Journal.open(fs, "/").lines()], JournalError);
    assertStringIncludes(error.message, words);
  }
});

Deno.test("tell() adds to what was there when the campaign began", () => {
  const begun = { seed: 1, lanes: [0], of: 1, conditions: "" };
  const totals = { recoveries: 1, facts: 1, canaryRuns: 0, marks: [] };
  const state = { lane: 0, next: 7, digest: 3, yields: [], totals };
  const point = {
    seconds: 1,
    runs: 2,
    recoveries: 3,
    facts: 4,
    corpus: 5,
    findings: 0,
    memory: 6,
  };
  const entry = (run: number) => ({ kind: "entry", entry: keptRun(run) }) as const;
  const before = { base: [keptRun(1)], own: [], lanes: [], points: [], unexplained: [] };
  const told = tell([
    entry(9),
    { kind: "whole", version: 1, told: { begun, ...before } },
    entry(1),
    entry(2),
    entry(2),
    { kind: "lane", state: { ...state, next: 3 } },
    { kind: "lane", state },
    { kind: "point", point },
  ]);
  assertEquals(told.begun, begun);
  assertEquals(told.base.map(({ run }) => run), [1]);
  assertEquals(told.own.map(({ run }) => run), [2]);
  assertEquals([...told.lanes.values()], [state]);
  assertEquals(told.points, [point]);
  const fs = new SimulatedFileSystem();
  const journal = Journal.open(fs, "/");
  journal.append(entry(5));
  journal.replace(told);
  assertEquals(tell(journal.lines()), told);
});

Deno.test("a finding waits in the journal until its cause is explained", async () => {
  const { default: naive } = await import("../../scenarios/" + "naive_log.ts");
  const { violations } = await checkLog(naive);
  const [first, other] = violations.filter((found, i) =>
    violations.findIndex((one) => causeOf(one) === causeOf(found)) === i
  );
  const journal = Journal.open(new SimulatedFileSystem(), "/");
  for (const found of [first!, other!, first!]) journal.append({ kind: "found", found });
  journal.append({ kind: "explained", cause: causeOf(first!) });
  const waiting = () => tell(journal.lines()).unexplained.map(({ found }) => found.verdict);
  assertEquals(waiting(), [other!.verdict]);
  journal.replace(tell(journal.lines()));
  assertEquals(waiting(), [other!.verdict]);
});

Deno.test("a journal says when it is time to write it anew", () => {
  const fs = new SimulatedFileSystem();
  const journal = Journal.open(fs, "/");
  const cause = "x".repeat(2 ** 20);
  for (let times = 0; times < 33; times++) {
    assertEquals(journal.isLong, times > 31);
    journal.append({ kind: "explained", cause });
  }
  journal.replace(NOTHING_TOLD);
  assertEquals(journal.isLong, false);
  // A file goes when all that is in it is forgotten: with the next time at the latest.
  journal.replace(NOTHING_TOLD);
  const bytes = fs.list("/").reduce((sum, name) => sum + fs.stat(`/${name}`).size, 0);
  assertEquals(bytes < cause.length, true, "what is forgotten is gone");
});
