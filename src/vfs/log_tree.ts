import type { Cell } from "./cell.ts";
import type { Inode } from "./inode.ts";

/**
 * What a barrier of btrfs forces in directories. It writes one file or directory to a log of its
 * own, not the whole transaction: the names of it that are pending, what else is pending in the
 * directories that hold them, and the names of directories above that are not durable yet. For a
 * directory, its entries and, in turn, those of directories that were created in it. Where the file
 * lost a name since the last commit, the log cannot tell the story, and all names are forced.
 *
 * Sources: Linux fs/btrfs/tree-log.c; xfstests generic/104, 107, 321, 322, 335, 336, 341, 343, 376,
 * 520, 526, 785.
 *
 * @param file The file or directory that is synced.
 * @param inodes All files and directories.
 * @param before The crash point after which they are durable.
 */
export function forceLogTree(
  file: Inode,
  inodes: readonly (Inode | undefined)[],
  before: number,
): void {
  const directories = inodes.filter((inode) => inode?.kind === "directory") as Inode[];
  if (file.kind === "file" && directories.some(({ dirty }) => dirty.some(takes(file)))) {
    for (const directory of directories) forceNames(directory, before);
    return;
  }
  if (file.kind === "directory") {
    forceCreatedIn(file, inodes, before);
    forceAbove(file, directories, before);
    return;
  }
  for (const directory of directories) {
    if (!directory.dirty.some((cell) => pendingVersionOf(cell, file) > 0)) continue;
    forceNames(directory, before);
    forceAbove(directory, directories, before);
  }
}

/** Forces everything pending in a directory, and in those that were created in it. */
function forceCreatedIn(
  directory: Inode,
  inodes: readonly (Inode | undefined)[],
  before: number,
): void {
  for (const cell of directory.dirty) {
    const child = inodes[cell.values[cell.newest] as number];
    const isNew = child?.kind === "directory" && child.created === cell.made[cell.newest];
    if (isNew && cell.newest > cell.forced) forceCreatedIn(child, inodes, before);
  }
  forceNames(directory, before);
}

/** Forces the pending name of a directory, and those of the directories above it. */
function forceAbove(child: Inode, directories: readonly Inode[], before: number): void {
  for (const directory of directories) {
    for (const cell of directory.dirty) {
      const version = pendingVersionOf(cell, child);
      if (version === 0) continue;
      cell.force(version, before);
      forceAbove(directory, directories, before);
    }
  }
}

function forceNames({ dirty }: Inode, before: number): void {
  for (const cell of dirty) cell.force(cell.newest, before);
}

/** The last version of a name, not durable yet, that gives it to `inode`; 0 for none. */
function pendingVersionOf(cell: Cell, { number }: Inode): number {
  for (let v = cell.newest; v > cell.forced; v--) if (cell.values[v] === number) return v;
  return 0;
}

/** Whether a version that is not durable yet takes a name away from `inode`. */
function takes({ number }: Inode): (cell: Cell) => boolean {
  return (cell) => {
    for (let v = cell.newest; v > cell.forced; v--) {
      if (cell.values[v] !== number && cell.values[v - 1] === number) return true;
    }
    return false;
  };
}
