/**
 * The search over crash states. A workload has run on a disk and the power has gone; now recovery
 * runs again and again, each time on a crash state that is decided only as it is read.
 *
 * METHOD. Depth-first by re-execution: the list of choices is kept, the last one that has an untried
 * version is advanced, and recovery runs again. When a run ends, everything that it did not read is
 * still undecided, so the *leaf* stands for every crash state that agrees with what was read. When
 * the tree is exhausted, every legal crash state has been covered.
 *
 * A recovery that reads much at once makes the tree too wide. When three quarters of the budget are used up,
 * the search falls back: first to all states within d deviations of "everything written persisted"
 * and of "only what was forced persisted", for growing d, then to sampling from a seed.
 *
 * @module
 */

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Cell } from "../vfs/cell.ts";
import { type Disk, StepBudgetError } from "../vfs/disk.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { type Choice, Choices, HINT, NondeterminismError } from "./choices.ts";
import { CrashStateCounter } from "./count.ts";

/** How far a search may go. Counted in runs and calls, not in time, so that it is the same anywhere. */
export interface Budget {
  /** The most recoveries that are run. Default: 50,000. */
  readonly recoveries?: number;
  /** The most file-system calls that one run may make. Default: 100,000. */
  readonly steps?: number;
  /**
   * Whether crash states are counted, which takes longer than the search where a workload is long and
   * the budget small. Where not, {@linkcode Exploration.crashStates} is 0 and `covered` is `undefined`.
   * Default: `true`.
   */
  readonly counting?: boolean;
}

/**
 * How a search is carried out.
 *
 * @typeParam Result What one run of recovery returns.
 */
export interface ExploreOptions<Result> {
  /** How far the search may go. */
  readonly budget?: Budget;
  /** Seed of the sampling that ends a search too wide to exhaust. Default: 1. */
  readonly seed?: number;
  /**
   * What two runs over the same crash state must agree on, to tell a recovery that is not
   * deterministic. Default: nothing but the reads.
   */
  readonly fingerprint?: (result: Result) => string;
}

/**
 * How a search went about it. `exhaustive`: depth-first through everything. `deviations`: after half
 * of the budget, all states within d choices of "everything written persisted" and of "only what was
 * forced persisted", for growing d. `sampling`: after that, drawn from a seed.
 */
export type Strategy = "exhaustive" | "deviations" | "sampling";

/** What a search covered. */
export interface Exploration {
  /** The weakest strategy that was needed. */
  readonly strategy: Strategy;
  /** Whether every legal crash state was covered. */
  readonly complete: boolean;
  /** Whether `visit` ended the search. */
  readonly stopped: boolean;
  /** How many times recovery was run, the repeats that tell whether it is deterministic included. */
  readonly recoveries: number;
  /** How many distinguishable crash states recovery was shown. */
  readonly leaves: number;
  /** How many legal crash states the first power loss has; 0 where they were not counted. */
  readonly crashStates: bigint;
  /** How many of `crashStates` were covered; `undefined` when samples cannot be counted. */
  readonly covered: bigint | undefined;
  /** With strategy `"deviations"` and beyond: all states within so many deviations were covered. */
  readonly deviations: number | undefined;
}

/**
 * Runs `run` on every legal crash state of a disk, as far as the budget allows.
 *
 * @param disk A disk whose first life has ended ({@linkcode Disk.powerCut}).
 * @param run Recovers, on a file system that shows one crash state. It may cut the power again.
 * @param visit Called with the result of every run, while the disk still has the bounds of its
 * leaf; returns `true` to end the search.
 * @param options The budget, the seed, and what must repeat.
 * @returns What was covered.
 * @throws {NondeterminismError} When recovery does not repeat itself on the same crash state.
 * @throws {StepBudgetError} When a run makes too many file-system calls.
 *
 * @example
 * ```ts
 * import { explore, SimulatedFileSystem } from "../../mod.ts";
 *
 * const fs = new SimulatedFileSystem();
 * const file = fs.open("/a", { write: true, create: true });
 * file.write(new Uint8Array([1, 2, 3]), 0);
 * fs.disk.powerCut();
 * const seen = new Set<string>();
 * await explore(fs.disk, (fs) => fs.list("/").join(), (names) => void seen.add(names));
 * console.log(seen); // Set(2) { "a", "" }: the name may have persisted, or not
 * ```
 */
export async function explore<Result>(
  disk: Disk,
  run: (fs: SimulatedFileSystem) => Result | PromiseLike<Result>,
  visit: (result: Result, leaf: Leaf) => boolean | void,
  options: ExploreOptions<Result> = {},
): Promise<Exploration> {
  const search = new Search(disk, run, visit, options);
  const most = options.budget?.recoveries ?? RECOVERIES;
  disk.stepLimit = options.budget?.steps ?? 100_000;
  disk.chooser = search.choices;
  if (await search.exhaust(most)) return search.report("exhaustive");
  if (search.stopped) return search.report("exhaustive");
  search.startFallback();
  const complete = await search.deviate(Math.ceil(most * 15 / 16));
  if (complete || search.stopped) return search.report("deviations");
  await search.sample(most, options.seed ?? 1);
  return search.report("sampling");
}

const RECOVERIES = 50_000;

/** The crash state that a run was shown, as far as it was decided. */
export interface Leaf {
  /** The choices that led here, in the order of the reads. */
  readonly choices: Choices;
  /** The disk, with its bounds as the run left them. */
  readonly disk: Disk;
}

/** The state of one search. */
class Search<Result> implements Leaf {
  readonly choices = new Choices();
  readonly disk: Disk;
  readonly #run: (fs: SimulatedFileSystem) => Result | PromiseLike<Result>;
  readonly #visit: (result: Result, leaf: Leaf) => boolean | void;
  readonly #fingerprint: ((result: Result) => string) | undefined;
  /** `undefined` where nothing is counted. */
  readonly #counter: CrashStateCounter | undefined;
  #fs: SimulatedFileSystem;
  readonly #most: number;
  #recoveries = 0;
  #leaves = 0;
  #complete = false;
  #deviations: number | undefined;
  stopped = false;

  /** Options taken, by choice, where the exhaustive part stopped: everything before is covered. */
  #frontier: readonly number[] = [];
  #covered: bigint | undefined;
  readonly #seen = new Set<string>();

  constructor(
    disk: Disk,
    run: (fs: SimulatedFileSystem) => Result | PromiseLike<Result>,
    visit: (result: Result, leaf: Leaf) => boolean | void,
    options: ExploreOptions<Result>,
  ) {
    this.disk = disk;
    this.#run = run;
    this.#visit = visit;
    this.#fingerprint = options.fingerprint;
    this.#most = options.budget?.recoveries ?? RECOVERIES;
    this.#fs = new SimulatedFileSystem(disk);
    if (options.budget?.counting !== false) this.#counter = new CrashStateCounter(disk.lives[0]!);
  }

  /** Depth-first over the whole tree, or until three quarters of the budget are gone; `true` when done. */
  async exhaust(most: number): Promise<boolean> {
    const { choices } = this;
    const limit = Math.ceil(most * 3 / 4);
    do {
      if (this.#recoveries >= limit) return false;
      const ran = this.#once();
      const result = ran instanceof Promise ? await ran : ran as Result;
      this.#leaves++;
      if (isSampled(this.#leaves)) await this.#repeat(result);
      if (this.#visit(result, this) === true) {
        this.stopped = true;
        return false;
      }
    } while (choices.advance());
    this.#complete = true;
    return true;
  }

  /** Notes how far the exhaustive part came. */
  startFallback(): void {
    const { made } = this.choices;
    this.#frontier = made.map((choice) => choice.index);
    this.#covered = this.#counter === undefined || made.some(({ cell }) => cell.life.index > 0)
      ? undefined
      : this.#counter.count() - this.#remaining(true);
  }

  /** All states within d deviations from both ends, for growing d; `true` when that was all. */
  async deviate(most: number): Promise<boolean> {
    const { choices } = this;
    for (let d = 0;; d++) {
      let fresh = 0;
      for (const order of ["newest-first", "forced-first"] as const) {
        choices.clear();
        choices.order = order;
        choices.deviationsMax = d;
        do {
          if (this.#recoveries >= most) return false;
          const ran = this.#once();
          const result = ran instanceof Promise ? await ran : ran as Result;
          if (choices.deviations < d) continue;
          fresh++;
          if (await this.#show(result)) return false;
        } while (choices.advance());
      }
      if (fresh === 0) {
        this.#complete = true;
        return true;
      }
      this.#deviations = d;
    }
  }

  /** Draws every option from a seeded generator until the budget is gone. */
  async sample(most: number, seed: number): Promise<void> {
    const { choices } = this;
    const random = xoroshiro128plus(seed);
    choices.order = "newest-first";
    choices.deviationsMax = Infinity;
    choices.draw = (options) => uniformInt(random, 0, options - 1);
    while (this.#recoveries < most) {
      choices.clear();
      const ran = this.#once();
      const result = ran instanceof Promise ? await ran : ran as Result;
      if (await this.#show(result)) break;
    }
    choices.draw = undefined;
  }

  report(strategy: Strategy): Exploration {
    const crashStates = this.#counter?.count() ?? 0n;
    const covered = this.#counter === undefined
      ? undefined
      : this.#complete
      ? crashStates
      : strategy === "exhaustive"
      ? crashStates - this.#remaining(false)
      : this.#covered;
    return {
      strategy,
      complete: this.#complete,
      stopped: this.stopped,
      recoveries: this.#recoveries,
      leaves: this.#leaves,
      crashStates,
      covered,
      deviations: this.#deviations,
    };
  }

  /** Runs recovery once, on the crash state that the choices name. */
  #once(): Result | Promise<Result> {
    this.#recoveries++;
    this.disk.rewind();
    this.choices.restart();
    let ran: Result | PromiseLike<Result>;
    try {
      if (!this.#fs.alive) this.#fs = new SimulatedFileSystem(this.disk);
      ran = this.#run(this.#fs);
    } catch (error) {
      this.#refuseBroken();
      throw error;
    }
    if (isPromiseLike(ran)) {
      return Promise.resolve(ran).finally(() => this.#refuseBroken());
    }
    this.#refuseBroken();
    return ran;
  }

  /** A log may have swallowed the error that stopped it: it is raised here all the same. */
  #refuseBroken(): void {
    if (this.choices.surprise !== undefined) throw this.choices.surprise;
    if (this.disk.steps > this.disk.stepLimit) throw new StepBudgetError(this.disk.stepLimit);
    this.choices.finish();
  }

  /** Runs the same choices again, where the budget allows: reads, calls, result must be the same. */
  async #repeat(result: Result): Promise<void> {
    if (this.#recoveries >= this.#most) return;
    const { steps } = this.disk;
    const ran = this.#once();
    const again = ran instanceof Promise ? await ran : ran as Result;
    requireSame(`${steps} file-system calls`, `${this.disk.steps} file-system calls`);
    if (this.#fingerprint !== undefined) {
      requireSame(this.#fingerprint(result), this.#fingerprint(again));
    }
  }

  /** Shows a leaf of the fallback to `visit`, and counts it when it is new. */
  async #show(result: Result): Promise<boolean> {
    const { choices } = this;
    const path = choices.made.map((choice) => choices.version(choice)).join();
    if (this.#seen.has(path)) return false;
    this.#seen.add(path);
    if (isSampled(this.#seen.size)) await this.#repeat(result);
    if (!this.#isBeforeFrontier(choices.made)) {
      this.#leaves++;
      this.#countLeaf(choices.made);
    }
    this.stopped = this.#visit(result, this) === true;
    return this.stopped;
  }

  #countLeaf(made: readonly Choice[]): void {
    if (this.#covered === undefined) return;
    const [first] = this.disk.lives;
    if (made.some((choice) => choice.cell.life !== first)) {
      this.#covered = undefined;
      return;
    }
    this.#covered += this.#counter!.count(this.#decided(made), first!.lo, first!.hi);
  }

  /** Whether the exhaustive part has been through the leaf at the end of `path`. */
  #isBeforeFrontier(path: readonly Choice[]): boolean {
    for (const [i, choice] of path.entries()) {
      const { from, to, feasible } = choice;
      const version = this.choices.version(choice);
      const index = feasible === undefined ? to - version : feasible.indexOf(version);
      const frontier = this.#frontier[i] ?? 0;
      if (index !== frontier || from > to) return index < frontier;
    }
    return false;
  }

  /**
   * The crash states of the first power loss that the exhaustive part has not been through.
   *
   * @param exclusive Whether the run that the choices name is itself still to come.
   */
  #remaining(exclusive: boolean): bigint {
    const { made } = this.choices;
    const prefix: Choice[] = [];
    let remaining = 0n;
    for (const choice of made) {
      const untried = this.choices.untried(choice);
      if (choice.cell.life.index > 0) {
        // What a later life has not tried leaves all that leads there unfinished.
        if (untried.length > 0 || exclusive) return remaining + this.#count(prefix);
        continue;
      }
      for (const version of untried) remaining += this.#count(prefix, choice.cell, version);
      prefix.push(choice);
    }
    return exclusive ? remaining + this.#count(prefix) : remaining;
  }

  #count(path: readonly Choice[], cell?: Cell, version = 0): bigint {
    const decided = this.#decided(path);
    if (cell !== undefined) decided.set(cell, version);
    return this.#counter!.count(decided);
  }

  #decided(path: readonly Choice[]): Map<Cell, number> {
    return new Map(path.map((choice) => [choice.cell, this.choices.version(choice)]));
  }
}

/** Which leaves are run a second time: the first few, then one in 64. */
function isSampled(leaf: number): boolean {
  return leaf <= 4 || (leaf & 63) === 0;
}

function requireSame(before: string, now: string): void {
  if (before !== now) {
    throw new NondeterminismError(
      `Recovery is not deterministic: on the same disk it first gave ${before}, then ${now}. ${HINT}`,
    );
  }
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === "function";
}
