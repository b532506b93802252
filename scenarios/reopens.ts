/**
 * The test that most logs are given: append, sync, open again, compare. It calls the second open a
 * crash. It is none: the page cache has stayed, so every byte is there, synced or not.
 *
 * @module
 */
import type { LogUnderTest, ShimmedFileSystem } from "../mod.ts";

/** What {@linkcode reopens} needs. */
export interface ReopensOptions {
  /** Where the log lies. The directory exists and is empty. */
  readonly dir: string;
  /** What is appended, in order. */
  readonly records: readonly Uint8Array[];
}

/**
 * Tells if a log, opened again on the same disk, shows what was appended to it. That no power was
 * lost is what is wrong with this test: a log without one `fsync` passes.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log.
 * @param fs The disk.
 * @param options The directory and the records.
 * @returns Whether the records came back.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem } from "../mod.ts";
 * import naive from "./naive_log.ts";
 * import { reopens } from "./reopens.ts";
 *
 * const fs = new SimulatedFileSystem();
 * fs.mkdir("/log");
 * const records = [new TextEncoder().encode("hello")];
 * console.log(await reopens(naive, fs, { dir: "/log", records })); // true
 * ```
 */
export async function reopens<Log>(
  log: LogUnderTest<Log>,
  fs: ShimmedFileSystem,
  { dir, records }: ReopensOptions,
): Promise<boolean> {
  const first = await log.open(fs, dir);
  for (const record of records) await log.append(first, record);
  await log.sync?.(first);
  await log.close?.(first);
  const second = await log.open(fs, dir);
  const found: Uint8Array[] = [];
  for await (const record of await log.records(second)) found.push(record);
  await log.close?.(second);
  return found.length === records.length &&
    found.every((record, i) => String(record) === String(records[i]));
}
