import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { FileHandle } from "../vfs/file_system.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { FaultyFileSystem } from "./_faulty_file_system.ts";
import { FrameBuffer } from "./frame_buffer.ts";
import { FrameReader, readFully } from "./frame_reader.ts";

function fileOf(bytes: Uint8Array, fs = new SimulatedFileSystem()): FileHandle {
  const file = fs.open("/a", { read: true, write: true, create: true });
  file.write(bytes, 0);
  return file;
}

function readerOf(bytes: Uint8Array, from: { segment: number; lsn: number }): FrameReader {
  const reader = new FrameReader(fileOf(bytes), { ...from, offset: 0 });
  reader.limit = bytes.length;
  return reader;
}

function frame(record: Uint8Array, segment: number, lsn: number, continues = false): Uint8Array {
  const buffer = new FrameBuffer();
  buffer.push(record, { segment, lsn, continues });
  return buffer.bytes.slice();
}

Deno.test("FrameReader takes no run of equal bytes for a frame, whatever its length", () => {
  for (let byte = 0; byte < 256; byte++) {
    for (const length of [1, 23, 24, 25, 512, 5000]) {
      const reader = readerOf(new Uint8Array(length).fill(byte), { segment: 1, lsn: 1 });
      assertEquals(reader.inspect(), byte === 0 ? "nothing" : "bad");
    }
  }
  assertEquals(readerOf(new Uint8Array(0), { segment: 1, lsn: 1 }).inspect(), "nothing");
});

Deno.test("FrameReader tells a frame of an earlier epoch or another place in the log", () => {
  const bytes = frame(new Uint8Array(9), 3, 7);
  assertEquals(readerOf(bytes, { segment: 3, lsn: 7 }).inspect(), "good");
  const epoch = readerOf(bytes, { segment: 4, lsn: 7 });
  assertEquals([epoch.inspect(), epoch.fault], ["bad", "the frame names segment 3"]);
  const lsn = readerOf(bytes, { segment: 3, lsn: 8 });
  assertEquals([lsn.inspect(), lsn.fault], ["bad", "the frame has LSN 7"]);
});

Deno.test("FrameReader finds every frame with one changed byte bad", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (record, at, change) => {
        const bytes = frame(record, 1, 1);
        bytes[at % bytes.length]! ^= change;
        const reader = readerOf(bytes, { segment: 1, lsn: 1 });
        assertEquals(reader.inspect(), "bad");
        assert(reader.fault.startsWith("the frame "));
      },
    ),
    { numRuns: 1000, seed: 3 },
  );
});

Deno.test("FrameReader finds every frame that is cut short bad, and trusts no length", () => {
  const bytes = frame(new Uint8Array(40).fill(1), 1, 1);
  for (let length = 1; length < bytes.length; length++) {
    assertEquals(readerOf(bytes.subarray(0, length), { segment: 1, lsn: 1 }).inspect(), "bad");
  }
  new DataView(bytes.buffer).setUint32(4, 0xffffffff, true);
  const reader = readerOf(bytes, { segment: 1, lsn: 1 });
  assertEquals(reader.inspect(), "bad");
  assertStringIncludes(reader.fault, "crosses the end");
});

Deno.test("FrameReader reads the same frames with any read-ahead, also when reads are short", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }),
      fc.constantFrom(0, 1, 24, 100, 1000, 1e6),
      fc.constantFrom(1, 7, 100, Infinity),
      (records, readAhead, mostBytes) => {
        const buffer = new FrameBuffer();
        for (const [i, record] of records.entries()) {
          buffer.push(record, { segment: 1, lsn: i + 1, continues: i % 2 === 0 });
        }
        const inner = new SimulatedFileSystem();
        fileOf(buffer.bytes, inner);
        const fs = new FaultyFileSystem(inner);
        fs.mostBytes = mostBytes;
        const reader = new FrameReader(fs.open("/a"), { segment: 1, lsn: 1, offset: 0 });
        reader.limit = buffer.length;
        reader.readAhead = readAhead;
        for (const [i, record] of records.entries()) {
          assertEquals(reader.inspect(), "good", reader.fault);
          assertEquals(reader.record, record);
          assertEquals(reader.frame, frame(record, 1, i + 1, i % 2 === 0));
          assertEquals(reader.continues, i % 2 === 0);
          reader.advance();
        }
        assertEquals(reader.inspect(), "nothing");
      },
    ),
    { numRuns: 300, seed: 5 },
  );
});

Deno.test("FrameReader without read-ahead reads no byte behind the frame it inspects", () => {
  const first = frame(new Uint8Array(10), 1, 1);
  const bytes = new Uint8Array(1000);
  bytes.set(first);
  let furthest = 0;
  const file = fileOf(bytes);
  const watched = {
    ...file,
    read: (into: Uint8Array, offset: number) => {
      furthest = Math.max(furthest, offset + into.length);
      return file.read(into, offset);
    },
  } as FileHandle;
  const reader = new FrameReader(watched, { segment: 1, lsn: 1, offset: 0 });
  reader.limit = bytes.length;
  assertEquals([reader.inspect(), furthest], ["good", first.length]);
  reader.advance();
  assertEquals([reader.inspect(), furthest], ["nothing", first.length + 24]);
});

Deno.test("readFully() goes on after short reads and stops at the end", () => {
  const inner = new SimulatedFileSystem();
  fileOf(new Uint8Array([1, 2, 3, 4, 5]), inner);
  const fs = new FaultyFileSystem(inner);
  fs.mostBytes = 2;
  const into = new Uint8Array(8);
  assertEquals(readFully(fs.open("/a"), into, 1), 4);
  assertEquals([...into], [2, 3, 4, 5, 0, 0, 0, 0]);
});
