/**
 * Mutants of a log: the same log with one of its barriers dropped, delayed or weakened, as it would
 * be had its author left out or moved a line. A mutant that no workload notices tells that the
 * barrier is not needed, or that the workloads are blind to it.
 *
 * METHOD. No source is changed: a mutant opens on a {@linkcode BarrierFileSystem} that knows one
 * place in the log's code and treats the barriers that are asked for there in another way. First
 * the log itself is checked, which must hold; the places are noted meanwhile, each with the
 * workloads that come by. Every mutant is checked with these workloads, one by one, until one of
 * them breaks: on all others it is the log itself. The workload that noticed the last mutant comes
 * first, then those with the fewest recoveries.
 *
 * @module
 */
import type { FileSystem } from "../vfs/file_system.ts";
import { barrierCosts } from "./barrier_costs.ts";
import { type AskedBarrier, BarrierFileSystem, type BarrierGate } from "./barrier_file_system.ts";
import type { SourcePlace } from "./call_place.ts";
import { checkLog } from "./check_log.ts";
import type { CheckOptions, CheckResult } from "./check_result.ts";
import { type BarrierSite, gateOf, isSameMutant, type Mutant, type Mutation } from "./mutation.ts";
import type { LogUnderTest } from "./subject.ts";
import { subjectOf, type UnderTest } from "./store.ts";
import type { Workload } from "./workload.ts";

/** What is known of a log before it is mutated. */
export interface BarrierSurvey {
  /** The check of the log itself. */
  readonly check: CheckResult;
  /** The places that ask for a barrier, sorted. */
  readonly sites: readonly BarrierSite[];
}

/**
 * What became of a mutant. `noticed`: a workload breaks, or the log cannot be judged any more.
 * `not-noticed`: none does. `not-reached`: no workload made the barrier. `not-measured`: the budget
 * ended before anything was shown.
 */
export type MutantVerdict = "noticed" | "not-noticed" | "not-reached" | "not-measured";

/** What the check of a mutant showed. */
export interface MutantResult extends Mutant {
  /** The verdict. */
  readonly verdict: MutantVerdict;
  /** The workload that noticed it. */
  readonly workload: string | undefined;
  /** How it was noticed: the broken clause, or why the log cannot be judged. */
  readonly reason: string | undefined;
  /** Whether all legal crash states were covered; where it was noticed, nobody needs them. */
  readonly complete: boolean;
  /** How many times the mutant was recovered. */
  readonly recoveries: number;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
}

/** What became of all mutants of a log. */
export interface MutantReport extends BarrierSurvey {
  /** The mutants; none where the log itself does not hold. */
  readonly mutants: readonly MutantResult[];
  /** How long it took, in milliseconds, the check of the log itself included. */
  readonly milliseconds: number;
}

/** How mutants are checked. */
export interface MutantOptions extends Omit<CheckOptions, "onWorkload" | "module"> {
  /** What is done to the barriers. Default: all three. */
  readonly mutations?: readonly Mutation[];
  /** What an earlier run has found out about the log: it is not checked again. */
  readonly survey?: BarrierSurvey;
  /** Mutants of which an earlier run has found out enough: they are not checked again. */
  readonly settled?: readonly MutantResult[];
  /** Called when the log itself has been checked. */
  readonly onSurvey?: (survey: BarrierSurvey) => void;
  /** Called before a mutant is checked. */
  readonly onMutant?: (mutant: Mutant) => void;
  /** Called when a mutant has been checked. */
  readonly onMutantResult?: (result: MutantResult) => void;
}

/**
 * Drops, delays and weakens each barrier of a log in turn, and reports which of these mutants its
 * workloads notice. That is evidence over these workloads and this model, not a proof: a barrier
 * that is not missed here may be needed elsewhere. A barrier that no workload makes is not found.
 *
 * A mutant that loops without a file-system call is not stopped here; the command line does that.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param options The disk, the workloads and the budget.
 * @returns The check of the log itself, its barriers, and the mutants when it holds.
 * @throws {TypeError} When `log` is no log under test.
 *
 * @example
 * ```ts
 * import { checkMutants, formatMutants } from "../../mod.ts";
 * import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
 *
 * const workloads = [{ name: "one", lives: [[{ do: "append", bytes: 24 }, { do: "sync" }]] }] as const;
 * const report = await checkMutants(naiveLog(allFixes), { workloads });
 * console.log(formatMutants(report)); // … barriers would be missed if they were deleted …
 * ```
 */
export async function checkMutants<Log>(
  log: UnderTest<Log>,
  options: MutantOptions = {},
): Promise<MutantReport> {
  const started = performance.now();
  const subject = subjectOf(log);
  const survey = options.survey ?? await surveyBarriers(subject, options);
  if (options.survey === undefined) options.onSurvey?.(survey);
  const mutants: MutantResult[] = [];
  const noticers: string[] = [];
  for (const mutant of mutantsOf(survey, options.mutations)) {
    let result = options.settled?.find((settled) => isSameMutant(settled, mutant));
    if (result === undefined) {
      options.onMutant?.(mutant);
      result = await checkMutant(subject, mutant, { survey, noticers }, options);
      options.onMutantResult?.(result);
    }
    if (result.workload !== undefined) noticers.unshift(result.workload);
    mutants.push(result);
  }
  return { ...survey, mutants, milliseconds: performance.now() - started };
}

const MUTATIONS: readonly Mutation[] = ["dropped", "delayed", "weakened"];

/** The mutants of a log that holds, the most telling first. */
function mutantsOf(
  { check, sites }: BarrierSurvey,
  mutations: readonly Mutation[] = MUTATIONS,
): Mutant[] {
  if (check.verdict !== "holds") return [];
  return MUTATIONS.filter((mutation) => mutations.includes(mutation)).flatMap((mutation) =>
    sites.filter((site) => mutation !== "weakened" || isWeakenable(site))
      .map((site) => ({ site, mutation }))
  );
}

/** What a directory would lose by `fdatasync` no model tells. */
function isWeakenable({ call, on }: BarrierSite): boolean {
  return call === "fsync" && on !== "directory";
}

/** Checks the log itself, and notes where it asks for barriers. */
async function surveyBarriers(
  subject: LogUnderTest,
  options: MutantOptions,
): Promise<BarrierSurvey> {
  interface Noted extends Pick<BarrierSite, "call">, SourcePlace {
    readonly kinds: Set<"file" | "directory">;
    readonly by: Set<string>;
  }
  const noted = new Map<string, Noted>();
  let workload = "";
  const note = (asked: AskedBarrier) => {
    const { call } = asked;
    const place = asked.place();
    const key = keyOf(place, call);
    let site = noted.get(key);
    if (site === undefined) {
      noted.set(key, site = { ...place, call, kinds: new Set(), by: new Set() });
    }
    site.kinds.add(asked.isOnDirectory() ? "directory" : "file");
    site.by.add(workload);
    asked.make();
  };
  const check = await checkLog(
    onGate(subject, () => note),
    {
      ...options,
      onRun: (next) => {
        workload = next.name;
        options.onRun?.(next);
      },
    },
  );
  const costs = check.verdict !== "holds" ? undefined : await barrierCosts(
    (gate) => onGate(subject, () => gate),
    check.workloads.map(({ workload }) => workload),
    check.disk,
    (asked) => keyOf(asked.place(), asked.call),
  );
  const sites = [...noted].map(([key, { kinds, by, ...site }]): BarrierSite => ({
    ...site,
    on: kinds.size > 1 ? "file or directory" : kinds.has("file") ? "file" : "directory",
    workloads: [...by],
    ...(costs !== undefined && { perRecord: costs.get(key) ?? 0 }),
  }));
  return { check, sites: sites.toSorted(byPlace) };
}

function keyOf({ file, line, column }: SourcePlace, call: BarrierSite["call"]): string {
  return `${file}:${line}:${column} ${call}`;
}

function byPlace(a: BarrierSite, b: BarrierSite): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column || (a.call < b.call ? -1 : 1);
}

/** The workloads that come by a barrier, the likeliest to notice its mutant first. */
function workloadsFor(
  { site }: Mutant,
  { check }: BarrierSurvey,
  noticers: readonly string[],
): Workload[] {
  const rank = (name: string) => noticers.includes(name) ? noticers.indexOf(name) : Infinity;
  return check.workloads
    .filter(({ workload }) => site.workloads.includes(workload.name))
    .toSorted((a, b) => {
      const [rankA, rankB] = [rank(a.workload.name), rank(b.workload.name)];
      if (rankA !== rankB) return rankA - rankB;
      return (a.exploration?.recoveries ?? 0) - (b.exploration?.recoveries ?? 0);
    })
    .map(({ workload }) => workload);
}

/** Checks one mutant, workload by workload, until one notices. */
async function checkMutant(
  subject: LogUnderTest,
  mutant: Mutant,
  { survey, noticers }: { readonly survey: BarrierSurvey; readonly noticers: readonly string[] },
  options: MutantOptions,
): Promise<MutantResult> {
  const started = performance.now();
  // A workload that is left out counts as the log itself does.
  let { complete } = survey.check;
  let [reached, measured, recoveries] = [false, false, 0];
  const end = (verdict: MutantVerdict, workload?: string, reason?: string): MutantResult => ({
    ...mutant,
    verdict,
    workload,
    reason,
    complete,
    recoveries,
    milliseconds: performance.now() - started,
  });
  const mutated = onGate(subject, () => gateOf(mutant, () => reached = true));
  for (const workload of workloadsFor(mutant, survey, noticers)) {
    const check = await checkLog(mutated, { ...options, workloads: [workload] });
    const [result] = check.workloads;
    recoveries += check.recoveries;
    if (result === undefined) continue;
    const { verdict, counterexample, reason } = result;
    complete = complete && check.complete;
    if (verdict === "violates") {
      return end("noticed", workload.name, counterexample!.verdict.clause);
    }
    if (verdict === "harness-broken") return end("noticed", workload.name, reason);
    if (verdict === "holds") measured = true;
  }
  if (!reached) return end("not-reached");
  return end(measured ? "not-noticed" : "not-measured");
}

/** The log, with a gate before the barriers of each of its processes. */
function onGate(subject: LogUnderTest, gateOfProcess: () => BarrierGate): LogUnderTest {
  // What is not a log is handed on as it is, for the check to refuse.
  if (typeof subject?.open !== "function") return subject;
  const open = (fs: FileSystem, dir: string) =>
    subject.open(new BarrierFileSystem(fs, gateOfProcess()), dir);
  // Methods are called on the log itself: it may be an object with private state.
  return new Proxy({} as LogUnderTest, {
    get(_, name: keyof LogUnderTest) {
      const value: unknown = name === "open" ? open : subject[name];
      return typeof value === "function" ? value.bind(subject) : value;
    },
  });
}
