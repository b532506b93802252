import type { Inode } from "./inode.ts";

/** Bytes in a block, the unit of allocation. */
const BLOCK_BYTES = 4096;

/** What is known about the pages of a file. */
export interface Pages {
  /** The present boot. */
  readonly boot: number;
  /** Bytes in a data cell. */
  readonly cellBytes: number;
}

/**
 * Space on a disk of limited size. A file takes a block for every 4096 bytes of it that were ever
 * written and not cut off since; what was not read since the power came back counts up to the size
 * of the file. Names and directories take no space, and a file without a name gives its space back.
 * A block that is written again needs no other, as it would where blocks are copied on write.
 *
 * @param file A file whose size is known.
 * @param block Number of a block in it.
 * @param pages What is known about its pages.
 * @returns Whether it takes space already.
 */
export function hasBlock(file: Inode, block: number, { boot, cellBytes }: Pages): boolean {
  const perBlock = BLOCK_BYTES / cellBytes;
  for (let sector = block * perBlock; sector < (block + 1) * perBlock; sector++) {
    const isThere = file.loaded[sector] === boot
      ? file.allocated[sector] === 1
      : sector * cellBytes < Math.min(file.foundSize, file.floor);
    if (isThere) return true;
  }
  return false;
}

/**
 * How many blocks a file takes.
 *
 * @param file A file whose size is known.
 * @param pages What is known about its pages.
 * @returns The number of blocks.
 */
export function blocksOf(file: Inode, pages: Pages): number {
  const cells = Math.max(file.loaded.length, Math.ceil(file.foundSize / pages.cellBytes));
  let count = 0;
  for (let block = 0; block * BLOCK_BYTES < cells * pages.cellBytes; block++) {
    if (hasBlock(file, block, pages)) count++;
  }
  return count;
}

/**
 * How many bytes of a write fit.
 *
 * @param file A file whose size is known.
 * @param write Where it goes, how long it is, and how many blocks are free.
 * @param pages What is known about the pages of the file.
 * @returns As many bytes from its start as there is space for.
 */
export function fitting(
  file: Inode,
  { offset, length, free }: {
    readonly offset: number;
    readonly length: number;
    readonly free: number;
  },
  pages: Pages,
): number {
  let left = free;
  for (
    let block = Math.floor(offset / BLOCK_BYTES);
    block * BLOCK_BYTES < offset + length;
    block++
  ) {
    if (hasBlock(file, block, pages)) continue;
    if (left <= 0) return Math.max(0, block * BLOCK_BYTES - offset);
    left--;
  }
  return length;
}
