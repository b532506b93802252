import type { Cell } from "../vfs/cell.ts";
import type { Life } from "../vfs/life.ts";

/** Versions that some cells are known to have. */
export type Decided = ReadonlyMap<Cell, number>;

/** Counts the crash states of a life that has ended. */
export class CrashStateCounter {
  readonly #life: Life;
  readonly #components: readonly Cell[][];

  /**
   * Prepares to count.
   *
   * @param life A life that has ended.
   */
  constructor(life: Life) {
    this.#life = life;
    this.#components = componentsOf(life.cells);
  }

  /**
   * The exact number of crash states that agree with `decided`: over the crash points, the number
   * of ways to give every cell a version whose window holds the crash point, closed under the order
   * rules. Two crash states may look alike to recovery; they are counted as two.
   *
   * @param decided Versions that are fixed. Default: none.
   * @param from The first crash point that counts. Default: the first that does in its life.
   * @param to The last crash point that counts. Default: after the last op.
   * @returns The number of (crash point, versions) pairs.
   */
  count(
    decided: Decided = new Map(),
    from: number = this.#life.earliest,
    to: number = this.#life.trace.length,
  ): bigint {
    let total = 0n;
    for (let point = from; point <= to; point++) total += this.#countAt(point, decided);
    return total;
  }

  #countAt(point: number, decided: Decided): bigint {
    let product = 1n;
    let small = 1;
    for (const component of this.#components) {
      if (component.length > 1) {
        product *= countComponent(component, point, decided);
        if (product === 0n) return 0n;
        continue;
      }
      // Versions per cell are few: multiply as numbers for as long as that is exact.
      const versions = width(component[0]!, point, decided);
      if (versions === 0) return 0n;
      if (small * versions > Number.MAX_SAFE_INTEGER) {
        product *= BigInt(small);
        small = 1;
      }
      small *= versions;
    }
    return product * BigInt(small);
  }
}

/** The bounds of a cell at a crash point, `[lo, hi]`, empty when `lo > hi`. */
function boundsAt(cell: Cell, point: number, decided: Decided): [number, number] {
  let lo = 0;
  let hi = cell.newest;
  while (cell.until[lo]! < point) lo++;
  while (cell.made[hi]! > point) hi--;
  const fixed = decided.get(cell);
  return fixed === undefined ? [lo, hi] : [Math.max(lo, fixed), Math.min(hi, fixed)];
}

function width(cell: Cell, point: number, decided: Decided): number {
  const [lo, hi] = boundsAt(cell, point, decided);
  return Math.max(0, hi - lo + 1);
}

/** Cells that order rules tie together, directly or through others. */
function componentsOf(cells: readonly Cell[]): Cell[][] {
  const seen = new Set<Cell>();
  const components: Cell[][] = [];
  for (const start of cells) {
    if (seen.has(start)) continue;
    seen.add(start);
    const component = [start];
    for (const cell of component) {
      for (const { other } of [...cell.lifts ?? [], ...cell.caps ?? []]) {
        if (!seen.has(other)) {
          seen.add(other);
          component.push(other);
        }
      }
    }
    components.push(component);
  }
  return components;
}

type Box = Map<Cell, [number, number]>;

function countComponent(cells: readonly Cell[], point: number, decided: Decided): bigint {
  const box: Box = new Map(cells.map((cell) => [cell, boundsAt(cell, point, decided)]));
  return propagate(box, cells) ? countBox(box) : 0n;
}

/** Counts by fixing the most tied cell, then counting what falls apart separately. */
function countBox(box: Box): bigint {
  const free = [...box.keys()].filter((cell) => box.get(cell)![0] < box.get(cell)![1]);
  if (free.length === 0) return 1n;
  const ties = (cell: Cell) => (cell.lifts?.length ?? 0) + (cell.caps?.length ?? 0);
  const pivot = free.reduce((best, cell) => ties(cell) > ties(best) ? cell : best);
  const [lo, hi] = box.get(pivot)!;
  let total = 0n;
  for (let version = lo; version <= hi; version++) {
    const fixed: Box = new Map([...box].map(([cell, bounds]) => [cell, [...bounds]]));
    fixed.set(pivot, [version, version]);
    if (!propagate(fixed, [pivot])) continue;
    total += splitBox(fixed).reduce((product, part) => product * countBox(part), 1n);
  }
  return total;
}

/** The undecided cells of a box, in groups that no rule ties any more. */
function splitBox(box: Box): Box[] {
  const free = new Set([...box].filter(([, [lo, hi]]) => lo < hi).map(([cell]) => cell));
  const parts: Box[] = [];
  for (const start of free) {
    free.delete(start);
    const part: Box = new Map([[start, box.get(start)!]]);
    for (const cell of part.keys()) {
      for (const { other } of [...cell.lifts ?? [], ...cell.caps ?? []]) {
        if (free.delete(other)) part.set(other, box.get(other)!);
      }
    }
    parts.push(part);
  }
  return parts;
}

/** Narrows a box by the rules of `changed` and of what they change; `false` on a conflict. */
function propagate(box: Box, changed: readonly Cell[]): boolean {
  const queue = [...changed];
  for (let cell = queue.pop(); cell !== undefined; cell = queue.pop()) {
    const [lo, hi] = box.get(cell)!;
    if (lo > hi) return false;
    for (const rule of cell.lifts ?? []) {
      const other = box.get(rule.other);
      if (other === undefined || rule.from > lo || rule.to <= other[0]) continue;
      other[0] = rule.to;
      queue.push(rule.other);
    }
    for (const rule of cell.caps ?? []) {
      const other = box.get(rule.other);
      if (other === undefined || rule.from <= hi || rule.to > other[1]) continue;
      other[1] = rule.to - 1;
      queue.push(rule.other);
    }
  }
  return true;
}
