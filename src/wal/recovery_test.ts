import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type FileHandle,
  type FileInfo,
  type FileSystem,
  FileSystemError,
  type OpenOptions,
} from "../vfs/file_system.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { FaultyFileSystem } from "./_faulty_file_system.ts";
import { checksum } from "./checksum.ts";
import { encodeMark } from "./durable_mark.ts";
import { segmentPath } from "./layout.ts";
import { encodeHeader } from "./segment_header.ts";
import { Wal } from "./wal.ts";
import { WalCorruptionError, WalVersionError } from "./wal_errors.ts";
import type { WalOptions } from "./wal_options.ts";

const FRAME_BYTES = 50;
const FIRST = segmentPath("/", 1);
const SECOND = segmentPath("/", 2);
const THIRD = segmentPath("/", 3);

/** Two frames a segment, and no zeros behind them. */
const OPTIONS: WalOptions = { segmentBytes: 2 * FRAME_BYTES, preallocateBytes: 0, bufferBytes: 0 };

function record(lsn: number): Uint8Array {
  return new Uint8Array(FRAME_BYTES - 24).fill(lsn);
}

function appendAll(wal: Wal, from: number, to: number): void {
  for (let lsn = from; lsn <= to; lsn++) wal.append(record(lsn));
}

/** A closed log of five records in three segments. */
function closedLog(): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  const wal = Wal.open(fs, "/", OPTIONS);
  appendAll(wal, 1, 5);
  wal.close();
  return fs;
}

function write(fs: FileSystem, path: string, offset: number, bytes: ArrayLike<number>): void {
  const file = fs.open(path, { write: true, create: true });
  file.write(new Uint8Array(Array.from(bytes)), offset);
  file.close();
}

function truncate(fs: FileSystem, path: string, size: number): void {
  const file = fs.open(path, { write: true });
  file.truncate(size);
  file.close();
}

function flip(fs: FileSystem, path: string, offset: number): void {
  const file = fs.open(path, { read: true, write: true });
  const byte = new Uint8Array(1);
  file.read(byte, offset);
  file.write(byte.map((byte) => ~byte), offset);
  file.close();
}

/** Cuts the power now; nothing survives but what barriers have forced. */
function loseAllThatMayBeLost({ disk }: SimulatedFileSystem): void {
  const { life } = disk;
  disk.powerCut();
  life.lo = life.hi;
  disk.chooser = { choose: (_cell, from) => from };
}

/** The LSNs of the records, which say themselves who they are. */
function lsns(fs: FileSystem): number[] {
  return [...Wal.open(fs, "/", OPTIONS).records()].map((bytes) => bytes[0] ?? 0);
}

function refusal(fs: FileSystem): Pick<WalCorruptionError, "row" | "segment" | "offset" | "lsn"> {
  const { row, segment, offset, lsn } = assertThrows(
    () => Wal.open(fs, "/", OPTIONS),
    WalCorruptionError,
  );
  return { row, segment, offset, lsn };
}

Deno.test("recover() row A: uses segments with whole headers", () => {
  assertEquals(lsns(closedLog()), [1, 2, 3, 4, 5]);
});

Deno.test("recover() row B: drops a newest segment that was never finished, and replaces it", () => {
  for (const bytes of [[], [0x89, 0x57], new Uint8Array(64), new Uint8Array(64).fill(0xdb)]) {
    const fs = closedLog();
    write(fs, segmentPath("/", 4), 0, bytes);
    const wal = Wal.open(fs, "/", OPTIONS);
    assertEquals(wal.append(record(6)), 6);
    wal.close();
    assertEquals(lsns(fs), [1, 2, 3, 4, 5, 6]);
  }
});

Deno.test("recover() row B: takes a first segment that was never finished for a new log", () => {
  const fs = new SimulatedFileSystem();
  write(fs, FIRST, 0, new Uint8Array(40).fill(0xdb));
  const wal = Wal.open(fs, "/", OPTIONS);
  assertEquals(wal.append(record(1)), 1);
  wal.close();
  assertEquals(lsns(fs), [1]);
});

Deno.test("recover() row C: refuses a bad header of the newest segment with frames behind it", () => {
  const fs = closedLog();
  flip(fs, THIRD, 20);
  assertEquals(refusal(fs), { row: "C", segment: 3, offset: 0, lsn: undefined });
});

Deno.test("recover() row D: refuses a bad header of an older segment", () => {
  const fs = closedLog();
  flip(fs, SECOND, 20);
  assertEquals(refusal(fs).row, "D");
  const shortened = closedLog();
  truncate(shortened, SECOND, 0);
  assertEquals(refusal(shortened), { row: "D", segment: 2, offset: 0, lsn: undefined });
});

Deno.test("recover() row E: refuses a log with a segment missing, also below an unfinished one", () => {
  const fs = closedLog();
  fs.remove(SECOND);
  assertEquals(refusal(fs), { row: "E", segment: 2, offset: 0, lsn: undefined });
  const first = closedLog();
  first.remove(FIRST);
  assertEquals(refusal(first).row, "E");
  const last = closedLog();
  last.remove(THIRD);
  write(last, segmentPath("/", 4), 0, []);
  assertEquals(refusal(last).row, "E");
});

Deno.test("recover() row F: names a format version that it does not know", () => {
  const fs = closedLog();
  const header = encodeHeader({ segment: 3, firstLsn: 5, front: 1, previousEnd: 8292 });
  const view = new DataView(header.buffer);
  view.setUint32(8, 7, true);
  view.setUint32(60, checksum(header.subarray(0, 60)), true);
  write(fs, THIRD, 0, header);
  const error = assertThrows(() => Wal.open(fs, "/"), WalVersionError, "version is 7");
  assertEquals(error.version, 7);
});

Deno.test("recover() row G: refuses a segment under the name of another", () => {
  const fs = closedLog();
  fs.rename(SECOND, segmentPath("/", 4));
  assertEquals(refusal(fs), { row: "G", segment: 4, offset: 0, lsn: undefined });
});

Deno.test("recover() row H: ignores files that are not named like a segment", () => {
  const fs = new SimulatedFileSystem();
  write(fs, "/notes.txt", 0, [1, 2, 3]);
  fs.mkdir("/lost+found");
  assertEquals(lsns(fs), []);
});

Deno.test("recover() row K: refuses a bad frame that was durable, wherever it is", () => {
  const cases = [
    { path: FIRST, segment: 1, lsn: 1 },
    { path: SECOND, segment: 2, lsn: 4 },
    { path: THIRD, segment: 3, lsn: 5 },
  ];
  for (const { path, segment, lsn } of cases) {
    const fs = closedLog();
    const offset = 8192 + (lsn % 2 === 0 ? FRAME_BYTES : 0);
    flip(fs, path, offset + 30);
    assertEquals(refusal(fs), { row: "K", segment, offset, lsn });
    truncate(fs, path, offset);
    assertEquals(refusal(fs), { row: "K", segment, offset, lsn });
  }
});

Deno.test("recover() row K: says what is wrong and where", () => {
  const fs = closedLog();
  flip(fs, SECOND, 8192 + 30);
  assertThrows(
    () => Wal.open(fs, "/"),
    WalCorruptionError,
    `Corrupt log: segment "${SECOND}", offset 8192, LSN 3: the frame does not match its checksum, ` +
      "and it was durable once (row K)",
  );
});

Deno.test("recover() row L: what lies behind the end of an older segment is dead", () => {
  const fs = closedLog();
  write(fs, FIRST, 8192 + 2 * FRAME_BYTES, new Uint8Array(500).fill(0xdb));
  assertEquals(lsns(fs), [1, 2, 3, 4, 5]);
});

Deno.test("recover() row M: refuses a durable end in the middle of a batch", () => {
  const fs = new SimulatedFileSystem();
  const wal = Wal.open(fs, "/");
  wal.appendBatch([record(1), record(2)]);
  wal.close();
  write(fs, FIRST, 4096, encodeMark({ segment: 1, end: 8192 + FRAME_BYTES, lsn: 1 }));
  assertEquals(refusal(fs).row, "M");
});

Deno.test("recover() row N: refuses segments whose records do not add up", () => {
  const fs = closedLog();
  write(fs, THIRD, 0, encodeHeader({ segment: 3, firstLsn: 6, front: 1, previousEnd: 8292 }));
  assertEquals(refusal(fs), { row: "N", segment: 2, offset: 8292, lsn: 5 });
});

Deno.test("recover() rows P and Q: takes frames that no barrier covered, and makes them durable", () => {
  const fs = new SimulatedFileSystem();
  const killed = Wal.open(fs, "/", { ...OPTIONS, segmentBytes: 1000 });
  appendAll(killed, 1, 2);
  killed.appendBatch([record(3), record(4)]);
  assertEquals(lsns(fs), [1, 2, 3, 4]);
  loseAllThatMayBeLost(fs);
  assertEquals(lsns(fs), [1, 2, 3, 4]);
});

Deno.test("recover() row S: cuts a torn tail, also when whole frames follow the torn one", () => {
  const fs = new SimulatedFileSystem();
  const wal = Wal.open(fs, "/", { ...OPTIONS, segmentBytes: 1000 });
  appendAll(wal, 1, 2);
  wal.sync();
  appendAll(wal, 3, 5);
  flip(fs, FIRST, 8192 + 2 * FRAME_BYTES + 30);
  assertEquals(lsns(fs), [1, 2]);
});

Deno.test("recover() row T: cuts a batch that is not there to its end", () => {
  for (const keep of [1, 2, 2.5]) {
    const fs = new SimulatedFileSystem();
    const wal = Wal.open(fs, "/", { ...OPTIONS, segmentBytes: 1000 });
    appendAll(wal, 1, 1);
    wal.sync();
    wal.appendBatch([record(2), record(3), record(4)]);
    truncate(fs, FIRST, 8192 + (1 + keep) * FRAME_BYTES);
    assertEquals(lsns(fs), [1]);
  }
});

Deno.test("recover() never lets what it cut come back, whatever is appended in its place", () => {
  const fs = new SimulatedFileSystem();
  const first = Wal.open(fs, "/", { ...OPTIONS, segmentBytes: 1000 });
  appendAll(first, 1, 5);
  flip(fs, FIRST, 8192 + FRAME_BYTES + 30);
  const second = Wal.open(fs, "/", { ...OPTIONS, segmentBytes: 1000 });
  assertEquals(second.lastLsn, 1);
  assertEquals(second.append(new Uint8Array(26).fill(99)), 2);
  flip(fs, FIRST, 8192 + FRAME_BYTES + 30); // the torn frame is whole again
  assertEquals(lsns(fs), [1, 99]);
});

Deno.test("recover() ignores forgotten segments that came back, and the next segment removes them", () => {
  const fs = closedLog();
  const wal = Wal.open(fs, "/", OPTIONS);
  const saved = new Uint8Array(8292);
  const file = fs.open(FIRST);
  file.read(saved, 0);
  wal.truncateFront(4);
  assertEquals(fs.list("/"), [SECOND, THIRD, segmentPath("/", 4)].map((path) => path.slice(1)));
  write(fs, FIRST, 0, saved);
  const again = Wal.open(fs, "/", OPTIONS);
  assertEquals([again.firstLsn, again.lastLsn], [4, 5]);
  again.append(record(6));
  assertEquals(fs.list("/").includes(FIRST.slice(1)), false);
});

/** A workload with everything in it; returns what was acknowledged when it was stopped. */
function work(fs: FileSystem): { acked: number; issued: number; front: number; frontMost: number } {
  const state = { acked: 0, issued: 0, front: 1, frontMost: 1 };
  try {
    const wal = Wal.open(fs, "/", { ...OPTIONS, segmentBytes: 120, preallocateBytes: 40 });
    for (let lsn = 1; lsn <= 6; lsn++) {
      state.issued = lsn;
      wal.append(record(lsn));
      if (lsn % 2 === 0) wal.sync();
      state.acked = wal.durableLsn;
      if (lsn !== 4) continue;
      state.frontMost = 3;
      wal.truncateFront(3);
      state.front = 3;
    }
    wal.close();
    state.acked = 6;
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
  }
  return state;
}

Deno.test("recover() shows only what a power loss right after cannot take back", () => {
  let finished = false;
  for (let number = 1; !finished; number++) {
    const fs = new SimulatedFileSystem();
    finished = true;
    const killed = work(
      new FaultyFileSystem(fs, (call, path, calls) => {
        if (calls < number) return;
        finished = false;
        throw new FileSystemError("EINTR", call, path);
      }),
    );
    const found = Wal.open(fs, "/", OPTIONS);
    const { firstLsn, lastLsn } = found;
    assert(lastLsn >= killed.acked && lastLsn <= killed.issued, `killed at call ${number}`);
    assert(firstLsn >= killed.front && firstLsn <= killed.frontMost, `killed at call ${number}`);
    loseAllThatMayBeLost(fs);
    const again = Wal.open(fs, "/", OPTIONS);
    assertEquals([again.firstLsn, again.lastLsn], [firstLsn, lastLsn], `killed at call ${number}`);
    assert(number < 500);
  }
});

Deno.test("recover() shows nothing that a failed barrier has left in the page cache only", () => {
  const disk = new ForgetfulFileSystem();
  const wal = Wal.open(disk, "/", OPTIONS);
  appendAll(wal, 1, 1);
  wal.sync();
  appendAll(wal, 2, 2);
  disk.failing = true;
  assertThrows(() => wal.sync(), FileSystemError, "EIO");
  wal.close();
  disk.failing = false;
  const shown = lsns(disk);
  assertEquals(shown, [1, 2]);
  assertEquals(lsns(disk.media), shown);
});

Deno.test("recover() shows no segment that a failed barrier has left in the page cache only", () => {
  const disk = new ForgetfulFileSystem();
  const wal = Wal.open(disk, "/", OPTIONS);
  appendAll(wal, 1, 4);
  wal.sync();
  disk.failing = true;
  assertThrows(() => wal.truncateFront(3), FileSystemError, "EIO");
  disk.failing = false;
  const { firstLsn, lastLsn } = Wal.open(disk, "/", OPTIONS);
  assertEquals([firstLsn, lastLsn], [3, 4]);
  const again = Wal.open(disk.media, "/", OPTIONS);
  assertEquals([again.firstLsn, again.lastLsn], [3, 4]);
});

Deno.test("recover() refuses damage to whatever Wal.close() has made durable", () => {
  const fs = closedLog();
  loseAllThatMayBeLost(fs);
  flip(fs, THIRD, 8192 + 30);
  assertEquals(refusal(fs).row, "K");
  const truncated = closedLog();
  const wal = Wal.open(truncated, "/", OPTIONS);
  wal.truncateFront(6);
  wal.close();
  loseAllThatMayBeLost(truncated);
  flip(truncated, segmentPath("/", 4), 30);
  assertEquals(refusal(truncated).row, "C");
});

Deno.test("recover() refuses damage to whatever was acknowledged, or shown, with provenAcks", () => {
  const options = { ...OPTIONS, provenAcks: true };
  const acked = new SimulatedFileSystem();
  const wal = Wal.open(acked, "/", options);
  wal.append(record(1));
  wal.sync();
  loseAllThatMayBeLost(acked);
  flip(acked, FIRST, 8192 + 30);
  assertEquals(refusal(acked).row, "K");

  const shown = new SimulatedFileSystem();
  Wal.open(shown, "/", OPTIONS).append(record(1));
  assertEquals(Wal.open(shown, "/", options).lastLsn, 1);
  loseAllThatMayBeLost(shown);
  flip(shown, FIRST, 8192 + 30);
  assertEquals(refusal(shown).row, "K");
});

/** A disk whose failed barriers drop what was dirty and call it clean, as Linux does. */
class ForgetfulFileSystem implements FileSystem {
  /** What survives a power loss. */
  readonly media = new SimulatedFileSystem();
  failing = false;
  readonly #cache = new SimulatedFileSystem();
  readonly #dirty = new Map<number, ((media: FileHandle) => void)[]>();

  open(path: string, options: OpenOptions = {}): FileHandle {
    const file = this.#cache.open(path, options);
    const media = this.media.open(path, options);
    const { inode } = this.#cache.stat(path);
    const later = (change: (media: FileHandle) => void) => {
      this.#dirty.set(inode, [...this.#dirty.get(inode) ?? [], change]);
    };
    const sync = () => {
      const changes = this.#dirty.get(inode) ?? [];
      this.#dirty.delete(inode);
      if (this.failing) throw new FileSystemError("EIO", "syncData", path);
      for (const change of changes) change(media);
    };
    return {
      read: (into, offset) => file.read(into, offset),
      size: () => file.size(),
      write: (bytes, offset) => {
        const copy = bytes.slice();
        later((media) => void media.write(copy, offset));
        return file.write(bytes, offset);
      },
      truncate: (size) => {
        later((media) => media.truncate(size));
        file.truncate(size);
      },
      sync,
      syncData: sync,
      close: () => file.close(),
    };
  }

  list(path: string): string[] {
    return this.#cache.list(path);
  }

  stat(path: string): FileInfo {
    return this.#cache.stat(path);
  }

  remove(path: string): void {
    this.#cache.remove(path);
    this.media.remove(path);
  }

  mkdir(): never {
    throw new Error("Not used by the log");
  }

  rename(): never {
    throw new Error("Not used by the log");
  }

  link(): never {
    throw new Error("Not used by the log");
  }
}
