/**
 * A log kept in a real SQLite database. A record is a transaction over three tables and an index: one
 * half of it goes to each of two tables, and a third is updated, so that half a transaction shows.
 * Forgetting deletes rows, and frees their pages.
 *
 * @module
 */
import {
  type FileSystem,
  type LogUnderTest,
  type SqliteConnection,
  type SqliteDevice,
  type SqliteModule,
  sqliteVfs,
} from "../../mod.ts";

/** Where SQLite keeps what it needs to undo or redo a transaction. */
export type JournalMode = "DELETE" | "TRUNCATE" | "PERSIST" | "WAL" | "MEMORY" | "OFF";

/** How often SQLite waits for the disk. */
export type Synchronous = "OFF" | "NORMAL" | "FULL" | "EXTRA";

/** How the database is kept. */
export interface SqliteLogOptions {
  /** `PRAGMA journal_mode`. */
  readonly journalMode: JournalMode;
  /** `PRAGMA synchronous`. */
  readonly synchronous: Synchronous;
  /** What is promised: see {@linkcode LogUnderTest.acks}. Default: `"append"`. */
  readonly acks?: "append" | "never";
  /** `PRAGMA page_size`. Default: 512. */
  readonly pageBytes?: 512 | 1024 | 4096;
  /** `PRAGMA wal_autocheckpoint`, in pages. Default: SQLite's own, 1000. */
  readonly checkpointPages?: number;
  /**
   * `PRAGMA synchronous` while the database is made and its journal mode is set. Default: `"EXTRA"`,
   * so that all of it is durable before the first append.
   */
  readonly setUpSynchronous?: Synchronous;
  /** What SQLite is told about the device. */
  readonly device?: SqliteDevice;
  /** What stands between SQLite and the disk. Default: nothing. */
  readonly between?: (fs: FileSystem) => FileSystem;
}

const SCHEMA = `
  CREATE TABLE state(one INTEGER PRIMARY KEY, oldest INTEGER NOT NULL, last INTEGER NOT NULL);
  CREATE TABLE head(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
  CREATE TABLE tail(id INTEGER NOT NULL, bytes BLOB NOT NULL);
  CREATE INDEX tail_by_id ON tail(id);
  INSERT INTO state VALUES (1, 1, 0);
`;

/**
 * The log.
 *
 * @param sqlite3 SQLite, initialised.
 * @param options How the database is kept.
 * @returns The log as the harness sees it.
 */
export function sqliteLog(
  sqlite3: SqliteModule,
  options: SqliteLogOptions,
): LogUnderTest<SqliteConnection> {
  const vfs = sqliteVfs(sqlite3);
  const { journalMode, synchronous, acks = "append", between = (fs) => fs, device } = options;
  return {
    name: `SQLite ${sqlite3.version.libVersion}, ${journalMode}, synchronous ${synchronous}`,
    acks,
    open(fs, dir) {
      vfs.start(between(fs), device);
      const db = vfs.open(`${dir}/db`);
      if (db.rows("SELECT count(*) FROM sqlite_schema")[0]![0] === 0) create(db, options);
      setModes(db, options);
      return db;
    },
    append: (db, record) => transact(db, () => add(db, record)),
    records: readWhole,
    truncateFront: (db, count) => transact(db, () => forget(db, count)),
    close: (db) => db.close(),
  };
}

/** Makes the tables, in one transaction: a database is empty, or it has all of them. */
function create(db: SqliteConnection, options: SqliteLogOptions): void {
  const { pageBytes = 512, setUpSynchronous = "EXTRA" } = options;
  db.exec(`PRAGMA synchronous = ${setUpSynchronous}; PRAGMA page_size = ${pageBytes}`);
  db.exec(`BEGIN; ${SCHEMA} COMMIT`);
}

/**
 * Sets what is not kept in the database, and what is: only WAL is. A set-up that was cut short is
 * taken up again here, with the same barriers.
 */
function setModes(db: SqliteConnection, options: SqliteLogOptions): void {
  const { journalMode, synchronous, checkpointPages, setUpSynchronous = "EXTRA" } = options;
  const wanted = journalMode.toLowerCase();
  if (journalMode === "WAL" && db.rows("PRAGMA journal_mode")[0]![0] !== wanted) {
    db.rows(`PRAGMA synchronous = ${setUpSynchronous}`);
  }
  const [[mode] = []] = db.rows(`PRAGMA journal_mode = ${journalMode}`);
  if (mode !== wanted) throw new Error(`The journal mode is still "${mode}"`);
  db.rows(`PRAGMA synchronous = ${synchronous}`);
  if (checkpointPages !== undefined) db.rows(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
}

/** Carries out a transaction, whole or not at all. */
function transact(db: SqliteConnection, change: () => void): void {
  db.rows("BEGIN IMMEDIATE");
  try {
    change();
    db.rows("COMMIT");
  } catch (error) {
    // Many errors have rolled it back already.
    if (db.isInTransaction) db.rows("ROLLBACK");
    throw error;
  }
}

function add(db: SqliteConnection, record: Uint8Array): void {
  const half = record.length >> 1;
  const [[last] = []] = db.rows("UPDATE state SET last = last + 1 RETURNING last");
  db.rows("INSERT INTO head VALUES (?, ?)", last as number, record.subarray(0, half));
  db.rows("INSERT INTO tail VALUES (?, ?)", last as number, record.subarray(half));
}

function forget(db: SqliteConnection, count: number): void {
  const [[oldest] = []] = db.rows(
    "UPDATE state SET oldest = min(oldest + ?, last + 1) RETURNING oldest",
    count,
  );
  db.rows("DELETE FROM head WHERE id < ?", oldest as number);
  db.rows("DELETE FROM tail WHERE id < ?", oldest as number);
}

/** The records, after a look at the whole database, all in one transaction. */
function readWhole(db: SqliteConnection): Uint8Array[] {
  db.rows("BEGIN");
  try {
    return checked(db);
  } finally {
    db.rows("ROLLBACK");
  }
}

function checked(db: SqliteConnection): Uint8Array[] {
  const problems = db.rows("PRAGMA integrity_check").flat();
  if (problems.join() !== "ok") throw new Error(`The database is corrupt: ${problems.join("; ")}`);
  const [[oldest, last] = []] = db.rows("SELECT oldest, last FROM state") as number[][];
  const heads = db.rows("SELECT id, bytes FROM head ORDER BY id") as [number, Uint8Array][];
  const tails = db.rows("SELECT id, bytes FROM tail ORDER BY id") as [number, Uint8Array][];
  const records: Uint8Array[] = [];
  for (let id = oldest!; id <= last!; id++) {
    const [head, tail] = [heads[records.length], tails[records.length]];
    if (head?.[0] !== id || tail?.[0] !== id) throw halfOf(id, heads, tails);
    const record = new Uint8Array(head[1].length + tail[1].length);
    record.set(head[1]);
    record.set(tail[1], head[1].length);
    records.push(record);
  }
  if (heads.length !== records.length || tails.length !== records.length) {
    throw halfOf(last! + 1, heads, tails);
  }
  return records;
}

function halfOf(id: number, heads: [number, Uint8Array][], tails: [number, Uint8Array][]): Error {
  const ids = (rows: [number, Uint8Array][]) => rows.map(([id]) => id).join(", ") || "none";
  return new Error(
    `Half a transaction: around record ${id}, head has ${ids(heads)}, and tail has ${ids(tails)}`,
  );
}
