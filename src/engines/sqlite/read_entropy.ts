/**
 * Numbers in place of randomness. SQLite wants them for what must not repeat: the nonce of a journal,
 * the salts of a write-ahead log, by which it tells what it has just written from what lay there
 * before. They must be the same whenever the same is read, as a recovery is run thousands of times;
 * and a process that finds another disk must get other numbers than the one before it, or what it
 * writes would vouch for what that one left behind. So they follow from everything that the process
 * has read.
 */
export class ReadEntropy {
  #a = 0x9e3779b9 | 0;
  #b = 0x243f6a88;

  /** Something was read: its head tells enough, it holds the counter of changes. */
  add(bytes: Uint8Array, offset: number): void {
    let a = this.#a ^ Math.imul(offset + 1, 0x85ebca6b);
    const end = bytes.length < HEAD_BYTES ? bytes.length : HEAD_BYTES;
    for (let i = 0; i < end; i++) a = Math.imul(a ^ bytes[i]!, 0x01000193);
    this.#a = Math.imul(a ^ a >>> 15, 0x2c1b3c6d);
    this.#b = Math.imul(this.#b ^ this.#a, 0x297a2d39) + bytes.length | 0;
  }

  /** Fills `into` (xoshiro's little brother: two words that stir each other). */
  fill(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) {
      this.#a = Math.imul(this.#a ^ this.#b >>> 13, 0x5bd1e995) + 0x6d2b79f5 | 0;
      this.#b = Math.imul(this.#b ^ this.#a >>> 16, 0x297a2d39) + i | 0;
      into[i] = (this.#a ^ this.#b) >>> 11;
    }
  }
}

/** Bytes of each read that count: the header of a database is 100 bytes long. */
const HEAD_BYTES = 112;
