/**
 * A case is all that a finding rests on but the crash: the commands, the disk, and what fails. What
 * shrinks a finding, and what asks on which disks it shows, tries many of them.
 *
 * @module
 */
import { Choices } from "../explore/choices.ts";
import type { DiskOptions } from "../vfs/disk.ts";
import { type FaultPlan, parseFaultPlan } from "../vfs/fault_plan.ts";
import type { CheckOptions, FilledOptions } from "./check_result.ts";
import { type Counterexample, traceDigest } from "./counterexample.ts";
import { crashSize, isSmaller, turnsOf } from "./crash_size.ts";
import { type FirstLife, firstLife } from "./first_life.ts";
import { type Decide, follow } from "./interleaving.ts";
import { Schedules } from "./interleaving_schedules.ts";
import { everyCrash, writtenDown } from "./pull_plug.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";
import { isUnjudgeable } from "./unjudgeable.ts";

/** What is run. */
export interface Case {
  /** The commands. Its schedule is tried second, after first come, first served. */
  readonly workload: Workload;
  /** The disk. */
  readonly disk: DiskOptions;
  /** The calls of the first life that fail. */
  readonly faults: FaultPlan;
  /** How many calls may fail in the lives after a power loss. */
  readonly later: number;
  /** Those that did, as rules of a plan without a number. */
  readonly struck: FaultPlan;
}

/** Of a workload whose order matters, so many orders are tried where the known one shows nothing. */
const SCHEDULES = 24;

/** What a finding rests on. */
export function caseOf({ workload, disk, faults, crash }: Counterexample): Case {
  const struck = crash.kept.filter(({ cell }) => cell === "fault").map(({ holds }) => {
    const [, call, fault] = /^call \d+, (\w+) ".*": (.*)$/s.exec(holds) ?? [];
    return `${call}: ${fault}`;
  });
  return {
    workload,
    disk,
    faults: parseFaultPlan(faults ?? ""),
    later: struck.length,
    struck: parsedOrNone(struck.join("; ")),
  };
}

/** The words of a document are for people: what they say is a hint, and no more. */
function parsedOrNone(plan: string): FaultPlan {
  try {
    return parseFaultPlan(plan);
  } catch {
    return [];
  }
}

/** How cases are searched. */
export interface CaseOptions {
  /** The most recoveries, over all cases. */
  readonly recoveries: number;
  /** The module that the log came from. */
  readonly module?: string | undefined;
  /** Called before every run of the log: a sign of life. */
  readonly onRun?: CheckOptions["onRun"];
}

/** What the search of a case showed. */
export interface CaseResult {
  /** The crash that was found. */
  readonly found: Counterexample | undefined;
  /** Whether all crash states were covered. */
  readonly complete: boolean;
}

/** Searches cases of one log, until the budget is used up. */
export class CaseSearch {
  readonly #subject: LogUnderTest;
  readonly #options: CaseOptions;
  #left: number;

  /** Starts with the whole budget. */
  constructor(subject: LogUnderTest, options: CaseOptions) {
    this.#subject = subject;
    this.#options = options;
    this.#left = options.recoveries;
  }

  /** Whether the budget is used up. */
  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** A crash that breaks the promise, with a given clause or any, in the orders that seem likely. */
  async first(one: Case, most: number, clause?: string): Promise<CaseResult> {
    const fifo = await this.#searched(one, most, follow([]), { clause });
    if (fifo.found !== undefined || turnsOf(one.workload) === 0) return fifo;
    const known = await this.#searched(one, most, follow(one.workload.schedule!), { clause });
    if (known.found !== undefined) return known;
    const schedules = new Schedules(SCHEDULES, 1);
    const seen = new Set<string>();
    for (let decide = schedules.next(); decide !== undefined; decide = schedules.next()) {
      const other = await this.#searched(one, most, decide, { clause, schedules, seen });
      if (other.found !== undefined) return other;
    }
    return { found: undefined, complete: false };
  }

  /** The smallest crash with a clause, in the order that the workload names. */
  async smallest(one: Case, most: number, clause: string): Promise<CaseResult> {
    const decide = follow(one.workload.schedule ?? []);
    return await this.#searched(one, most, decide, { clause, all: true });
  }

  async #searched(one: Case, most: number, decide: Decide, wanted: Wanted): Promise<CaseResult> {
    try {
      return await this.#search(one, most, decide, wanted);
    } catch (error) {
      if (isUnjudgeable(error)) return { found: undefined, complete: false };
      throw error;
    }
  }

  async #search(
    { workload, disk, faults, later }: Case,
    most: number,
    decide: Decide,
    { clause, all = false, schedules, seen }: Wanted,
  ): Promise<CaseResult> {
    const subject = this.#subject;
    const { onRun, module } = this.#options;
    const options: FilledOptions = {
      ...disk,
      budget: { recoveries: Math.max(Math.min(most, this.#left), 1) },
      faults,
      ...(onRun && { onRun }),
      ...(module !== undefined && { module }),
    };
    this.#left--;
    const first: FirstLife = { ...await firstLife(subject, workload, options, decide), later };
    if (schedules?.ran(first.run.interleaving.decisions) === false) {
      return { found: undefined, complete: false };
    }
    const doing = seen && `${traceDigest(first.disk.life.trace).digest}\n${first.run.timeline}`;
    if (doing !== undefined && seen!.has(doing)) return { found: undefined, complete: true };
    if (doing !== undefined) seen!.add(doing);
    const isWanted = (other: string) => clause === undefined || clause === other;
    const { violation } = first;
    if (violation !== undefined) {
      const found = first.run.shown.length > 0 && isWanted(violation.clause)
        ? writtenDown(violation, new Choices(), workload, subject, { options, first })
        : undefined;
      return { found, complete: true };
    }
    let found: Counterexample | undefined;
    let size: number[] = [Infinity];
    const { recoveries, complete } = await everyCrash(
      subject,
      workload,
      options,
      first,
      (violation, { choices }) => {
        if (!isWanted(violation.clause)) return false;
        const other = crashSize(violation, choices);
        if (!isSmaller(other, size)) return false;
        size = other;
        found = writtenDown(violation, choices, workload, subject, { options, first });
        return !all;
      },
    );
    this.#left -= recoveries;
    return { found, complete };
  }
}

/** What a search is for. */
interface Wanted {
  /** The clause that must be broken; any, where it is left out. */
  readonly clause?: string | undefined;
  /** Whether all crashes are compared, and not the first one taken. */
  readonly all?: boolean;
  /** The schedules that are tried one after the other, and what those before have done. */
  readonly schedules?: Schedules;
  readonly seen?: Set<string>;
}
