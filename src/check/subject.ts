import type { FileSystem } from "../vfs/file_system.ts";

/** A value, or a promise of it. */
export type MaybePromise<T> = T | PromiseLike<T>;

/**
 * A log as the harness sees it. Implement it around your own log; nothing to inherit. `append` and
 * `sync` may be called again before the promise of an earlier call settles, so that group commit
 * is checked too; calls are made in the order of the records.
 *
 * @typeParam Log Whatever `open` returns: your own handle of an open log.
 */
export interface LogUnderTest<Log = unknown> {
  /** Shown in reports. */
  readonly name: string;
  /** Which call's return promises durability. */
  readonly acks: "append" | "sync";
  /** Opens the log in `dir`, a directory that exists, recovering whatever is there. */
  open(fs: FileSystem, dir: string): MaybePromise<Log>;
  /** Adds one record after all others. */
  append(log: Log, record: Uint8Array): MaybePromise<unknown>;
  /** Makes everything appended so far durable. Needed when `acks` is `"sync"`. */
  sync?(log: Log): MaybePromise<unknown>;
  /** Every record now in the log, oldest first. */
  records(log: Log): MaybePromise<Iterable<Uint8Array> | AsyncIterable<Uint8Array>>;
  /**
   * Optional: forgets the oldest `count` records. Its return (or, where `acks` is `"sync"`, the
   * return of the next `sync`) promises that they stay forgotten.
   */
  truncateFront?(log: Log, count: number): MaybePromise<unknown>;
  /** Optional: gives the handles back. Promises nothing about durability. */
  close?(log: Log): MaybePromise<unknown>;
}
