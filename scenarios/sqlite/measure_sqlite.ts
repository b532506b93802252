/**
 * Measures how fast SQLite is recovered and checked, and prints the figures as JSON: for each journal
 * mode, a database of 12 KiB is cut in the middle of a transaction, and one run after the other opens
 * a crash image, lets SQLite recover it, checks its integrity and reads all records.
 *
 *     deno run -A scenarios/sqlite/measure_sqlite.ts
 *
 * @module
 */
import init from "@sqlite.org/sqlite-wasm";
import {
  explore,
  type LogUnderTest,
  SimulatedFileSystem,
  type SqliteConnection,
} from "../../mod.ts";
import { type JournalMode, sqliteLog } from "./sqlite_log.ts";

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

/** One run: recoveries per second. */
async function rate(log: LogUnderTest<SqliteConnection>, { disk }: SimulatedFileSystem) {
  const started = performance.now();
  const { recoveries } = await explore(
    disk,
    (fs) => [...log.records(log.open(fs, "/log") as SqliteConnection) as Uint8Array[]].length,
    () => {},
    { budget: { recoveries: RECOVERIES } },
  );
  return recoveries / (performance.now() - started) * 1000;
}

/** The median of several runs, and what they lie between. */
async function measure(sqlite3: Awaited<ReturnType<typeof init>>, journalMode: JournalMode) {
  const log = sqliteLog(sqlite3, { journalMode, synchronous: "FULL", pageBytes: 1024 });
  const fs = crashed(log);
  const bytes = fs.disk.lives.length > 0 ? sizeOf(fs, log) : 0;
  await rate(log, fs);
  const rates: number[] = [];
  for (let run = 0; run < RUNS; run++) rates.push(Math.round(await rate(log, fs)));
  rates.sort((a, b) => a - b);
  return {
    databaseBytes: bytes,
    perSecond: { median: rates[RUNS >> 1], least: rates[0], most: rates.at(-1) },
  };
}

/** How long the database is, where everything that was written has persisted. */
function sizeOf({ disk }: SimulatedFileSystem, log: LogUnderTest<SqliteConnection>): number {
  const fs = new SimulatedFileSystem(disk);
  log.open(fs, "/log");
  return fs.stat("/log/db").size;
}

if (import.meta.main) {
  const sqlite3 = await init();
  const rates: Record<string, unknown> = {};
  for (const mode of ["DELETE", "TRUNCATE", "PERSIST", "WAL"] as const) {
    rates[mode] = await measure(sqlite3, mode);
  }
  console.log(JSON.stringify({ sqlite: sqlite3.version.libVersion, recovered: rates }, null, 2));
}
