/** Someone who waits until a record is durable. */
interface Waiter {
  readonly lsn: number;
  readonly resolve: (lsn: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Arranges for `flush` to run once, later. */
export type Schedule = (flush: () => void) => void;

/**
 * Group commit: many wait, one barrier serves them all. The first waiter of a group arranges for a
 * barrier, and everyone who comes before that barrier *begins* shares it. Who comes later, even
 * while it is under way, waits for the next one: its record was not part of what was written.
 *
 * @example
 * ```ts
 * import { GroupCommit } from "./group_commit.ts";
 *
 * let barriers = 0;
 * const group = new GroupCommit(() => {
 *   barriers++;
 *   group.settle(2);
 * }, queueMicrotask);
 * console.log(await Promise.all([group.join(1), group.join(2)]), barriers); // [ 1, 2 ] 1
 * ```
 */
export class GroupCommit {
  readonly #barrier: () => void;
  readonly #schedule: Schedule;
  #waiters: Waiter[] = [];
  #scheduled = false;

  /**
   * Starts without a waiter.
   *
   * @param barrier Makes records durable and calls {@linkcode GroupCommit.settle}, or throws.
   * @param schedule Arranges for the barrier.
   */
  constructor(barrier: () => void, schedule: Schedule) {
    this.#barrier = barrier;
    this.#schedule = schedule;
  }

  /**
   * Waits until a record is durable.
   *
   * @param lsn The record.
   * @returns A promise of its LSN, rejected when the barrier fails.
   */
  join(lsn: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ lsn, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      this.#schedule(() => this.#flush());
    });
  }

  /**
   * Tells everyone whose record is durable.
   *
   * @param durableLsn All records up to this one are durable.
   */
  settle(durableLsn: number): void {
    const waiters = this.#waiters;
    if (waiters.length === 0) return;
    this.#waiters = waiters.filter(({ lsn }) => lsn > durableLsn);
    for (const { lsn, resolve } of waiters) if (lsn <= durableLsn) resolve(lsn);
  }

  /**
   * Tells everyone that it will not come to that.
   *
   * @param error Why.
   */
  fail(error: unknown): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(error);
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#waiters.length === 0) return;
    try {
      this.#barrier();
    } catch (error) {
      this.fail(error);
    }
  }
}
