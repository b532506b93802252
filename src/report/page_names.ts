import { type Disk, ROOT } from "../vfs/disk.ts";
import type { Life } from "../vfs/life.ts";

/** The bearers of the names in a directory. */
type Listing = (directory: number) => Iterable<number>;

/** Whether a name leads to a file, and if not, why. */
export class Names {
  readonly #disk: Disk;
  /** Of each life, what could be found when the power went, and what was lost before that. */
  readonly #known: Set<number>[] = [];

  /** Starts with nothing known. */
  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * Looks at a moment, which must be one after a power loss. The first moment of each life that is
   * looked at must be its own crash: what it loses is missing from then on.
   *
   * @param life Number of the life that has ended.
   * @param point After how many ops.
   * @returns Of an inode: 1, a name leads to it; 0, a power loss has taken the last one; 2, the
   * program has removed it.
   */
  at(life: number, point: number): (inode: number) => 0 | 1 | 2 {
    const disk = this.#disk;
    const ended = disk.lives[life]!;
    const onMedia = reachable((directory) =>
      disk.names(directory).map((name) => disk.lookup(directory, name))
    );
    const inCache = reachable((directory) => this.#bearers(ended, directory, point));
    const atBegin = reachable((directory) => this.#bearers(ended, directory, 0));
    const before = this.#known[life - 1] ?? new Set();
    this.#known[life] ??= new Set([...inCache, ...[...before].filter((one) => !atBegin.has(one))]);
    return (inode) => {
      if (onMedia.has(inode)) return 1;
      if (inCache.has(inode)) return 0;
      return before.has(inode) && !atBegin.has(inode) ? 0 : 2;
    };
  }

  /** What the names of a directory led to in the page cache of a life. */
  *#bearers(life: Life, directory: number, point: number): Iterable<number> {
    const disk = this.#disk;
    const cells = life.cells.filter(({ kind, inode }) => kind === "name" && inode === directory);
    for (const cell of cells) {
      const inode = cell.values[cell.newestAt(point)] as number;
      if (inode !== 0) yield inode;
    }
    // A directory that was made in this life has no other names.
    if (life.trace.some(({ kind, inode }) => kind === "mkdir" && inode === directory)) return;
    const own = new Set(cells.map(({ place }) => place));
    for (const name of disk.names(directory)) {
      if (!own.has(name)) yield disk.lookup(directory, name);
    }
  }
}

/** Every inode that a path leads to. */
function reachable(listing: Listing): Set<number> {
  const found = new Set([ROOT]);
  // What is added while the set is walked through is visited, too; a file bears no names.
  for (const directory of found) for (const inode of listing(directory)) found.add(inode);
  return found;
}
