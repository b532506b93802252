import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadTurso } from "../../../scenarios/turso/turso_parts.ts";
import { formatOp, type Op } from "../../vfs/op.ts";
import { SimulatedFileSystem } from "../../vfs/simulated_file_system.ts";
import { writeFully } from "../../vfs/write_fully.ts";
import { tursoLog } from "./turso_log.ts";

const parts = loadTurso();

/** A file system with an empty directory for a log. */
function freshDisk(): SimulatedFileSystem {
  const fs = new SimulatedFileSystem({ sectorBytes: 4096 });
  fs.mkdir("/log");
  fs.disk.settle();
  return fs;
}

function hexOf({ bytes }: Op): string {
  return bytes === undefined ? "" : bytes.slice().toHex();
}

/** Every op with the bytes that it writes. */
function traceOf({ disk }: SimulatedFileSystem): string[] {
  return disk.life.trace.map((op) => `${formatOp(op)} ${hexOf(op)}`);
}

const RECORDS = [24, 0, 1, 9000].map((bytes) => new Uint8Array(bytes).fill(bytes + 1));

/** Two sessions of a log. */
function workOn(fs: SimulatedFileSystem, log = tursoLog(parts)): Uint8Array[] {
  for (const records of [RECORDS.slice(0, 3), RECORDS.slice(3)]) {
    const opened = log.open(fs, "/log");
    for (const record of records) log.append(opened, record);
    log.close!(opened);
  }
  return log.records(log.open(fs, "/log")) as Uint8Array[];
}

Deno.test("turso: records come back, also after it was closed", () => {
  assertEquals(workOn(freshDisk()), RECORDS);
});

Deno.test("turso: the same calls make the same writes, in a process that is new or started again", () => {
  const log = tursoLog(parts);
  const [first, again, anew] = [freshDisk(), freshDisk(), freshDisk()];
  workOn(first, log);
  workOn(again, log);
  workOn(anew);
  const trace = traceOf(first);
  assert(trace.length > 10);
  assertEquals(traceOf(again), trace);
  assertEquals(traceOf(anew), trace);
});

Deno.test("turso: a log that was emptied gets another salt", () => {
  const log = tursoLog(parts, { atOpen: ["PRAGMA wal_checkpoint(TRUNCATE)"] });
  const fs = freshDisk();
  workOn(fs, log);
  const headers = fs.disk.life.trace.flatMap((op) =>
    op.path.endsWith("-wal") && op.bytes?.length === 32 ? [hexOf(op).slice(32, 48)] : []
  );
  assert(headers.length > 1);
  assertEquals(new Set(headers).size, headers.length);
});

Deno.test("turso: only the log is synced by a commit", () => {
  const fs = freshDisk();
  workOn(fs);
  const synced = new Set(
    fs.disk.life.trace.filter(({ kind }) => kind === "sync").map(({ path }) => path),
  );
  assertEquals([...synced].toSorted(), ["/log", "/log/db-wal"]);
});

Deno.test("turso: a damaged database is an error, and the next one opens", () => {
  const log = tursoLog(parts, { atOpen: ["PRAGMA wal_checkpoint(TRUNCATE)"] });
  const fs = freshDisk();
  workOn(fs, log);
  const file = fs.open("/log/db", { read: true, write: true });
  writeFully(file, new Uint8Array(4096).fill(0xdb), 4096);
  assertThrows(() => log.records(log.open(fs, "/log")), Error);
  assertEquals(workOn(freshDisk(), log), RECORDS);
});

Deno.test("turso: a call of the disk that fails is an error of the append", () => {
  const log = tursoLog(parts);
  const fs = freshDisk();
  const opened = log.open(fs, "/log");
  fs.kill();
  assertThrows(() => log.append(opened, RECORDS[0]!), Error);
});
