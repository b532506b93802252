/**
 * A few well-chosen crash states, for what is too slow to be shown all of them.
 *
 * METHOD. A state is a crash point and a rule that says of every cell which of its versions the media
 * kept. Crash points are those at which most is at stake: just before each barrier, when what it will
 * make durable is not. States that are the same are tried once. This is a sample: where nothing is
 * found, nothing is proved.
 *
 * @module
 */
import type { Cell, Chooser, Disk, Life, Op } from "../../mod.ts";

/** Chooses between the oldest and the newest version that a cell may have. */
export interface CrashRule {
  /** The rule in words. */
  readonly name: string;
  /** The version: any number from `oldest` to `newest`. */
  choose(cell: Cell, oldest: number, newest: number): number;
}

/** One crash state. */
export interface CrashState {
  /** The crash point. */
  readonly point: number;
  /** What the media kept. */
  readonly rule: CrashRule;
}

/** Everything that was written persists. */
export const everything: CrashRule = {
  name: "everything written",
  choose: (_cell, _oldest, newest) => newest,
};

/** What no barrier has forced is lost. */
export const onlySynced: CrashRule = {
  name: "only what was synced",
  choose: (_cell, oldest) => oldest,
};

/** Of every page of two sectors, one half is new and one is old. */
export function tornPages(half: "first" | "second"): CrashRule {
  const kept = half === "first" ? 0 : 1;
  return {
    name: `torn pages, ${half} halves kept`,
    choose: ({ kind, place }, oldest, newest) =>
      kind !== "sector" || place as number % 2 === kept ? newest : oldest,
  };
}

/** Files that `isKept` persist with everything, of the others only what was synced. */
export function filesKept(name: string, isKept: (inode: number) => boolean): CrashRule {
  return {
    name,
    choose: ({ kind, inode }, oldest, newest) => kind === "name" || isKept(inode) ? newest : oldest,
  };
}

/** Every cell has one of its versions, drawn from a seed. */
export function drawn(seed: number): CrashRule {
  return {
    name: `drawn from seed ${seed}`,
    choose: ({ serial }, oldest, newest) => {
      let hash = Math.imul(serial + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b);
      hash = Math.imul(hash ^ hash >>> 15, 0xc2b2ae35);
      return oldest + ((hash ^ hash >>> 13) >>> 0) % (newest - oldest + 1);
    },
  };
}

/**
 * The crash points before each barrier and the one after the last op; where there are no barriers,
 * `most` points in equal steps.
 *
 * @param trace The ops.
 * @param options From which op on, and how many points at the most.
 * @returns The crash points, in order.
 */
export function pointsAtRisk(
  trace: readonly Op[],
  { from, most }: { readonly from: number; readonly most: number },
): number[] {
  const isBarrier = ({ kind }: Op) => kind === "sync" || kind === "syncData";
  const all = Array.from({ length: trace.length - from }, (_, i) => from + i);
  const barriers = all.filter((point) => isBarrier(trace[point]!));
  const points = barriers.length > 0 ? barriers : all;
  const step = Math.max(1, points.length / most);
  const some = points.filter((_, i) => Math.floor(i / step) > Math.floor((i - 1) / step));
  return [...some, trace.length];
}

/**
 * Every rule at every point, without the states that are there already: the same versions, and the same
 * promises to keep.
 *
 * @param life The life that the power loss ends.
 * @param points The crash points.
 * @param options The rules, and how many promises had been made by a crash point.
 * @returns The states, in the order of the points.
 */
export function crashStates(
  life: Life,
  points: readonly number[],
  { rules, owed }: {
    readonly rules: readonly CrashRule[];
    readonly owed: (point: number) => number;
  },
): CrashState[] {
  const changed = life.cells.filter(({ made }) => made.at(-1)! > 0);
  const seen = new Set<string>();
  const states: CrashState[] = [];
  for (const point of points) {
    for (const rule of rules) {
      const versions = changed.map((cell) => versionOf(cell, point, rule));
      const key = `${owed(point)}: ${versions}`;
      if (seen.has(key)) continue;
      seen.add(key);
      states.push({ point, rule });
    }
  }
  return states;
}

/** What a rule makes of a cell, as long as no order rule ties it to others. */
function versionOf(cell: Cell, point: number, rule: CrashRule): number {
  const newest = cell.newestAt(point);
  const oldest = cell.until.findIndex((until) => until >= point);
  return newest > oldest ? rule.choose(cell, oldest, newest) : newest;
}

/** Makes a disk, whose first life has ended, show one crash state. */
export function show(disk: Disk, { point, rule }: CrashState): void {
  disk.rewind();
  const life = disk.lives[0]!;
  life.lo = life.hi = point;
  disk.chooser = chooserOf(rule);
}

function chooserOf(rule: CrashRule): Chooser {
  return {
    choose(cell, from, to, feasible) {
      const version = rule.choose(cell, from, to);
      return feasible?.find((one) => one <= version) ?? feasible?.at(-1) ?? version;
    },
  };
}
