import { assert, assertEquals, assertThrows } from "@std/assert";
import { FileSystemError } from "../vfs/file_system.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { FaultyFileSystem } from "./_faulty_file_system.ts";
import { type DumpLine, dumpLog, formatDump } from "./dump.ts";
import { segmentPath } from "./layout.ts";
import { Wal } from "./wal.ts";

const FIRST = segmentPath("/", 1);
const encoder = new TextEncoder();

function smallLog(): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  const wal = Wal.open(fs, "/");
  wal.append(encoder.encode("set x=1"));
  wal.appendBatch([encoder.encode("set y=2"), encoder.encode("set z=3")]);
  wal.close();
  return fs;
}

function write(fs: SimulatedFileSystem, path: string, offset: number, bytes: Uint8Array): void {
  const file = fs.open(path, { write: true, create: true });
  file.write(bytes, offset);
  file.close();
}

/** Offset, length, LSN and state of everything behind the header and the mark. */
function frames(lines: Iterable<DumpLine>): unknown[] {
  return [...lines].filter(({ kind }) => kind === "frame" || kind === "bytes")
    .map(({ offset, length, lsn, state }) => [offset, length, lsn ?? "-", state]);
}

Deno.test("dumpLog() shows every frame of a log", () => {
  assertEquals(frames(dumpLog(smallLog(), "/")), [
    [8192, 31, 1, "ok"],
    [8223, 31, 2, "ok"],
    [8254, 31, 3, "ok"],
  ]);
});

Deno.test("formatDump() makes a table of it", () => {
  assertEquals([...formatDump(dumpLog(smallLog(), "/"))], [
    "/00000000000000000001.wal: 8285 bytes",
    "      offset      length  what        LSN  state         detail",
    "           0          64  header           ok            segment 1, first LSN 1, front LSN 1, " +
    "segment before ends at 0",
    "        4096          24  mark             ok            durable up to offset 8285, LSN 3",
    '        8192          31  frame         1  ok            7 bytes "set x=1"',
    '        8223          31  frame         2  ok            7 bytes "set y=2", the batch goes on',
    '        8254          31  frame         3  ok            7 bytes "set z=3"',
  ]);
});

Deno.test("dumpLog() shows a damaged frame, and the whole ones behind it", () => {
  const fs = smallLog();
  write(fs, FIRST, 8223 + 26, new Uint8Array([0]));
  assertEquals(frames(dumpLog(fs, "/")), [
    [8192, 31, 1, "ok"],
    [8223, 31, 2, "bad checksum"],
    [8254, 31, 3, "unreachable"],
  ]);
});

Deno.test("dumpLog() finds the frames behind a damaged length", () => {
  const fs = smallLog();
  write(fs, FIRST, 8192 + 4, new Uint8Array([255, 255, 255, 255]));
  assertEquals(frames(dumpLog(fs, "/")), [
    [8192, 31, 1, "torn"],
    [8223, 31, 2, "unreachable"],
    [8254, 31, 3, "unreachable"],
  ]);
});

Deno.test("dumpLog() shows a torn frame, zeros, garbage and frames of an old epoch", () => {
  const fs = smallLog();
  fs.open(FIRST, { write: true }).truncate(8254 + 30);
  assertEquals(frames(dumpLog(fs, "/")).at(-1), [8254, 30, 3, "torn"]);

  const other = new SimulatedFileSystem();
  const wal = Wal.open(other, "/", { segmentBytes: 1 });
  wal.append(new Uint8Array(3));
  wal.append(new Uint8Array(4));
  wal.close();
  const file = other.open(segmentPath("/", 2));
  const old = new Uint8Array(28);
  file.read(old, 8192);
  write(other, FIRST, 8192 + 27 + 40, new Uint8Array(50).fill(0xdb));
  write(other, FIRST, 8192 + 27 + 40 + 50, old);
  assertEquals(frames(dumpLog(other, FIRST)), [
    [8192, 27, 1, "ok"],
    [8219, 40, "-", "zeros"],
    [8259, 50, "-", "garbage"],
    [8309, 28, 2, "old epoch"],
  ]);
});

Deno.test("dumpLog() shows what is forgotten, dead, missing and ignored", () => {
  const fs = new SimulatedFileSystem();
  const wal = Wal.open(fs, "/", { segmentBytes: 80, preallocateBytes: 0, bufferBytes: 0 });
  for (let lsn = 1; lsn <= 4; lsn++) wal.append(new Uint8Array(10).fill(lsn));
  wal.sync();
  wal.truncateFront(2);
  const dead = new Uint8Array(34);
  fs.open(segmentPath("/", 2)).read(dead, 8192 + 34);
  write(fs, segmentPath("/", 2), 8192 + 68, dead);
  write(fs, "/notes.txt", 0, encoder.encode("hello"));
  const lines = [...dumpLog(fs, "/")];
  assertEquals(frames(lines), [
    [8192, 34, 1, "forgotten"],
    [8226, 34, 2, "ok"],
    [8192, 34, 3, "ok"],
    [8226, 34, 4, "ok"],
    [8260, 34, 4, "dead"],
  ]);
  assertEquals(lines[0], {
    path: "/notes.txt",
    kind: "file",
    offset: 0,
    length: 0,
    state: "ignored",
    detail: "not named like a segment",
  });
  fs.remove(segmentPath("/", 2));
  const missing = [...dumpLog(fs, "/")].filter(({ state }) => state === "missing");
  assertEquals(missing.map(({ detail }) => detail), [
    "00000000000000000002.wal to 00000000000000000002.wal",
  ]);
});

Deno.test("dumpLog() takes any file for what it is", () => {
  const fs = new SimulatedFileSystem();
  write(fs, "/empty", 0, new Uint8Array(0));
  write(fs, "/short", 0, encoder.encode("hello"));
  write(fs, "/foreign", 0, new Uint8Array(20_000).map((_, i) => i * i >> 3));
  for (const path of ["/empty", "/short", "/foreign"]) {
    const lines = [...dumpLog(fs, path)];
    assertEquals(lines[1]?.kind, "header");
    assertEquals(lines[1]?.state, "bad");
    const covered = lines.filter(({ kind }) => kind === "bytes" || kind === "frame")
      .reduce((sum, { length }) => sum + length, 0);
    assertEquals(covered, path === "/foreign" ? 20_000 - 8192 : 0);
  }
});

Deno.test("dumpLog() shows a file that the disk does not give, and the others", () => {
  const inner = new SimulatedFileSystem();
  const wal = Wal.open(inner, "/", { segmentBytes: 1 });
  wal.append(new Uint8Array(3));
  wal.append(new Uint8Array(4));
  wal.close();
  const fs = new FaultyFileSystem(inner, (call, path) => {
    if (call === "read" && path === FIRST) throw new FileSystemError("EIO", call, path);
  });
  const states = [...dumpLog(fs, "/")].filter(({ kind }) => kind === "file");
  assertEquals(states.map(({ state }) => state), ["unreadable", "ok"]);
  assert(states[0]!.detail.includes("EIO"));
});

Deno.test("dumpLog() refuses a path where nothing is", () => {
  assertThrows(() => [...dumpLog(new SimulatedFileSystem(), "/none")], FileSystemError, "ENOENT");
});
