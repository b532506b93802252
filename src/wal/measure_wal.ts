/**
 * Measures the log against loops that do no more than the disk work it cannot avoid. Both sides run
 * in turn in the same process, on the same disk, and share its noise.
 *
 * @module
 */

import type { FileSystem } from "../vfs/file_system.ts";
import { writeFully } from "../vfs/write_fully.ts";
import { checksum } from "./checksum.ts";
import { readFully } from "./frame_reader.ts";
import { FRAME_HEADER_BYTES, segmentPath } from "./layout.ts";
import { listSegments, READ_AHEAD_BYTES } from "./recovery.ts";
import { Wal } from "./wal.ts";
import type { WalOptions } from "./wal_options.ts";

/** How many wait for one barrier. */
const WAITERS = 64;

/** What is measured, and how often. */
export interface MeasureOptions {
  /** How many times each side runs. Default: 7. */
  readonly runs?: number;
  /** How many barriers a run of the append measurement has. Default: 200. */
  readonly groups?: number;
  /** Length of the records that are appended. Default: 100. */
  readonly recordBytes?: number;
  /** How many bytes of records the recovery measurement reads. Default: 64 MB. */
  readonly scanBytes?: number;
}

/** The middle and the ends of several runs. */
export interface MeasuredRange {
  /** Half of the runs were at most this. */
  readonly median: number;
  /** The smallest. */
  readonly min: number;
  /** The largest. */
  readonly max: number;
}

/** What was measured; rates are per second. */
export interface WalMeasurement {
  /** Group commit of 64 waiters against one write and one barrier for every 64 records. */
  readonly append: {
    readonly recordBytes: number;
    readonly barriersPerRun: number;
    /** The log as it comes. */
    readonly recordsPerSecond: MeasuredRange;
    /** The log without preallocation. */
    readonly recordsPerSecondWithoutPreallocation: MeasuredRange;
    /** A loop that appends to a file. */
    readonly floorRecordsPerSecond: MeasuredRange;
    /** A loop that writes into a file filled with zeros before. */
    readonly floorRecordsPerSecondPreallocated: MeasuredRange;
    /** The log as it comes, relative to the first floor in the same run. */
    readonly share: MeasuredRange;
    /** The log without preallocation, relative to the first floor. */
    readonly shareWithoutPreallocation: MeasuredRange;
    /** The log as it comes, relative to the second floor. */
    readonly shareOfPreallocated: MeasuredRange;
  };
  /** Opening a log of 1 KiB records against reading the files and summing up pieces of that size. */
  readonly scan: {
    readonly megabytes: number;
    /** `Wal.open`: every record is found and verified. */
    readonly openMegabytesPerSecond: MeasuredRange;
    /** `Wal.records`: every record is verified, copied and handed out. */
    readonly recordsMegabytesPerSecond: MeasuredRange;
    /** The loop. */
    readonly floorMegabytesPerSecond: MeasuredRange;
    /** `Wal.open` relative to the loop in the same run. */
    readonly openShare: MeasuredRange;
    /** The most that the memory of the process grew while a log was opened and read, in MB. */
    readonly memoryGrowthMegabytes: MeasuredRange;
  };
}

/**
 * Measures append throughput and recovery speed.
 *
 * @param fs The disk; only a real one gives figures that mean anything.
 * @param dir An empty directory, left empty.
 * @param options What is measured.
 * @returns The figures, fit for JSON.
 *
 * @example
 * ```ts
 * import { RealFileSystem } from "../../mod.ts";
 * import { measureWal } from "./measure_wal.ts";
 *
 * const root = Deno.makeTempDirSync();
 * const figures = await measureWal(new RealFileSystem({ root }), "/", {
 *   runs: 1,
 *   groups: 2,
 *   scanBytes: 100_000,
 * });
 * console.log(figures.append.recordsPerSecond.median > 0); // true
 * Deno.removeSync(root, { recursive: true });
 * ```
 */
export async function measureWal(
  fs: FileSystem,
  dir: string,
  options: MeasureOptions = {},
): Promise<WalMeasurement> {
  const { runs = 7, groups = 200, recordBytes = 100, scanBytes = 64_000_000 } = options;
  return {
    append: await measureAppend(fs, dir, { runs, groups, recordBytes }),
    scan: measureScan(fs, dir, { runs, scanBytes }),
  };
}

async function measureAppend(
  fs: FileSystem,
  dir: string,
  options: { readonly runs: number; readonly groups: number; readonly recordBytes: number },
): Promise<WalMeasurement["append"]> {
  const { runs, groups, recordBytes } = options;
  const [ours, plain, floor, filled]: number[][] = [[], [], [], []];
  for (let run = 0; run <= runs; run++) {
    const now = {
      floor: bareAppends(fs, dir, { groups, recordBytes, filled: false }),
      ours: await groupCommits(fs, dir, { groups, recordBytes, wal: {} }),
      filled: bareAppends(fs, dir, { groups, recordBytes, filled: true }),
      plain: await groupCommits(fs, dir, { groups, recordBytes, wal: { preallocateBytes: 0 } }),
    };
    if (run === 0) continue; // the first run compiles
    floor!.push(now.floor);
    ours!.push(now.ours);
    filled!.push(now.filled);
    plain!.push(now.plain);
  }
  return {
    recordBytes,
    barriersPerRun: groups,
    recordsPerSecond: rangeOf(ours!),
    recordsPerSecondWithoutPreallocation: rangeOf(plain!),
    floorRecordsPerSecond: rangeOf(floor!),
    floorRecordsPerSecondPreallocated: rangeOf(filled!),
    share: rangeOf(ours!.map((rate, i) => rate / floor![i]!)),
    shareWithoutPreallocation: rangeOf(plain!.map((rate, i) => rate / floor![i]!)),
    shareOfPreallocated: rangeOf(ours!.map((rate, i) => rate / filled![i]!)),
  };
}

/** Records per second through the log, 64 callers at a time. */
async function groupCommits(
  fs: FileSystem,
  dir: string,
  options: { readonly groups: number; readonly recordBytes: number; readonly wal: WalOptions },
): Promise<number> {
  const { groups, recordBytes } = options;
  const wal = Wal.open(fs, dir, options.wal);
  const record = new Uint8Array(recordBytes).fill(7);
  await wal.appendDurable(record); // the segment is created outside the measurement
  const caller = async () => {
    for (let i = 0; i < groups; i++) await wal.appendDurable(record);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: WAITERS }, caller));
  const seconds = (performance.now() - start) / 1000;
  wal.close();
  removeLog(fs, dir);
  return groups * WAITERS / seconds;
}

/** Records per second of one write and one barrier for every 64 records. */
function bareAppends(
  fs: FileSystem,
  dir: string,
  options: { readonly groups: number; readonly recordBytes: number; readonly filled: boolean },
): number {
  const { groups, recordBytes, filled } = options;
  const path = segmentPath(dir, 1);
  const file = fs.open(path, { write: true, createNew: true });
  const bytes = new Uint8Array(WAITERS * recordBytes).fill(7);
  if (filled) writeFully(file, new Uint8Array(groups * bytes.length), 0);
  file.sync();
  const start = performance.now();
  for (let i = 0; i < groups; i++) {
    file.write(bytes, i * bytes.length);
    file.syncData();
  }
  const seconds = (performance.now() - start) / 1000;
  file.close();
  fs.remove(path);
  return groups * WAITERS / seconds;
}

function measureScan(
  fs: FileSystem,
  dir: string,
  options: { readonly runs: number; readonly scanBytes: number },
): WalMeasurement["scan"] {
  const record = new Uint8Array(1024).map((_, i) => i * 7);
  const writing = Wal.open(fs, dir);
  const count = Math.ceil(options.scanBytes / record.length);
  for (let i = 0; i < count; i++) writing.append(record);
  writing.close();
  const megabytes = count * record.length / 1e6;
  const [opened, read, floor, memory]: number[][] = [[], [], [], []];
  for (let run = 0; run <= options.runs; run++) {
    const floorSeconds = bareScan(fs, dir, FRAME_HEADER_BYTES + record.length);
    const before = Deno.memoryUsage().rss;
    let most = before;
    const start = performance.now();
    const wal = Wal.open(fs, dir);
    const openSeconds = (performance.now() - start) / 1000;
    most = Math.max(most, Deno.memoryUsage().rss);
    const middle = performance.now();
    let seen = 0;
    for (const record of wal.records()) {
      seen += record.length;
      if (seen % (1 << 24) === 0) most = Math.max(most, Deno.memoryUsage().rss);
    }
    const readSeconds = (performance.now() - middle) / 1000;
    most = Math.max(most, Deno.memoryUsage().rss);
    wal.close();
    if (run === 0) continue; // the first run compiles
    floor!.push(megabytes / floorSeconds);
    opened!.push(megabytes / openSeconds);
    read!.push(megabytes / readSeconds);
    memory!.push((most - before) / 1e6);
  }
  removeLog(fs, dir);
  return {
    megabytes,
    openMegabytesPerSecond: rangeOf(opened!),
    recordsMegabytesPerSecond: rangeOf(read!),
    floorMegabytesPerSecond: rangeOf(floor!),
    openShare: rangeOf(opened!.map((rate, i) => rate / floor![i]!)),
    memoryGrowthMegabytes: rangeOf(memory!),
  };
}

/** Seconds to read the files of a log and to sum up pieces of one length. */
function bareScan(fs: FileSystem, dir: string, pieceBytes: number): number {
  const chunk = new Uint8Array(READ_AHEAD_BYTES - READ_AHEAD_BYTES % pieceBytes);
  const start = performance.now();
  let sum = 0;
  for (const number of listSegments(fs, dir)) {
    const file = fs.open(segmentPath(dir, number));
    for (let offset = 0;; offset += chunk.length) {
      const got = readFully(file, chunk, offset);
      for (let at = 0; at < got; at += pieceBytes) {
        sum ^= checksum(chunk.subarray(at, at + pieceBytes));
      }
      if (got < chunk.length) break;
    }
    file.close();
  }
  const seconds = (performance.now() - start) / 1000;
  if (sum === 0.5) throw new Error("Unreachable: the sum is used so that it is not optimised away");
  return seconds;
}

function removeLog(fs: FileSystem, dir: string): void {
  for (const number of listSegments(fs, dir)) fs.remove(segmentPath(dir, number));
}

function rangeOf(values: readonly number[]): MeasuredRange {
  const sorted = values.toSorted((a, b) => a - b);
  const round = (value: number) => Number(value.toPrecision(4));
  return {
    median: round(sorted[sorted.length >> 1]!),
    min: round(sorted[0]!),
    max: round(sorted.at(-1)!),
  };
}
