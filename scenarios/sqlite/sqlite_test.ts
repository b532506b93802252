import { assert, assertEquals } from "@std/assert";
import {
  checkLog,
  formatOp,
  type ModelName,
  SimulatedFileSystem,
  type SqliteConnection,
  type SqliteModule,
  type Verdict,
} from "../../mod.ts";
import { withoutSync, withoutSyncAfterRemove } from "./faulty_barriers.ts";
import { loadSqlite, newSqlite } from "./load_sqlite.ts";
import { sqliteLog, type SqliteLogOptions } from "./sqlite_log.ts";
import { sqlitePromises } from "./sqlite_promises.ts";
import { sqliteMatrix, type SqliteScenario, sqliteScenarios } from "./sqlite_scenarios.ts";

const sqlite3 = await loadSqlite();

/** Some scenarios by name, all of which must exist. */
function named(...names: string[]): SqliteScenario[] {
  return names.map((name) => {
    const found = sqliteScenarios.find((scenario) => scenario.name === name);
    assert(found !== undefined, `no scenario "${name}"`);
    return found;
  });
}

/** Every verdict of a part of the matrix, where it is not the one that is documented. */
async function surprises(
  scenarios: readonly SqliteScenario[],
  models: readonly ModelName[],
  recoveries: number,
): Promise<{ surprises: string[]; checked: number }> {
  const surprises: string[] = [];
  let checked = 0;
  for await (const row of sqliteMatrix({ scenarios, models, recoveries })) {
    const { scenario: { name }, model, expected, result: { verdict, reason } } = row;
    checked++;
    if (verdict !== expected) surprises.push(`${name} on ${model}: ${verdict} (${reason ?? ""})`);
  }
  return { surprises, checked };
}

Deno.test("sqliteScenarios have names of their own, a source, and a row for each mode and setting", () => {
  const names = sqliteScenarios.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const { source } of sqliteScenarios) assert(source.startsWith("sqlite.org/"), source);
  const cells = new Set(sqlitePromises.map((row) => `${row.journalMode} ${row.synchronous}`));
  assertEquals(cells.size, 6 * 4);
  for (const { expected, because } of sqlitePromises) {
    assertEquals(new Set(Object.values(expected)).size > 1, because !== undefined);
  }
});

for (const [model, depth] of [["xfs", 0], ["ext4-journal", 1]] as const) {
  Deno.test(`SQLite keeps what it documents in every crash state of a transaction, ${model}`, async () => {
    for (const name of ["delete/extra", "truncate/full", "persist/full", "wal/full"]) {
      const [scenario] = named(`sqlite/${name}/durable`);
      const { verdict, complete } = await checkLog(await scenario!.log(), {
        model,
        depth,
        workloads: [{ name: "one", lives: [[{ do: "append", bytes: 24 }]] }],
        budget: { recoveries: 400 },
      });
      assertEquals(verdict, "holds", name);
      assert(complete, `${name}: the search must be exhaustive`);
    }
  });
}

Deno.test("SQLite keeps what it documents as far as a small search goes, on the default model", async () => {
  const { surprises: found, checked } = await surprises(
    named(
      "sqlite/delete/full/consistent",
      "sqlite/delete/extra/durable",
      "sqlite/truncate/full/durable",
      "sqlite/persist/full/durable",
      "sqlite/wal/normal/checkpoints/consistent",
      "sqlite/wal/full/checkpoints/durable",
      "sqlite/hot-journal",
      "sqlite/checkpoint-and-reopen",
      "sqlite/switch-to-wal",
      "sqlite/powersafe-overwrite/not-claimed",
      "sqlite/persist/full/pages-of-4096",
    ),
    ["posix-ra"],
    100,
  );
  assertEquals(found, []);
  assertEquals(checked, 11);
});

Deno.test("SQLite loses or breaks what it documents that it may", async () => {
  const { surprises: found, checked } = await surprises(
    named(
      "sqlite/delete/full/durable",
      "sqlite/delete/off/consistent",
      "sqlite/wal/off/checkpoints/consistent",
      "sqlite/wal/normal/durable",
      "sqlite/memory/extra/consistent",
      "sqlite/off/full/consistent",
      "sqlite/killed-before-the-barrier",
      "sqlite/powersafe-overwrite/claimed",
    ),
    ["xfs"],
    1_500,
  );
  assertEquals(found, []);
  assertEquals(checked, 8);
});

/** The verdict over two transactions. */
async function verdictOf(options: SqliteLogOptions): Promise<Verdict> {
  const log = sqliteLog(sqlite3, options);
  const lives = [[{ do: "append", bytes: 24 }, { do: "append", bytes: 24 }]] as const;
  const workloads = [{ name: "two", lives }];
  const budget = { recoveries: 200 };
  return (await checkLog(log, { model: "xfs", workloads, budget, depth: 0 })).verdict;
}

Deno.test("sqliteLog() on a VFS whose xSync does nothing is caught", async () => {
  for (const journalMode of ["TRUNCATE", "PERSIST", "WAL"] as const) {
    const database = { journalMode, synchronous: "FULL" } as const;
    assertEquals(await verdictOf(database), "holds");
    assertEquals(await verdictOf({ ...database, between: withoutSync }), "violates");
  }
});

Deno.test("sqliteLog() on a VFS whose xDelete does not sync the directory is caught", async () => {
  const database = { journalMode: "DELETE", synchronous: "EXTRA" } as const;
  assertEquals(await verdictOf(database), "holds");
  assertEquals(await verdictOf({ ...database, between: withoutSyncAfterRemove }), "violates");
});

/** Every op with its bytes, of a workload with a power loss in it. */
function traceOf(sqlite3: SqliteModule, journalMode: "DELETE" | "WAL"): string[] {
  const log = sqliteLog(sqlite3, { journalMode, synchronous: "FULL", checkpointPages: 4 });
  const fs = new SimulatedFileSystem();
  fs.mkdir("/log");
  let db = log.open(fs, "/log") as SqliteConnection;
  for (let i = 1; i <= 5; i++) log.append(db, new Uint8Array(60 * i).fill(i));
  log.truncateFront!(db, 2);
  fs.disk.powerCut();
  db = log.open(new SimulatedFileSystem(fs.disk), "/log") as SqliteConnection;
  log.append(db, new Uint8Array(24).fill(9));
  assertEquals((log.records(db) as Uint8Array[]).length, 4);
  return fs.disk.lives.flatMap(({ trace }) =>
    trace.map((op) => `${formatOp(op)} ${op.bytes?.toHex() ?? ""}`)
  );
}

Deno.test("sqliteLog() makes the same calls, byte for byte, in two instances of SQLite", async () => {
  const [one, two] = [await newSqlite(), await newSqlite()];
  for (const mode of ["DELETE", "WAL"] as const) {
    const trace = traceOf(one, mode);
    assert(trace.length > 100);
    assertEquals(traceOf(two, mode), trace);
    assertEquals(traceOf(one, mode), trace);
  }
});

Deno.test("sqliteLog() gives back what was appended, and refuses half a transaction", () => {
  const log = sqliteLog(sqlite3, { journalMode: "DELETE", synchronous: "EXTRA" });
  const fs = new SimulatedFileSystem();
  fs.mkdir("/log");
  let db = log.open(fs, "/log") as SqliteConnection;
  const records = [0, 1, 2, 700, 24].map((bytes, i) => new Uint8Array(bytes).fill(i + 1));
  for (const record of records) log.append(db, record);
  assertEquals(log.records(db), records);
  log.truncateFront!(db, 2);
  log.close!(db);
  db = log.open(fs, "/log") as SqliteConnection;
  assertEquals(log.records(db), records.slice(2));
  log.truncateFront!(db, 99);
  assertEquals(log.records(db), []);
  log.append(db, records[4]!);
  assertEquals(log.records(db), records.slice(4));
  db.exec("DELETE FROM tail");
  let message = "";
  try {
    log.records(db);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "Half a transaction: around record 6, head has 6, and tail has none");
});
