import type { Disk } from "../vfs/disk.ts";
import type { Cell } from "../vfs/cell.ts";
import type { FileList } from "./page_cells.ts";
import type { HeldFate, PageHeld } from "./page_model.ts";

/**
 * What the cells of files held when a life began, as far as an earlier life had written them. Whoever
 * asks must do so while the crashes before it are decided, after the last life has read its fill.
 *
 * @param disk The disk.
 * @param life Number of the life.
 * @param files The files of the life.
 * @returns Neighbours with the same fate together, in the order of the files.
 */
export function heldBefore(disk: Disk, life: number, files: FileList): PageHeld[] {
  const fates = new Map<number, Map<number, HeldFate>>();
  const ends = new Map<number, number>();
  for (const { cells } of disk.lives.slice(0, life)) {
    const sizes = new Map<number, Cell>();
    for (const cell of cells) if (cell.kind === "size") sizes.set(cell.inode, cell);
    for (const cell of cells) {
      const file = files.find(cell.inode);
      if (file === undefined || cell.kind !== "sector") continue;
      const mine = fates.get(file) ?? new Map<number, HeldFate>();
      fates.set(file, mine);
      const versions = versionsLeft(disk, cell);
      const size = sizes.get(cell.inode);
      const fate = size !== undefined && isCut(disk, size, { cell, version: versions.to })
        ? "lost"
        : fateOf(versions, mine.get(Number(cell.place)));
      if (fate !== undefined) mine.set(Number(cell.place), fate);
    }
    for (const [inode, cell] of sizes) {
      const file = files.find(inode);
      const { from, to } = versionsLeft(disk, cell);
      if (file !== undefined && from === to && to > 0) {
        ends.set(file, Number(cell.values[to]) / disk.cellBytes);
      }
    }
  }
  for (const [file, end] of ends) {
    const mine = fates.get(file);
    // What lies behind the end that a file has kept is gone, whatever the sectors hold.
    for (const place of mine?.keys() ?? []) if (place >= end) mine!.set(place, "lost");
  }
  return [...fates].sort(([a], [b]) => a - b).flatMap(([file, mine]) => rangesOf(file, mine));
}

/** What a crash may have left of a cell. */
interface Left {
  /** The lowest version that it may be. */
  readonly from: number;
  /** The highest. */
  readonly to: number;
  /** Whether it had been written when the power went. */
  readonly isWritten: boolean;
}

function versionsLeft({ bounds }: Disk, cell: Cell): Left {
  bounds.touch(cell);
  const newest = cell.newestAt(cell.life.hi);
  const isWritten = newest > 0;
  if (cell.chosen >= 0) return { from: cell.chosen, to: cell.chosen, isWritten };
  const [from, to] = [bounds.lowest(cell), bounds.highest(cell)];
  return { from: Math.min(from, newest), to: Math.min(to, newest), isWritten };
}

/** Whether the file was cut before a sector after it was written: then it reads as zeros. */
function isCut(
  disk: Disk,
  size: Cell,
  { cell, version }: { readonly cell: Cell; readonly version: number },
): boolean {
  const { from } = versionsLeft(disk, size);
  const start = Number(cell.place) * disk.cellBytes;
  return size.cuts?.some((cut) =>
    cut <= from && size.made[cut]! > cell.made[version]! && Number(size.values[cut]) <= start
  ) ?? false;
}

/** What became of a sector, where `before` was there. */
function fateOf({ from, to, isWritten }: Left, before: HeldFate | undefined): HeldFate | undefined {
  if (!isWritten) return before;
  if (from > 0) return "kept";
  if (to > 0) return before === "kept" ? "kept" : "unknown";
  return before ?? "lost";
}

function rangesOf(file: number, fates: ReadonlyMap<number, HeldFate>): PageHeld[] {
  const ranges: PageHeld[] = [];
  for (const [place, fate] of [...fates].sort(([a], [b]) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[2] === place && last[3] === fate) {
      ranges[ranges.length - 1] = [file, last[1], place + 1, fate];
    } else ranges.push([file, place, place + 1, fate]);
  }
  return ranges;
}
