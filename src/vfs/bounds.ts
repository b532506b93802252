import type { Cell, Rule } from "./cell.ts";

/**
 * Bounds propagation over the order rules. Every rule is an implication between two thresholds
 * ("a ≥ i ⇒ b ≥ j"), the crash point being one more chain, so the solutions form a lattice: once
 * bounds have been propagated without a conflict, taking every lower bound is a legal crash state.
 * So a version is feasible exactly when deciding it meets no conflict, and there are no dead ends.
 *
 * Why only the rules between cells are walked: a barrier forces everything that its rules imply when
 * it happens ({@linkcode Cell.force}), and an implied version is never made after the version that
 * implies it. So narrowing the crash points can never break a rule on its own.
 */
export class Bounds {
  /** Number of the present run. Bounds of a cell that carry another number are void. */
  run = 1;
  readonly #trail: { cell: Cell; lo: number; hi: number }[] = [];
  #depth = 0;
  #trying = false;

  /** Makes the bounds of `cell` belong to this run. */
  touch(cell: Cell): void {
    if (cell.run === this.run) return;
    cell.run = this.run;
    cell.lo = 0;
    cell.hi = cell.made.length - 1;
    cell.chosen = -1;
  }

  /** The lowest version of an undecided `cell` whose window meets the crash points still possible. */
  lowest(cell: Cell): number {
    let from = cell.lo;
    while (cell.until[from]! < cell.life.lo) from++;
    return from;
  }

  /** The highest version of an undecided `cell` whose window meets the crash points still possible. */
  highest(cell: Cell): number {
    let to = cell.hi;
    while (cell.made[to]! > cell.life.hi) to--;
    return to;
  }

  /**
   * The versions from `to` down to `from` that leave at least one legal crash state. Changes nothing.
   *
   * METHOD. Of all crash states in which the cell has come as far as v there is a least one, and v is
   * feasible exactly when the cell stands at v there. Those states grow with v: one pass upwards, in
   * which each rule fires once, finds all of them.
   */
  feasible(cell: Cell, from: number, to: number): number[] {
    this.touch(cell);
    const { life } = cell;
    const { lo, hi } = life;
    const found: number[] = [];
    this.#trying = true;
    this.#depth = 0;
    for (let version = from; version <= to; version++) {
      if (!this.#narrow(cell, version, cell.hi)) break;
      if (cell.lo === version && cell.until[version]! >= life.lo) found.push(version);
    }
    while (this.#depth > 0) {
      const saved = this.#trail[--this.#depth]!;
      saved.cell.lo = saved.lo;
      saved.cell.hi = saved.hi;
    }
    this.#trying = false;
    life.lo = lo;
    life.hi = hi;
    return found.reverse();
  }

  /** Decides `version`, and narrows the crash points and every tied cell accordingly. */
  decide(cell: Cell, version: number): void {
    if (!this.#narrow(cell, version, version)) {
      throw new Error(`Cannot decide version ${version} of ${cell}: no crash state has it`);
    }
    cell.chosen = version;
  }

  #narrow(cell: Cell, lo: number, hi: number): boolean {
    this.touch(cell);
    const { lo: lowest, hi: highest, life } = cell;
    const raised = lo > lowest;
    const lowered = hi < highest;
    if (this.#trying && (raised || lowered)) this.#save(cell);
    if (raised) cell.lo = lo;
    if (lowered) cell.hi = hi;
    if (cell.lo > cell.hi) return false;
    if (cell.made[cell.lo]! > life.lo) life.lo = cell.made[cell.lo]!;
    if (cell.until[cell.hi]! < life.hi) life.hi = cell.until[cell.hi]!;
    if (life.lo > life.hi) return false;
    // Rules outside of what was cut off have fired before.
    if (raised && cell.lifts !== undefined) {
      for (let i = above(cell.lifts, lowest); i < cell.lifts.length; i++) {
        const { from, other, to } = cell.lifts[i]!;
        if (from > lo) break;
        this.touch(other);
        if (to > other.lo && !this.#narrow(other, to, other.hi)) return false;
      }
    }
    if (lowered && cell.caps !== undefined) {
      for (let i = above(cell.caps, hi); i < cell.caps.length; i++) {
        const { from, other, to } = cell.caps[i]!;
        if (from > highest) break;
        this.touch(other);
        if (to <= other.hi && !this.#narrow(other, other.lo, to - 1)) return false;
      }
    }
    return true;
  }

  #save(cell: Cell): void {
    const slot = this.#trail[this.#depth];
    if (slot === undefined) this.#trail.push({ cell, lo: cell.lo, hi: cell.hi });
    else {
      slot.cell = cell;
      slot.lo = cell.lo;
      slot.hi = cell.hi;
    }
    this.#depth++;
  }
}

/** The index of the first rule whose threshold is greater than `version`. */
function above(rules: readonly Rule[], version: number): number {
  let low = 0;
  let high = rules.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rules[middle]!.from > version) high = middle;
    else low = middle + 1;
  }
  return low;
}
