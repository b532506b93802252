import { checksum } from "./checksum.ts";
import { CONTINUES, FRAME_HEADER_BYTES, setUint53 } from "./layout.ts";

/** What a frame says beside its record. */
export interface FrameFields {
  /** Number of the segment that the frame is in. */
  readonly segment: number;
  /** LSN of the record. */
  readonly lsn: number;
  /** Whether the batch goes on in the next frame: neither is there without the other. */
  readonly continues: boolean;
}

/**
 * Frames on their way to the disk: a buffer that grows with what is put into it.
 *
 * @example
 * ```ts
 * import { FrameBuffer } from "./frame_buffer.ts";
 *
 * const frames = new FrameBuffer();
 * frames.push(new TextEncoder().encode("hi"), { segment: 1, lsn: 1, continues: false });
 * console.log(frames.length); // 26
 * ```
 */
export class FrameBuffer {
  #bytes = new Uint8Array(SMALLEST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** How many bytes are waiting. */
  get length(): number {
    return this.#length;
  }

  /** The bytes that are waiting, valid until the next call. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * Adds the frame of one record.
   *
   * @param record Copied.
   * @param fields The rest of the frame.
   */
  push(record: Uint8Array, fields: FrameFields): void {
    const start = this.#length;
    const end = start + FRAME_HEADER_BYTES + record.length;
    if (end > this.#bytes.length) this.#grow(end);
    const view = this.#view;
    view.setUint32(start + 4, record.length, true);
    view.setUint32(start + 8, fields.segment, true);
    view.setUint32(start + 12, fields.continues ? CONTINUES : 0, true);
    setUint53(view, start + 16, fields.lsn);
    this.#bytes.set(record, start + FRAME_HEADER_BYTES);
    view.setUint32(start, checksum(this.#bytes.subarray(start + 4, end)), true);
    this.#length = end;
  }

  /** Forgets everything, and the memory that only a very large record needed. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > LARGEST_KEPT_BYTES) this.#resize(SMALLEST_BYTES);
  }

  #grow(needed: number): void {
    const kept = this.bytes;
    this.#resize(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.set(kept);
  }

  #resize(capacity: number): void {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

const SMALLEST_BYTES = 1024;
const LARGEST_KEPT_BYTES = 4 * 2 ** 20;
