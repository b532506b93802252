import { checksum } from "./checksum.ts";
import { getUint53, MARK_BYTES, setUint53 } from "./layout.ts";

/**
 * What a barrier has made durable, noted after it has returned. The mark is what tells a torn tail
 * from corruption: a bad frame below `end` was durable once, and no crash explains it.
 */
export interface DurableMark {
  /** Number of the segment that the mark is about, and in. */
  readonly segment: number;
  /** Every byte of every frame below this offset is durable. */
  readonly end: number;
  /** LSN of the last record below `end`. */
  readonly lsn: number;
}

/**
 * A durable mark as bytes.
 *
 * @param mark What it says.
 * @returns 24 bytes.
 *
 * @example
 * ```ts
 * import { encodeMark } from "./durable_mark.ts";
 *
 * console.log(encodeMark({ segment: 1, end: 8192, lsn: 0 }).length); // 24
 * ```
 */
export function encodeMark(mark: DurableMark): Uint8Array {
  const bytes = new Uint8Array(MARK_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, mark.segment, true);
  setUint53(view, 8, mark.end);
  setUint53(view, 16, mark.lsn);
  view.setUint32(0, checksum(bytes.subarray(4)), true);
  return bytes;
}

/**
 * Reads a durable mark.
 *
 * @param bytes The bytes at its place, or fewer when the file is shorter.
 * @param segment Number of the segment that the file is.
 * @returns The mark, or `undefined` when there is none that can be trusted.
 *
 * @example
 * ```ts
 * import { decodeMark, encodeMark } from "./durable_mark.ts";
 *
 * console.log(decodeMark(encodeMark({ segment: 1, end: 8192, lsn: 0 }), 2)); // undefined
 * ```
 */
export function decodeMark(bytes: Uint8Array, segment: number): DurableMark | undefined {
  if (bytes.length < MARK_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, MARK_BYTES);
  if (view.getUint32(0, true) !== checksum(bytes.subarray(4, MARK_BYTES))) return undefined;
  if (view.getUint32(4, true) !== segment) return undefined;
  return { segment, end: getUint53(view, 8), lsn: getUint53(view, 16) };
}
