/**
 * Blame: which barriers are missing, or why none would help.
 *
 * METHOD. The log stays as it is; barriers are inserted where it makes a call, at every execution of
 * that place in its code, in every life (`insertion.ts`). First the finding is run again with stacks
 * on, and every place is noted at which something waits for a barrier. Then a barrier on everything
 * after every call: where the promise is broken even so, no barrier fixes it. Otherwise each place is
 * tried alone, then several together. One more barrier never adds an outcome, so a set that holds can
 * be found by halving, and made as small as it gets by leaving out. What is suggested is checked once
 * more, with barriers that count as the log's own, over the workload of the finding and over others.
 *
 * @module
 */
import type { DiskOptions } from "../vfs/disk.ts";
import type { Blame, BlamedBarrier, BlameKind } from "./blame_document.ts";
import { BlameTrials, type Trial } from "./blame_trials.ts";
import type { CheckOptions, FilledOptions } from "./check_result.ts";
import { checkWorkload } from "./check_workload.ts";
import { type Counterexample, Script } from "./counterexample.ts";
import { defaultWorkloads } from "./default_workloads.ts";
import { firstLife } from "./first_life.ts";
import { deepened, fitted, isMeaningful } from "./fit_workload.ts";
import { EVERYWHERE, watched, watcherOf } from "./insertion.ts";
import { follow } from "./interleaving.ts";
import { smallestSets } from "./missing_barriers.ts";
import { forgiving } from "./replay.ts";
import { subjectOf, type UnderTest } from "./store.ts";
import type { LogUnderTest } from "./subject.ts";
import { likeliestFirst, SpotCounter, type Suspect, Suspects } from "./suspects.ts";
import { onWholeOps } from "./whole_ops.ts";
import type { Command, Workload } from "./workload.ts";

/** How far a cause is looked for. */
export interface BlameOptions {
  /** The other workloads that a suggestion is checked with. Default: those of every check. */
  readonly workloads?: readonly Workload[];
  /** The most recoveries in the search for a cause. Default: 60,000. */
  readonly recoveries?: number;
  /**
   * The most recoveries in the check of a suggestion, for the workload of the finding. Each of the
   * others gets a tenth. Default: 6,000.
   */
  readonly checkRecoveries?: number;
  /** Called before every run of the log, with the workload: a sign of life. */
  readonly onRun?: CheckOptions["onRun"];
}

const RECOVERIES = 60_000;
const CHECK_RECOVERIES = 6_000;
/** The share of it that another workload gets. */
const OTHERS = 0.1;
/** Recoveries in which suspects are looked for. */
const SURVEY = 1_000;
/** Workloads in which calls are counted. */
const COUNTED = 12;
/** Runs in which whole ops persist. */
const WHOLE_OPS = 4_000;
/** Suggestions for the finding that are checked with other workloads, until one holds there, too. */
const SUGGESTIONS = 4;
/** Moments at which a process is killed, besides that of the finding: barriers that count shift it. */
const KILLS = 8;

/**
 * Finds what a finding comes from: the smallest set of barriers that are missing, each with its place
 * in the log's code, or why no barrier would help. A suggestion holds for every crash state of the
 * workload; `verified` tells whether it does for other workloads, too.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param counterexample The finding; the smaller, the faster.
 * @param options The budget, and the other workloads.
 * @returns The cause, as plain data for the document.
 * @throws {TypeError} When `log` is not a log under test.
 *
 * @example
 * ```ts
 * import { blame, checkLog } from "../../mod.ts";
 * import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
 *
 * const log = naiveLog({ ...allFixes, syncDirectory: false });
 * const [found] = (await checkLog(log)).violations;
 * const { kind, barriers } = await blame(log, found!);
 * console.log(kind, barriers[0]?.role); // barriers its directory
 * ```
 */
export async function blame<Log>(
  log: UnderTest<Log>,
  counterexample: Counterexample,
  options: BlameOptions = {},
): Promise<Blame> {
  const subject = subjectOf(log);
  return await forgiving(() => causeOf(subject, counterexample, options));
}

async function causeOf(
  subject: LogUnderTest,
  counterexample: Counterexample,
  options: BlameOptions,
): Promise<Blame> {
  const { disk: { mediaFaults: _, ...disk }, workload, crash } = counterexample;
  const trial: Trial = { subject, workload, disk, onRun: options.onRun };
  const trials = new BlameTrials(trial, options.recoveries ?? RECOVERIES);
  const faults = faultsOf(counterexample);
  const suspects = new Suspects(crash.points);
  if (faults === undefined) {
    trials.remember(crash.kept);
    const at = (life: number) => crash.points[life] ?? Infinity;
    await trials.live(suspects, new Script(crash.kept), at);
  }
  suspects.goOn();
  const calm = await trials.search(suspects, { isThorough: true, most: SURVEY });
  if (calm !== "violates") {
    if (faults !== undefined && calm === "holds") return without("logic", faults);
    return without("unknown", UNKNOWN);
  }
  if (disk.lyingBarriers) return without("logic", LYING);
  const everywhere = await trials.search(EVERYWHERE);
  if (everywhere === "unknown") return without("unknown", UNKNOWN);
  if (everywhere === "violates") {
    const { verdict, last } = await onWholeOps(trials, WHOLE_OPS);
    if (verdict === "holds") return without("format", FORMAT);
    if (verdict === "violates") return without("logic", wrongOrder(last));
    return without("unknown", `No barrier fixes this. ${UNKNOWN}`);
  }
  const counts = await countSpots(subject, trial, options);
  const sets = smallestSets(trials, likeliestFirst(suspects.found.values(), counts));
  let best: Blame | undefined;
  let tried = 0;
  for await (const set of sets) {
    const checked = await checkSuggestion(set, trial, options, best?.others.broken);
    if (checked?.verified) return checked;
    if (checked !== undefined && checked.others.hold > (best?.others.hold ?? -1)) best = checked;
    if (++tried === SUGGESTIONS) break;
  }
  return best ?? without("unknown", UNKNOWN);
}

const UNKNOWN = "The cause was not found within the budget.";
const FORMAT =
  "No barrier fixes this: the format cannot tell a torn record, or recovery leaves one in " +
  "the way. One write that persists in part breaks the promise; with every write whole, it is kept.";
const LYING = "No barrier fixes this: on this disk barriers do nothing.";

/** What is said where the promise is broken although nothing is lost. */
function wrongOrder(last: readonly string[]): string {
  const [first = "", ...later] = last;
  // The ends of later lives tell little, and nothing at all where the first one is not cut short.
  const where = first.startsWith("op ") ? `at ${first}` : first;
  const again = later.some((op) => op !== "before any op") ? ", and again in a recovery" : "";
  return "No barrier fixes this. Even a disk on which everything persists, whole and in the order in " +
    `which it was written, breaks the promise when the power goes ${where}${again}: change the order ` +
    "of the calls, the format, or what recovery makes of them.";
}

/** What goes wrong in a finding besides the power, and what follows. */
function faultsOf({ faults, crash, disk }: Counterexample): string | undefined {
  const has = (kind: string) => crash.kept.some(({ cell }) => cell === kind);
  if (disk.mediaFaults !== undefined || has("damage")) {
    return "A power loss alone does no harm here: the damage must be noticed, and refused or " +
      "repaired.";
  }
  if (faults === undefined && !has("fault")) return undefined;
  return "A power loss alone does no harm here: the failing call must be handled.";
}

function without(kind: BlameKind, reason: string): Blame {
  return {
    kind,
    barriers: [],
    reason,
    verified: false,
    others: { hold: 0, of: 0, complete: false },
  };
}

/** The other workloads, as a check runs them. */
function othersOf(subject: LogUnderTest, { workloads = defaultWorkloads }: BlameOptions) {
  return workloads.filter((workload) => isMeaningful(workload, subject))
    .map((workload) => deepened(fitted(workload, subject), 1));
}

/** How often each call is made in the first lives of many workloads. */
async function countSpots(
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

function filled(
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
async function checkSuggestion(
  set: readonly Suspect[],
  { subject, workload, disk }: Trial,
  options: BlameOptions,
  hardest: string | undefined,
): Promise<Blame | undefined> {
  const log = watched(subject, watcherOf(set, { counts: true }));
  let [isProven, isWhole] = [true, true];
  for (const one of variantsOf(workload)) {
    const settings = filled(disk, options);
    const { verdict, exploration, schedules } = await checkWorkload(log, one, settings);
    if (verdict === "violates" || verdict === "harness-broken") return undefined;
    isProven &&= exploration?.complete === true;
    isWhole &&= schedules.of !== undefined;
  }
  // What another suggestion has failed in is likely to break this one, too.
  const others = othersOf(subject, options)
    .toSorted((a, b) => Number(b.name === hardest) - Number(a.name === hardest));
  let hold = 0;
  let broken: string | undefined;
  for (const one of others) {
    const settings = filled(disk, options, OTHERS);
    const { verdict, exploration, schedules } = await checkWorkload(log, one, settings);
    if (verdict === "violates") broken = one.name;
    if (verdict !== "holds") break;
    hold++;
    isWhole &&= exploration!.complete && schedules.of !== undefined;
  }
  const allHold = hold === others.length;
  return {
    kind: "barriers",
    barriers: set.map(barrierOf),
    reason: reasonOf({ isProven, allHold, broken }),
    verified: isProven && allHold,
    others: {
      hold,
      of: others.length,
      complete: allHold && isWhole,
      ...(broken !== undefined && { broken }),
    },
  };
}

function reasonOf({ isProven, allHold, broken }: {
  readonly isProven: boolean;
  readonly allHold: boolean;
  readonly broken: string | undefined;
}): string {
  if (!isProven) {
    return "no crash is known that breaks the promise with these barriers, but not all were covered.";
  }
  if (broken !== undefined) return "A barrier is missing, and this is one of several causes.";
  return allHold
    ? "A barrier is missing."
    : "with these barriers, another workload could not be checked.";
}

function barrierOf({ when, call, life, op, place, path, on, target }: Suspect): BlamedBarrier {
  return {
    when,
    call,
    life,
    ...(op !== undefined && { op }),
    ...(place.line > 0 && { place }),
    target: path,
    on,
    role: target.is,
  };
}

/**
 * A workload; the same in whatever order; and the same killed a little later: with more barriers
 * there are more moments.
 */
function variantsOf(workload: Workload): Workload[] {
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
