import type { ShimmedFileSystem } from "../vfs/shimmed_file_system.ts";

/** A value, or a promise of it. */
export type MaybePromise<T> = T | PromiseLike<T>;

/**
 * A log as the harness sees it. Implement it around your own log; nothing to inherit. `append` and
 * `sync` may be called again before the promise of an earlier call settles, so that group commit
 * is checked too; calls are made in the order of the records, and take effect in that order. A log on
 * asynchronous I/O uses {@linkcode promised}: calls that are under way together then complete in
 * several orders.
 *
 * The log must reach the disk through `fs` only, and do the same whenever it reads the same: it is
 * recovered thousands of times, so no clock, no randomness, and no state outside of what `open`
 * returns. What it has shown must be durable: records that `records` gave after an `open` are owed
 * from then on. An append that throws or rejects may have happened or not.
 *
 * @typeParam Log Whatever `open` returns: your own handle of an open log.
 *
 * @example
 * ```ts
 * import { checkLog, type LogUnderTest, Wal } from "../../mod.ts";
 *
 * const log: LogUnderTest<Wal> = {
 *   name: "my log",
 *   acks: "sync",
 *   open: (fs, dir) => Wal.open(fs, dir, { preallocateBytes: 0 }),
 *   append: (wal, record) => wal.append(record),
 *   sync: (wal) => wal.sync(),
 *   records: (wal) => wal.records(),
 *   close: (wal) => wal.close(),
 * };
 * const workloads = [{ name: "one", lives: [[{ do: "append", bytes: 24 }, { do: "sync" }]] }] as const;
 * console.log((await checkLog(log, { workloads })).verdict); // holds
 * ```
 */
export interface LogUnderTest<Log = unknown> {
  /** Shown in reports. */
  readonly name: string;
  /**
   * Which call's return promises durability. `never`: none does; then what is recovered must be what
   * the log held at some moment, whole and in order.
   */
  readonly acks: "append" | "sync" | "never";
  /** Opens the log in `dir`, a directory that exists, recovering whatever is there. */
  open(fs: ShimmedFileSystem, dir: string): MaybePromise<Log>;
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
  /**
   * Optional: takes a file of the log apart, for the HTML page of a finding, which draws the pieces
   * over the sectors. The bytes are those of a crash: anything may be in them. It may throw, is never
   * called by a check, and changes no verdict.
   *
   * @param path The file.
   * @param bytes All of it.
   * @returns The pieces, in any order; what lies between them is left blank.
   */
  decode?(path: string, bytes: Uint8Array): Iterable<DecodedPiece>;
}

/**
 * A piece of a file of a log: a header, a frame, a stretch of zeros.
 *
 * @example
 * ```ts
 * import type { DecodedPiece } from "../../mod.ts";
 *
 * const frame: DecodedPiece = { offset: 0, length: 28, label: "record of 24 bytes", ok: true };
 * console.log(frame.offset + frame.length); // 28
 * ```
 */
export interface DecodedPiece {
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** How long it is, in bytes. */
  readonly length: number;
  /** What it is, in a few words. */
  readonly label: string;
  /** Whether it is whole, and what the log would accept. */
  readonly ok: boolean;
}

/** Refuses what is no log under test. */
export function requireSubject(subject: LogUnderTest): void {
  const missing = (["open", "append", "records"] as const).find((method) =>
    typeof subject?.[method] !== "function"
  );
  if (missing !== undefined) {
    throw new TypeError(`Cannot check the log: ${missing} is not a function`);
  }
  if (typeof subject.name !== "string") {
    throw new TypeError("Cannot check the log: name is not a string");
  }
  if (!["append", "sync", "never"].includes(subject.acks)) {
    throw new TypeError(
      `Cannot check the log: acks is ${JSON.stringify(subject.acks)}, expected "append", "sync" ` +
        'or "never"',
    );
  }
  if (subject.acks === "sync" && typeof subject.sync !== "function") {
    throw new TypeError('Cannot check the log: acks is "sync", but sync is not a function');
  }
  for (const method of ["sync", "truncateFront", "close", "decode"] as const) {
    if (subject[method] !== undefined && typeof subject[method] !== "function") {
      throw new TypeError(`Cannot check the log: ${method} is neither left out nor a function`);
    }
  }
}
