import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { checkLog, type Command, SimulatedFileSystem, Wal } from "../../mod.ts";
import { journalStore, keptRun } from "./_journal_store.ts";
import { Journal, JournalError, tell } from "./journal.ts";

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
    [{ kind: "begin", version: 2 }, "its version is 2, expected 1"],
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

Deno.test("tell() puts the last campaign on top of what earlier ones have kept", () => {
  const begun = { seed: 1, lanes: [0], of: 1, conditions: "" };
  const begin = { kind: "begin", version: 1, begun } as const;
  const entry = (run: number) => ({ kind: "entry", entry: keptRun(run) }) as const;
  const totals = { recoveries: 1, facts: 1, canaryRuns: 0, marks: [] };
  const state = { lane: 0, next: 7, digest: 3, yields: [], totals };
  const told = tell([
    entry(1),
    begin,
    entry(2),
    { kind: "lane", state },
    begin,
    entry(2),
    entry(3),
  ]);
  assertEquals(told.base.map(({ run }) => run), [1, 2]);
  assertEquals(told.own.map(({ run }) => run), [3]);
  assertEquals(told.lanes.size, 0);
  assertEquals(tell([begin, { kind: "lane", state }]).lanes.get(0), state);
});
