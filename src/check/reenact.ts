/**
 * A finding lived through again, slowly, so that it can be shown: what was called when, what every
 * crash would have left, and what the log would have made of it.
 *
 * METHOD. The first life is lived once. Then the lives after it are lived as often as needed: as the
 * document says, up to a crash to look at what the media hold, or as a search of all crash states at
 * one crash point. In such a search the crashes before it are as the document says, and whatever
 * comes after it is open.
 *
 * @module
 */
import { explore } from "../explore/explore.ts";
import type { Cell } from "../vfs/cell.ts";
import type { Chooser, Disk } from "../vfs/disk.ts";
import { parseFaultPlan } from "../vfs/fault_plan.ts";
import { CallRecorder, ChosenFaults } from "./call_faults.ts";
import { type Counterexample, freshDisk, type Kept, pin, Script } from "./counterexample.ts";
import { crashSize, isSmaller } from "./crash_size.ts";
import { epilogue } from "./fit_workload.ts";
import type { Account, Session } from "./history.ts";
import { follow } from "./interleaving.ts";
import { requireEnd, STEPS } from "./replay.ts";
import { LOG_DIRECTORY, LogRun, type Violation } from "./run_log.ts";
import { drive, type Waiting } from "./settle.ts";
import type { LogUnderTest } from "./subject.ts";
import { type Told, toldLog } from "./told_log.ts";
import type { Command } from "./workload.ts";
import { isUnjudgeable } from "./unjudgeable.ts";

/** A cell and the version of it that the media kept. */
export type KeptVersion = Pick<Kept, "life" | "cell" | "inode" | "place" | "version">;

/** What a crash leads to. */
export interface Outcome {
  /** What is wrong; `undefined` when nothing is. */
  readonly violation: Violation | undefined;
  /** What was owed when it showed. */
  readonly account: Account;
  /** What the media kept, as far as somebody has looked. */
  readonly kept: readonly KeptVersion[];
}

/** What is known about one crash point. */
export interface PointVerdict {
  /** `holds`: of all crash states there. `not searched`: none was found, and not all were tried. */
  readonly verdict: "holds" | "violates" | "not searched";
  /** How many recoveries were run. */
  readonly recoveries: number;
  /** The smallest crash that breaks the promise there. */
  readonly worst: Outcome | undefined;
}

/** After the first crash that breaks the promise, so many more recoveries look for a smaller one. */
const MORE = 40;

/** A finding that is lived through again. */
export class Reenactment {
  /** The disk; what it holds is the business of whoever has called last. */
  readonly disk: Disk;
  /** The calls of the log in the lives that the document tells. */
  readonly story: Told[] = [];
  readonly #subject: LogUnderTest;
  readonly #counterexample: Counterexample;
  readonly #lives: readonly (readonly Command[])[];
  readonly #first: LogRun;
  readonly #faults: number;
  #hours = 0;
  /** The violation in the first life, while the power was on. */
  #early: Violation | undefined;
  #sessions: readonly (readonly Session[])[] = [];

  private constructor(subject: LogUnderTest, counterexample: Counterexample) {
    const { workload, disk: options, faults, crash } = counterexample;
    this.#subject = subject;
    this.#counterexample = counterexample;
    this.#lives = [...workload.lives, epilogue(subject)];
    this.#faults = crash.kept.filter(({ cell }) => cell === "fault").length;
    const disk = this.disk = freshDisk(options, LOG_DIRECTORY);
    disk.stepLimit = STEPS;
    disk.faults = new CallRecorder(disk, parseFaultPlan(faults ?? ""));
    const told = toldLog(subject, disk, this.story);
    this.#first = new LogRun(told, disk, { decide: follow(workload.schedule ?? []) });
  }

  /** Lives through the first life. */
  static async begin(
    subject: LogUnderTest,
    counterexample: Counterexample,
  ): Promise<Reenactment> {
    const play = new Reenactment(subject, counterexample);
    const { disk } = play;
    play.#early = await drive(play.#first.live(play.#lives[0] ?? []), play.#first.interleaving);
    requireEnd(disk);
    return play;
  }

  /**
   * Lives on as the document says, to its end.
   *
   * @param atEnd Called with the number of each life that has ended, while the disk still has it.
   * @returns What it came to, and how many lives there were.
   */
  async retell(atEnd: (life: number) => void): Promise<Outcome & { readonly lives: number }> {
    const { disk } = this;
    const first = this.#first;
    if (this.#early !== undefined) {
      const violation = this.#early;
      atEnd(0);
      const account = judgedIn(first, disk, violation);
      this.#sessions = first.sessions;
      return { violation, account, kept: [], lives: 1 };
    }
    atEnd(0);
    disk.powerCut();
    disk.steps = 0;
    const { kept, points } = this.#counterexample.crash;
    const script = new Script(kept);
    disk.chooser = script;
    const chosen = new ChosenFaults(disk, this.#faults);
    const told = toldLog(this.#subject, disk, this.story);
    const run = new LogRun(told, disk, { before: first, hoursLater: ++this.#hours });
    let violation: Violation | undefined;
    for (let i = 1; i < this.#lives.length; i++) {
      pin(disk.lives[i - 1]!, points[i - 1] ?? Infinity);
      chosen.begin();
      violation = await drive(run.live(this.#lives[i]!), run.interleaving);
      requireEnd(disk);
      atEnd(i);
      if (violation !== undefined || i === this.#lives.length - 1) break;
      disk.powerCut();
    }
    this.#sessions = run.sessions;
    return { violation, account: judgedIn(run, disk, violation), kept, lives: disk.lives.length };
  }

  /**
   * What is owed after a crash of a life of the document at `point`; after {@linkcode retell}.
   *
   * @param life Number of the life.
   * @param point The crash point.
   * @returns The account of whatever the log had shown last.
   */
  accountAt(life: number, point: number): Account {
    const { points } = this.#counterexample.crash;
    return accountAt(this.#sessions, points, life, point) ?? this.#first.empty.accountAt(0);
  }

  /** The sessions of a life of the document; after {@linkcode retell}. */
  sessionsOf(life: number): readonly Session[] {
    return this.#sessions[life] ?? [];
  }

  /**
   * Goes to the moment after the crash of a life at a given point, and decides what the media kept
   * as far as `kept` says; whoever reads the disk then decides the rest, the newest version first.
   *
   * @param life Number of the life.
   * @param point The crash point.
   * @param kept What the media kept.
   */
  async goTo(life: number, point: number, kept: readonly KeptVersion[]): Promise<void> {
    const { disk } = this;
    const { points, kept: told } = this.#counterexample.crash;
    const before = told.filter((one) => one.life < life || isFaultBefore(one, life));
    const all = [...before, ...kept];
    const script = new Script(all as Kept[]);
    if (disk.lives.length < 2) disk.powerCut();
    disk.rewind();
    disk.chooser = script;
    const chosen = new ChosenFaults(disk, this.#faults);
    const run = this.#later();
    for (let i = 0; i < life; i++) {
      pin(disk.lives[i]!, points[i] ?? Infinity);
      chosen.begin();
      await drive(run.live(this.#lives[i + 1]!), run.interleaving);
      disk.powerCut();
    }
    pin(disk.lives[life]!, point);
    for (const cell of disk.lives.slice(0, life + 1).flatMap(({ cells }) => cells)) {
      const one = all.find((one) =>
        one.life === cell.life.index && one.cell === cell.kind && one.inode === cell.inode &&
        one.place === cell.place
      );
      disk.bounds.touch(cell);
      if (one === undefined || cell.chosen >= 0 || cell.words !== undefined) continue;
      const isLegal = disk.bounds.feasible(cell, one.version, one.version).length > 0;
      if (isLegal) disk.bounds.decide(cell, one.version);
    }
  }

  /**
   * Tries the crash states of one crash point.
   *
   * @param life Number of the life that ends there.
   * @param point The crash point.
   * @param most How many recoveries may be run.
   * @returns Whether a crash there can break the promise, and the smallest that does.
   */
  async judge(life: number, point: number, most: number): Promise<PointVerdict> {
    const { disk } = this;
    if (disk.lives.length < 2) disk.powerCut();
    let worst: Outcome | undefined;
    let size: readonly number[] = [Infinity];
    let more = MORE;
    let search: Chooser | undefined;
    const run = () => {
      search ??= disk.chooser;
      const later = this.#later();
      return drive(this.#liveOn(later, { life, point, search }), later.interleaving);
    };
    const options = { budget: { recoveries: most, steps: STEPS, counting: false } };
    try {
      const { complete, recoveries } = await explore(disk, run, (outcome, { choices }) => {
        if (worst !== undefined && more-- === 0) return true;
        const { violation, account } = outcome;
        if (violation === undefined) return false;
        const other = [violation.crashPoints.length, ...crashSize(violation, choices)];
        if (!isSmaller(other, size)) return false;
        size = other;
        const kept = choices.made.map((choice) => ({
          ...namesOf(choice.cell),
          version: choices.version(choice),
        }));
        worst = { violation, account, kept };
        // Less than one cell is hardly ever enough.
        return other[1]! <= 1 && violation.crashPoints.length === life + 1;
      }, options);
      const verdict = worst !== undefined ? "violates" : complete ? "holds" : "not searched";
      return { verdict, recoveries, worst };
    } catch (error) {
      if (isUnjudgeable(error)) return { verdict: "not searched", recoveries: 0, worst: undefined };
      throw error;
    }
  }

  #later(): LogRun {
    const hoursLater = ++this.#hours;
    return new LogRun(this.#subject, this.disk, { before: this.#first, hoursLater });
  }

  /** The lives after the first crash, with one crash pinned and those before it as told. */
  *#liveOn(
    run: LogRun,
    { life, point, search }: {
      readonly life: number;
      readonly point: number;
      readonly search: Chooser;
    },
  ): Waiting<Omit<Outcome, "kept">> {
    const { disk } = this;
    const { points, kept } = this.#counterexample.crash;
    const told = new Script(kept.filter((one) => one.life < life || isFaultBefore(one, life)));
    disk.chooser = life === 0 ? search : {
      choose: (cell, from, to, feasible) =>
        cell.life.index < life || (cell.words !== undefined && cell.life.index <= life)
          ? told.choose(cell, from, to, feasible)
          : search.choose(cell, from, to, feasible),
    };
    const chosen = this.#faults > 0 ? new ChosenFaults(disk, this.#faults) : undefined;
    for (let i = 1; i < this.#lives.length; i++) {
      if (i - 1 <= life) {
        pin(disk.lives[i - 1]!, i - 1 === life ? point : points[i - 1] ?? Infinity);
      }
      chosen?.begin();
      const violation = yield* run.live(this.#lives[i]!);
      if (violation !== undefined || i === this.#lives.length - 1) {
        return { violation, account: judgedIn(run, disk, violation) };
      }
      disk.powerCut();
    }
    throw new Error("Cannot live on: there is no life after the first");
  }
}

/** What goes wrong in a life up to the one whose crash is looked at is as told. */
function isFaultBefore({ life, cell }: Kept, most: number): boolean {
  return life === most && (cell === "fault" || cell === "damage");
}

/** How a document names a cell. */
function namesOf(cell: Cell): Omit<KeptVersion, "version"> {
  return { life: cell.life.index, cell: cell.kind, inode: cell.inode, place: cell.place };
}

/** What was owed when a violation showed; without one, what is owed in the end. */
function judgedIn(run: LogRun, disk: Disk, violation: Violation | undefined): Account {
  const running = run.sessions.length - 1;
  const session = run.sessions[running]?.at(-1);
  // In a life that had shown its records, no power was lost since.
  if (session !== undefined) return session.accountAt(disk.life.trace.length);
  const points = violation?.crashPoints ?? disk.lives.map(({ hi }) => hi);
  return accountAt(run.sessions, points, running - 1, points[running - 1] ?? 0) ??
    run.empty.accountAt(0);
}

/** The account of the last session that had begun at a crash. */
function accountAt(
  sessions: readonly (readonly Session[])[],
  points: readonly number[],
  life: number,
  point: number,
): Account | undefined {
  for (let i = life; i >= 0; i--) {
    // Not infinity: that is when a call that never returned would have been acked.
    const at = i === life ? point : points[i] ?? Number.MAX_SAFE_INTEGER;
    const session = sessions[i]?.findLast(({ shownAt }) => shownAt <= at);
    if (session !== undefined) return session.accountAt(at);
  }
  return undefined;
}
