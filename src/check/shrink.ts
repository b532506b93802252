/**
 * Makes a finding as small as it gets, before anybody has to read it.
 *
 * METHOD. First what is special about the disk goes, and what fails, wherever the promise is broken
 * without it. Then the workload: fewest lives, fewest commands, nothing at once, smallest records,
 * first come first served. A candidate is taken when a search with a small budget finds a crash that
 * breaks the promise in the same way: a finding never turns into another one. Last comes the crash:
 * all crash states of the workload that is left are gone through, and the one with the fewest lost
 * cells is taken, the fewest faults, the earliest moment. Everything is counted in recoveries, and
 * nothing is drawn, so that the same finding shrinks to the same document anywhere.
 *
 * @module
 */
import type { DiskOptions } from "../vfs/disk.ts";
import type { FaultPlan, FaultRule } from "../vfs/fault_plan.ts";
import { type Case, caseOf, CaseSearch } from "./case.ts";
import type { CheckOptions } from "./check_result.ts";
import type { Counterexample } from "./counterexample.ts";
import { confirm } from "./pull_plug.ts";
import { forgiving } from "./replay.ts";
import { simplerWorkloads } from "./simpler_workloads.ts";
import { subjectOf, type UnderTest } from "./store.ts";
import type { LogUnderTest } from "./subject.ts";
import { isUnjudgeable } from "./unjudgeable.ts";

/** How far a finding is shrunk. */
export interface ShrinkOptions {
  /** The most recoveries, over all candidates. Default: 60,000. */
  readonly recoveries?: number;
  /** Called before every run of the log, with the workload: a sign of life. */
  readonly onRun?: CheckOptions["onRun"];
}

const RECOVERIES = 60_000;
/** The most recoveries for one candidate. */
const CANDIDATE = 1_000;
/** So many calls of the first life are tried in the place of one of a later life. */
const FIRST_CALLS = 6;
/** The most recoveries for the search of the smallest crash. */
const CRASH = 6_000;

/**
 * Makes a finding as small as it gets: the workload, the crash, and what is special about the disk.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param counterexample The finding.
 * @param options The budget.
 * @returns A finding of the same kind that replays; the given one where nothing smaller does.
 * @throws {TypeError} When `log` is not a log under test.
 *
 * @example
 * ```ts
 * import { checkLog, shrinkCounterexample } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const { violations } = await checkLog(naive);
 * const { workload } = await shrinkCounterexample(naive, violations.at(-1)!);
 * console.log(workload.lives.flat().length); // 1
 * ```
 */
export async function shrinkCounterexample<Log>(
  log: UnderTest<Log>,
  counterexample: Counterexample,
  options: ShrinkOptions = {},
): Promise<Counterexample> {
  const subject = subjectOf(log);
  return await forgiving(() => new Shrinker(subject, counterexample, options).shrink());
}

class Shrinker {
  readonly #subject: LogUnderTest;
  readonly #given: Counterexample;
  readonly #search: CaseSearch;
  readonly #tried = new Set<string>();
  #best: Counterexample;

  constructor(
    subject: LogUnderTest,
    given: Counterexample,
    { recoveries = RECOVERIES, onRun }: ShrinkOptions,
  ) {
    this.#subject = subject;
    this.#given = this.#best = given;
    const { module } = given.subject;
    this.#search = new CaseSearch(subject, { recoveries, module, onRun });
  }

  async shrink(): Promise<Counterexample> {
    if (!await this.#isConfirmed(this.#given)) return this.#given;
    await this.#descend(plainerCases);
    await this.#descend(smallerCases);
    // With fewer commands, less may be needed of the disk.
    await this.#descend(plainerCases);
    await this.#descend(calmerCases);
    const { clause } = this.#given.verdict;
    const { found } = await this.#search.smallest(caseOf(this.#best), CRASH, clause);
    for (const one of [found, this.#best]) {
      if (one === undefined || one === this.#given) continue;
      const named = { ...one, workload: { ...one.workload, name: this.#name(one) } };
      if (await this.#isConfirmed(named)) return named;
    }
    return this.#given;
  }

  /** Takes the first candidate that shows the same, until none does. */
  async #descend(candidates: (one: Case) => Iterable<Case>): Promise<void> {
    const { clause } = this.#given.verdict;
    for (let goesOn = true; goesOn;) {
      goesOn = false;
      for (const candidate of candidates(caseOf(this.#best))) {
        if (this.#search.isOver) return;
        const key = JSON.stringify(candidate);
        if (this.#tried.has(key)) continue;
        this.#tried.add(key);
        const { found } = await this.#search.first(candidate, CANDIDATE, clause);
        if (found === undefined) continue;
        this.#best = found;
        goesOn = true;
        break;
      }
    }
  }

  #name({ workload }: Counterexample): string {
    const { name, lives } = this.#given.workload;
    const isSame = JSON.stringify(lives) === JSON.stringify(workload.lives);
    return isSame || name.endsWith(SHRUNK) ? name : `${name}${SHRUNK}`;
  }

  async #isConfirmed(one: Counterexample): Promise<boolean> {
    try {
      await confirm(this.#subject, one, { budget: { recoveries: 1 } });
      return true;
    } catch (error) {
      if (isUnjudgeable(error)) return false;
      throw error;
    }
  }
}

const SHRUNK = ", shrunk";

/** Without what is special about the disk, and with fewer faults. */
function* plainerCases(one: Case): Generator<Case> {
  const { disk, faults, later, struck } = one;
  if (faults.length > 0 || later > 0) yield { ...one, faults: [], later: 0 };
  if (later > 0) yield { ...one, later: later - 1 };
  // A fault in the first life is easier to follow than one in a recovery.
  for (const rule of later > 0 ? struck : []) {
    for (let number = 1; number <= FIRST_CALLS; number++) {
      yield { ...one, faults: [...faults, { ...rule, number }], later: later - 1 };
    }
  }
  for (const i of faults.keys()) yield { ...one, faults: faults.toSpliced(i, 1) };
  for (const [i, { times = 1, ...rule }] of faults.entries()) {
    if (times < 2) continue;
    yield { ...one, faults: faults.with(i, rule) };
    yield { ...one, faults: faults.with(i, { ...rule, times: times - 1 }) };
  }
  for (const plainer of plainerDisks(disk)) yield { ...one, disk: plainer };
}

/** What is special about a disk, each property with the value that is not. */
const PLAIN: Partial<Record<keyof DiskOptions, unknown>> = {
  lyingBarriers: undefined,
  mediaFaults: undefined,
  capacityBytes: undefined,
  staleTail: false,
  powersafeOverwrite: undefined,
  tearBytes: undefined,
  staleSectors: undefined,
  dioreadNolock: undefined,
  sectorBytes: 512,
};

/** The disk with one special property less. */
function* plainerDisks(disk: DiskOptions): Generator<DiskOptions> {
  for (const [key, plain] of Object.entries(PLAIN)) {
    if (disk[key as keyof DiskOptions] === undefined) continue;
    if (disk[key as keyof DiskOptions] === plain) continue;
    const { [key as keyof DiskOptions]: _, ...rest } = disk;
    yield plain === undefined ? rest : { ...rest, [key]: plain };
  }
  const { mediaFaults = [] } = disk;
  if (mediaFaults.length > 1) {
    for (const kind of mediaFaults) yield { ...disk, mediaFaults: [kind] };
  }
}

/** With a simpler workload. A plan of faults counts calls, so it may have to move with them. */
function* smallerCases(one: Case): Generator<Case> {
  const { schedule } = one.workload;
  for (const workload of simplerWorkloads(one.workload)) {
    const known = schedule === undefined ? workload : { ...workload, schedule };
    for (const faults of [one.faults, ...nearbyPlans(one.faults)]) {
      yield { ...one, workload: known, faults };
    }
  }
  for (const faults of nearbyPlans(one.faults)) yield { ...one, faults };
}

/** The plans whose rules strike a little earlier, or cut off more. */
function* nearbyPlans(plan: FaultPlan): Generator<FaultPlan> {
  for (const [i, rule] of plan.entries()) {
    for (const other of nearbyRules(rule)) yield plan.with(i, other);
  }
}

function* nearbyRules(rule: FaultRule): Generator<FaultRule> {
  const { number = 1, fault } = rule;
  for (let earlier = 1; earlier < number; earlier++) yield { ...rule, number: earlier };
  if (fault.kind === "short" && fault.bytes > 1) {
    yield { ...rule, fault: { ...fault, bytes: fault.bytes >> 1 } };
  }
}

/** With less out of turn. */
function* calmerCases(one: Case): Generator<Case> {
  const { schedule = [] } = one.workload;
  for (const [i, pick] of schedule.entries()) {
    if (pick === 0) continue;
    yield { ...one, workload: { ...one.workload, schedule: schedule.with(i, 0) } };
  }
}
