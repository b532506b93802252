import type { Cell } from "../vfs/cell.ts";
import type { Chooser } from "../vfs/disk.ts";

/** One fork of the search: a cell, the versions that it may have, and the one taken now. */
export interface Choice {
  /** The cell that was read. */
  cell: Cell;
  /** The oldest feasible version. */
  from: number;
  /** The newest feasible version. */
  to: number;
  /** The feasible versions, newest first, when they are not all of `from` to `to`. */
  feasible: readonly number[] | undefined;
  /** Which option is taken: 0 is the first in the order of the search. */
  index: number;
  /** How many choices above this one do not take their first option. */
  deviationsAbove: number;
}

/**
 * In which order the options of a choice are tried: the newest version first, or the one that
 * barriers have forced at the end of its life, and then the others, newest first.
 */
export type Order = "newest-first" | "forced-first";

/** Where two answers usually come from. */
export const HINT = "Does it use a clock, randomness, or what it remembers of an earlier open?";

/**
 * Recovery did something else than it did before, on the same crash state. A search runs recovery
 * thousands of times, so what it does must follow from what it reads: no clock, no randomness, nothing
 * kept in variables from one open to the next.
 */
export class NondeterminismError extends Error {
  /** Always `"NondeterminismError"`. */
  override readonly name = "NondeterminismError";
}

/**
 * The choices of the present run, and the odometer that enumerates them: depth-first by
 * re-execution. A run replays the choices that it shares with the run before it, and takes the
 * first option of every choice that is new. A {@linkcode Leaf} holds it: read `made` and `version`.
 */
export class Choices implements Chooser {
  /**
   * The most choices of a run that may leave their first option.
   *
   * @internal
   */
  deviationsMax = Infinity;
  /**
   * The order in which options are tried.
   *
   * @internal
   */
  order: Order = "newest-first";
  /**
   * Draws an option when set; otherwise the search is systematic.
   *
   * @internal
   */
  draw: ((options: number) => number) | undefined;
  /**
   * What recovery did differently from the run that it should repeat.
   *
   * @internal
   */
  surprise: NondeterminismError | undefined;
  readonly #stack: Choice[] = [];
  #depth = 0;
  #at = 0;

  /** The choices made so far, in the order of the reads. */
  get made(): readonly Choice[] {
    return this.#stack.slice(0, this.#depth);
  }

  /**
   * How many choices of the present run left their first option.
   *
   * @internal
   */
  get deviations(): number {
    const top = this.#stack[this.#depth - 1];
    if (this.#depth === 0 || top === undefined) return 0;
    return top.deviationsAbove + (top.index > 0 ? 1 : 0);
  }

  /**
   * Starts a run that repeats the choices on the stack.
   *
   * @internal
   */
  restart(): void {
    this.#at = 0;
    this.surprise = undefined;
  }

  /**
   * Forgets every choice.
   *
   * @internal
   */
  clear(): void {
    this.#depth = 0;
    this.restart();
  }

  /**
   * See {@linkcode Chooser.choose}.
   *
   * @internal
   */
  choose(cell: Cell, from: number, to: number, feasible: readonly number[] | undefined): number {
    if (this.#at < this.#depth) {
      const choice = this.#stack[this.#at++]!;
      if (!sameRead(choice, cell, from, to)) {
        throw this.#surprised(`read ${choice.cell}`, `read ${cell}`);
      }
      choice.cell = cell;
      return this.#version(choice);
    }
    this.#at++;
    const deviationsAbove = this.deviations;
    const choice = this.#stack[this.#depth];
    if (choice === undefined) {
      this.#stack.push({ cell, from, to, feasible, index: 0, deviationsAbove });
    } else {
      choice.cell = cell;
      choice.from = from;
      choice.to = to;
      choice.feasible = feasible;
      choice.index = 0;
      choice.deviationsAbove = deviationsAbove;
    }
    const made = this.#stack[this.#depth++]!;
    if (this.draw !== undefined) made.index = this.draw(optionCount(made));
    return this.#version(made);
  }

  /**
   * Ends a run: it must have made every choice that the stack holds.
   *
   * @throws {NondeterminismError} When it stopped reading earlier.
   *
   * @internal
   */
  finish(): void {
    if (this.#at < this.#depth) {
      throw this.#surprised(`read ${this.#stack[this.#at]!.cell}`, "read nothing more");
    }
  }

  /**
   * Moves to the next run; returns `false` when there is none.
   *
   * @internal
   */
  advance(): boolean {
    while (this.#depth > 0) {
      const top = this.#stack[this.#depth - 1]!;
      if (top.index + 1 < optionCount(top) && top.deviationsAbove < this.deviationsMax) {
        top.index++;
        return true;
      }
      this.#depth--;
    }
    return false;
  }

  /**
   * The options of a choice that have not been tried yet, as versions.
   *
   * @internal
   */
  untried(choice: Choice): number[] {
    const versions: number[] = [];
    for (let index = choice.index + 1; index < optionCount(choice); index++) {
      versions.push(this.#version({ ...choice, index }));
    }
    return versions;
  }

  /**
   * The version that a choice takes.
   *
   * @param choice One of `made`.
   * @returns The version: 0 is what was there before the life of the cell.
   */
  version(choice: Choice): number {
    return this.#version(choice);
  }

  #version(choice: Choice): number {
    if (this.order === "newest-first") return versionAt(choice, choice.index);
    // Where the forced version is not feasible any more, the next older one comes first.
    const last = optionCount(choice) - 1;
    let first = 0;
    while (first < last && versionAt(choice, first) > choice.cell.forced) first++;
    const { index } = choice;
    return versionAt(choice, index === 0 ? first : index <= first ? index - 1 : index);
  }

  #surprised(before: string, now: string): NondeterminismError {
    this.surprise ??= new NondeterminismError(
      `Recovery is not deterministic: on the same disk it first ${before}, then ${now}. ${HINT}`,
    );
    return this.surprise;
  }
}

/** The feasible versions of a choice, counted from the newest. */
function versionAt({ to, feasible }: Choice, place: number): number {
  return feasible === undefined ? to - place : feasible[place]!;
}

function optionCount(choice: Choice): number {
  return choice.feasible?.length ?? choice.to - choice.from + 1;
}

function sameRead(choice: Choice, cell: Cell, from: number, to: number): boolean {
  const before = choice.cell;
  if (before !== cell) {
    if (
      before.serial !== cell.serial || before.life.index !== cell.life.index ||
      before.kind !== cell.kind || before.inode !== cell.inode || before.place !== cell.place
    ) return false;
  }
  return choice.from === from && choice.to === to;
}
