import type { Cell } from "./cell.ts";
import type { Op } from "./op.ts";

/**
 * A life of the machine, from power-on to power loss: the ops that were issued, the cells that they
 * wrote, and the window of crash points that are still possible for its end.
 */
export class Life {
  /** 0 for the first life, counting up with every power loss. */
  readonly index: number;
  /** Every mutating op and barrier, in order. */
  readonly trace: Op[] = [];
  /** Every cell that has a version made in this life, in order of its first op. */
  readonly cells: Cell[] = [];
  /** The metadata journal, where the model has one and something was logged. */
  journal: Cell | undefined;
  /**
   * The earliest crash point that counts, where others are covered elsewhere.
   *
   * @internal
   */
  earliest = 0;
  /** Earliest crash point that is still possible. */
  lo = 0;
  /** Latest crash point that is still possible. */
  hi = 0;

  /**
   * Starts a life in which nothing has happened.
   *
   * @internal
   */
  constructor(index: number) {
    this.index = index;
  }

  /** Forgets everything, to be lived anew. */
  clear(): void {
    this.trace.length = 0;
    this.cells.length = 0;
    this.journal = undefined;
    this.earliest = this.lo = this.hi = 0;
  }

  /**
   * The power goes: any crash point that counts is possible, up to after the last op.
   *
   * @internal
   */
  end(): void {
    this.lo = this.earliest;
    this.hi = this.trace.length;
  }
}
