/**
 * The errors that a caller of the log may want to catch.
 *
 * @module
 */

/** Where a log is damaged, and how that was seen. */
export interface DamageDetails {
  /** The file. */
  readonly path: string;
  /** Number of the segment. */
  readonly segment: number;
  /** Where in the file, in bytes. */
  readonly offset: number;
  /** The LSN that should be found there; `undefined` when that is not known. */
  readonly lsn: number | undefined;
  /** Letter of the row in the decision tables of `recovery_table.ts`. */
  readonly row: string;
  /** What is wrong, in words. */
  readonly reason: string;
}

/**
 * Something that was durable is damaged. No crash explains that, so the log refuses to go on: to cut
 * it here would lose acked records without a word. Look at it with {@linkcode dumpLog}.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem, Wal, WalCorruptionError } from "../../mod.ts";
 *
 * const fs = new SimulatedFileSystem();
 * const wal = Wal.open(fs, "/");
 * wal.append(new Uint8Array(100));
 * wal.close();
 * fs.open("/00000000000000000001.wal", { write: true }).write(new Uint8Array([1]), 8250);
 * try {
 *   Wal.open(fs, "/");
 * } catch (error) {
 *   if (error instanceof WalCorruptionError) console.log(error.lsn, error.offset); // 1 8192
 * }
 * ```
 */
export class WalCorruptionError extends Error implements DamageDetails {
  /** Always `"WalCorruptionError"`. */
  override readonly name = "WalCorruptionError";
  /** See {@linkcode DamageDetails.path}. */
  readonly path: string;
  /** See {@linkcode DamageDetails.segment}. */
  readonly segment: number;
  /** See {@linkcode DamageDetails.offset}. */
  readonly offset: number;
  /** See {@linkcode DamageDetails.lsn}. */
  readonly lsn: number | undefined;
  /** See {@linkcode DamageDetails.row}. */
  readonly row: string;
  /** See {@linkcode DamageDetails.reason}. */
  readonly reason: string;

  /**
   * Describes the damage.
   *
   * @param details Where and how.
   */
  constructor(details: DamageDetails) {
    const { path, segment, offset, lsn, row, reason } = details;
    const record = lsn === undefined ? "" : `, LSN ${lsn}`;
    super(`Corrupt log: segment "${path}", offset ${offset}${record}: ${reason} (row ${row})`);
    this.path = path;
    this.segment = segment;
    this.offset = offset;
    this.lsn = lsn;
    this.row = row;
    this.reason = reason;
  }
}

/**
 * The log was written in a format that this version does not know.
 *
 * @example
 * ```ts
 * import { WalVersionError } from "../../mod.ts";
 *
 * const error = new WalVersionError("/log/00000000000000000001.wal", 9);
 * console.log(error.version); // 9
 * ```
 */
export class WalVersionError extends Error {
  /** Always `"WalVersionError"`. */
  override readonly name = "WalVersionError";
  /** The version that the file names. */
  readonly version: number;

  /**
   * Names the file and its version.
   *
   * @param path The file.
   * @param version The version that it names.
   */
  constructor(path: string, version: number) {
    super(`Cannot open "${path}": its format version is ${version}, this code reads version 1`);
    this.version = version;
  }
}

/**
 * A write or a barrier has failed, and the log takes nothing more. After a failed `fsync` the kernel
 * may have dropped what it could not write and call it clean, so that the next `fsync` succeeds and
 * means nothing. The only way on is to open the log anew. `cause` is the first failure.
 *
 * @example
 * ```ts
 * import { WalPoisonedError } from "../../mod.ts";
 *
 * const error = new WalPoisonedError("append", new Error("EIO"));
 * console.log(error.message); // Cannot append: an earlier write or barrier failed: EIO
 * ```
 */
export class WalPoisonedError extends Error {
  /** Always `"WalPoisonedError"`. */
  override readonly name = "WalPoisonedError";

  /**
   * Names the call that is refused and the failure behind it.
   *
   * @param action The call.
   * @param cause The first failure.
   */
  constructor(action: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot ${action}: an earlier write or barrier failed: ${why}`, { cause });
  }
}
