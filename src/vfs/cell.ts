/**
 * A cell is the smallest thing that a crash decides about: a sector of a file, the size of a file,
 * or a name in a directory. Writing never destroys: a cell keeps every version that it has had, and
 * each version has a window of crash points in which it may be what the media hold.
 *
 * METHOD. Crash point T counts completed ops. Version v of a cell exists from `made[v]` on, and may
 * be on the media until `until[v]`, just before the first barrier that forces a later version.
 * Version 0 is whatever the life before left there. Deciding a version narrows the window of crash
 * points that are still possible, and order rules narrow other cells:
 * "a ≥ i ⇒ b ≥ j" raises the lower bound of b or lowers the upper bound of a.
 *
 * @module
 */

import type { Life } from "./life.ts";

/**
 * What a cell is about. `journal`: how many entries of the metadata journal were committed.
 * The last two are no cells of the media, but choices that are made like one. `damage`: what is wrong
 * with a sector. `fault`: what goes wrong in a call; its place is the number of the call in its life.
 */
export type CellKind = "sector" | "size" | "name" | "journal" | "damage" | "fault";

/** "When this cell's version is at least `from`, `other`'s is at least `to`", or its converse. */
export interface Rule {
  readonly from: number;
  readonly other: Cell;
  readonly to: number;
}

/**
 * One cell and all the versions that it had in one life. The disk makes cells; read them in a
 * {@linkcode Choice} or in {@linkcode Life.cells}.
 */
export class Cell {
  /** The life whose ops made the versions. */
  readonly life: Life;
  /** Number of the cell within its life, in order of the first op on it. */
  readonly serial: number;
  /** Sector, size or name. */
  readonly kind: CellKind;
  /** The file, or for a name the directory. */
  readonly inode: number;
  /** Index of the sector, or the name; 0 for a size. */
  readonly place: number | string;
  /**
   * What each version holds: bytes of a sector (`null`: allocated but never written), a length in
   * bytes, or an inode number (0: no such name). Entry 0 stands for the life before; only a name
   * has it filled in, as the page cache knew it.
   */
  readonly values: (Uint8Array | number | null)[] = [0];
  /** First crash point at which each version may be on the media. */
  readonly made: number[] = [0];
  /** Last crash point at which each version may be on the media. */
  readonly until: number[] = [Infinity];
  /** The newest version that a barrier has forced. */
  forced = 0;
  /**
   * Whether the next barrier on the inode writes it out.
   *
   * @internal
   */
  isDirty = false;
  /**
   * Of a sector: the last version before the one for which its block was allocated; -1 when it was
   * allocated all along.
   *
   * @internal
   */
  unallocated = -1;
  /**
   * By version, where an older one is still what the media hold: which one. A write that failed has
   * left the media as they were.
   *
   * @internal
   */
  sources: (number | undefined)[] | undefined;
  /**
   * The versions of a size that made the file shorter: sectors older than that read as zeros past it.
   *
   * @internal
   */
  cuts: number[] | undefined;
  /**
   * Order rules in which this cell is the premise: reaching `from` lifts `other` to `to`. Sorted.
   *
   * @internal
   */
  lifts: Rule[] | undefined;
  /**
   * The same rules from the other end: staying below `from` keeps `other` below `to`.
   *
   * @internal
   */
  caps: Rule[] | undefined;

  /**
   * Of a choice that is not about what persisted: what each version means, in words. The last one
   * means that nothing is wrong.
   *
   * @internal
   */
  words: readonly string[] | undefined;

  /**
   * The run that the three fields below belong to; another number means "nothing decided".
   *
   * @internal
   */
  run = 0;
  /**
   * Lowest version that is still possible.
   *
   * @internal
   */
  lo = 0;
  /**
   * Highest version that is still possible.
   *
   * @internal
   */
  hi = 0;
  /**
   * The version that was decided, or -1.
   *
   * @internal
   */
  chosen = -1;

  /**
   * Starts a cell with nothing but version 0.
   *
   * @internal
   */
  constructor(life: Life, kind: CellKind, inode: number, place: number | string) {
    this.life = life;
    this.kind = kind;
    this.inode = inode;
    this.place = place;
    this.serial = life.cells.length;
    life.cells.push(this);
  }

  /**
   * Makes this a choice between `words`.
   *
   * @internal
   */
  fork(words: readonly string[]): void {
    this.words = words;
    for (let version = 1; version < words.length; version++) this.push(0, 0);
    this.forced = this.newest;
  }

  /** The newest version. */
  get newest(): number {
    return this.made.length - 1;
  }

  /** The newest version made by crash point `point`. */
  newestAt(point: number): number {
    return this.made.findLastIndex((made) => made <= point);
  }

  /**
   * Adds a version that the op completing at crash point `made` has written.
   *
   * @internal
   */
  push(value: Uint8Array | number | null, made: number): number {
    this.values.push(value);
    this.made.push(made);
    this.until.push(Infinity);
    return this.made.length - 1;
  }

  /**
   * The op completing at crash point `before + 1` could not write out the newest version: from then on
   * the media hold one of these older ones, and no other.
   *
   * @internal
   */
  supersede(sources: readonly (number | "garbage")[], before: number): void {
    const first = this.made.length;
    for (const source of sources) {
      if (source === "garbage") this.push(null, before + 1);
      else {
        (this.sources ??= [])[this.made.length] = this.sourceOf(source);
        const isBytes = this.kind !== "sector" || source > 0;
        this.push(isBytes ? this.values[source]! : null, before + 1);
      }
    }
    this.force(first, before);
  }

  /**
   * The version whose content `version` has: itself, unless it stands for an older one.
   *
   * @internal
   */
  sourceOf(version: number): number {
    return this.sources?.[version] ?? version;
  }

  /**
   * A barrier that completes after crash point `before` makes `version` durable: no older version
   * may be on the media any more, here and in every cell that an order rule ties to it.
   *
   * @internal
   */
  force(version: number, before: number): void {
    if (version <= this.forced) return;
    for (let v = this.forced; v < version; v++) this.until[v] = before;
    this.forced = version;
    if (this.lifts === undefined) return;
    for (const rule of this.lifts) if (rule.from <= version) rule.other.force(rule.to, before);
  }

  /**
   * Makes the newest version the only one that the media may hold, at every crash point.
   *
   * @param ops How many ops belong to the set-up: what they made lies at or below crash point 0.
   */
  settle(ops: number): void {
    this.forced = this.newest;
    this.isDirty = false;
    for (let v = 0; v < this.made.length; v++) this.made[v]! -= ops;
    this.until.fill(-1, 0, this.newest);
  }

  /** The cell in words, for messages and documents: `sector 3 of inode 7 (life 0)`. */
  toString(): string {
    const what = this.kind === "fault"
      ? `a fault in call ${this.place}`
      : this.kind === "damage"
      ? `damage to sector ${this.place} of inode ${this.inode}`
      : this.kind === "sector"
      ? `sector ${this.place} of inode ${this.inode}`
      : this.kind === "journal"
      ? "the journal"
      : this.kind === "size"
      ? `size of inode ${this.inode}`
      : `name "${this.place}" in directory inode ${this.inode}`;
    return `${what} (life ${this.life.index})`;
  }
}

/** Adds the order rule "`a` at `i` or later ⇒ `b` at `j` or later". */
export function addRule(a: Cell, i: number, b: Cell, j: number): void {
  insert(a.lifts ??= [], { from: i, other: b, to: j });
  insert(b.caps ??= [], { from: j, other: a, to: i });
}

/** Keeps rules sorted by their threshold, which is nearly always that of the newest version. */
function insert(rules: Rule[], rule: Rule): void {
  let at = rules.length;
  while (at > 0 && rules[at - 1]!.from > rule.from) at--;
  if (at === rules.length) rules.push(rule);
  else rules.splice(at, 0, rule);
}

/** Ties the newest versions of two cells: neither persists without the other. */
export function tie(a: Cell, b: Cell): void {
  const [i, j] = [a.newest, b.newest];
  addRule(a, i, b, j);
  addRule(b, j, a, i);
}
