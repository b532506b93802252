/**
 * The bytes of a segment: a header, then frames without gaps.
 *
 * METHOD. All numbers are little endian. The header is the number of the segment, the LSN of its
 * first record, the epoch in which it was written (how often the log had been opened), and the CRC-32
 * of these three, four bytes each. A frame is the CRC-32 of what follows (four bytes), a word (four
 * bytes), and the payload. The word packs, from the top bit down,
 *
 * ```text
 * short  0 | LSN modulo 64 (6 bits) | epoch modulo 2¹⁸ | length (7 bits)
 * long   1 | LSN modulo 64 (6 bits) | epoch modulo 2⁵  | length (20 bits)
 * ```
 *
 * LSN and epoch tell a frame from one that was left behind by an earlier life. Where a page size is
 * given, the header of a frame never lies across the end of a page: what is left of the page is NUL.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import type { FileHandle } from "../../mod.ts";
import { joinBytes, readBytes, readU32, u32Bytes } from "../zoo/frames.ts";

/** Length of the header of a segment. */
export const SEGMENT_HEADER_BYTES = 16;

const FRAME_HEADER_BYTES = 8;
const LONG_BYTES = 1 << 7;
const LONG_FLAG = 2 ** 31;
const LSN_MASK = 63;

/** What the header of a segment says. */
export interface SegmentHeader {
  /** Its number, from 1. */
  readonly number: number;
  /** LSN of its first record. */
  readonly firstLsn: number;
  /** How often the log had been opened. */
  readonly epoch: number;
}

/** How frames are written and read. */
export interface FrameFormat {
  /** Where a segment is full. */
  readonly segmentBytes: number;
  /** Headers of frames do not lie across the end of such a page. */
  readonly pageBytes: number;
  /** What is wrong with it. */
  readonly mistake: string | undefined;
}

/** A record with what its frame says of it. */
export interface Numbered {
  /** LSN of the record. */
  readonly lsn: number;
  /** Epoch of the segment. */
  readonly epoch: number;
}

/** The frames of a segment. */
export interface Frames {
  /** The payloads, oldest first. */
  readonly payloads: Uint8Array[];
  /** Where the last valid frame ends. */
  readonly endBytes: number;
}

/** The header as bytes. */
export function encodeHeader({ number, firstLsn, epoch }: SegmentHeader): Uint8Array {
  const fields = u32Bytes(number, firstLsn, epoch);
  return joinBytes(fields, u32Bytes(crc32(fields)));
}

/** The header of a segment; `undefined` where there is none that checks. */
export function readHeader(file: FileHandle): SegmentHeader | undefined {
  const bytes = readBytes(file, { offset: 0, length: SEGMENT_HEADER_BYTES });
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined;
  if (crc32(bytes.subarray(0, 12)) !== readU32(bytes, 12)) return undefined;
  return { number: readU32(bytes, 0), firstLsn: readU32(bytes, 4), epoch: readU32(bytes, 8) };
}

/** Where a frame begins that is written behind `offset`: there, or on the next page. */
export function frameStart(offset: number, { pageBytes }: FrameFormat): number {
  const left = pageBytes - offset % pageBytes;
  return left < FRAME_HEADER_BYTES ? offset + left : offset;
}

/** How long the frame of a payload is. */
export function frameBytes(payload: Uint8Array): number {
  return FRAME_HEADER_BYTES + payload.length;
}

/** A record as a frame. */
export function encodeFrame(
  payload: Uint8Array,
  { lsn, epoch }: Numbered,
  { mistake }: FrameFormat,
): Uint8Array {
  const isLong = payload.length >= LONG_BYTES;
  // Shifted without a mask, the 64th LSN reaches the bit that tells long frames from short ones.
  const stamp = mistake === "LSN is not masked" ? lsn << 25 : (lsn & LSN_MASK) << 25;
  const rest = isLong
    ? LONG_FLAG + (epoch & 0x1f) * 2 ** 20 + payload.length
    : (epoch & 0x3ffff) * 2 ** 7 + payload.length;
  const word = u32Bytes((stamp | rest) >>> 0);
  return joinBytes(u32Bytes(crc32(payload, crc32(word))), word, payload);
}

/** Reads the frames of a segment up to the first one that does not check. */
export function readSegment(
  file: FileHandle,
  header: SegmentHeader,
  format: FrameFormat,
): Frames {
  const payloads: Uint8Array[] = [];
  const sizeBytes = file.size();
  let endBytes = SEGMENT_HEADER_BYTES;
  for (;;) {
    const lsn = header.firstLsn + payloads.length;
    const offset = startToRead(endBytes, format);
    const payload = readFrame(file, { offset, sizeBytes, lsn, epoch: header.epoch }, format);
    if (payload === undefined) return { payloads, endBytes };
    payloads.push(payload);
    endBytes = offset + frameBytes(payload);
  }
}

function startToRead(offset: number, format: FrameFormat): number {
  const { mistake, pageBytes } = format;
  // The header that just fits is written to this page, and looked for on the next.
  const isOver = mistake === "header that just fits is skipped" &&
    pageBytes - offset % pageBytes <= FRAME_HEADER_BYTES;
  return isOver ? offset + pageBytes - offset % pageBytes : frameStart(offset, format);
}

function readFrame(
  file: FileHandle,
  { offset, sizeBytes, lsn, epoch }: Numbered & {
    readonly offset: number;
    readonly sizeBytes: number;
  },
  { mistake, segmentBytes }: FrameFormat,
): Uint8Array | undefined {
  const header = readBytes(file, { offset, length: FRAME_HEADER_BYTES });
  if (header.length < FRAME_HEADER_BYTES) return undefined;
  const word = readU32(header, 4);
  const isLong = word >= LONG_FLAG;
  const length = isLong ? word & 0xfffff : word & 0x7f;
  const endBytes = offset + FRAME_HEADER_BYTES + length;
  if (endBytes > sizeBytes) return undefined;
  // The first frame may be longer than a segment; of the others, none ends behind its end.
  const isFirst = offset === SEGMENT_HEADER_BYTES;
  if (mistake === "frame that just fits is too long" && !isFirst && endBytes >= segmentBytes) {
    return undefined;
  }
  if (((word >>> 25) & LSN_MASK) !== (lsn & LSN_MASK)) return undefined;
  const stored = isLong ? (word >>> 20) & 0x1f : (word >>> 7) & 0x3ffff;
  // A long frame has room for five bits of the epoch only.
  const bits = isLong && mistake !== "epoch of a long frame is compared whole" ? 0x1f : 0x3ffff;
  if (stored !== (epoch & bits)) return undefined;
  const payload = readBytes(file, { offset: offset + FRAME_HEADER_BYTES, length });
  return crc32(payload, crc32(header.subarray(4))) === readU32(header, 0) ? payload : undefined;
}
