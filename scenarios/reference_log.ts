/**
 * The reference log under test. Its story is the end of all others: every rule kept, it holds on
 * every crash state of every workload.
 *
 * Segments are small here, so that a few records cross from one to the next.
 *
 * @module
 */
import {
  type DecodedPiece,
  dumpLog,
  type LogUnderTest,
  SimulatedFileSystem,
  Wal,
  type WalOptions,
  writeFully,
} from "../mod.ts";

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
    decode: pieces,
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
    decode: pieces,
  };
}

/** A segment taken apart by the dump, on a disk of its own. */
function* pieces(path: string, bytes: Uint8Array): Generator<DecodedPiece> {
  const fs = new SimulatedFileSystem();
  const segment = path.slice(path.lastIndexOf("/"));
  const file = fs.open(segment, { write: true, create: true });
  writeFully(file, bytes, 0);
  file.close();
  for (const { kind, offset, length, lsn, state, detail } of dumpLog(fs, segment)) {
    if (kind === "file" || length === 0 || state === "zeros") continue;
    const what = [kind === "frame" ? `record ${lsn}` : kind, ...(state === "ok" ? [] : [state])];
    const label = `${what.join(", ")}${detail === "" ? "" : `: ${detail}`}`;
    yield { offset, length, label, ok: state === "ok" || state === "forgotten" };
  }
}

/** The reference log with its space written ahead, so that a barrier seldom stores a new size. */
export const preallocatedLog: LogUnderTest<Wal> = referenceLog(
  { segmentBytes: 1500, preallocateBytes: 1024, bufferBytes: 0 },
  "reference log, preallocated",
);

export default referenceLog();
