/**
 * Which schedules of a life are run, and in what order.
 *
 * METHOD. First the schedule that always takes the first event, then all that leave it once, then
 * all that leave it twice, and so on: what shows a fault first leaves it as seldom as any. A run
 * tells how many options every decision had, and so which schedules there are behind it. Each
 * schedule comes up once: behind the last decision that it makes otherwise, one more is changed.
 * When three quarters of the budget are used up and more are left than fit in, the rest are drawn
 * from a seed.
 *
 * @module
 */

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { type Decide, type Decision, follow } from "./interleaving.ts";

/** How many schedules were run. */
export interface ScheduleCount {
  /** How many were run. */
  readonly run: number;
  /** How many there are; `undefined` when there are more than were run. */
  readonly of: number | undefined;
  /** Of those run, how many did something else than all before, and were searched. */
  readonly distinct: number;
}

/** The schedules of a life, one after the other. */
export class Schedules {
  readonly #most: number;
  readonly #random;
  /** Schedules to run, with the options that their decisions have had. */
  readonly #queue: { readonly schedule: readonly number[]; readonly options: readonly number[] }[] =
    [{ schedule: [], options: [] }];
  /** Of the present run: the options expected, and behind how many decisions others follow. */
  #expected: readonly number[] = [];
  #fixed = 0;
  #isSampling = false;
  #run = 0;

  /**
   * Starts with the schedule that always takes the first event.
   *
   * @param most How many may be run.
   * @param seed Of those that are drawn.
   */
  constructor(most: number, seed: number) {
    this.#most = most;
    this.#random = xoroshiro128plus(seed);
  }

  /** How many schedules have been run. */
  get run(): number {
    return this.#run;
  }

  /** How many schedules there are; `undefined` when nobody knows. */
  get of(): number | undefined {
    return this.#queue.length === 0 && !this.#isSampling ? this.#run : undefined;
  }

  /** What the next run decides; `undefined` when there is nothing left to run. */
  next(): Decide | undefined {
    if (this.#queue.length === 0 || this.#run >= this.#most) return undefined;
    this.#isSampling ||= this.#run >= this.#most * 3 / 4 &&
      this.#run + this.#queue.length > this.#most;
    this.#run++;
    if (this.#isSampling) return (_, options) => uniformInt(this.#random, 0, options - 1);
    const { schedule, options } = this.#queue.shift()!;
    this.#fixed = schedule.length;
    this.#expected = options;
    return follow(schedule);
  }

  /**
   * Takes in what a run has decided.
   *
   * @param decisions All of them.
   * @returns Whether it is what was expected: the same decisions lead to the same options.
   */
  ran(decisions: readonly Decision[]): boolean {
    const picked = decisions.map(({ picked }) => picked);
    const options = decisions.map(({ options }) => options);
    if (this.#isSampling) return true;
    for (let at = this.#fixed; at < options.length; at++) {
      for (let other = 1; other < options[at]!; other++) {
        this.#queue.push({
          schedule: [...picked.slice(0, at), other],
          options: options.slice(0, at + 1),
        });
      }
    }
    return this.#expected.every((count, at) => options[at] === count);
  }
}

/** The schedule that decisions were made by, as short as it can be written. */
export function scheduleOf(decisions: readonly Decision[]): number[] {
  let length = decisions.length;
  while (length > 0 && decisions[length - 1]!.picked === 0) length--;
  return decisions.slice(0, length).map(({ picked }) => picked);
}
