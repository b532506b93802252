/**
 * A suggestion is checked as its author would: with barriers that are the log's own, over the workload
 * of the finding and over others.
 *
 * @module
 */
import type { DiskOptions } from "../vfs/disk.ts";
import type { Blame, BlamedBarrier } from "./blame_document.ts";
import type { Given, Trial } from "./blame_trials.ts";
import type { CheckOptions, FilledOptions } from "./check_result.ts";
import { checkWorkload } from "./check_workload.ts";
import type { Counterexample } from "./counterexample.ts";
import { defaultWorkloads } from "./default_workloads.ts";
import { firstLife } from "./first_life.ts";
import { deepened, fitted, isMeaningful } from "./fit_workload.ts";
import { together, watched, watcherOf } from "./insertion.ts";
import { follow } from "./interleaving.ts";
import type { LogUnderTest } from "./subject.ts";
import { SpotCounter, type Suspect } from "./suspects.ts";
import { TailCut } from "./tail_cut.ts";
import type { Command, Workload } from "./workload.ts";

/** How far a cause is looked for. */
export interface BlameOptions {
  /** The other workloads that a suggestion is checked with. Default: those of every check. */
  readonly workloads?: readonly Workload[];
  /** The most recoveries in the search for a cause. Default: 60,000. */
  readonly recoveries?: number;
  /**
   * The most recoveries in the check of a suggestion, for the workload of the finding. Each of the
   * others gets a tenth. The likeliest suggestion gets four times as many, where all the others hold
   * and only that is not covered. Default: 6,000.
   */
  readonly checkRecoveries?: number;
  /** Called before every run of the log, with the workload: a sign of life. */
  readonly onRun?: CheckOptions["onRun"];
}

const CHECK_RECOVERIES = 6_000;
/** The share of it that another workload gets. */
const OTHERS = 0.1;
/** The share of it that the workload of the finding gets where nothing else is left to be covered. */
export const PATIENCE = 4;
/** Workloads in which calls are counted. */
const COUNTED = 12;
/** Moments at which a process is killed, besides that of the finding: barriers that count shift it. */
const KILLS = 8;

/** A cause, and what a log with its barriers would do. */
export interface Cause {
  readonly blame: Blame;
  readonly given: Given;
  /** What does without the barriers, in words. */
  readonly instead?: string | undefined;
  /** The log that a fix was checked with, but for the barriers that are given; left out for none. */
  readonly mended?: LogUnderTest | undefined;
  /** Whether a power loss does no harm where nothing else fails; left out where it does. */
  readonly isHarmless?: true | undefined;
  /** Another finding that shows with its barriers. */
  readonly next?: Counterexample | undefined;
}

/** The other workloads, as a check runs them. */
function othersOf(subject: LogUnderTest, { workloads = defaultWorkloads }: BlameOptions) {
  return workloads.filter((workload) => isMeaningful(workload, subject))
    .map((workload) => deepened(fitted(workload, subject), 1));
}

/** How often each call is made in the first lives of many workloads. */
export async function countSpots(
  subject: LogUnderTest,
  { workload, disk }: Trial,
  options: BlameOptions,
): Promise<ReadonlyMap<string, number>> {
  const counter = new SpotCounter();
  const log = watched(subject, counter);
  // In a call that is killed half-way, what comes first is made more often.
  const others = othersOf(subject, options).filter((other) => !hasKills(other));
  const every = Math.max(1, Math.floor(others.length / COUNTED));
  const some = others.filter((_, i) => i % every === 0);
  for (const one of [workload, ...some]) {
    try {
      await firstLife(log, one, filled(disk, options), follow(one.schedule ?? []));
    } catch {
      // What a workload cannot count, others do; and the check of the suggestion tells.
    }
  }
  return counter.counts;
}

export function filled(
  disk: DiskOptions,
  { checkRecoveries = CHECK_RECOVERIES, onRun }: BlameOptions,
  share = 1,
): FilledOptions {
  const budget = { recoveries: Math.ceil(checkRecoveries * share) };
  return { ...disk, budget, faults: [], ...(onRun && { onRun }) };
}

/**
 * Checks a suggestion as its author would: the barriers are the log's own now. Returns `undefined`
 * where the promise is broken all the same, at another moment or in another order.
 */
export async function checkSuggestion(
  set: readonly Suspect[],
  { subject, workload, disk, given: { barriers, waits } }: Trial,
  options: BlameOptions,
  { hardest, patient }: Pick<FixTrial, "hardest" | "patient"> = {},
): Promise<Cause | undefined> {
  const given: Given = { barriers: [...barriers, ...set], waits };
  const log = watched(subject, watcherOf(given.barriers, { counts: true, waits }));
  const checked = await checkFix(log, { workload, disk, hardest, patient }, options);
  if (checked === undefined) return undefined;
  const { isProven, isWhole, hold, of, next } = checked;
  const allHold = hold === of;
  const broken = next?.workload.name;
  const blame: Blame = {
    kind: "barriers",
    barriers: set.map(barrierOf),
    reason: reasonOf({ isProven, allHold, broken }),
    verified: isProven && allHold,
    others: {
      hold,
      of,
      complete: allHold && isWhole,
      ...(broken !== undefined && { broken }),
    },
  };
  return { blame, given, mended: subject, next };
}

/** How a fix did. */
interface FixResult {
  /** Whether all crash states of the workload of the finding were covered. */
  readonly isProven: boolean;
  /** Whether all of the other workloads' were, in all orders. */
  readonly isWhole: boolean;
  /** How many of the other workloads hold. */
  readonly hold: number;
  /** How many there are. */
  readonly of: number;
  /** What breaks the promise in another workload all the same. */
  readonly next: Counterexample | undefined;
}

/** What a fix is checked with. */
interface FixTrial extends Pick<Trial, "workload" | "disk"> {
  /** The other workload that comes first. */
  readonly hardest?: string | undefined;
  /** Whether a workload that is not covered within the budget gets more, where all others hold. */
  readonly patient?: boolean | undefined;
}

/** Checks a log that has a fix; `undefined` where the workload of the finding breaks it all the same. */
async function checkFix(
  log: LogUnderTest,
  { workload, disk, hardest, patient = false }: FixTrial,
  options: BlameOptions,
): Promise<FixResult | undefined> {
  let isWhole = true;
  let uncovered: Workload[] = [];
  for (const one of variantsOf(workload)) {
    const settings = filled(disk, options);
    const { verdict, exploration, schedules } = await checkWorkload(log, one, settings);
    if (verdict === "violates" || verdict === "harness-broken") return undefined;
    if (exploration?.complete !== true) uncovered.push(one);
    isWhole &&= schedules.of !== undefined;
  }
  // What another suggestion has failed in is likely to break this one, too.
  const others = othersOf(log, options)
    .toSorted((a, b) => Number(b.name === hardest) - Number(a.name === hardest));
  let hold = 0;
  let next: Counterexample | undefined;
  for (const one of others) {
    const settings = filled(disk, options, OTHERS);
    const result = await checkWorkload(log, one, settings);
    const { verdict, exploration, schedules, counterexample } = result;
    if (verdict === "violates") next = counterexample;
    if (verdict !== "holds") break;
    hold++;
    isWhole &&= exploration!.complete && schedules.of !== undefined;
  }
  while (patient && hold === others.length && uncovered.length > 0) {
    const settings = filled(disk, options, PATIENCE);
    const { verdict, exploration } = await checkWorkload(log, uncovered[0]!, settings);
    if (verdict === "violates" || verdict === "harness-broken") return undefined;
    if (exploration?.complete !== true) break;
    uncovered = uncovered.slice(1);
  }
  return { isProven: uncovered.length === 0, isWhole, hold, of: others.length, next };
}

/**
 * Whether it is enough that recovery cuts off what lies behind the last record: it is cheaper than
 * barriers that are made again and again.
 *
 * @returns The fix, in words; `undefined` where it is none.
 */
export async function checkTailCut(
  { subject, workload, disk, given: { barriers, waits } }: Trial,
  options: BlameOptions,
): Promise<string | undefined> {
  const cut = new TailCut();
  const given = watcherOf(barriers, { counts: true, waits });
  const log = watched(subject, together(cut, given));
  const checked = await checkFix(log, { workload, disk }, options);
  const isEnough = checked?.isProven && checked.hold === checked.of;
  if (!isEnough || cut.where === undefined) return undefined;
  return `before ${cut.where} is made for the first time, let recovery cut the file off behind its ` +
    "last record, and sync it: once per recovery. Checked: that is enough, as far as searched.";
}

/** What is said where the budget has ended before a suggestion was proven. */
export const UNCOVERED =
  "no crash is known that breaks the promise with these barriers, but not all were covered.";

function reasonOf({ isProven, allHold, broken }: {
  readonly isProven: boolean;
  readonly allHold: boolean;
  readonly broken: string | undefined;
}): string {
  if (!isProven) {
    return UNCOVERED;
  }
  if (broken !== undefined) return "A barrier is missing, and this is one of several causes.";
  return allHold
    ? "A barrier is missing."
    : "with these barriers, another workload could not be checked.";
}

function barrierOf(suspect: Suspect): BlamedBarrier {
  const { when, call, life, op, place, from, path, on, target, promise, late } = suspect;
  return {
    when,
    call,
    life,
    ...(op !== undefined && { op }),
    ...(place.line > 0 && { place }),
    ...(from !== undefined && { from }),
    ...(when === "after" && promise?.overtaken && { awaited: false as const }),
    ...(late !== undefined && { late }),
    target: path,
    on,
    role: target.is,
  };
}

/**
 * A workload; the same in whatever order; and the same killed a little later: with more barriers
 * there are more moments.
 */
export function variantsOf(workload: Workload): Workload[] {
  const { schedule, ...unscheduled } = workload;
  const later = (by: number) => (command: Command): Command =>
    command.do === "killDuring" ? { ...command, ops: command.ops + by } : command;
  const killed = Array.from({ length: hasKills(workload) ? KILLS : 0 }, (_, by) => ({
    ...unscheduled,
    lives: workload.lives.map((life) => life.map(later(by + 1))),
  }));
  return [...schedule === undefined ? [] : [workload], unscheduled, ...killed];
}

function hasKills({ lives }: Workload): boolean {
  return lives.flat().some((command) => command.do === "killDuring");
}
