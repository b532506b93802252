import type { Cell } from "./cell.ts";
import type { Inode } from "./inode.ts";
import type { Life } from "./life.ts";

/** What a barrier may look at. */
interface Surroundings {
  /** All files and directories, by number. */
  readonly inodes: readonly (Inode | undefined)[];
  /** The last crash point at which what is forced may still be missing. */
  readonly before: number;
}

/**
 * What a barrier of btrfs forces in directories. It writes one file or directory to a log of its
 * own, not the whole transaction: the names that the file was given, what else has changed in the
 * directories that hold them, and the new names of directories above. For a directory, its entries
 * and, in turn, those of directories that were created in it. Where the file lost a name, the log
 * cannot tell the story, and all names are forced. "New" and "changed" mean in this life: a
 * transaction that the file system commits in between only makes more durable.
 *
 * Sources: Linux fs/btrfs/tree-log.c; xfstests generic/104, 107, 321, 322, 335, 336, 341, 343, 376,
 * 520, 526, 785.
 *
 * @param file The file or directory that is synced.
 * @param life The running life.
 * @param surroundings All inodes, and when.
 */
export function forceLogTree(file: Inode, life: Life, { inodes, before }: Surroundings): void {
  const names = life.cells.filter(({ kind }) => kind === "name");
  if (file.kind === "directory") {
    forceEntries(file.number, names, { inodes, before });
    forceAbove(file.number, names, before, new Set());
  } else if (names.some((cell) => takesFrom(cell, file.number))) {
    for (const cell of names) cell.force(cell.newest, before);
  } else {
    const climbed = new Set<number>();
    for (const { inode: directory } of names.filter((cell) => givenTo(cell, file.number) > 0)) {
      forceNamesIn(directory, names, before);
      forceAbove(file.number, names, before, climbed);
    }
  }
}

function forceNamesIn(directory: number, names: readonly Cell[], before: number): void {
  for (const cell of names) if (cell.inode === directory) cell.force(cell.newest, before);
}

/** Forces what has changed in a directory, and in those that were created in it. */
function forceEntries(directory: number, names: readonly Cell[], around: Surroundings): void {
  forceNamesIn(directory, names, around.before);
  for (const cell of names.filter(({ inode }) => inode === directory)) {
    for (let v = 1; v <= cell.newest; v++) {
      const child = around.inodes[cell.values[v] as number];
      const isNew = child?.kind === "directory" && child.created > 0 &&
        child.created === cell.made[v];
      if (isNew) forceEntries(child.number, names, around);
    }
  }
}

/** Forces the names that an inode was given in this life, and those of the directories above. */
function forceAbove(
  child: number,
  names: readonly Cell[],
  before: number,
  climbed: Set<number>,
): void {
  if (climbed.has(child)) return;
  climbed.add(child);
  for (const cell of names) {
    const version = givenTo(cell, child);
    if (version === 0) continue;
    cell.force(version, before);
    forceAbove(cell.inode, names, before, climbed);
  }
}

/** The last version made in this life that gives a name to `inode`; 0 for none. */
function givenTo(cell: Cell, inode: number): number {
  for (let v = cell.newest; v > 0 && cell.made[v]! > 0; v--) {
    if (cell.values[v] === inode) return v;
  }
  return 0;
}

/** Whether a version made in this life takes a name away from `inode`. */
function takesFrom(cell: Cell, inode: number): boolean {
  for (let v = cell.newest; v > 0 && cell.made[v]! > 0; v--) {
    if (cell.values[v] !== inode && cell.values[v - 1] === inode) return true;
  }
  return false;
}
