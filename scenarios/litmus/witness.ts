import type { Cell, Leaf } from "../../mod.ts";
import { formatLitmusOp } from "./format.ts";
import type { Ran } from "./program.ts";

/** One crash that reaches an outcome, in words. */
export interface Witness {
  /** When the power went. */
  readonly crash: string;
  /** What the media hold of every cell that was read, as far as the crash had to decide. */
  readonly kept: readonly string[];
}

/**
 * Describes the crash state of a leaf. Where it stands for several crash points, the latest.
 *
 * @param ran The program that ran before.
 * @param leaf The crash state, as far as it was decided.
 * @returns The crash in words.
 */
export function witnessOf(ran: Ran, { choices, disk }: Leaf): Witness {
  const point = disk.lives[0]!.hi;
  const kept: Kept[] = [];
  for (const choice of choices.made) {
    const { cell } = choice;
    const state = describeVersion(ran, cell, choices.version(choice), point);
    const last = kept.at(-1);
    // A long write is many cells; where they are alike, one line tells of all of them.
    if (last !== undefined && last.state === state && isNext(last.last, cell)) last.last = cell;
    else kept.push({ first: cell, last: cell, state });
  }
  return {
    crash: describePoint(ran, point),
    kept: kept.map(({ first, last, state }) => `${nameOf(ran, first, last)}: ${state}`),
  };
}

/** Cells in a row that the media hold in the same state. */
interface Kept {
  readonly first: Cell;
  last: Cell;
  readonly state: string;
}

/** Whether `next` is the sector after `cell`. */
function isNext(cell: Cell, next: Cell): boolean {
  return cell.kind === "sector" && next.kind === "sector" && cell.inode === next.inode &&
    next.place === cell.place as number + 1;
}

/** A crash point by the ops of the program; the disk may have taken several steps for one of them. */
function describePoint({ test, ends }: Ran, point: number): string {
  if (point >= (ends.at(-1) ?? 0)) return "after the last op";
  const begun = ends.findIndex((end) => end > point);
  const which = `op ${begun}, ${formatLitmusOp(test.ops[begun]!)}`;
  return point === (ends[begun - 1] ?? 0) ? `before ${which}` : `in the middle of ${which}`;
}

function nameOf({ disk: { cellBytes } }: Ran, first: Cell, last: Cell): string {
  if (first.kind === "name") return `name "${first.place}"`;
  const path = pathOf(first);
  if (first.kind === "size") return `size of ${path}`;
  const start = first.place as number * cellBytes;
  return `bytes ${start} to ${(last.place as number + 1) * cellBytes - 1} of ${path}`;
}

/** The path under which a file was first mentioned. */
function pathOf({ life, inode }: Cell): string {
  const op = life.trace.find((op) => op.inode === inode);
  return op === undefined ? `inode ${inode}` : `"${op.path}"`;
}

function describeVersion(ran: Ran, cell: Cell, version: number, point: number): string {
  const made = cell.made[version]!;
  if (made <= 0) return "as set up, what came later is lost";
  const number = ran.ends.findIndex((end) => end >= made);
  const by = `op ${number} (${ran.test.ops[number]?.op})`;
  const value = cell.values[version];
  const next = cell.made[version + 1];
  // One op may make several versions of a cell: all but the last are states in between.
  const isHalfway = next === made;
  if (cell.kind === "size") {
    return `${value} bytes, ${isHalfway ? `half-way through ${by}` : `as ${by} left it`}`;
  }
  if (value === null) return `allocated by ${by}, but not written`;
  if (isHalfway) return `${cell.kind === "name" ? "" : "torn "}half-way through ${by}`;
  const isLater = next !== undefined && next <= point;
  return `as ${by} left it${isLater ? ", what came later is lost" : ""}`;
}
