/**
 * Where things are in a segment file. `FORMAT.md` says it on one page.
 *
 * @module
 */

/** The format version that this code writes and reads. */
export const FORMAT_VERSION = 1;

/** Length of the segment header, at offset 0. */
export const HEADER_BYTES = 64;

/** Where the durable mark is: in a sector of its own, whatever the size of a sector. */
export const MARK_OFFSET = 4096;

/** Length of the durable mark. */
export const MARK_BYTES = 24;

/** Where the first frame is. */
export const FRAMES_OFFSET = 8192;

/** Length of a frame without its record. */
export const FRAME_HEADER_BYTES = 24;

/** Flag of a frame that is not the last of its batch. */
export const CONTINUES = 1;

/** The largest segment number: frames store it in 32 bits. */
export const SEGMENT_NUMBER_MAX = 2 ** 32 - 1;

const NAME = /^\d{20}\.wal$/;

/**
 * The name of a segment's file.
 *
 * @param segment Number of the segment.
 * @returns The number in 20 digits, then `.wal`, so that names sort as numbers do.
 *
 * @example
 * ```ts
 * import { segmentName } from "./layout.ts";
 *
 * console.log(segmentName(7)); // 00000000000000000007.wal
 * ```
 */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(20, "0")}.wal`;
}

/**
 * The number that a file's name gives to a segment.
 *
 * @param name The last part of a path.
 * @returns The number, or `undefined` for a file that is no segment.
 *
 * @example
 * ```ts
 * import { parseSegmentName } from "./layout.ts";
 *
 * console.log(parseSegmentName("00000000000000000007.wal"), parseSegmentName("notes.txt"));
 * ```
 */
export function parseSegmentName(name: string): number | undefined {
  if (!NAME.test(name)) return undefined;
  const segment = Number(name.slice(0, 20));
  return segment >= 1 && segment <= SEGMENT_NUMBER_MAX ? segment : undefined;
}

/**
 * The path of a segment's file.
 *
 * @param dir The directory of the log.
 * @param segment Number of the segment.
 * @returns The path.
 *
 * @example
 * ```ts
 * import { segmentPath } from "./layout.ts";
 *
 * console.log(segmentPath("/log", 7)); // /log/00000000000000000007.wal
 * ```
 */
export function segmentPath(dir: string, segment: number): string {
  return `${dir.endsWith("/") ? dir : `${dir}/`}${segmentName(segment)}`;
}

/** Writes an unsigned number of up to 53 bits as 8 bytes, little-endian. */
export function setUint53(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 2 ** 32, true);
  view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true);
}

/** Reads 8 bytes, little-endian; what does not fit in 53 bits comes out as some larger number. */
export function getUint53(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32;
}
