/**
 * What a failed barrier leaves behind, by the columns of {@linkcode FailedBarrier}.
 *
 * METHOD. The kernel calls a page clean once it has tried to write it, also where that failed: it is
 * not dirty any more, no later barrier writes it out, and nothing is tried again. The media still
 * hold what they held before: an older version of the sector, of which the file system may already
 * have written any; where the block was not allocated yet, nothing was ever written there, and it
 * reads as what happened to lie there (0xDB) or, where the file system does not persist the
 * allocation either, as a hole. The page cache keeps what was written, or goes back.
 *
 * Names and sizes are metadata. Where they persist although the data did not, everything else happens
 * as in a barrier that succeeds; otherwise they stay pending. Where the size waits for the data, no
 * size persists that would end the file in a block that could not be written; it does with the next
 * writeback behind the size that persisted.
 *
 * Nobody says what the models `posix`, `posix-ra` and `ext4-writeback` do. They allow what the
 * studied file systems allow together, as far as the page cache is kept: the sector may hold any
 * version, the new one too, and nothing is forced. Names and sizes stay pending with them, because
 * no file system that was studied drops metadata and goes on: it goes read-only instead.
 *
 * Sources: Rebello et al., ATC'20, tables 1 and 2; Linux lib/errseq.c, xfs_setfilesize in
 * fs/xfs/xfs_aops.c.
 *
 * Not modelled: a block that fails again and again (say so in the plan), checks of the file system.
 *
 * @module
 */

import type { Cell } from "./cell.ts";
import type { Inode } from "./inode.ts";
import type { FailedBarrier } from "./model.ts";

/** Bytes in a block, the unit in which a file system writes out a file. */
const BLOCK_BYTES = 4096;

/** A barrier or writeback that could not write some blocks of a file. */
export interface FailedWriteback {
  /** The life that is running. */
  readonly life: number;
  /** The crash point before it. */
  readonly before: number;
  /** The block that could not be written; `undefined` for all that were dirty. */
  readonly block: number | undefined;
  /** Bytes in a data cell. */
  readonly cellBytes: number;
  /** What the model says about it. */
  readonly model: FailedBarrier | undefined;
  /** Whether it is a barrier, so that metadata are written out, too. */
  readonly isBarrier: boolean;
}

/**
 * The sectors of a file that cannot be written.
 *
 * @param file The file.
 * @param block The block that fails; `undefined` for all of them.
 * @param cellBytes Bytes in a data cell.
 * @returns Their cells, which are dirty.
 */
export function failingSectors(
  file: Inode,
  { block, cellBytes }: Pick<FailedWriteback, "block" | "cellBytes">,
): Cell[] {
  return file.dirty.filter(({ kind, place }) =>
    kind === "sector" && (block === undefined || blockOf(place as number, cellBytes) === block)
  );
}

/**
 * Carries out what happens to the cells of a file. What is still dirty afterwards is for the caller
 * to force, where metadata persist.
 *
 * @param file The file.
 * @param failed What could not be written.
 */
export function failWriteback(file: Inode, failed: FailedWriteback): void {
  const { model, before, cellBytes, isBarrier } = failed;
  const sectors = failingSectors(file, failed);
  for (const cell of sectors) {
    cell.isDirty = false;
    if (model !== undefined) cell.supersede(survivorsOf(cell, model), before);
  }
  file.dirty = file.dirty.filter(({ isDirty }) => isDirty);
  if (!model?.sizeWaits) return;
  const blocks = new Set(sectors.map(({ place }) => blockOf(place as number, cellBytes)));
  const size = file.sizeCells[failed.life];
  if (size !== undefined) holdSize(file, size, { blocks, before, model, isBarrier });
}

/** What the media may hold of a sector whose newest version could not be written, oldest first. */
function survivorsOf(cell: Cell, model: FailedBarrier): (number | "garbage")[] {
  const survivors = new Set<number | "garbage">();
  for (let version = cell.forced; version < cell.newest; version++) {
    const isThere = version > cell.unallocated && cell.values[version] !== null;
    if (isThere || !model.metadataPersists) survivors.add(version);
    else survivors.add("garbage");
  }
  // Where the error comes late, what the journal holds may be replayed, or lost at a checkpoint.
  if (model.reportedBy === "the next one") survivors.add(cell.newest);
  return [...survivors];
}

/** Keeps a file from ending in a block that could not be written. */
function holdSize(
  file: Inode,
  size: Cell,
  { blocks, before, model, isBarrier }: {
    readonly blocks: ReadonlySet<number>;
    readonly before: number;
    readonly model: FailedBarrier;
    readonly isBarrier: boolean;
  },
): void {
  const mayEnd = (version: number) => {
    const bytes = size.values[version] as number;
    return version === size.forced || bytes === 0 ||
      !blocks.has(Math.floor((bytes - 1) / BLOCK_BYTES));
  };
  if (mayEnd(size.newest)) return;
  const versions: number[] = [];
  for (let version = size.forced; version < size.newest; version++) {
    if (mayEnd(version)) versions.push(version);
  }
  const persists = model.metadataPersists && isBarrier;
  size.supersede(persists ? versions.slice(-1) : versions, before);
  const held = size.values[size.newest] as number;
  if (model.cacheReverts) file.size = held;
  else file.heldSize = held;
  if (size.newest > size.forced) return;
  size.isDirty = false;
  file.dirty = file.dirty.filter(({ isDirty }) => isDirty);
}

function blockOf(sector: number, cellBytes: number): number {
  return Math.floor(sector * cellBytes / BLOCK_BYTES);
}
