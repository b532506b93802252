import type { FileHandle } from "../vfs/file_system.ts";
import { checksum } from "./checksum.ts";
import { CONTINUES, FRAME_HEADER_BYTES, FRAMES_OFFSET, getUint53 } from "./layout.ts";

/** What is found where a frame should be: one, something else, or nothing (zeros, or the end). */
export type FrameState = "good" | "bad" | "nothing";

/** Where to begin, and with which record. */
export interface ReadFrom {
  /** Number of the segment that the frames must name. */
  readonly segment: number;
  /** LSN that the first frame must have. */
  readonly lsn: number;
  /** Where the first frame is. Default: where the frames of a segment begin. */
  readonly offset?: number;
}

/**
 * Reads the frames of one segment, one after the other, in memory bounded by `readAhead` and the
 * largest frame.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem, Wal } from "../../mod.ts";
 * import { FrameReader } from "./frame_reader.ts";
 *
 * const fs = new SimulatedFileSystem();
 * const wal = Wal.open(fs, "/");
 * wal.append(new Uint8Array(3));
 * wal.close();
 * const file = fs.open("/00000000000000000001.wal");
 * const reader = new FrameReader(file, { segment: 1, lsn: 1 });
 * console.log(reader.inspect(), reader.record); // good Uint8Array(3) [ 0, 0, 0 ]
 * ```
 */
export class FrameReader {
  /** Where the frame under inspection begins, in bytes. */
  offset: number;
  /** The LSN that it must have. */
  lsn: number;
  /** Where reading stops: a frame that crosses this offset is bad. */
  limit = 0;
  /**
   * How much to read at a time. With 0 no byte is read that is not needed to tell what comes next:
   * behind the durable end that is the rule, because there a length is only a guess.
   */
  readAhead = 0;
  /** What is wrong with a frame that is not good. */
  fault = "";
  /** The record of a good frame: a view that is valid until the next call. */
  record: Uint8Array = NOTHING;
  /** Whether the batch of a good frame goes on. */
  continues = false;

  readonly #file: FileHandle;
  readonly #segment: number;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** Offset in the file of the first byte of the buffer. */
  #start = 0;
  /** How many bytes of the buffer are filled. */
  #filled = 0;

  /**
   * Begins at a frame.
   *
   * @param file A handle that allows reads; stays the caller's to close.
   * @param from Where to begin, and with which record.
   */
  constructor(file: FileHandle, from: ReadFrom) {
    this.#file = file;
    this.#segment = from.segment;
    this.lsn = from.lsn;
    this.offset = from.offset ?? FRAMES_OFFSET;
  }

  /** The good frame as bytes: a view that is valid until the next call. */
  get frame(): Uint8Array {
    const at = this.offset - this.#start;
    return this.#bytes.subarray(at, at + FRAME_HEADER_BYTES + this.record.length);
  }

  /**
   * Tells what is at `offset`, and for a good frame fills in `record` and `continues`.
   *
   * @returns What was found.
   */
  inspect(): FrameState {
    const head = this.#load(FRAME_HEADER_BYTES);
    if (head <= 0) return this.#nothing();
    let at = this.offset - this.#start;
    if (head < FRAME_HEADER_BYTES) {
      return isZero(this.#bytes, at, at + head) ? this.#nothing() : this.#bad("is cut short");
    }
    const length = this.#view.getUint32(at + 4, true);
    const segment = this.#view.getUint32(at + 8, true);
    const flags = this.#view.getUint32(at + 12, true);
    const lsn = getUint53(this.#view, at + 16);
    if (segment !== this.#segment) {
      if (isZero(this.#bytes, at, at + head)) return this.#nothing();
      return this.#bad(`names segment ${segment}`);
    }
    if (lsn !== this.lsn) return this.#bad(`has LSN ${lsn}`);
    if (flags > CONTINUES) return this.#bad(`has the unknown flags ${flags}`);
    const size = FRAME_HEADER_BYTES + length;
    if (this.offset + size > this.limit || this.#load(size) < size) {
      return this.#bad(`is ${size} bytes long and crosses the end`);
    }
    at = this.offset - this.#start;
    const wanted = checksum(this.#bytes.subarray(at + 4, at + size));
    if (this.#view.getUint32(at, true) !== wanted) return this.#bad("does not match its checksum");
    this.continues = flags === CONTINUES;
    this.record = this.#bytes.subarray(at + FRAME_HEADER_BYTES, at + size);
    return "good";
  }

  /** Goes on behind the good frame. */
  advance(): void {
    this.offset += FRAME_HEADER_BYTES + this.record.length;
    this.lsn++;
  }

  #nothing(): FrameState {
    this.fault = "no frame is there";
    return "nothing";
  }

  #bad(fault: string): FrameState {
    this.fault = `the frame ${fault}`;
    return "bad";
  }

  /** Has `wanted` bytes at `offset` in the buffer, or as many as there are below the limit. */
  #load(wanted: number): number {
    const have = this.#start + this.#filled - this.offset;
    if (have >= wanted) return wanted;
    const rest = this.limit - this.offset;
    const most = Math.min(Math.max(wanted, this.readAhead), rest);
    if (have >= most) return Math.min(wanted, most);
    const kept = Math.max(have, 0);
    if (most > this.#bytes.length) this.#grow(most, kept);
    else this.#bytes.copyWithin(0, this.#filled - kept, this.#filled);
    this.#start = this.offset;
    this.#filled = kept +
      readFully(this.#file, this.#bytes.subarray(kept, most), this.offset + kept);
    return Math.min(wanted, this.#filled);
  }

  #grow(capacity: number, kept: number): void {
    const bytes = new Uint8Array(capacity);
    bytes.set(this.#bytes.subarray(this.#filled - kept, this.#filled));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/**
 * Reads until `into` is full or the file ends, going on after short reads.
 *
 * @param file A handle that allows reads.
 * @param into Filled from its start.
 * @param offset Where to read, in bytes.
 * @returns The number of bytes read.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem } from "../../mod.ts";
 * import { readFully } from "./frame_reader.ts";
 *
 * const file = new SimulatedFileSystem().open("/a", { read: true, write: true, create: true });
 * console.log(readFully(file, new Uint8Array(8), 0)); // 0
 * ```
 */
export function readFully(file: FileHandle, into: Uint8Array, offset: number): number {
  let done = 0;
  while (done < into.length) {
    const got = file.read(done === 0 ? into : into.subarray(done), offset + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}

const NOTHING = new Uint8Array(0);

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}
