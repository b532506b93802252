import { checksum, joinBytes, readU32, u32Bytes } from "./frames.ts";
import type { Checksum, Rules } from "./rules.ts";

/** Bytes of a frame before its payload. */
export const HEADER_BYTES = 16;

/** Where a frame belongs. */
export interface Place {
  /** The LSN of its record. */
  readonly lsn: number;
  /** The number of its segment. */
  readonly segment: number;
}

/** Reads `length` bytes at `offset`, fewer at the end of the file. */
export type Source = (offset: number, length: number) => Uint8Array;

/** What stands at an offset: a frame, the end of the file, or neither. */
export type Reading =
  | { readonly kind: "frame"; readonly place: Place; readonly payload: Uint8Array }
  | { readonly kind: "end" | "bad header" | "bad body" };

function seal(kind: Checksum, fields: Uint8Array, payload: Uint8Array): number {
  if (kind === "crc") return checksum(fields, payload);
  if (kind === "crc of 64 bytes") return checksum(fields, payload.subarray(0, 64));
  if (kind === "none") return 0;
  return joinBytes(fields, payload).reduce((sum, byte) => (sum + byte) >>> 0, 0);
}

/**
 * One record as a frame: checksum, length, LSN, number of the segment, payload. The checksum
 * covers everything behind it.
 *
 * @param payload The record.
 * @param options Where the frame goes, and the rules in force.
 * @returns The bytes of the frame.
 */
export function encodeCompactFrame(
  payload: Uint8Array,
  { place, rules }: { readonly place: Place; readonly rules: Rules },
): Uint8Array {
  const fields = rules.stamp
    ? u32Bytes(payload.length, place.lsn, place.segment)
    : u32Bytes(payload.length, 0, 0);
  return joinBytes(u32Bytes(seal(rules.checksum, fields, payload)), fields, payload);
}

/**
 * Reads what stands at an offset of a segment.
 *
 * @param source The segment.
 * @param options The offset, the place expected there, the length of the file and the rules.
 * @returns A frame, or why there is none.
 */
export function readCompactFrame(
  source: Source,
  { offset, place, sizeBytes, rules }: {
    readonly offset: number;
    readonly place: Place;
    readonly sizeBytes: number;
    readonly rules: Rules;
  },
): Reading {
  if (offset >= sizeBytes) return { kind: "end" };
  const header = source(offset, HEADER_BYTES);
  if (header.length < HEADER_BYTES) return { kind: "bad header" };
  const length = readU32(header, 4);
  const lsn = rules.stamp ? readU32(header, 8) : place.lsn;
  const fits = offset + HEADER_BYTES + length <= sizeBytes;
  const inOrder = rules.badFrame === "is skipped" ? lsn >= place.lsn : lsn === place.lsn;
  const here = !rules.stamp || readU32(header, 12) === place.segment;
  if (!fits || !inOrder || !here) return { kind: "bad header" };
  const payload = source(offset + HEADER_BYTES, length);
  const sealed = seal(rules.checksum, header.subarray(4), payload);
  if (sealed !== readU32(header, 0)) return { kind: "bad body" };
  return { kind: "frame", place: { lsn, segment: place.segment }, payload };
}
