import type { Schedule } from "./group_commit.ts";

/** How a log is kept. None of this is stored: every opening may choose anew. */
export interface WalOptions {
  /**
   * How many bytes of frames go into a segment before the next one is begun. A segment holds at
   * least one record or batch, whatever its size. Default: 64 MiB.
   */
  readonly segmentBytes?: number;
  /**
   * How far ahead of the frames a segment is filled with zeros, so that a barrier seldom has to
   * record a new file size. Never beyond `segmentBytes`; 0 for not at all. Default: 1 MiB.
   */
  readonly preallocateBytes?: number;
  /** The longest record that is accepted. Default: 256 MiB. */
  readonly maxRecordBytes?: number;
  /**
   * How many bytes wait in memory before they are handed to the file system, without a barrier.
   * Default: 256 KiB.
   */
  readonly bufferBytes?: number;
  /**
   * Follows every barrier with a second one, for the mark that says what the first has made durable.
   * Without it, damage to just what the last barrier before a crash has covered looks like a torn
   * tail, and is cut. Default: `false`.
   */
  readonly provenAcks?: boolean;
  /**
   * Arranges for the barrier of a group commit. The later it runs, the more share it. Default:
   * `queueMicrotask`, so that all who append before the present turn ends share a barrier.
   */
  readonly schedule?: Schedule;
}

/** The largest length that a frame can store. */
const RECORD_BYTES_LIMIT = 2 ** 32 - 1;

/**
 * Checks options and fills in the defaults.
 *
 * @param options Options as given.
 * @returns All of them.
 * @throws {RangeError} When one has no meaning.
 *
 * @example
 * ```ts
 * import { completeOptions } from "./wal_options.ts";
 *
 * console.log(completeOptions({}).segmentBytes); // 67108864
 * ```
 */
export function completeOptions(options: WalOptions): Required<WalOptions> {
  const complete = {
    segmentBytes: options.segmentBytes ?? 64 * 2 ** 20,
    preallocateBytes: options.preallocateBytes ?? 2 ** 20,
    maxRecordBytes: options.maxRecordBytes ?? 256 * 2 ** 20,
    bufferBytes: options.bufferBytes ?? 256 * 2 ** 10,
    provenAcks: options.provenAcks ?? false,
    schedule: options.schedule ?? queueMicrotask,
  };
  requireInteger("segmentBytes", complete.segmentBytes, { from: 1, to: Number.MAX_SAFE_INTEGER });
  requireInteger("preallocateBytes", complete.preallocateBytes, { from: 0, to: 2 ** 30 });
  requireInteger("maxRecordBytes", complete.maxRecordBytes, { from: 0, to: RECORD_BYTES_LIMIT });
  requireInteger("bufferBytes", complete.bufferBytes, { from: 0, to: 2 ** 30 });
  return complete;
}

/**
 * Refuses a number that is no integer in a range.
 *
 * @param name What the number is.
 * @param value The number.
 * @param range Smallest and largest value allowed.
 * @throws {RangeError} When it is not.
 *
 * @example
 * ```ts
 * import { requireInteger } from "./wal_options.ts";
 *
 * requireInteger("lsn", 3, { from: 1, to: 9 });
 * ```
 */
export function requireInteger(
  name: string,
  value: number,
  range: { readonly from: number; readonly to: number },
): void {
  if (Number.isInteger(value) && value >= range.from && value <= range.to) return;
  throw new RangeError(
    `Cannot use ${name} ${value}: it must be an integer from ${range.from} to ${range.to}`,
  );
}
