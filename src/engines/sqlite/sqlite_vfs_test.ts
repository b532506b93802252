import { assert, assertEquals, assertThrows } from "@std/assert";
import init from "@sqlite.org/sqlite-wasm";
import {
  type FileSystem,
  FileSystemError,
  formatOp,
  SimulatedFileSystem,
  type SqliteConnection,
  SqliteError,
  sqliteVfs,
  StepBudgetError,
} from "../../../mod.ts";

const sqlite3 = await init();
const vfs = sqliteVfs(sqlite3);

/** A process on a fresh disk. */
function started(): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  vfs.start(fs);
  return fs;
}

/** A database with a table of one row. */
function withRow(path = "/db"): SqliteConnection {
  const db = vfs.open(path);
  db.exec("PRAGMA page_size = 512; PRAGMA synchronous = EXTRA; CREATE TABLE t(x)");
  db.exec("INSERT INTO t VALUES (1)");
  return db;
}

/** The calls that change the disk or are barriers, while something is done. */
function trace(fs: SimulatedFileSystem, act: () => void): string[] {
  const before = fs.disk.life.trace.length;
  act();
  return fs.disk.life.trace.slice(before).map(formatOp);
}

/** The result code that SQLite reports. */
function codeOf(act: () => unknown): number {
  try {
    act();
  } catch (error) {
    if (error instanceof SqliteError) return error.code;
    throw error;
  }
  return 0;
}

Deno.test("sqliteVfs() is one for each instance, and the default VFS", () => {
  assert(sqliteVfs(sqlite3) === vfs);
  assertEquals(sqlite3.capi.sqlite3_js_vfs_list()[0], "plugpull");
});

Deno.test("SqliteVfs.open() needs a process", () => {
  vfs.kill();
  assertThrows(() => vfs.open("/db"), Error, 'Cannot open "/db": no process was started');
});

Deno.test("SqliteVfs syncs a new journal with its directory, and the directory after an unlink", () => {
  const fs = started();
  const db = withRow();
  const barriers = (synchronous: string) => {
    db.exec(`PRAGMA synchronous = ${synchronous}`);
    return trace(fs, () => db.exec("INSERT INTO t VALUES (2)"))
      .filter((op) => /^(sync|remove|create)/.test(op));
  };
  const full = [
    'create "/db-journal"',
    'sync "/db-journal"',
    'sync "/"',
    'sync "/db-journal"',
    'sync "/db"',
    'remove "/db-journal"',
  ];
  assertEquals(barriers("EXTRA"), [...full, 'sync "/"']);
  assertEquals(barriers("FULL"), full);
  assertEquals(barriers("NORMAL"), full.toSpliced(3, 1));
  assertEquals(barriers("OFF"), ['create "/db-journal"', 'remove "/db-journal"']);
});

Deno.test("SqliteVfs takes SQLITE_SYNC_DATAONLY for fdatasync", () => {
  const fs = started();
  const db = withRow();
  db.exec("PRAGMA fullfsync = 1; PRAGMA synchronous = FULL");
  const ops = trace(fs, () => db.exec("INSERT INTO t VALUES (2)"));
  assertEquals(ops.filter((op) => op.startsWith("syncData")), ['syncData "/db-journal"']);
});

Deno.test("SqliteVfs offers shared memory: WAL without exclusive locking", () => {
  started();
  const writer = withRow();
  assertEquals(writer.rows("PRAGMA journal_mode = WAL"), [["wal"]]);
  const reader = vfs.open("/db");
  reader.exec("BEGIN");
  assertEquals(reader.rows("SELECT count(*) FROM t"), [[1]]);
  writer.exec("INSERT INTO t VALUES (2)");
  // A reader keeps its snapshot, and does not stop the writer.
  assertEquals(reader.rows("SELECT count(*) FROM t"), [[1]]);
  // busy, frames in the log, frames checkpointed: the reader needs the old page.
  assertEquals(writer.rows("PRAGMA wal_checkpoint")[0]![0], 0);
  assertEquals(writer.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]![0], 1);
  reader.exec("COMMIT");
  assertEquals(reader.rows("SELECT count(*) FROM t"), [[2]]);
  assertEquals(writer.rows("PRAGMA wal_checkpoint(TRUNCATE)"), [[0, 0, 0]]);
});

Deno.test("SqliteVfs lets one connection write in WAL mode", () => {
  started();
  const [one, two] = [withRow(), vfs.open("/db")];
  one.rows("PRAGMA journal_mode = WAL");
  one.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES (2)");
  assertEquals(codeOf(() => two.exec("BEGIN IMMEDIATE")), 5);
  one.exec("COMMIT");
  two.exec("BEGIN IMMEDIATE; COMMIT");
});

Deno.test("SqliteVfs locks: readers together, a writer alone, and no reader past a waiting writer", () => {
  started();
  const [one, two, three] = [withRow(), vfs.open("/db"), vfs.open("/db")];
  const BUSY = 5;
  one.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES (2)");
  two.exec("BEGIN");
  assertEquals(two.rows("SELECT count(*) FROM t"), [[1]]);
  assertEquals(codeOf(() => three.exec("BEGIN IMMEDIATE")), BUSY);
  // The reader is in the way; and from now on, no new one comes in.
  assertEquals(codeOf(() => one.exec("COMMIT")), BUSY);
  assertEquals(codeOf(() => three.rows("SELECT count(*) FROM t")), BUSY);
  two.exec("COMMIT");
  one.exec("COMMIT");
  assertEquals(three.rows("SELECT count(*) FROM t"), [[2]]);
});

Deno.test("SqliteVfs rolls a dead process's transaction back", () => {
  const fs = started();
  const db = withRow();
  // With no page in memory, changes reach the file before the commit.
  db.exec("PRAGMA cache_size = 1; BEGIN; CREATE TABLE u(y)");
  db.exec("INSERT INTO u SELECT zeroblob(400) FROM (VALUES (1), (2), (3), (4), (5), (6))");
  assert(fs.stat("/db").size > 2 * 512);
  fs.kill();
  vfs.start(new SimulatedFileSystem(fs.disk));
  assertEquals(vfs.open("/db").rows("SELECT name FROM sqlite_schema"), [["t"]]);
});

Deno.test("SqliteVfs writes only through the disk of the process that opened the file", () => {
  const first = started();
  const db = withRow();
  db.exec("BEGIN; INSERT INTO t VALUES (2)");
  const second = new SimulatedFileSystem();
  assertEquals(trace(first, () => vfs.start(second)), []);
  assertEquals(second.list("/"), []);
  assertEquals(vfs.openFiles, 0);
  assertThrows(() => db.rows("SELECT 1"), Error, "the connection is closed");
});

/** A disk that makes one kind of call fail, from some moment on. */
function failing(fs: FileSystem, what: () => string | undefined): FileSystem {
  const fail = (call: string, path: string) => {
    const [failed, code] = what()?.split(" ") ?? [];
    if (failed === call) throw new FileSystemError(code as "EIO", call, path);
  };
  return {
    open(path, options) {
      fail("open", path);
      const handle = fs.open(path, options);
      const isDirectory = path === "/";
      return {
        read: (into, offset) => (fail("read", path), handle.read(into, offset)),
        write: (bytes, offset) => (fail("write", path), handle.write(bytes, offset)),
        size: () => (fail("size", path), handle.size()),
        truncate: (size) => (fail("truncate", path), handle.truncate(size)),
        sync: () => (fail(isDirectory ? "sync directory" : "sync", path), handle.sync()),
        syncData: () => handle.syncData(),
        close: () => handle.close(),
      };
    },
    mkdir: (path) => fs.mkdir(path),
    list: (path) => fs.list(path),
    stat: (path) => (fail("stat", path), fs.stat(path)),
    rename: (from, to) => fs.rename(from, to),
    link: (existing, created) => fs.link(existing, created),
    remove: (path) => (fail("remove", path), fs.remove(path)),
  };
}

/** What SQLite says of an insert on a disk where one kind of call fails. */
function failureOf(fault: string): number {
  let now: string | undefined;
  const disk = new SimulatedFileSystem();
  vfs.start(failing(disk, () => now));
  const db = withRow();
  now = fault;
  const code = codeOf(() => db.exec("INSERT INTO t VALUES (2)"));
  now = undefined;
  if (db.isInTransaction) db.exec("ROLLBACK");
  // However it failed, the database is as it was, or as it should be.
  vfs.start(disk);
  const again = vfs.open("/db");
  assertEquals(again.rows("PRAGMA integrity_check"), [["ok"]]);
  assert(again.rows("SELECT count(*) FROM t")[0]![0]! as number >= 1);
  return code;
}

Deno.test("SqliteVfs reports errors of the disk with the code that SQLite has for them", () => {
  const io = (detail: number) => 10 | detail << 8;
  assertEquals(failureOf("open EIO"), 14);
  assertEquals(failureOf("open EMFILE"), 14);
  assertEquals(failureOf("read EIO"), io(1));
  assertEquals(failureOf("write EIO"), io(3));
  assertEquals(failureOf("write ENOSPC"), 13);
  assertEquals(failureOf("sync EIO"), io(4));
  assertEquals(failureOf("stat EIO"), io(13));
  assertEquals(failureOf("remove EIO"), io(10));
});

Deno.test("SqliteVfs goes on after short reads, short writes and interruptions", () => {
  const fs = new SimulatedFileSystem();
  let calls = 0;
  const most = (bytes: Uint8Array) => bytes.subarray(0, Math.max(1, bytes.length >> 1));
  const interrupted = () => {
    if (++calls % 3 === 0) throw new FileSystemError("EINTR", "read", "/db");
  };
  vfs.start({
    ...failing(fs, () => undefined),
    open: (path, options) => {
      const handle = fs.open(path, options);
      return {
        read: (into, offset) => (interrupted(), handle.read(most(into), offset)),
        write: (bytes, offset) => (interrupted(), handle.write(most(bytes), offset)),
        size: () => handle.size(),
        truncate: (size) => handle.truncate(size),
        sync: () => handle.sync(),
        syncData: () => handle.syncData(),
        close: () => handle.close(),
      };
    },
  });
  withRow().close();
  assert(calls > 100);
  vfs.start(fs);
  assertEquals(vfs.open("/db").rows("SELECT x FROM t"), [[1]]);
  assertEquals(vfs.open("/db").rows("PRAGMA integrity_check"), [["ok"]]);
});

Deno.test("SqliteVfs opens for reading what cannot be written", () => {
  const fs = started();
  withRow().close();
  vfs.start({
    ...failing(fs, () => undefined),
    open(path, options) {
      if (options?.write) throw new FileSystemError("EROFS", "open", path);
      return fs.open(path, options);
    },
  });
  const db = vfs.open("/db");
  assertEquals(db.rows("SELECT x FROM t"), [[1]]);
  assertEquals(codeOf(() => db.exec("INSERT INTO t VALUES (2)")) & 0xff, 8);
});

Deno.test("SqliteVfs lets an error of the harness through, again and again, and stops", () => {
  const fs = started();
  const db = withRow();
  fs.disk.stepLimit = fs.disk.steps + 10;
  const insert = () => db.exec("INSERT INTO t VALUES (2)");
  assertThrows(insert, StepBudgetError);
  const { steps } = fs.disk;
  assertThrows(insert, StepBudgetError);
  assertEquals(fs.disk.steps, steps);
  db.close();
  assertEquals(vfs.openFiles, 0);
  started();
  withRow();
});

Deno.test("SqliteVfs tells SQLite what the device promises", () => {
  const padding = (powersafeOverwrite: boolean) => {
    const fs = new SimulatedFileSystem();
    vfs.start(fs, { powersafeOverwrite });
    const db = withRow();
    db.rows("PRAGMA journal_mode = WAL");
    db.exec("PRAGMA synchronous = FULL");
    return trace(fs, () => db.exec("INSERT INTO t VALUES (2)")).length;
  };
  // Without the promise, the log is filled up to the end of the sector.
  assert(padding(false) > padding(true));
  const firstFrame = (sectorBytes: 512 | 4096) => {
    const fs = new SimulatedFileSystem();
    vfs.start(fs, { sectorBytes });
    const db = withRow();
    const ops = trace(fs, () => db.exec("INSERT INTO t VALUES (2)"));
    return ops.find((op) => op.startsWith('write "/db-journal" 4 bytes'));
  };
  // The header of a journal has a sector of its own.
  assertEquals(firstFrame(512), 'write "/db-journal" 4 bytes at 512');
  assertEquals(firstFrame(4096), 'write "/db-journal" 4 bytes at 4096');
});

Deno.test("SqliteVfs gives the same time and the same random numbers to the same reads", () => {
  const drawn = (rows: number) => {
    const fs = started();
    const db = withRow();
    for (let i = 0; i < rows; i++) db.exec("INSERT INTO t VALUES (2)");
    vfs.start(new SimulatedFileSystem(fs.disk));
    const again = vfs.open("/db");
    again.rows("SELECT * FROM t");
    return again.rows("SELECT hex(randomblob(16)), datetime('now')")[0]!;
  };
  assertEquals(drawn(0), drawn(0));
  assertEquals(drawn(0)[1], "2000-01-01 12:00:00");
  // Another disk gives other numbers: a journal's nonce must not come up again.
  assert(new Set([0, 1, 2, 3].map((rows) => drawn(rows)[0])).size === 4);
});

Deno.test("SqliteVfs puts temporary files where the database is, and they leave no name", () => {
  const fs = started();
  fs.mkdir("/data");
  const db = vfs.open("/data/db");
  const ops = trace(fs, () => {
    db.exec("PRAGMA temp_store = FILE; PRAGMA cache_size = 1; PRAGMA temp.cache_size = 1");
    db.exec("CREATE TEMP TABLE big(x); INSERT INTO big VALUES (zeroblob(500000))");
  });
  assert(ops.some((op) => op === 'create "/data/sqlite-temporary-1"'), ops.join("\n"));
  assertEquals(fs.list("/data"), ["db"]);
});

Deno.test("SqliteConnection carries values of every kind, and tells where it fails", () => {
  started();
  const db = vfs.open("/db");
  const values = [null, 1, -1.5, 2 ** 40, "", "two\u00e9", new Uint8Array(0), new Uint8Array([1])];
  const marks = values.map(() => "?").join();
  assertEquals(db.rows(`SELECT ${marks}`, ...values), [values]);
  assertThrows(
    () => db.exec("SELECT * FROM missing"),
    SqliteError,
    'Cannot prepare "SELECT * FROM missing": no such table: missing (result code 1)',
  );
  assertThrows(() => db.rows("SELECT ?", 1, 2), SqliteError, "Cannot bind value 2");
  db.exec("CREATE TABLE t(x UNIQUE); INSERT INTO t VALUES (1);  ");
  assertThrows(() => db.rows("INSERT INTO t VALUES (?)", 1), SqliteError, "UNIQUE constraint");
  db.rows("INSERT INTO t VALUES (?)", 2);
  db.close();
  db.close();
});

/** Bytes that SQLite has allocated. */
function memoryUsed(): number {
  const { exports } = sqlite3.wasm;
  const out = exports.sqlite3_malloc(8);
  exports.sqlite3_status(0, out, out + 4, 0);
  const used = new DataView(sqlite3.wasm.heap8u().buffer).getInt32(out, true);
  exports.sqlite3_free(out);
  return used;
}

for (const mode of ["DELETE", "WAL"]) {
  Deno.test(`SqliteVfs.start() leaks nothing over thousands of killed processes, ${mode}`, () => {
    const fs = started();
    withRow().rows(`PRAGMA journal_mode = ${mode}`);
    const die = () => {
      vfs.start(new SimulatedFileSystem(fs.disk));
      const db = vfs.open("/db");
      db.exec("BEGIN");
      db.rows("UPDATE t SET x = x + 1 RETURNING x");
      vfs.kill();
    };
    for (let i = 0; i < 10; i++) die();
    const [used, heap] = [memoryUsed(), sqlite3.wasm.heap8u().length];
    for (let i = 0; i < 3000; i++) die();
    assertEquals(memoryUsed(), used);
    assertEquals(sqlite3.wasm.heap8u().length, heap);
    assertEquals(vfs.openFiles, 0);
  });
}

Deno.test("SqliteVfs leaves memory that has grown where it is", () => {
  started();
  const db = withRow();
  const before = sqlite3.wasm.heap8u().length;
  db.rows("SELECT length(zeroblob(30000000) || ?)", "a");
  assert(sqlite3.wasm.heap8u().length > before, "the heap should have grown");
  db.exec("INSERT INTO t VALUES (2)");
  assertEquals(db.rows("SELECT count(*) FROM t"), [[2]]);
});
