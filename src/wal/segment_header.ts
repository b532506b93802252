import { checksum } from "./checksum.ts";
import { FORMAT_VERSION, getUint53, HEADER_BYTES, setUint53 } from "./layout.ts";

/** What a segment says about itself, and about the log at the moment when it was created. */
export interface SegmentHeader {
  /** Number of the segment: dense, 1-based, used for one file in the life of the log. */
  readonly segment: number;
  /** LSN of the first record that goes into this segment. */
  readonly firstLsn: number;
  /** Records below this LSN are forgotten. The newest segment has the last word. */
  readonly front: number;
  /** Where the frames of the segment before end, in bytes; what lies behind is dead. */
  readonly previousEnd: number;
}

/** What the first bytes of a file turn out to be. */
export type HeaderState =
  | { readonly state: "good"; readonly header: SegmentHeader }
  | { readonly state: "version"; readonly version: number }
  | { readonly state: "bad"; readonly fault: string };

/** As in PNG: a byte that is no text, a name, and the line ends that text-mode copying breaks. */
const MAGIC = new Uint8Array([0x89, 0x57, 0x41, 0x4c, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * A segment header as bytes.
 *
 * @param header What it says.
 * @returns 64 bytes.
 *
 * @example
 * ```ts
 * import { encodeHeader } from "./segment_header.ts";
 *
 * console.log(encodeHeader({ segment: 1, firstLsn: 1, front: 1, previousEnd: 0 }).length); // 64
 * ```
 */
export function encodeHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, FORMAT_VERSION, true);
  view.setUint32(12, header.segment, true);
  setUint53(view, 16, header.firstLsn);
  setUint53(view, 24, header.front);
  setUint53(view, 32, header.previousEnd);
  view.setUint32(60, checksum(bytes.subarray(0, 60)), true);
  return bytes;
}

/**
 * What the first bytes of a file are. Every format version keeps the magic, the version and the
 * checksum where they are, so that a newer format is told from a damaged one.
 *
 * @param bytes The first 64 bytes, or fewer when the file is shorter.
 * @returns The header, or what is wrong with it.
 *
 * @example
 * ```ts
 * import { decodeHeader } from "./segment_header.ts";
 *
 * console.log(decodeHeader(new Uint8Array(64)).state); // bad
 * ```
 */
export function decodeHeader(bytes: Uint8Array): HeaderState {
  if (bytes.length < HEADER_BYTES) return { state: "bad", fault: "the header is cut short" };
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    return { state: "bad", fault: "the header does not begin with the magic bytes" };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (view.getUint32(60, true) !== checksum(bytes.subarray(0, 60))) {
    return { state: "bad", fault: "the checksum of the header does not match" };
  }
  const version = view.getUint32(8, true);
  if (version !== FORMAT_VERSION) return { state: "version", version };
  const header = {
    segment: view.getUint32(12, true),
    firstLsn: getUint53(view, 16),
    front: getUint53(view, 24),
    previousEnd: getUint53(view, 32),
  };
  return { state: "good", header };
}
