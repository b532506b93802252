/**
 * The reference log under test. Its story is the end of all others: every rule kept, it holds on
 * every crash state of every workload.
 *
 * Segments are small here, so that a few records cross from one to the next.
 *
 * @module
 */
import { type LogUnderTest, Wal, type WalOptions } from "../mod.ts";

/** Small enough that a workload of a few records rotates, buffers and preallocates. */
const SMALL: WalOptions = { segmentBytes: 900, preallocateBytes: 0, bufferBytes: 0 };

/**
 * The reference log, acking on `sync`.
 *
 * @param options How the log is kept.
 * @param name Shown in reports.
 * @returns The log as the harness sees it.
 *
 * @example
 * ```ts
 * import { referenceLog } from "./reference_log.ts";
 *
 * console.log(referenceLog().acks); // sync
 * ```
 */
export function referenceLog(
  options: WalOptions = SMALL,
  name = "reference log",
): LogUnderTest<Wal> {
  return {
    name,
    acks: "sync",
    open: (fs, dir) => Wal.open(fs, dir, options),
    append: (log, record) => log.append(record),
    sync: (log) => log.sync(),
    records: (log) => log.records(),
    truncateFront: (log, count) => log.truncateFront(log.firstLsn + count),
    close: (log) => log.close(),
  };
}

/**
 * The reference log with group commit: an append is acked when its promise is fulfilled.
 *
 * @param options How the log is kept.
 * @returns The log as the harness sees it.
 *
 * @example
 * ```ts
 * import { groupCommitLog } from "./reference_log.ts";
 *
 * console.log(groupCommitLog().acks); // append
 * ```
 */
export function groupCommitLog(options: WalOptions = SMALL): LogUnderTest<Wal> {
  return {
    name: "reference log, group commit",
    acks: "append",
    open: (fs, dir) => Wal.open(fs, dir, options),
    append: (log, record) => log.appendDurable(record),
    records: (log) => log.records(),
    truncateFront: (log, count) => log.truncateFront(log.firstLsn + count),
    close: (log) => log.close(),
  };
}

/** The reference log with its space written ahead, so that a barrier seldom stores a new size. */
export const preallocatedLog: LogUnderTest<Wal> = referenceLog(
  { segmentBytes: 1500, preallocateBytes: 1024, bufferBytes: 0 },
  "reference log, preallocated",
);

export default referenceLog();
