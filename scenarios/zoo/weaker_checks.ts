/**
 * Crash checks as they are often written, each of which loses less than a disk may. They show what
 * the search over all crash states is for: run over the same workloads, with the same oracle and at
 * every crash point, they miss mistakes.
 *
 * METHOD. A crash is a point T, after which nothing was called, and a choice of what the media kept.
 * - `kill -9`: the process dies after op T and the page cache stays: everything written up to T is
 *   there.
 * - `drop all unsynced`: the power goes after op T, and exactly what barriers had forced is there.
 * - `cut tail`: the power goes after op T; what barriers had forced is there, and of the rest the ops
 *   up to some op P. Of the file that was last written to, any number of bytes that no barrier has
 *   forced may be gone from the end as well. What is lost was always written after what is kept.
 *
 * Each check is the real one on a disk with less luck to draw from: a chooser between the search and
 * the disk offers the search only those versions that the weaker check knows. T and P stay windows,
 * narrowed by what is read, so that every crash point is covered here too. An option of the search
 * is a version together with the windows in which the check sees it.
 *
 * @module
 */
import {
  type Cell,
  checkLog,
  type Chooser,
  type Disk,
  type Life,
  type LogUnderTest,
  SimulatedFileSystem,
  type Workload,
} from "../../mod.ts";

/** A crash check that loses less than a disk may. */
export type WeakerCheck = "kill -9" | "drop all unsynced" | "cut tail";

/** All of them, from the weakest. */
export const weakerChecks: readonly WeakerCheck[] = ["kill -9", "drop all unsynced", "cut tail"];

/** How many of the last unforced bytes of a file stay, when its tail is cut. */
type Cut = (bytes: number) => number;

const WHOLE: Cut = (bytes) => bytes;

/** Where `cut tail` cuts: behind the write, after its first byte, in its middle, before its last. */
const CUTS: readonly Cut[] = [WHOLE, () => 1, (bytes) => bytes >> 1, (bytes) => bytes - 1];

/** The most recoveries for each workload: no search of a weaker check comes near it. */
const RECOVERIES = 200_000;

/** How a log is checked with a weaker check. */
export interface WeakerCheckOptions {
  /** The workloads, in the order in which they are tried. */
  readonly workloads: readonly Workload[];
}

/**
 * Checks a log as one of the weaker checks does.
 *
 * @param check Which one.
 * @param log The log.
 * @param options The workloads and the model.
 * @returns The name of the first workload that showed a mistake; `undefined` when none did.
 * @throws {Error} When the log cannot be judged, or the search did not come to an end.
 *
 * @example
 * ```ts
 * import { defaultWorkloads as workloads } from "../../mod.ts";
 * import naive from "../naive_log.ts";
 * import { caughtBy } from "./weaker_checks.ts";
 *
 * console.log(await caughtBy("drop all unsynced", naive, { workloads })); // one record
 * ```
 */
export async function caughtBy(
  check: WeakerCheck,
  log: LogUnderTest,
  { workloads }: WeakerCheckOptions,
): Promise<string | undefined> {
  for (const cut of check === "cut tail" ? CUTS : [WHOLE]) {
    const result = await checkLog(unluckyOnlyAs(check, { log, cut }), {
      workloads,
      budget: { recoveries: RECOVERIES },
    });
    const { verdict, reason } = result;
    if (verdict === "harness-broken") throw new Error(`Cannot check "${log.name}": ${reason}`);
    const found = result.workloads.find(({ verdict }) => verdict === "violates");
    if (found !== undefined) return found.workload.name;
    if (!result.complete) throw new Error(`The check "${check}" of "${log.name}" did not end`);
  }
  return undefined;
}

/** The log, on a disk that loses nothing but what the check knows of. */
function unluckyOnlyAs(
  check: WeakerCheck,
  { log, cut }: { readonly log: LogUnderTest; readonly cut: Cut },
): LogUnderTest {
  return {
    ...log,
    open: (fs, dir) => {
      if (fs instanceof SimulatedFileSystem && fs.disk.lives.length > 1) {
        const luck = luckOf(fs.disk, check);
        if (cut !== WHOLE) cutTail(fs, { dir, luck, cut });
      }
      return log.open(fs, dir);
    },
  };
}

/** A range of whole numbers, both ends included. */
interface Span {
  readonly lo: number;
  readonly hi: number;
}

/** A version of a cell, and when the check sees it. */
interface Option {
  readonly version: number;
  /** The crash points T. */
  readonly points: Span;
  /** The last op P that is kept without having been forced. */
  readonly kept: Span;
}

const ALWAYS: Span = { lo: -Infinity, hi: Infinity };

/** What a check may find in a cell, newest version first. */
function optionsOf(check: WeakerCheck, cell: Cell, { lo, hi }: Span): Option[] {
  const options: Option[] = [];
  for (let version = hi; version >= lo; version--) {
    const made = cell.made[version]!;
    // While it is the newest that was written; while it is the newest that was forced.
    const newest = { lo: made, hi: (cell.made[version + 1] ?? Infinity) - 1 };
    const forced = { lo: (cell.until[version - 1] ?? -1) + 1, hi: cell.until[version]! };
    if (check === "kill -9") options.push({ version, points: newest, kept: ALWAYS });
    if (check === "drop all unsynced") options.push({ version, points: forced, kept: ALWAYS });
    if (check === "cut tail") {
      options.push({ version, points: { lo: made, hi: forced.lo - 1 }, kept: newest });
      options.push({ version, points: forced, kept: { lo: -Infinity, hi: newest.hi } });
    }
  }
  return options;
}

/** Stands between the search and the disk, and lets through what the check knows. */
class Luck implements Chooser {
  /** The versions of sizes that were decided. */
  readonly sizes: { readonly cell: Cell; readonly version: number }[] = [];
  /** The sizes, by inode, with which each life began. */
  readonly found: (ReadonlyMap<number, number> | undefined)[] = [];
  readonly #search: Chooser & { readonly made?: readonly { readonly index: number }[] };
  readonly #check: WeakerCheck;
  /** The window of P for each life. */
  readonly #kept: Span[] = [];
  #choices = 0;

  constructor(search: Chooser, check: WeakerCheck) {
    this.#search = search;
    this.#check = check;
  }

  /** A new run begins, in which nothing is decided. */
  restart(): void {
    this.sizes.length = 0;
    this.found.length = 0;
    this.#kept.length = 0;
    this.#choices = 0;
  }

  /** See {@linkcode Chooser.choose}. */
  choose(cell: Cell, from: number, to: number, feasible: readonly number[] | undefined): number {
    const version = this.#decide(cell, from, to, feasible);
    if (cell.kind === "size") this.sizes.push({ cell, version });
    return version;
  }

  #decide(cell: Cell, from: number, to: number, feasible: readonly number[] | undefined): number {
    const { life } = cell;
    const kept = this.#keptIn(life);
    const options = optionsOf(this.#check, cell, { lo: from, hi: to }).flatMap((option) => {
      if (feasible !== undefined && !feasible.includes(option.version)) return [];
      const points = meet(option.points, life);
      // P is one of the ops up to T.
      const keeps = meet(meet(option.kept, kept), { lo: 0, hi: points.hi });
      const reached = meet(points, { lo: keeps.lo, hi: Infinity });
      if (isEmpty(keeps) || isEmpty(reached)) return [];
      return [{ version: option.version, points: reached, kept: keeps }];
    });
    // Asked even where there is one option only, so that a replay finds it in the document.
    const version = this.#search.choose(cell, from, to, options.map(({ version }) => version));
    const index = this.#search.made?.[this.#choices++]?.index;
    // A replay knows T, and with it which of two options of one version it is.
    const option = index === undefined
      ? options.find((option) => option.version === version)
      : options[index];
    if (option === undefined) return version;
    life.lo = option.points.lo;
    life.hi = option.points.hi;
    this.#kept[life.index] = option.kept;
    return version;
  }

  /** Makes `op` of a life the last one that is kept; `false` when it cannot be. */
  keepUpTo(op: number, life: Life): boolean {
    const kept = meet(this.#keptIn(life), { lo: 0, hi: op });
    if (isEmpty(kept)) return false;
    this.#kept[life.index] = kept;
    return true;
  }

  #keptIn(life: Life): Span {
    return this.#kept[life.index] ?? { lo: 0, hi: Infinity };
  }
}

function isEmpty({ lo, hi }: Span): boolean {
  return lo > hi;
}

function meet(a: Span, b: Span): Span {
  return { lo: Math.max(a.lo, b.lo), hi: Math.min(a.hi, b.hi) };
}

/** The luck of a disk: put there at the first recovery, begun anew at every later one. */
function luckOf(disk: Disk, check: WeakerCheck): Luck {
  let luck = disk.chooser;
  if (!(luck instanceof Luck)) disk.chooser = luck = new Luck(luck, check);
  if (disk.lives.length === 2 && disk.steps === 0) (luck as Luck).restart();
  return luck as Luck;
}

/** Cuts bytes that no barrier has forced from the end of the file that was last written to. */
function cutTail(
  fs: SimulatedFileSystem,
  { dir, luck, cut }: { readonly dir: string; readonly luck: Luck; readonly cut: Cut },
): void {
  const { disk } = fs;
  if (disk.life.trace.length > 0) return;
  const ended = disk.lives.at(-2)!;
  const paths = new Map<number, string>();
  const found = luck.found[disk.life.index] = new Map<number, number>();
  for (const name of fs.list(dir)) {
    const { inode, size } = fs.stat(`${dir}/${name}`);
    paths.set(inode, `${dir}/${name}`);
    found.set(inode, size);
  }
  let newest: { cell: Cell; version: number } | undefined;
  for (const size of luck.sizes) {
    const { cell, version } = size;
    if (cell.life !== ended || version === 0 || !paths.has(cell.inode)) continue;
    if (newest === undefined || cell.made[version]! > newest.cell.made[newest.version]!) {
      newest = size;
    }
  }
  if (newest === undefined) return;
  const { cell, version } = newest;
  const before = version > 1
    ? cell.values[version - 1] as number
    : luck.found[ended.index]?.get(cell.inode) ?? 0;
  const grown = (cell.values[version] as number) - before;
  const unforced = meet(ended, { lo: 0, hi: cell.until[version - 1]! });
  if (grown <= 0 || isEmpty(unforced) || !luck.keepUpTo(cell.made[version]!, ended)) return;
  ended.hi = unforced.hi;
  const file = fs.open(paths.get(cell.inode)!, { write: true });
  file.truncate(before + cut(grown));
  file.sync();
  file.close();
}
