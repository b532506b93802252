/**
 * Measures the search on the yardstick W20: 20 records of 100 bytes with an 8-byte header (length
 * and CRC-32), a barrier after every fifth, one file of less than 4 KiB; the oracle is "a durable
 * prefix". Each figure stands beside its floor and its peer, taken in turns within one process.
 *
 * @module
 */

import crc32 from "crc-32";
import fc from "fast-check";
import { Volume } from "memfs";
import type { Cell } from "../vfs/cell.ts";
import type { Disk } from "../vfs/disk.ts";
import type { FileSystem } from "../vfs/file_system.ts";
import { POISON } from "../vfs/model.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { explore } from "./explore.ts";

/** Median and range of a figure over the runs. */
export interface Range {
  /** The middle value. */
  readonly median: number;
  /** The smallest value. */
  readonly lowest: number;
  /** The largest value. */
  readonly highest: number;
}

/** What was measured; rates are recoveries (or crash states, one a recovery) per second. */
export interface SearchMeasurement {
  /** W20, one recovery after the other on one core. */
  readonly w20: {
    readonly recoveriesPerSearch: number;
    readonly crashStates: string;
    readonly sync: Range;
    /** A bare loop: a fresh 4 KiB image, the same reader, the same oracle, no harness. */
    readonly syncFloor: Range;
    readonly shareOfFloor: Range;
    /** fast-check and memfs, one crash state a run. */
    readonly peer: Range;
    readonly timesPeer: Range;
    readonly async: Range;
    readonly asyncFloor: Range;
    readonly shareOfAsyncFloor: Range;
  };
  /** Records with one barrier at the end, all crash states covered. */
  readonly growth: {
    readonly recordBytes: number;
    readonly series: readonly {
      readonly records: number;
      readonly crashStates: string;
      readonly recoveries: number;
      readonly milliseconds: Range;
    }[];
    /** Slope of log(recoveries) over log(records). */
    readonly exponent: number;
  };
}

const RECORDS = 20;
const BYTES = 100;
const HEADER = 8;
const EVERY = 5;
const IMAGE = 4096;

/**
 * Takes the figures.
 *
 * @param options How many runs there are, and how long each part of a run lasts, in milliseconds.
 * @returns The figures, fit for JSON.
 *
 * @example
 * ```ts
 * import { measureSearch } from "./measure_search.ts";
 *
 * const { growth } = await measureSearch({ runs: 1, partMs: 5, records: [5, 10] });
 * console.log(growth.series.length); // 2
 * ```
 */
export async function measureSearch(
  options: { readonly runs?: number; readonly partMs?: number; readonly records?: number[] } = {},
): Promise<SearchMeasurement> {
  const { runs = 7, partMs = 700, records = [20, 40, 60, 80, 120, 160] } = options;
  return { w20: await measureW20(runs, partMs), growth: await measureGrowth(records, runs) };
}

async function measureW20(runs: number, partMs: number): Promise<SearchMeasurement["w20"]> {
  const rates = { sync: [], floor: [], peer: [], async: [], asyncFloor: [] } as Record<
    "sync" | "floor" | "peer" | "async" | "asyncFloor",
    number[]
  >;
  const w20 = new W20();
  const first = await w20.search(readRecords);
  for (let run = -1; run < runs; run++) {
    const now = {
      sync: await rateOf(partMs, async () => (await w20.search(readRecords)).recoveries),
      floor: await rateOf(partMs, () => w20.bareLoop()),
      async: await rateOf(partMs, async () => (await w20.search(readRecordsAsync)).recoveries),
      asyncFloor: await rateOf(partMs, () => w20.bareAsyncLoop()),
      peer: await rateOf(partMs, () => w20.fastCheckAndMemfs(500)),
    };
    if (run < 0) continue; // the first run compiles
    for (const name of Object.keys(now) as (keyof typeof now)[]) rates[name].push(now[name]);
  }
  const share = (a: number[], b: number[]) => rangeOf(a.map((rate, i) => rate / b[i]!));
  return {
    recoveriesPerSearch: first.recoveries,
    crashStates: `${first.crashStates}`,
    sync: rangeOf(rates.sync),
    syncFloor: rangeOf(rates.floor),
    shareOfFloor: share(rates.sync, rates.floor),
    peer: rangeOf(rates.peer),
    timesPeer: share(rates.sync, rates.peer),
    async: rangeOf(rates.async),
    asyncFloor: rangeOf(rates.asyncFloor),
    shareOfAsyncFloor: share(rates.async, rates.asyncFloor),
  };
}

/** Calls `part` until the time is up; returns what it counted, per second. */
async function rateOf(partMs: number, part: () => number | Promise<number>): Promise<number> {
  const start = performance.now();
  let count = 0;
  let elapsed = 0;
  do {
    count += await part();
    elapsed = performance.now() - start;
  } while (elapsed < partMs);
  return count / elapsed * 1000;
}

/** The yardstick: the records, the disk after the workload, and what was promised when. */
class W20 {
  readonly records = Array.from({ length: RECORDS }, (_, n) => recordOf(n));
  readonly disk: Disk;
  readonly image = new Uint8Array(IMAGE);
  /** Records issued, and acked, by crash point. */
  readonly #issued: number[] = [];
  readonly #acked: number[] = [];

  constructor() {
    const fs = new SimulatedFileSystem();
    const file = fs.open("/log", { write: true, create: true });
    fs.disk.settle();
    const { trace } = fs.disk.life;
    let acked = 0;
    const mark = (issued: number) => {
      this.#issued[trace.length] = issued;
      this.#acked[trace.length] = acked;
    };
    mark(0);
    for (const [n, record] of this.records.entries()) {
      this.#issued[trace.length] = n + 1;
      const frame = frameOf(record);
      this.image.set(frame, n * frame.length);
      file.write(frame, n * frame.length);
      mark(n + 1);
      if ((n + 1) % EVERY > 0) continue;
      file.sync();
      acked = n + 1;
      mark(n + 1);
    }
    fs.disk.powerCut();
    this.disk = fs.disk;
  }

  /** Searches all crash states of the workload. */
  search(recover: (fs: FileSystem) => Recovered | Promise<Recovered>) {
    return explore(this.disk, recover, (recovered, { disk }) => {
      const { lo, hi } = disk.lives[0]!;
      this.judge(recovered, this.#acked[hi]!, this.#issued[lo]!);
    });
  }

  /** The oracle. */
  judge({ records, count }: Recovered, acked: number, issued: number): void {
    if (count < acked || count > issued) {
      throw new Error(`Recovered ${count} records, expected ${acked} to ${issued}`);
    }
    for (let n = 0; n < count; n++) {
      const [got, want] = [records[n]!, this.records[n]!];
      for (let i = 0; i < BYTES; i++) {
        if (got[i] !== want[i]) throw new Error(`Record ${n} differs`);
      }
    }
  }

  /** The floor: prefixes of the file, each in a fresh image, read and judged without a harness. */
  bareLoop(): number {
    const work = new Uint8Array(IMAGE);
    for (let state = 0; state < 500; state++) {
      const records = state % (RECORDS + 1);
      const end = records * (HEADER + BYTES);
      work.set(this.image);
      const recovered = shared.clear();
      let at = 0;
      while (at + HEADER <= end) {
        const length = u32(work, at);
        if (length === 0 || at + HEADER + length > end) break;
        const record = recovered.next(length);
        record.set(work.subarray(at + HEADER, at + HEADER + length));
        if (crc32.buf(record) >>> 0 !== u32(work, at + 4)) break;
        recovered.keep();
        at += HEADER + length;
      }
      this.judge(recovered, records, records);
    }
    return 500;
  }

  /** The same with a file interface whose reads have to be awaited. */
  async bareAsyncLoop(): Promise<number> {
    const work = new Uint8Array(IMAGE);
    for (let state = 0; state < 100; state++) {
      const records = state % (RECORDS + 1);
      const end = records * (HEADER + BYTES);
      work.set(this.image);
      // deno-lint-ignore require-await -- the cost of awaiting is what is measured
      const read = async (into: Uint8Array, at: number) => {
        const length = Math.max(0, Math.min(into.length, end - at));
        into.set(work.subarray(at, at + length));
        return length;
      };
      this.judge(await readAll(read), records, records);
    }
    return 100;
  }

  /**
   * The peer: fast-check draws a crash state (a crash point, and a version of every cell that is
   * legal there), memfs holds the file, the same reader recovers.
   */
  fastCheckAndMemfs(runs: number): number {
    const [life] = this.disk.lives;
    const { cells, trace } = life!;
    const states = fc.tuple(
      fc.integer({ min: 0, max: trace.length }),
      fc.array(fc.nat(9999), { minLength: cells.length, maxLength: cells.length }),
    );
    fc.assert(
      fc.property(states, ([point, versions]) => {
        const volume = new Volume();
        volume.writeFileSync("/log", imageOf(cells, point, versions));
        const file = volume.openSync("/log", "r");
        const recovered = readAllSync((into, at) =>
          volume.readSync(file, into, 0, into.length, at)
        );
        volume.closeSync(file);
        this.judge(recovered, this.#acked[point]!, this.#issued[point]!);
      }),
      { numRuns: runs },
    );
    return runs;
  }
}

/** The bytes of the file, given one number for each cell that picks among its legal versions. */
function imageOf(cells: readonly Cell[], point: number, versions: readonly number[]): Uint8Array {
  const image = new Uint8Array(IMAGE);
  let size = 0;
  for (const [i, cell] of cells.entries()) {
    if (cell.kind === "name") continue;
    let [lo, hi] = [0, cell.newest];
    while (cell.until[lo]! < point) lo++;
    while (cell.made[hi]! > point) hi--;
    const version = lo + versions[i]! % (hi - lo + 1);
    const value = cell.values[version]!;
    if (cell.kind === "size") size = value as number;
    else if (value instanceof Uint8Array) image.set(value, (cell.place as number) * 512);
    else {image.fill(
        version === 0 ? 0 : POISON,
        (cell.place as number) * 512,
        (cell.place as number + 1) * 512,
      );}
  }
  return image.subarray(0, size);
}

/**
 * What was recovered: the first `count` of `records`. One is used again and again, here, in the
 * floors and in the peer alike, so that no figure is about the allocation of records.
 */
class Recovered {
  readonly records: Uint8Array[] = [];
  count = 0;

  /** A buffer for one more record; it counts once {@linkcode keep} is called. */
  next(length: number): Uint8Array {
    const known = this.records[this.count];
    if (known !== undefined && known.length === length) return known;
    return this.records[this.count] = new Uint8Array(length);
  }

  /** The record in the last buffer is valid. */
  keep(): void {
    this.count++;
  }

  /** Forgets all records. */
  clear(): this {
    this.count = 0;
    return this;
  }
}

const shared = new Recovered();

/** Reads at an offset; returns the number of bytes read. */
type Read<Count> = (into: Uint8Array, at: number) => Count;

const header = new Uint8Array(HEADER);

function readAllSync(read: Read<number>): Recovered {
  const recovered = shared.clear();
  for (let at = 0;;) {
    if (read(header, at) < HEADER) return recovered;
    const length = u32(header, 0);
    if (length === 0 || length > IMAGE) return recovered;
    const record = recovered.next(length);
    if (read(record, at + HEADER) < length) return recovered;
    if (crc32.buf(record) >>> 0 !== u32(header, 4)) return recovered;
    recovered.keep();
    at += HEADER + length;
  }
}

async function readAll(read: Read<Promise<number>>): Promise<Recovered> {
  const recovered = shared.clear();
  for (let at = 0;;) {
    if (await read(header, at) < HEADER) return recovered;
    const length = u32(header, 0);
    if (length === 0 || length > IMAGE) return recovered;
    const record = recovered.next(length);
    if (await read(record, at + HEADER) < length) return recovered;
    if (crc32.buf(record) >>> 0 !== u32(header, 4)) return recovered;
    recovered.keep();
    at += HEADER + length;
  }
}

function readRecords(fs: FileSystem): Recovered {
  const file = fs.open("/log");
  const recovered = readAllSync((into, at) => file.read(into, at));
  file.close();
  return recovered;
}

async function readRecordsAsync(fs: FileSystem): Promise<Recovered> {
  const file = fs.open("/log");
  // deno-lint-ignore require-await -- the cost of awaiting is what is measured
  const recovered = await readAll(async (into, at) => file.read(into, at));
  file.close();
  return recovered;
}

function recordOf(n: number): Uint8Array {
  return Uint8Array.from({ length: BYTES }, (_, i) => (n * 37 + i * 11 + 1) & 0xff);
}

function frameOf(record: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER + record.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, record.length, true);
  view.setInt32(4, crc32.buf(record), true);
  frame.set(record, HEADER);
  return frame;
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0;
}

/** Bytes of a record in the growth series: 60 of them have about 5e29 crash states. */
const GROWTH_BYTES = 360;

async function measureGrowth(
  sizes: readonly number[],
  runs: number,
): Promise<SearchMeasurement["growth"]> {
  const series: SearchMeasurement["growth"]["series"][number][] = [];
  for (const records of sizes) {
    const times: number[] = [];
    let found: { crashStates: bigint; recoveries: number } | undefined;
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      found = await exhaust(records);
      times.push(performance.now() - start);
    }
    const { crashStates, recoveries } = found!;
    series.push({
      records,
      crashStates: `${crashStates}`,
      recoveries,
      milliseconds: rangeOf(times),
    });
  }
  const points = series.map(({ records, recoveries }) => [Math.log(records), Math.log(recoveries)]);
  return { recordBytes: GROWTH_BYTES, series, exponent: slopeOf(points as [number, number][]) };
}

/** Writes records with one barrier at the end, and searches all crash states. */
async function exhaust(records: number): Promise<{ crashStates: bigint; recoveries: number }> {
  const fs = new SimulatedFileSystem();
  const file = fs.open("/log", { write: true, create: true });
  fs.disk.settle();
  const frame = frameOf(new Uint8Array(GROWTH_BYTES).fill(7));
  for (let n = 0; n < records; n++) file.write(frame, n * frame.length);
  file.sync();
  fs.disk.powerCut();
  const { lives } = fs.disk;
  const result = await explore(fs.disk, readRecords, ({ count }) => {
    const { lo, hi } = lives[0]!;
    const owed = hi > records ? records : 0;
    const issued = Math.min(lo, records);
    if (count < owed || count > issued) {
      throw new Error(`Recovered ${count} records, expected ${owed} to ${issued}`);
    }
  });
  if (!result.complete) throw new Error(`The search of ${records} records was not exhaustive`);
  return result;
}

function rangeOf(values: readonly number[]): Range {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value: number) => Number(value.toPrecision(4));
  return {
    median: round(sorted[sorted.length >> 1]!),
    lowest: round(sorted[0]!),
    highest: round(sorted.at(-1)!),
  };
}

/** Least-squares slope. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (pick: 0 | 1) => points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  const variance = points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  return Number((covariance / variance).toFixed(3));
}
