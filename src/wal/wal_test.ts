import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type FileHandle,
  type FileSystem,
  FileSystemError,
  type OpenOptions,
} from "../vfs/file_system.ts";
import { RealFileSystem } from "../vfs/real_file_system.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { FaultyFileSystem } from "./_faulty_file_system.ts";
import { Wal } from "./wal.ts";
import { WalPoisonedError } from "./wal_errors.ts";
import type { WalOptions } from "./wal_options.ts";

function bytesOf(length: number, seed = 1): Uint8Array {
  return new Uint8Array(length).map((_, i) => seed * 37 + i * 11 + (i >> 3));
}

function lengths(wal: Wal): number[] {
  return [...wal.records()].map(({ length }) => length);
}

Deno.test("Wal.open() begins an empty log, and changes nothing before the first append", () => {
  const fs = new SimulatedFileSystem();
  const wal = Wal.open(fs, "/");
  assertEquals([wal.firstLsn, wal.lastLsn, wal.durableLsn], [1, 0, 0]);
  assertEquals([...wal.records()], []);
  wal.sync();
  wal.close();
  assertEquals(fs.list("/"), []);
});

Deno.test("Wal.open() refuses a directory that does not exist, and options without a meaning", () => {
  const fs = new SimulatedFileSystem();
  assertThrows(() => Wal.open(fs, "/log"), FileSystemError, "ENOENT");
  assertThrows(() => Wal.open(fs, "/", { segmentBytes: 0 }), RangeError, "segmentBytes 0");
  assertThrows(() => Wal.open(fs, "/", { bufferBytes: 1.5 }), RangeError, "bufferBytes 1.5");
});

Deno.test("Wal.append() numbers records from 1 and keeps a copy of them", () => {
  const wal = Wal.open(new SimulatedFileSystem(), "/");
  const record = bytesOf(5);
  assertEquals([wal.append(record), wal.append(new Uint8Array(0))], [1, 2]);
  record.fill(0);
  assertEquals(wal.read(1), bytesOf(5));
  assertEquals(wal.read(2), new Uint8Array(0));
  assertEquals([wal.durableLsn, wal.lastLsn], [0, 2]);
});

Deno.test("Wal.append() refuses a record that is too long, and goes on", () => {
  const wal = Wal.open(new SimulatedFileSystem(), "/", { maxRecordBytes: 10 });
  assertThrows(() => wal.append(bytesOf(11)), RangeError, "at most 10");
  assertThrows(() => wal.appendBatch([bytesOf(1), bytesOf(11)]), RangeError, "at most 10");
  assertEquals([wal.append(bytesOf(10)), wal.lastLsn], [1, 1]);
});

Deno.test("Wal begins a new segment when one is full, and takes records larger than a segment", () => {
  const fs = new SimulatedFileSystem();
  const options = { segmentBytes: 300, preallocateBytes: 100 };
  const wal = Wal.open(fs, "/", options);
  const sizes = [100, 100, 100, 5000, 0, 276, 277, 1];
  for (const [i, size] of sizes.entries()) wal.append(bytesOf(size, i));
  wal.sync();
  assertEquals(fs.list("/").length, 7);
  assertEquals(lengths(wal), sizes);
  wal.close();
  const again = Wal.open(fs, "/", options);
  assertEquals([...again.records()], sizes.map((size, i) => bytesOf(size, i)));
  assertEquals(again.read(4), bytesOf(5000, 3));
});

Deno.test("Wal.appendBatch() keeps a batch in one segment", () => {
  const fs = new SimulatedFileSystem();
  const wal = Wal.open(fs, "/", { segmentBytes: 200 });
  wal.append(bytesOf(100));
  assertEquals(wal.appendBatch([bytesOf(90), bytesOf(90), bytesOf(90)]), 4);
  assertEquals(wal.appendBatch([]), 4);
  wal.close();
  assertEquals(fs.list("/").length, 2);
  assertEquals(lengths(Wal.open(fs, "/")), [100, 90, 90, 90]);
});

Deno.test("Wal.records() begins where it is told and shows what was there when it was called", () => {
  const wal = Wal.open(new SimulatedFileSystem(), "/", { segmentBytes: 100 });
  for (let i = 1; i <= 9; i++) wal.append(bytesOf(i));
  const records = wal.records(4);
  wal.append(bytesOf(10));
  assertEquals([...records].map(({ length }) => length), [4, 5, 6, 7, 8, 9]);
  assertEquals([...wal.records(11)], []);
  assertEquals([...wal.records(99)], []);
});

Deno.test("Wal.records() leaves out what is forgotten while it runs", () => {
  const wal = Wal.open(new SimulatedFileSystem(), "/", { segmentBytes: 100 });
  for (let i = 1; i <= 9; i++) wal.append(bytesOf(i));
  const records = wal.records();
  assertEquals(records.next().value?.length, 1);
  wal.truncateFront(7);
  assertEquals([...records].map(({ length }) => length), [7, 8, 9]);
});

Deno.test("Wal.read() finds every record of a long segment, and none that is not there", () => {
  const fs = new SimulatedFileSystem();
  const wal = Wal.open(fs, "/");
  for (let i = 1; i <= 3000; i++) wal.append(bytesOf(i % 200, i));
  for (const lsn of [1, 2, 700, 1499, 1500, 2999, 3000]) {
    assertEquals(wal.read(lsn), bytesOf(lsn % 200, lsn));
  }
  for (const lsn of [0, 3001, -1, 1.5, NaN]) assertEquals(wal.read(lsn), undefined);
});

Deno.test("Wal.truncateFront() forgets for good and removes files that nobody needs", () => {
  const fs = new SimulatedFileSystem();
  const options = { segmentBytes: 100 };
  const wal = Wal.open(fs, "/", options);
  for (let i = 1; i <= 9; i++) wal.append(bytesOf(50 + i));
  wal.truncateFront(6);
  assertEquals([wal.firstLsn, wal.lastLsn, wal.durableLsn], [6, 9, 9]);
  assertEquals(wal.read(5), undefined);
  wal.truncateFront(3);
  assertEquals(wal.firstLsn, 6);
  assertThrows(() => wal.truncateFront(11), RangeError, "lsn 11");
  assertEquals(fs.list("/").length, 5);
  wal.append(bytesOf(7));
  wal.close();
  const again = Wal.open(fs, "/", options);
  assertEquals([again.firstLsn, lengths(again)], [6, [56, 57, 58, 59, 7]]);
  again.truncateFront(11);
  assertEquals([again.firstLsn, again.lastLsn, lengths(again)], [11, 10, []]);
  assertEquals(again.append(bytesOf(1)), 11);
  again.close();
  assertEquals(fs.list("/").length, 1);
  assertEquals(Wal.open(fs, "/").firstLsn, 11);
});

Deno.test("Wal.close() makes everything durable; a closed log opens without a write or a barrier", () => {
  const fs = new SimulatedFileSystem();
  const wal = Wal.open(fs, "/");
  wal.append(bytesOf(5));
  wal.close();
  wal.close();
  for (const call of [() => wal.append(bytesOf(1)), () => wal.sync(), () => wal.records()]) {
    assertThrows(call, Error, "the log is closed");
  }
  const watched = new FaultyFileSystem(fs, (call) => {
    assert(!["write", "truncate", "sync", "syncData", "remove"].includes(call), call);
  });
  assertEquals(lengths(Wal.open(watched, "/")), [5]);
  assertEquals(fs.stat("/00000000000000000001.wal").size, 8192 + 24 + 5);
});

Deno.test("Wal is closed at the end of a using block", () => {
  const fs = new SimulatedFileSystem();
  {
    using wal = Wal.open(fs, "/");
    wal.append(bytesOf(5));
  }
  assertEquals(lengths(Wal.open(fs, "/")), [5]);
});

Deno.test("Wal.appendDurable() acknowledges many with one barrier, after it", async () => {
  let barriers = 0;
  const fs = new FaultyFileSystem(new SimulatedFileSystem(), (call) => {
    if (call === "syncData") barriers++;
  });
  const wal = Wal.open(fs, "/");
  await wal.appendDurable(bytesOf(1));
  barriers = 0;
  const lsns = await Promise.all(
    Array.from({ length: 64 }, (_, i) => wal.appendDurable(bytesOf(i))),
  );
  assertEquals(lsns, Array.from({ length: 64 }, (_, i) => i + 2));
  assertEquals([barriers, wal.durableLsn], [1, 65]);
  wal.append(bytesOf(3));
  assertEquals([await wal.whenDurable(2), barriers], [2, 1]);
  assertEquals([await wal.whenDurable(), barriers], [66, 2]);
  await assertRejects(() => wal.whenDurable(67), RangeError, "lsn 67");
});

Deno.test("Wal.appendDurable() shares barriers among callers that come back again and again", async () => {
  let barriers = 0;
  const fs = new FaultyFileSystem(new SimulatedFileSystem(), (call) => {
    if (call === "syncData") barriers++;
  });
  const wal = Wal.open(fs, "/");
  const caller = async () => {
    for (let i = 0; i < 10; i++) await wal.appendDurable(bytesOf(i));
  };
  await Promise.all(Array.from({ length: 20 }, caller));
  assertEquals(lengths(wal).length, 200);
  assertEquals(barriers, 11); // ten, and one for the new segment
});

Deno.test("Wal.appendDurable() waits for the schedule that it is given", async () => {
  const flushes: (() => void)[] = [];
  const wal = Wal.open(new SimulatedFileSystem(), "/", {
    schedule: (flush) => flushes.push(flush),
  });
  const first = wal.appendDurable(bytesOf(1));
  const second = wal.appendDurable(bytesOf(2));
  await Promise.resolve();
  assertEquals([flushes.length, wal.durableLsn], [1, 0]);
  for (const flush of flushes) flush();
  assertEquals([await first, await second], [1, 2]);
});

Deno.test("Wal takes nothing more after any failed call, and what it acknowledged stays", () => {
  const run = (fs: FileSystem) => {
    const wal = Wal.open(fs, "/", { segmentBytes: 200, preallocateBytes: 64, bufferBytes: 50 });
    let acked = 0;
    try {
      for (let i = 1; i <= 4; i++) {
        wal.append(bytesOf(60, i));
        wal.appendBatch([bytesOf(20, i), bytesOf(30, i)]);
        wal.sync();
        acked = wal.durableLsn;
        if (i === 3) wal.truncateFront(4);
      }
      wal.truncateFront(9);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      for (const call of [() => wal.append(bytesOf(1)), () => wal.sync(), () => wal.read(1)]) {
        assertThrows(call, WalPoisonedError, "EIO");
      }
      wal.close();
      return { acked, failed: true };
    }
    return { acked, failed: false };
  };
  const changing = ["write", "sync", "syncData", "truncate", "remove"];
  for (let number = 1;; number++) {
    const fs = new SimulatedFileSystem();
    let seen = 0;
    const { acked, failed } = run(
      new FaultyFileSystem(fs, (call, path) => {
        if (changing.includes(call) && ++seen === number) {
          throw new FileSystemError("EIO", call, path);
        }
      }),
    );
    const again = Wal.open(fs, "/");
    assert(again.lastLsn >= acked, `call ${number}: acked ${acked}, found ${again.lastLsn}`);
    again.append(bytesOf(1));
    again.close();
    if (!failed) break;
    assert(number < 200);
  }
});

Deno.test("Wal names the first failure in every later call, and to everyone who waits", async () => {
  let broken = false;
  const fs = new FaultyFileSystem(new SimulatedFileSystem(), (call, path) => {
    if (broken && call === "syncData") throw new FileSystemError("EIO", call, path);
  });
  const wal = Wal.open(fs, "/");
  await wal.appendDurable(bytesOf(1));
  broken = true;
  const waiters = [wal.appendDurable(bytesOf(2)), wal.appendDurable(bytesOf(3))];
  for (const waiter of waiters) await assertRejects(() => waiter, FileSystemError, "EIO");
  broken = false;
  const error = assertThrows(() => wal.append(bytesOf(4)), WalPoisonedError, "EIO");
  assert(error.cause instanceof FileSystemError);
  await assertRejects(() => wal.appendDurable(bytesOf(4)), WalPoisonedError);
  await assertRejects(() => wal.whenDurable(1), WalPoisonedError);
  assertThrows(() => wal.records(), WalPoisonedError);
  assertThrows(() => wal.truncateFront(2), WalPoisonedError);
  wal.close();
  assertEquals(wal.durableLsn, 1);
});

Deno.test("Wal on a full disk takes frames while there is room, then nothing, and loses none", () => {
  const inner = new SimulatedFileSystem();
  const fs = new FullFileSystem(inner, 8192 + 1000);
  const wal = Wal.open(fs, "/", { preallocateBytes: 600 });
  const append = () => {
    wal.append(bytesOf(126));
    wal.sync();
  };
  for (let lsn = 1; lsn <= 6; lsn++) append();
  assertThrows(append, FileSystemError, "ENOSPC");
  assertThrows(append, WalPoisonedError, "ENOSPC");
  wal.close();
  const again = Wal.open(inner, "/");
  assertEquals(again.lastLsn, 6);
  assertEquals(again.append(bytesOf(1)), 7);
});

/** A disk on which files have room for so many bytes, and which writes what still fits. */
class FullFileSystem extends FaultyFileSystem {
  readonly #room: number;

  constructor(fs: FileSystem, room: number) {
    super(fs);
    this.#room = room;
  }

  override open(path: string, options?: OpenOptions): FileHandle {
    const file = super.open(path, options);
    const write = file.write.bind(file);
    file.write = (bytes, offset = 0) => {
      if (bytes.length > 0 && offset >= this.#room) {
        throw new FileSystemError("ENOSPC", "write", path);
      }
      return write(bytes.subarray(0, this.#room - offset), offset);
    };
    return file;
  }
}

Deno.test("Wal finishes short writes", () => {
  const inner = new SimulatedFileSystem();
  const fs = new FaultyFileSystem(inner);
  fs.mostBytes = 7;
  const wal = Wal.open(fs, "/", { preallocateBytes: 0 });
  wal.appendBatch([bytesOf(100), bytesOf(50)]);
  wal.close();
  assertEquals(lengths(Wal.open(inner, "/")), [100, 50]);
  assertEquals(lengths(Wal.open(fs, "/")), [100, 50]);
});

/** What a random user does. */
type Step =
  | { do: "append" | "durable"; bytes: number }
  | { do: "batch"; sizes: number[] }
  | { do: "truncate"; share: number }
  | { do: "read"; share: number }
  | { do: "sync" | "reopen" | "kill" | "scan" };

const bytes = fc.constantFrom(0, 1, 24, 100, 500, 3000);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("append" as const, "durable" as const), bytes }),
  fc.record({ do: fc.constant("batch" as const), sizes: fc.array(bytes, { maxLength: 4 }) }),
  fc.record({ do: fc.constantFrom("truncate" as const, "read" as const), share: fc.nat(100) }),
  fc.record({ do: fc.constantFrom("sync" as const, "reopen" as const, "kill", "scan") }),
);
const walOptions: fc.Arbitrary<WalOptions> = fc.record({
  segmentBytes: fc.constantFrom(1, 200, 2000, 1e6),
  preallocateBytes: fc.constantFrom(0, 100, 5000),
  bufferBytes: fc.constantFrom(0, 300, 1e6),
  provenAcks: fc.boolean(),
});

/** Compares the log with an array. */
async function requireLikeArray(fs: FileSystem, options: WalOptions, steps: readonly Step[]) {
  let wal = Wal.open(fs, "/", options);
  const model: Uint8Array[] = [];
  let front = 1;
  const place = (share: number) => front + Math.floor((model.length + 1 - front) * share / 100);
  const next = (length: number) => {
    model.push(bytesOf(length, model.length));
    return model.at(-1)!;
  };
  for (const step of steps) {
    if (step.do === "append") assertEquals(wal.append(next(step.bytes)), model.length);
    else if (step.do === "durable") await wal.appendDurable(next(step.bytes));
    else if (step.do === "batch") wal.appendBatch(step.sizes.map(next));
    else if (step.do === "sync") wal.sync();
    else if (step.do === "truncate") wal.truncateFront(front = place(step.share));
    else if (step.do === "read") {
      assertEquals(wal.read(place(step.share)), model[place(step.share) - 1]);
    } else if (step.do === "scan") assertEquals([...wal.records()], model.slice(front - 1));
    else {
      if (step.do === "reopen") wal.close();
      else wal.sync();
      wal = Wal.open(fs, "/", options);
    }
    assertEquals([wal.firstLsn, wal.lastLsn], [front, model.length]);
  }
  assertEquals([...wal.records()], model.slice(front - 1));
  wal.close();
  assertEquals([...Wal.open(fs, "/").records()], model.slice(front - 1));
}

Deno.test("Wal behaves like an array on the simulated disk", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), walOptions, async (steps, options) => {
      await requireLikeArray(new SimulatedFileSystem(), options, steps);
    }),
    { numRuns: 300, seed: 4 },
  );
});

Deno.test("Wal behaves like an array on the real disk", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), walOptions, async (steps, options) => {
      const root = Deno.makeTempDirSync();
      try {
        await requireLikeArray(new RealFileSystem({ root }), options, steps);
      } finally {
        Deno.removeSync(root, { recursive: true });
      }
    }),
    { numRuns: 25, seed: 6 },
  );
});
