/** Bytes of one buffer of the pool. */
const CHUNK_BYTES = 1 << 16;

/**
 * Copies of sectors and writes, many in one buffer. A buffer of its own takes V8 several times as long,
 * and leaves the memory of the process in pieces.
 */
export class BytePool {
  #chunk = new Uint8Array(0);
  #used = 0;

  /** A copy of `from`, from `start` up to `end`, that nothing else overlaps. */
  copy(from: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length > CHUNK_BYTES / 8) return from.slice(start, end);
    if (this.#used + length > this.#chunk.length) {
      this.#chunk = new Uint8Array(CHUNK_BYTES);
      this.#used = 0;
    }
    const copy = this.#chunk.subarray(this.#used, this.#used += length);
    copy.set(from.subarray(start, end));
    return copy;
  }
}
