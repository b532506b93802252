/**
 * Runs the workload of a finding with barriers inserted, and tells whether the promise is kept.
 *
 * METHOD. Crashes that broke the promise before are tried first, one run each: most sets of barriers
 * fail there. Only what survives them all is searched.
 *
 * @module
 */
import type { Leaf } from "../explore/explore.ts";
import type { DiskOptions } from "../vfs/disk.ts";
import type { Op } from "../vfs/op.ts";
import type { Workload } from "./workload.ts";
import type { FilledOptions } from "./check_result.ts";
import { freshDisk, type Kept, pin, Script } from "./counterexample.ts";
import { firstLife } from "./first_life.ts";
import { epilogue } from "./fit_workload.ts";
import { type Insertion, together, watched, watcherOf } from "./insertion.ts";
import { follow } from "./interleaving.ts";
import { everyCrash } from "./pull_plug.ts";
import { requireEnd, STEPS } from "./replay.ts";
import { LOG_DIRECTORY, LogRun, type Violation } from "./run_log.ts";
import { drive } from "./settle.ts";
import type { LogUnderTest } from "./subject.ts";
import { CallMemory, type CallWatcher } from "./watched_file_system.ts";
import { isUnjudgeable } from "./unjudgeable.ts";

/** What a trial showed. `unknown`: the budget ended, or the log could not be judged. */
export type TrialVerdict = "holds" | "violates" | "unknown";

/** Crashes that are kept to try others with. */
const CRASHES = 48;

/** What a log is taken to do besides what it does. */
export interface Given {
  /** Barriers that it makes. */
  readonly barriers: readonly Insertion[];
  /** Whether it waits for its promised calls before it returns. */
  readonly waits: boolean;
}

/** What is tried: a workload on a disk on which nothing fails. */
export interface Trial {
  /** The log. */
  readonly subject: LogUnderTest;
  /** The workload; what is not scheduled happens first come, first served. */
  readonly workload: Workload;
  /** The disk. */
  readonly disk: DiskOptions;
  /** What the log is taken to do besides what it does. */
  readonly given: Given;
  /** Called before every run of the log. */
  readonly onRun?: FilledOptions["onRun"] | undefined;
}

/** See the METHOD above. */
export class BlameTrials {
  readonly #trial: Trial;
  /** Crashes that have broken the promise, the last useful one first. */
  readonly #crashes: (readonly Kept[])[] = [];
  readonly #memory = new CallMemory();
  readonly #given: CallWatcher;
  /** The op at which the power went in the last crash that broke the promise. */
  broken: Op | undefined;
  /** How many recoveries may still be run. */
  left: number;

  /** Begins with a budget of so many recoveries. */
  constructor(trial: Trial, recoveries: number) {
    this.#trial = trial;
    this.left = recoveries;
    const { barriers, waits } = trial.given;
    this.#given = watcherOf(barriers, { counts: true, waits });
  }

  /** Whether the promise is kept with these barriers. */
  async holds(insertions: readonly Insertion[]): Promise<boolean> {
    const watcher = watcherOf(insertions);
    for (const [i, crash] of this.#crashes.entries()) {
      if (!await this.#breaks(watcher, crash)) continue;
      this.#crashes.splice(i, 1);
      this.#crashes.unshift(crash);
      return false;
    }
    return await this.search(watcher) === "holds";
  }

  /**
   * Goes through all crashes.
   *
   * @param watcher Sees the calls.
   * @param options How far: until one crash breaks the promise, unless `isThorough`; and how many
   * recoveries at most.
   * @returns What was shown.
   */
  async search(
    watcher: CallWatcher,
    { isThorough = false, most = this.left }: {
      readonly isThorough?: boolean;
      readonly most?: number;
    } = {},
  ): Promise<TrialVerdict> {
    const { subject, workload, disk, onRun } = this.#trial;
    const log = watched(subject, together(watcher, this.#given), this.#memory);
    const options: FilledOptions = {
      ...disk,
      budget: { recoveries: Math.max(Math.min(this.left, most), 1), counting: false },
      faults: [],
      ...(onRun && { onRun }),
    };
    let broken = 0;
    try {
      const first = await firstLife(log, workload, options, follow(workload.schedule ?? []));
      if (first.violation !== undefined) return "violates";
      const { disk: { lives } } = first;
      const found = ({ crashPoints }: Violation, leaf: Leaf) => {
        broken++;
        const life = lastCut(crashPoints);
        this.broken = lives[life]?.trace[crashPoints[life]! - 1];
        // The first few, and then fewer and fewer: neighbours are much alike.
        if (broken <= 4 || (broken & (broken - 1)) === 0) this.#keep(leaf);
        return !isThorough;
      };
      const { recoveries, complete } = await everyCrash(log, workload, options, first, found);
      this.left -= recoveries;
      return broken > 0 ? "violates" : complete ? "holds" : "unknown";
    } catch (error) {
      refuseOthers(error);
      return "unknown";
    }
  }

  #keep({ choices }: Leaf): void {
    const kept = choices.made.map((choice): Kept => ({
      life: choice.cell.life.index,
      cell: choice.cell.kind,
      inode: choice.cell.inode,
      place: choice.cell.place,
      version: choices.version(choice),
      newest: choice.cell.newest,
      holds: "",
    }));
    this.remember(kept);
  }

  /** Keeps a crash that has broken the promise. */
  remember(kept: readonly Kept[]): void {
    this.#crashes.unshift(kept);
    if (this.#crashes.length > CRASHES) this.#crashes.pop();
  }

  /** Whether what the media kept in a crash, as far as that is still possible, breaks the promise. */
  async #breaks(watcher: CallWatcher, kept: readonly Kept[]): Promise<boolean> {
    this.left--;
    try {
      return await this.live(watcher, new Script(kept)) !== undefined;
    } catch (error) {
      refuseOthers(error);
      return false;
    }
  }

  /**
   * Lives all lives once.
   *
   * @param watcher Sees the calls.
   * @param chooser Decides what the media kept.
   * @param pointOf The crash point of a life with these ops, where there is only one.
   */
  async live(
    watcher: CallWatcher,
    chooser: Pick<Script, "choose">,
    pointOf?: (life: number, trace: readonly Op[]) => number,
  ): Promise<Violation | undefined> {
    const { subject, workload, disk: options, onRun } = this.#trial;
    onRun?.(workload);
    const log = watched(subject, together(watcher, this.#given), this.#memory);
    const disk = freshDisk(options, LOG_DIRECTORY);
    disk.chooser = chooser;
    disk.stepLimit = STEPS;
    const run = new LogRun(log, disk, { decide: follow(workload.schedule ?? []) });
    const lives = [...workload.lives, epilogue(subject)];
    for (const [i, commands] of lives.entries()) {
      const violation = await drive(run.live(commands), run.interleaving);
      requireEnd(disk);
      if (violation !== undefined || i === lives.length - 1) return violation;
      disk.powerCut();
      if (i === 0) disk.steps = 0;
      const life = disk.lives[i]!;
      if (pointOf !== undefined) pin(life, pointOf(i, life.trace));
    }
    return undefined;
  }
}

/** The last life that did something before the power went. */
function lastCut(points: readonly number[]): number {
  return points.findLastIndex((point) => point > 0);
}

/** What a log can be blamed for, besides breaking its promise, is no result here. */
function refuseOthers(error: unknown): void {
  if (isUnjudgeable(error)) return;
  throw error;
}
