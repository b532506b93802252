/**
 * Randomness that can be repeated: engines draw the names of their files and the salts of their logs,
 * and a check runs each of them thousands of times. No two processes may draw the same, or a salt would
 * not tell an old frame from a new one. So a process draws according to when it was started: in which
 * life of the disk, after how many ops.
 *
 * @module
 */
import { type FileSystem, SimulatedFileSystem } from "../../mod.ts";

/** So many processes may start in one life before two of different lives draw the same. */
const LIFE = 1 << 20;

const REAL_RANDOM = Math.random;

/** The randomness of one process. */
export class Randomness {
  #state: number;

  /** Starts with what the disk tells of the process that is opening a log on it. */
  constructor(fs: FileSystem) {
    this.#state = fs instanceof SimulatedFileSystem
      ? fs.disk.lives.length * LIFE + fs.disk.life.trace.length
      : 0;
  }

  /** Runs something that draws; afterwards, and after what it promises, the real sources are back. */
  during<T>(run: () => T): T {
    const mine = () => this.#next();
    Math.random = mine;
    crypto.getRandomValues = ((array: Uint8Array) => {
      for (let i = 0; i < array.length; i++) array[i] = this.#next() * 256;
      return array;
    }) as typeof crypto.getRandomValues;
    const restore = () => {
      if (Math.random !== mine) return;
      Math.random = REAL_RANDOM;
      Reflect.deleteProperty(crypto, "getRandomValues");
    };
    let result: T | undefined;
    try {
      result = run();
      return result instanceof Promise ? result.finally(restore) as T : result;
    } finally {
      if (!(result instanceof Promise)) restore();
    }
  }

  /** A number from 0 up to 1 (mulberry32). */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}
