import { BUSY, OK } from "./result_code.ts";

const SHM_UNLOCK = 1;
const SHM_SHARED = 4;
/** How many locks there are (`SQLITE_SHM_NLOCK`). */
const LOCKS = 8;

/** Gets and gives back memory that both sides can see. */
export interface Allocator {
  /** Zeroed memory, or 0 when there is none. */
  allocate(bytes: number): number;
  /** Gives it back. */
  free(pointer: number): void;
}

/**
 * The shared memory of one database file in WAL mode: the index of the write-ahead log, and eight
 * locks. It is no file here: a process starts with none, as SQLite makes sure for the first that
 * opens a database, and it goes when the last connection leaves it.
 */
export class SharedMemory {
  readonly #allocator: Allocator;
  readonly #regions: number[] = [];
  /** Who is connected, with the locks that each one holds, as bits. */
  readonly #users = new Map<object, { shared: number; exclusive: number }>();

  /** Starts without memory. */
  constructor(allocator: Allocator) {
    this.#allocator = allocator;
  }

  /** Whether nobody uses it any more. */
  get isIdle(): boolean {
    return this.#users.size === 0;
  }

  /** The address of a region; 0 where it is not there and shall not be made, -1 without memory. */
  map(user: object, region: number, bytes: number, extend: boolean): number {
    this.#locksOf(user);
    while (this.#regions.length <= region) {
      if (!extend) return 0;
      const pointer = this.#allocator.allocate(bytes);
      if (pointer === 0) return -1;
      this.#regions.push(pointer);
    }
    return this.#regions[region]!;
  }

  /** Takes or leaves the locks from `first` on, all of them or none. */
  lock(user: object, first: number, count: number, flags: number): number {
    const locks = this.#locksOf(user);
    const mask = ((1 << count) - 1) << first & (1 << LOCKS) - 1;
    if (flags & SHM_UNLOCK) {
      locks.shared &= ~mask;
      locks.exclusive &= ~mask;
      return OK;
    }
    const isShared = (flags & SHM_SHARED) !== 0;
    for (const [other, held] of this.#users) {
      const inTheWay = isShared ? held.exclusive : held.exclusive | held.shared;
      if (other !== user && (inTheWay & mask) !== 0) return BUSY;
    }
    if (isShared) locks.shared |= mask;
    else locks.exclusive |= mask;
    return OK;
  }

  /** A connection leaves; with the last one, the memory goes. */
  leave(user: object): void {
    this.#users.delete(user);
    if (!this.isIdle) return;
    for (const pointer of this.#regions) this.#allocator.free(pointer);
    this.#regions.length = 0;
  }

  #locksOf(user: object): { shared: number; exclusive: number } {
    let locks = this.#users.get(user);
    if (locks === undefined) this.#users.set(user, locks = { shared: 0, exclusive: 0 });
    return locks;
  }
}
