import type { Cell } from "./cell.ts";

/** A name in a directory: its cells, one a life, and what the page cache knows of it. */
export class DirectoryName {
  /** The name itself. */
  readonly name: string;
  /** The cell of each life in which the name changed. */
  readonly cells: (Cell | undefined)[] = [];
  /** The run to which the cells after the first life belong. */
  run = 0;
  /** The boot to which `inode` belongs: any other number means that the cache does not know. */
  boot = -1;
  /** The inode that bears the name now, 0 for none. */
  inode = 0;

  /** A name that nothing has borne yet. */
  constructor(name: string) {
    this.name = name;
  }
}

/** A file or directory: its cells, one a life and place, and what the page cache knows of it. */
export class Inode {
  /** Its number; never used again, so that an undone unlink cannot merge two files. */
  readonly number: number;
  /** A file or a directory. */
  readonly kind: "file" | "directory";
  /** The life that created it. */
  readonly born: number;
  /** The run to which the cells after the first life belong. */
  run: number;
  /** The boot to which all that follows belongs. */
  boot = -1;
  /** Cells that have versions which no barrier has forced yet. */
  dirty: Cell[] = [];

  /** Whether its names, entries or size have changed in this life (its bytes, where they are logged). */
  touched = false;
  /** Length of the trace after the op that created it, 0 for an earlier life. */
  created = 0;

  /** Number of the last failure to write it back in this boot, 0 for none. */
  errors = 0;
  /** Whether a barrier has reported that failure. */
  errorSeen = false;

  /** Whether `size` is known in this boot. */
  sizeKnown = false;
  /** Length in bytes as the page cache has it. */
  size = 0;
  /**
   * The size that persists as long as nothing behind it is written: what grew the file could not be
   * written. `Infinity` when that is the same as `size`.
   */
  heldSize = Infinity;
  /** Length in bytes as this boot found it. */
  foundSize = 0;
  /** The smallest length that the file was cut to in this boot. */
  floor = Infinity;
  /** The size cell of each life. */
  readonly sizeCells: (Cell | undefined)[] = [];
  /** The sector cells of each life, by sector. */
  readonly sectorCells: (Cell | undefined)[][] = [];
  /** The page cache: the bytes of the file, where `loaded`. */
  image: Uint8Array = EMPTY;
  /** The boot in which each sector of `image` was loaded. */
  loaded: Int32Array = NONE;
  /** The version of the first life that each sector of `image` holds unmasked, or -1. */
  holds: Int32Array = NONE;
  /** Sectors that this boot could not read. */
  unreadable: Set<number> | undefined;
  /** Whether the file system has a sector behind each place (1), or a hole (0). */
  allocated: Uint8Array = EMPTY;

  /** The names in a directory, in order of first mention. */
  readonly names: Map<string, DirectoryName> = new Map();

  /** A new and empty file or directory. */
  constructor(number: number, kind: "file" | "directory", born: number, run: number) {
    this.number = number;
    this.kind = kind;
    this.born = born;
    this.run = run;
  }

  /** Makes room in the page cache for `sectors` sectors of `sectorBytes`. */
  reserve(sectors: number, sectorBytes: number): void {
    const have = this.loaded.length;
    if (sectors <= have) return;
    const want = Math.max(sectors, have * 2, 8);
    const image = new Uint8Array(want * sectorBytes);
    image.set(this.image);
    this.image = image;
    const loaded = new Int32Array(want).fill(-1);
    loaded.set(this.loaded);
    this.loaded = loaded;
    const holds = new Int32Array(want).fill(-1);
    holds.set(this.holds);
    this.holds = holds;
    const allocated = new Uint8Array(want);
    allocated.set(this.allocated);
    this.allocated = allocated;
  }
}

const EMPTY = new Uint8Array(0);
const NONE = new Int32Array(0);
