import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { checksum } from "./checksum.ts";
import { decodeMark, encodeMark } from "./durable_mark.ts";
import { parseSegmentName, segmentName } from "./layout.ts";
import { decodeHeader, encodeHeader } from "./segment_header.ts";

const number53 = fc.maxSafeNat();
const segment = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const header = fc.record({ segment, firstLsn: number53, front: number53, previousEnd: number53 });
const mark = fc.record({ segment, end: number53, lsn: number53 });
const change = fc.integer({ min: 1, max: 255 });

Deno.test("decodeHeader() reads what encodeHeader() wrote, and nothing that differs in a byte", () => {
  fc.assert(
    fc.property(header, fc.nat(63), change, (header, at, change) => {
      const bytes = encodeHeader(header);
      assertEquals(decodeHeader(bytes), { state: "good", header });
      bytes[at]! ^= change;
      assertEquals(decodeHeader(bytes).state, "bad");
    }),
    { seed: 1 },
  );
});

Deno.test("decodeHeader() refuses zeros, poison, text and whatever is too short", () => {
  for (const byte of [0, 0xdb, 0xff, 0x20]) {
    assertEquals(decodeHeader(new Uint8Array(64).fill(byte)).state, "bad");
  }
  const bytes = encodeHeader({ segment: 1, firstLsn: 1, front: 1, previousEnd: 0 });
  for (let length = 0; length < 64; length++) {
    assertEquals(decodeHeader(bytes.subarray(0, length)).state, "bad");
  }
});

Deno.test("decodeHeader() tells a newer format from a damaged header", () => {
  const bytes = encodeHeader({ segment: 1, firstLsn: 1, front: 1, previousEnd: 0 });
  const view = new DataView(bytes.buffer);
  view.setUint32(8, 2, true);
  assertEquals(decodeHeader(bytes).state, "bad");
  view.setUint32(60, checksum(bytes.subarray(0, 60)), true);
  assertEquals(decodeHeader(bytes), { state: "version", version: 2 });
});

Deno.test("decodeMark() reads what encodeMark() wrote, and nothing that differs in a byte", () => {
  fc.assert(
    fc.property(mark, fc.nat(23), change, (mark, at, change) => {
      const bytes = encodeMark(mark);
      assertEquals(decodeMark(bytes, mark.segment), mark);
      assertEquals(decodeMark(bytes, mark.segment + 1), undefined);
      bytes[at]! ^= change;
      assertEquals(decodeMark(bytes, mark.segment), undefined);
    }),
    { seed: 2 },
  );
  for (const byte of [0, 0xdb]) {
    assertEquals(decodeMark(new Uint8Array(24).fill(byte), 1), undefined);
  }
});

Deno.test("parseSegmentName() reads segment names, and no other name", () => {
  for (const number of [1, 7, 10, 2 ** 32 - 1]) {
    assertEquals(parseSegmentName(segmentName(number)), number);
  }
  const others = ["", "1.wal", segmentName(0), segmentName(2 ** 32), `${segmentName(1)}~`, "a.wal"];
  for (const name of others) assertEquals(parseSegmentName(name), undefined, name);
});
