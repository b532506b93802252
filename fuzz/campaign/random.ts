import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Draws from a seed: the same seed, the same draws. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  /**
   * Starts from what tells this stream from all others, as the seed of a campaign and the number of
   * a run.
   */
  constructor(...seeds: readonly number[]) {
    this.#generator = xoroshiro128plus(mixed(seeds));
  }

  /** A whole number from 0 to `end`, exclusive. */
  below(end: number): number {
    return uniformInt(this.#generator, 0, end - 1);
  }

  /** A whole number from `min` to `max`, both inclusive. */
  between(min: number, max: number): number {
    return uniformInt(this.#generator, min, max);
  }

  /** A whole number from 1 to `max`: each power of two is as likely as the one before it. */
  scaled(max: number): number {
    const low = 1 << this.below(Math.floor(Math.log2(max)) + 1);
    return this.between(low, Math.min(max, 2 * low - 1));
  }

  /** Whether one of `of` equally likely cases has come up. */
  oneIn(of: number): boolean {
    return this.below(of) === 0;
  }

  /** One of some values. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** Some of the values, in their order: each is as likely in as out. */
  some<T>(values: readonly T[]): T[] {
    return values.filter(() => this.below(2) === 0);
  }
}

/** Several numbers as one of 32 bits: the finalizer of MurmurHash3, once for each. */
function mixed(seeds: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const seed of seeds) {
    hash = Math.imul(hash ^ seed, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash;
}
