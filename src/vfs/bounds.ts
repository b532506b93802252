import type { Cell } from "./cell.ts";

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

  /** Whether deciding `version` leaves at least one legal crash state. Changes nothing. */
  isFeasible(cell: Cell, version: number): boolean {
    const { lo, hi } = cell.life;
    this.#trying = true;
    this.#depth = 0;
    const ok = this.#narrow(cell, version, version);
    while (this.#depth > 0) {
      const saved = this.#trail[--this.#depth]!;
      saved.cell.lo = saved.lo;
      saved.cell.hi = saved.hi;
    }
    this.#trying = false;
    cell.life.lo = lo;
    cell.life.hi = hi;
    return ok;
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
    const raised = lo > cell.lo;
    const lowered = hi < cell.hi;
    if (this.#trying && (raised || lowered)) this.#save(cell);
    if (raised) cell.lo = lo;
    if (lowered) cell.hi = hi;
    if (cell.lo > cell.hi) return false;
    const { life } = cell;
    if (cell.made[cell.lo]! > life.lo) life.lo = cell.made[cell.lo]!;
    if (cell.until[cell.hi]! < life.hi) life.hi = cell.until[cell.hi]!;
    if (life.lo > life.hi) return false;
    if (raised && cell.lifts !== undefined) {
      for (const rule of cell.lifts) {
        if (rule.from > cell.lo) continue;
        this.touch(rule.other);
        if (rule.to > rule.other.lo && !this.#narrow(rule.other, rule.to, rule.other.hi)) {
          return false;
        }
      }
    }
    if (lowered && cell.caps !== undefined) {
      for (const rule of cell.caps) {
        if (rule.from <= cell.hi) continue;
        this.touch(rule.other);
        if (rule.to <= rule.other.hi && !this.#narrow(rule.other, rule.other.lo, rule.to - 1)) {
          return false;
        }
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
