import type { Cell } from "../vfs/cell.ts";
import type { Life } from "../vfs/life.ts";
import { formatOp, type Op } from "../vfs/op.ts";
import type { PageCell, PageFile, PageOp } from "./page_model.ts";
import { visible } from "./visible.ts";

/** The files of a life, by number of the inode, in the order in which they are first seen. */
export class FileList {
  /** What the page calls them. */
  readonly files: PageFile[] = [];
  readonly #places = new Map<number, number>();

  /** The place of a file in the list; it is added where it is new. */
  placeOf(inode: number, path: string, kind: PageFile["kind"]): number {
    const place = this.#places.get(inode);
    if (place !== undefined) return place;
    this.#places.set(inode, this.files.length);
    return this.files.push({ path: visible(path), kind }) - 1;
  }

  /** The place of a file that is in the list. */
  find(inode: number): number | undefined {
    return this.#places.get(inode);
  }

  /** The files, where two had the same path with a word on which is which. */
  distinct(trace: readonly Op[]): PageFile[] {
    const files = [...this.files];
    for (const [inode, place] of this.#places) {
      const { path, kind } = files[place]!;
      if (this.files.filter((other) => other.path === path).length < 2) continue;
      const made = trace.findIndex((op) => op.kind === "create" && op.inode === inode) + 1;
      const which = made > 0 ? `created by op ${made}` : "the one from before";
      files[place] = { path: `${path} (${which})`, kind };
    }
    return files;
  }

  /** The inodes in the list, with their places. */
  entries(): Iterable<[inode: number, place: number]> {
    return this.#places.entries();
  }
}

/** A cell of the media, and neither a choice nor the journal, of which nothing can be read. */
export function isOnMedia({ kind }: Cell): boolean {
  return kind === "sector" || kind === "size" || kind === "name";
}

/**
 * The cells of a life, as the page knows them.
 *
 * @param life The life, at its end.
 * @param files Its files; those that only cells mention are added.
 * @param pathOf The path of an inode.
 * @returns One entry for each cell of the media, in the order of the life.
 */
export function cellsOf(
  life: Life,
  files: FileList,
  pathOf: (inode: number) => { path: string; kind: PageFile["kind"] },
): PageCell[] {
  return life.cells.filter(isOnMedia).map((cell): PageCell => {
    const { path, kind } = pathOf(cell.inode);
    const file = files.placeOf(cell.inode, path, kind);
    return {
      kind: cell.kind as PageCell["kind"],
      file,
      place: typeof cell.place === "string" ? visible(cell.place) : cell.place,
      span: 1,
      made: cell.made.map((made) => Math.max(made, 0)),
      until: cell.until.map((until) => until === Infinity ? null : until),
      flavour: cell.made.map((_, version) => flavourOf(cell, version)).join(""),
      values: cell.kind === "sector" ? [] : cell.values.map((value) => {
        if (cell.kind === "size" || value === 0) return cell.kind === "size" ? Number(value) : -1;
        const borne = pathOf(value as number);
        return files.placeOf(value as number, borne.path, borne.kind);
      }),
    };
  });
}

function flavourOf(cell: Cell, version: number): string {
  if (version === 0) return "W";
  if (cell.sourceOf(version) !== version) return "F";
  if (cell.kind === "sector" && cell.values[version] === null) return "G";
  const isHalfway = cell.made[version + 1] === cell.made[version] &&
    cell.sourceOf(version + 1) === version + 1;
  return isHalfway && cell.kind !== "name" ? "T" : "W";
}

/**
 * The ops of a life, each with what it has forced.
 *
 * @param trace The ops.
 * @param cells The cells of the same life.
 * @param files Its files.
 * @param unit What a sector is called, and how many cells it has.
 * @returns The ops in words.
 */
export function opsOf(
  trace: readonly Op[],
  cells: readonly PageCell[],
  files: readonly PageFile[],
  unit: Unit,
): PageOp[] {
  const forcedBy = new Map<number, Set<PageCell>>();
  for (const cell of cells) {
    for (const until of cell.until) {
      if (until === null || until < 0) continue;
      const op = until + 1;
      // What a failed barrier has given up is held by versions of that barrier, in the place of the older.
      if (trace[until]?.failed !== undefined && cell.made.includes(op)) continue;
      forcedBy.set(op, (forcedBy.get(op) ?? new Set()).add(cell));
    }
  }
  return trace.map((op, i): PageOp => ({
    words: visible(formatOp(op)),
    isBarrier: op.kind === "sync" || op.kind === "syncData",
    isFailed: op.failed !== undefined,
    forced: wordsOf([...forcedBy.get(i + 1) ?? []], files, unit),
  }));
}

/** A sector, or a block. */
interface Unit {
  /** What it is called. */
  readonly name: string;
  /** How many cells it has. */
  readonly perSector: number;
}

/** Cells in words: `sectors 0 to 3 and the size of "/log/log", name "log"`. */
function wordsOf(cells: readonly PageCell[], files: readonly PageFile[], unit: Unit): string {
  const parts: string[] = [];
  const names = cells.filter(({ kind }) => kind === "name");
  for (const [file, { path }] of files.entries()) {
    const mine = cells.filter((cell) => cell.kind !== "name" && cell.file === file);
    const sectors = new Set(
      mine.filter(({ kind }) => kind === "sector")
        .map(({ place }) => Math.floor(Number(place) / unit.perSector)),
    );
    const words = [
      ...(sectors.size > 0 ? [rangesOf([...sectors].sort((a, b) => a - b), unit.name)] : []),
      ...(mine.some(({ kind }) => kind === "size") ? ["the size"] : []),
    ];
    if (words.length > 0) parts.push(`${words.join(" and ")} of "${path}"`);
  }
  if (names.length > 0) {
    const list = names.map(({ place }) => `"${place}"`).join(", ");
    parts.push(`${names.length === 1 ? "the name" : "the names"} ${list}`);
  }
  return parts.join(", ");
}

function rangesOf(sectors: readonly number[], unit: string): string {
  const ranges: string[] = [];
  for (let i = 0; i < sectors.length;) {
    let j = i;
    while (sectors[j + 1] === sectors[j]! + 1) j++;
    ranges.push(i === j ? `${sectors[i]}` : `${sectors[i]} to ${sectors[j]}`);
    i = j + 1;
  }
  return `${unit}${sectors.length === 1 ? "" : "s"} ${ranges.join(", ")}`;
}
