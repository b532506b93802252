/**
 * Where the calls of a stream come from. What is written to a stream reaches the disk later, by
 * itself: when the file is open, and when what was written before is on its way.
 *
 * @module
 */
import { type CallOrigin, originOn } from "../call_origin.ts";
import type { FileSystem } from "../file_system.ts";

/** The places in the code that uses a stream, in the order in which they were passed. */
export class StreamOrigins {
  readonly #fs: FileSystem;
  /** Of the chunks that have not reached the file. */
  readonly #chunks: (CallOrigin | undefined)[] = [];
  /** Where it was made. */
  readonly made: CallOrigin | undefined;
  #ended: CallOrigin | undefined;

  /** The present call makes a stream. */
  constructor(fs: FileSystem) {
    this.#fs = fs;
    this.made = originOn(fs);
  }

  /** Where it was ended; as long as it was not, where it was made. */
  get ended(): CallOrigin | undefined {
    return this.#ended ?? this.made;
  }

  /** The present call ends it. */
  end(): void {
    this.#ended ??= originOn(this.#fs, this.made);
  }

  /** The present call writes a chunk, unless `write` throws. */
  chunk<T>(write: () => T): T {
    this.#chunks.push(originOn(this.#fs, this.made));
    try {
      return write();
    } catch (error) {
      this.#chunks.pop();
      throw error;
    }
  }

  /** So many chunks are on their way: where the first of them was written. */
  take(count: number): CallOrigin | undefined {
    return this.#chunks.splice(0, count)[0] ?? this.made;
  }
}
