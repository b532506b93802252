/**
 * Measures how fast SQLite is recovered and checked, and prints the figures as JSON: for each journal
 * mode, a database of 12 KiB is cut in the middle of a transaction, and one run after the other opens
 * a crash image, lets SQLite recover it, checks its integrity and reads all records.
 *
 *     deno run -A scenarios/sqlite/measure_sqlite.ts [--matrix]
 *
 * With `--matrix`, also how long all scenarios take on all models, in one process.
 *
 * @module
 */
import { cpuUsage } from "node:process";
import {
  explore,
  type LogUnderTest,
  SimulatedFileSystem,
  type SqliteConnection,
  type SqliteModule,
} from "../../mod.ts";
import { loadSqlite } from "./load_sqlite.ts";
import { type JournalMode, sqliteLog } from "./sqlite_log.ts";
import { sqliteMatrix } from "./sqlite_scenarios.ts";

/** Runs that are timed, and how many there are in each; the median counts. */
const RUNS = 7;
const RECOVERIES = 2_000;
/** As many as fill 12 KiB. */
const RECORDS = 50;

/** A disk whose power has just gone, with a database of so many pages on it. */
function crashed(log: LogUnderTest<SqliteConnection>): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  fs.mkdir("/log");
  fs.disk.settle();
  let db = log.open(fs, "/log") as SqliteConnection;
  for (let i = 0; i < RECORDS; i++) log.append(db, new Uint8Array(100).fill(i));
  // Closed, so that it is all in the database, and nothing in the write-ahead log.
  log.close!(db);
  db = log.open(fs, "/log") as SqliteConnection;
  fs.disk.settle();
  for (let i = 0; i < 3; i++) log.append(db, new Uint8Array(100).fill(i));
  fs.disk.powerCut();
  return fs;
}

/** Recoveries per second of time, and per second of processor time of this process. */
interface Rates {
  readonly perSecond: number;
  readonly perProcessorSecond: number;
}

/** One run. */
async function run(log: LogUnderTest<SqliteConnection>, { disk }: SimulatedFileSystem) {
  const [started, used] = [performance.now(), cpuUsage()];
  const { recoveries } = await explore(
    disk,
    (fs) => log.records(log.open(fs, "/log") as SqliteConnection),
    () => {},
    { budget: { recoveries: RECOVERIES } },
  );
  const { user, system } = cpuUsage(used);
  return {
    perSecond: recoveries / (performance.now() - started) * 1e3,
    perProcessorSecond: recoveries / (user + system) * 1e6,
  };
}

/** The median of several runs, and what they lie between. */
async function measure(sqlite3: SqliteModule, journalMode: JournalMode) {
  const log = sqliteLog(sqlite3, { journalMode, synchronous: "FULL", pageBytes: 1024 });
  const fs = crashed(log);
  const databaseBytes = sizeOf(fs, log);
  await run(log, fs);
  const runs: Rates[] = [];
  for (let i = 0; i < RUNS; i++) runs.push(await run(log, fs));
  const spread = (key: keyof Rates) => {
    const sorted = runs.map((rates) => Math.round(rates[key])).sort((a, b) => a - b);
    return { median: sorted[RUNS >> 1], least: sorted[0], most: sorted.at(-1) };
  };
  return {
    databaseBytes,
    perSecond: spread("perSecond"),
    perProcessorSecond: spread("perProcessorSecond"),
  };
}

/** How long the database is, where everything that was written has persisted. */
function sizeOf({ disk }: SimulatedFileSystem, log: LogUnderTest<SqliteConnection>): number {
  const fs = new SimulatedFileSystem(disk);
  log.open(fs, "/log");
  return fs.stat("/log/db").size;
}

/** The whole matrix. */
async function matrix() {
  const [started, used] = [performance.now(), cpuUsage()];
  let [cells, complete, recoveries, surprises] = [0, 0, 0, 0];
  for await (const { expected, result } of sqliteMatrix()) {
    cells++;
    recoveries += result.recoveries;
    if (result.complete) complete++;
    if (result.verdict !== expected) surprises++;
  }
  const { user, system } = cpuUsage(used);
  return {
    cells,
    complete,
    surprises,
    recoveries,
    seconds: Math.round((performance.now() - started) / 1e3),
    processorSeconds: Math.round((user + system) / 1e6),
  };
}

if (import.meta.main) {
  const sqlite3 = await loadSqlite();
  const recovered: Record<string, unknown> = {};
  for (const mode of ["DELETE", "TRUNCATE", "PERSIST", "WAL"] as const) {
    recovered[mode] = await measure(sqlite3, mode);
  }
  const figures = {
    sqlite: sqlite3.version.libVersion,
    recovered,
    ...(Deno.args.includes("--matrix") && { matrix: await matrix() }),
  };
  console.log(JSON.stringify(figures, null, 2));
}
