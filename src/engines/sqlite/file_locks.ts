import { BUSY, OK } from "./result_code.ts";

/** The five states of a lock on a database file (sqlite.org/lockingv3.html#locking). */
export const NONE = 0;
export const SHARED = 1;
export const RESERVED = 2;
export const PENDING = 3;
export const EXCLUSIVE = 4;

/**
 * The locks on one database file, for the connections of one process. A reader holds SHARED. Of all
 * connections, at most one holds more than that: RESERVED while it prepares changes, PENDING while it
 * waits for the readers to leave and lets no new one in, EXCLUSIVE while it writes.
 */
export class FileLocks {
  /** The level of every holder; who holds nothing is not in it. */
  readonly #levels = new Map<object, number>();

  /** Whether anyone holds RESERVED or more. */
  get isReserved(): boolean {
    for (const level of this.#levels.values()) if (level >= RESERVED) return true;
    return false;
  }

  /** Raises the lock of `holder`; returns `BUSY` when another one is in the way. */
  lock(holder: object, level: number): number {
    const now = this.#levels.get(holder) ?? NONE;
    if (now >= level) return OK;
    const others = this.#highestOther(holder);
    // A new reader keeps out of the way of whoever waits for the readers to leave.
    if (others >= (level === SHARED ? PENDING : RESERVED)) return BUSY;
    if (level === EXCLUSIVE && others >= SHARED) {
      this.#levels.set(holder, PENDING);
      return BUSY;
    }
    this.#levels.set(holder, level);
    return OK;
  }

  /** Lowers the lock of `holder`, to SHARED or NONE. */
  unlock(holder: object, level: number): void {
    if ((this.#levels.get(holder) ?? NONE) <= level) return;
    if (level === NONE) this.#levels.delete(holder);
    else this.#levels.set(holder, level);
  }

  #highestOther(holder: object): number {
    let highest = NONE;
    for (const [other, level] of this.#levels) {
      if (other !== holder && level > highest) highest = level;
    }
    return highest;
  }
}
