/**
 * Blame: which barriers are missing, or why none would help.
 *
 * METHOD. The log stays as it is; barriers are inserted where it makes a call, at every execution of
 * that place in its code, in every life (`insertion.ts`); where several callers lead to a place, also
 * for one of them alone. First the finding is run again with stacks
 * on, and every place is noted at which something waits for a barrier. Then a barrier on everything
 * after every call: where the promise is broken even so, no barrier fixes it. Otherwise each place is
 * tried alone, then several together. One more barrier never adds an outcome, so a set that holds can
 * be found by halving, and made as small as it gets by leaving out. What is suggested is checked once
 * more, with barriers that count as the log's own, over the workload of the finding and over others.
 * Where another workload still breaks the promise, the search begins again with that one, and with the
 * barriers found so far. A promised call that the log does not wait for is no barrier's business: where
 * only waiting for it helps, that is said. And where recovery could cut off what a barrier for every
 * append would keep from being left behind, that is the cheaper fix (`tail_cut.ts`).
 *
 * @module
 */
import { formatOp } from "../vfs/op.ts";
import type { Blame, BlamedBarrier, BlameKind } from "./blame_document.ts";
import {
  LYING,
  NO_SET,
  outOfOrder,
  tornRename,
  tornWrite,
  unawaited,
  UNKNOWN,
  wrongOrder,
} from "./blame_reasons.ts";
import { BlameTrials, type Given, type Trial } from "./blame_trials.ts";
import { inOrder } from "./call_order.ts";
import { checkWorkload } from "./check_workload.ts";
import { type Counterexample, Script } from "./counterexample.ts";
import { alone, type Faults, faultsOf } from "./failing_calls.ts";
import { causeWithFaults } from "./fault_cause.ts";
import { EVERYWHERE, watched, watcherOf } from "./insertion.ts";
import { placesNamed } from "./call_place.ts";
import { smallestSets } from "./missing_barriers.ts";
import { forgiving } from "./replay.ts";
import { isRewritten } from "./rewritten.ts";
import { oracleOf, subjectOf, type UnderTest } from "./store.ts";
import type { LogUnderTest } from "./subject.ts";
import {
  type BlameOptions,
  type Cause,
  checkSuggestion,
  checkTailCut,
  countSpots,
  filled,
  variantsOf,
} from "./suggestion.ts";
import { likeliestFirst, Suspects } from "./suspects.ts";
import { type LastOp, onWholeOps } from "./whole_ops.ts";
import { isShared } from "./workload.ts";

export type { BlameOptions } from "./suggestion.ts";

const RECOVERIES = 60_000;
/** Recoveries in which suspects are looked for. */
const SURVEY = 1_000;
/** Runs in which whole ops persist. */
const WHOLE_OPS = 4_000;
/** Suggestions for the finding that are checked with other workloads, until one holds there, too. */
const SUGGESTIONS = 4;

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

/** Causes that are looked for, one after the other, until the promise is kept. */
const CAUSES = 4;

async function causeOf(
  subject: LogUnderTest,
  counterexample: Counterexample,
  options: BlameOptions,
): Promise<Blame> {
  const nothing: Given = { barriers: [], waits: false };
  const faults = await faultsOf(subject, counterexample);
  const first = await searchCause(subject, counterexample, { ...options, given: nothing, faults });
  const found = await allCauses(subject, first, { ...options, counterexample });
  return faults === undefined
    ? found.blame
    : await causeWithFaults(found, counterexample, { ...options, faults });
}

/** What is missing besides, where other workloads break the promise all the same. */
async function allCauses(
  subject: LogUnderTest,
  first: Cause,
  { counterexample, ...options }: BlameOptions & { readonly counterexample: Counterexample },
): Promise<Cause> {
  const also: BlamedBarrier[] = [];
  let cause = first;
  for (let causes = 1; causes < CAUSES && cause.next !== undefined; causes++) {
    cause = await searchCause(subject, cause.next, {
      ...options,
      given: cause.given,
      faults: undefined,
    });
    // The numbers are those of another finding.
    also.push(...cause.blame.barriers.map(({ op: _, ...barrier }) => barrier));
  }
  const blame = { ...first.blame, ...(first.instead && { instead: first.instead }) };
  const only = { ...first, blame };
  if (first.next === undefined || !cause.blame.verified || also.length === 0) return only;
  const variants = variantsOf(counterexample.workload);
  const { disk: { mediaFaults: _, ...disk } } = counterexample;
  const log = watched(subject, watcherOf(cause.given.barriers, { counts: true, ...cause.given }));
  for (const one of variants) {
    const { verdict } = await checkWorkload(log, one, filled(disk, options));
    if (verdict !== "holds") return only;
  }
  const { given } = cause;
  return { ...first, given, blame: { ...blame, others: { ...blame.others, also } } };
}

async function searchCause(
  subject: LogUnderTest,
  counterexample: Counterexample,
  options: BlameOptions & { readonly given: Given; readonly faults: Faults | undefined },
): Promise<Cause> {
  const { faults } = options;
  const suspects = new Suspects(counterexample.crash.points);
  const cause = await searchAmong(suspects, counterexample, { ...options, subject });
  const { blame: { barriers, reason }, instead = "" } = cause;
  const words = `${barriers.length === 0 ? reason : ""} ${instead}`;
  const places = placesNamed(words, [...suspects.places, ...faults?.places ?? []]);
  return { ...cause, blame: { ...cause.blame, ...(places.length > 0 && { places }) } };
}

async function searchAmong(
  suspects: Suspects,
  counterexample: Counterexample,
  { subject, faults, ...options }: BlameOptions & {
    readonly subject: LogUnderTest;
    readonly given: Given;
    readonly faults: Faults | undefined;
  },
): Promise<Cause> {
  const { disk: { mediaFaults: _, ...disk }, workload, crash } = counterexample;
  let trial: Trial = { subject, workload, disk, given: options.given, onRun: options.onRun };
  let trials = new BlameTrials(trial, options.recoveries ?? RECOVERIES);
  const without = (kind: BlameKind, reason: string): Cause => ({
    blame: unhelped(kind, reason),
    given: trial.given,
  });
  if (faults === undefined) {
    trials.remember(crash.kept);
    const at = (life: number) => crash.points[life] ?? Infinity;
    await trials.live(suspects, new Script(crash.kept), at);
  }
  suspects.goOn();
  const calm = await trials.search(suspects, { isThorough: true, most: SURVEY });
  if (calm !== "violates") {
    if (faults !== undefined && calm === "holds") {
      return { ...without("logic", alone(faults)), isHarmless: true };
    }
    return without("unknown", UNKNOWN);
  }
  if (disk.lyingBarriers) return without("logic", LYING);
  let everywhere = await trials.search(EVERYWHERE);
  if (everywhere === "violates" && suspects.overtaken.length > 0) {
    const waiting = { ...trial, given: { ...trial.given, waits: true } };
    const patient = new BlameTrials(waiting, trials.left);
    if (await patient.search(EVERYWHERE) === "holds") {
      [trial, trials, everywhere] = [waiting, patient, "holds"];
    }
  }
  if (everywhere === "unknown") return without("unknown", UNKNOWN);
  if (everywhere === "violates") {
    return without(...await hopeless(trials, trial, suspects, counterexample));
  }
  // What recovery would cut off, it cuts off with calls of its own, which are not those that fail.
  const mayCut = faults === undefined;
  return await whatIsMissing(trials, trial, { suspects, options, mayCut });
}

/** What the log lacks where barriers everywhere help. */
async function whatIsMissing(
  trials: BlameTrials,
  trial: Trial,
  { suspects, options, mayCut }: {
    readonly suspects: Suspects;
    readonly options: BlameOptions;
    readonly mayCut: boolean;
  },
): Promise<Cause> {
  const waits = await onlyWaits(trials, trial, { suspects, options });
  if (waits !== undefined) return waits;
  const counts = await countSpots(trial.subject, trial, options);
  const sets = smallestSets(trials, likeliestFirst(suspects.found, counts));
  let best: Cause | undefined;
  let tried = 0;
  for await (const set of sets) {
    const hardest = best?.blame.others.broken;
    const checked = await checkSuggestion(set, trial, options, { hardest, patient: tried === 0 });
    if (checked?.blame.verified) {
      const instead = mayCut ? await checkTailCut(trial, options) : undefined;
      return { ...checked, instead };
    }
    const hold = (one: Cause | undefined) => one?.blame.others.hold ?? -1;
    if (checked !== undefined && hold(checked) > hold(best)) best = checked;
    if (++tried === SUGGESTIONS) break;
  }
  return best ?? await onlyOrder(trials, trial, { suspects, options });
}

/** The cause where it is enough that the log waits for its promised calls before it returns. */
async function onlyWaits(
  trials: BlameTrials,
  trial: Trial,
  { suspects, options }: { readonly suspects: Suspects; readonly options: BlameOptions },
): Promise<Cause | undefined> {
  const because = async (calls: readonly string[], given: Given) => {
    const checked = await checkSuggestion([], { ...trial, given }, options);
    const isChecked = checked?.blame.verified === true;
    const blame = unhelped("logic", unawaited(calls, isChecked));
    return { cause: { blame, given, mended: trial.subject }, isChecked };
  };
  if (trial.given.waits) {
    if (!await trials.holds([])) return undefined;
    return (await because(suspects.overtaken, trial.given)).cause;
  }
  // Among calls that overlap, what is under way when one of them returns may be that of another.
  const { open } = suspects.promised;
  if (open.length === 0 || isShared(trial.workload)) return undefined;
  const given = { ...trial.given, waits: true };
  if (!await new BlameTrials({ ...trial, given }, trials.left).holds([])) return undefined;
  const { cause, isChecked } = await because(open, given);
  return isChecked ? cause : undefined;
}

/** The cause where no barriers hold in every order: it is enough that the log's calls keep theirs. */
async function onlyOrder(
  trials: BlameTrials,
  trial: Trial,
  { suspects, options }: { readonly suspects: Suspects; readonly options: BlameOptions },
): Promise<Cause> {
  const because = (kind: BlameKind, reason: string): Cause => ({
    blame: unhelped(kind, reason),
    given: trial.given,
  });
  if (trials.left <= 0) return because("unknown", UNKNOWN);
  if (isShared(trial.workload)) {
    for (const order of ["acks", "calls"] as const) {
      const ordered = { ...trial, subject: inOrder(trial.subject, order) };
      if (!await new BlameTrials(ordered, trials.left).holds([])) continue;
      const checked = await checkSuggestion([], ordered, options);
      if (!checked?.blame.verified) continue;
      const cause = because("logic", outOfOrder(order, suspects.promised.passed));
      return { ...cause, mended: ordered.subject };
    }
  }
  return because("unknown", NO_SET);
}

/** Why no barrier helps. */
async function hopeless(
  trials: BlameTrials,
  trial: Trial,
  suspects: Suspects,
  { verdict: { clause, after } }: Counterexample,
): Promise<[BlameKind, string]> {
  const torn = trials.broken && suspects.named(formatOp(trials.broken));
  const { verdict, last } = await onWholeOps(trials, WHOLE_OPS);
  if (verdict === "violates") {
    const placed = ({ op, words }: LastOp) => `${op}, ${suspects.named(words)}`;
    return ["logic", wrongOrder(last.map((one) => one && placed(one)))];
  }
  if (verdict === "unknown") return ["unknown", `No barrier fixes this. ${UNKNOWN}`];
  if (trial.disk.model === "posix") {
    const atomic: Trial = { ...trial, disk: { ...trial.disk, model: "posix-ra" } };
    const verdict = await new BlameTrials(atomic, trials.left).search(EVERYWHERE);
    if (verdict === "holds") return ["format", tornRename(torn)];
  }
  const isStore = oracleOf(trial.subject) !== undefined;
  const isRewrittenWhole = trials.broken !== undefined && await isRewritten(trial, trials.broken);
  // Two copies that are written in turn are no only one: there, a checksum tells which to take.
  const isOnlyCopy = isRewrittenWhole && (isStore || clause === "open failed");
  return ["format", tornWrite({ torn, clause, isLater: after !== undefined, isOnlyCopy })];
}

function unhelped(kind: BlameKind, reason: string): Blame {
  return {
    kind,
    barriers: [],
    reason,
    verified: false,
    others: { hold: 0, of: 0, complete: false },
  };
}
