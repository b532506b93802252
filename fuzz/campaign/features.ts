/**
 * What a run did, as a set of numbers; what no run did before is new.
 *
 * METHOD. Each fact about a run is hashed to a bit of a fixed map, as in AFL. Counts are told apart by
 * powers of two only, so that a loop that runs once more is nothing new.
 *
 * @module
 */

/** Bits in the map: some thousands are used, so few fall together. */
const BITS = 18;

/** A fact about a run. */
export interface Fact {
  /** What it is about. */
  readonly kind: number;
  /** Where it is noted: facts that fall together are one. */
  readonly bit: number;
}

/** What a run has shown. */
export interface Shown {
  /** How many facts no run has shown before. */
  readonly fresh: number;
  /** A digest of all facts. */
  readonly digest: number;
  /** All facts, in the order in which they came up. */
  readonly facts: readonly Fact[];
}

/** The facts that any run has shown so far, and those of the present one. */
export class Features {
  readonly #known = new Uint8Array(1 << BITS);
  readonly #present = new Uint8Array(1 << BITS);
  #here: Fact[] = [];
  #count = 0;

  /** How many facts are known. */
  get size(): number {
    return this.#count;
  }

  /** Notes a fact about the present run: what it is about, and what it is. */
  add(kind: number, fact: number): void {
    const hash = Math.imul(Math.imul(kind + 1, 0x9e3779b1) ^ fact, 0x85ebca6b);
    const bit = (hash ^ (hash >>> 15)) >>> (32 - BITS);
    if (this.#present[bit] === 1) return;
    this.#present[bit] = 1;
    this.#here.push({ kind, bit });
  }

  /**
   * Ends the present run.
   *
   * @returns How many of its facts are new, a digest of all of them, and all of them by what they
   * are about.
   */
  take({ keep }: { readonly keep: boolean }): Shown {
    let fresh = 0;
    let digest = 0;
    const facts = this.#here;
    for (const { bit } of facts) {
      digest = (digest + Math.imul(bit + 1, 0x9e3779b1)) | 0;
      this.#present[bit] = 0;
      if (this.#known[bit] === 1) continue;
      fresh++;
      if (keep) this.#known[bit] = 1;
    }
    if (keep) this.#count += fresh;
    this.#here = [];
    return { fresh, digest: digest >>> 0, facts };
  }
}

/** The number of bits of a count: counts that share it are taken for the same. */
export function scaleOf(count: number): number {
  return 32 - Math.clz32(count);
}
