import { Disk } from "../vfs/disk.ts";
import {
  type FaultPlan,
  formatFaultPlan,
  parseFaultPlan,
  requireFaultPlan,
} from "../vfs/fault_plan.ts";
import type { CheckOptions, CheckResult, Verdict, WorkloadResult } from "./check_result.ts";
import { checkWorkload } from "./check_workload.ts";
import { defaultWorkloads } from "./default_workloads.ts";
import { deepened, fitted, isMeaningful } from "./fit_workload.ts";
import { forgiving } from "./replay.ts";
import { subjectOf, type UnderTest } from "./store.ts";
import type { LogUnderTest } from "./subject.ts";

const RECOVERIES = 50_000;

/**
 * Checks a log: runs each workload once, pulls the plug at every moment and in every legal way, and
 * judges every recovery: what was acked must be there, nothing may be there that was not issued,
 * and the recovered log must be readable again and appendable.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param options The disk, the workloads and the budget.
 * @returns The verdict with its evidence.
 * @throws {TypeError} When `log` is none: a method is missing, or `acks` is neither of the two words.
 * @throws {FaultPlanError} When `faults` is no fault plan.
 *
 * @example
 * ```ts
 * import { checkLog } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const { verdict } = await checkLog(naive);
 * console.log(verdict); // violates
 * ```
 */
export async function checkLog<Log>(
  log: UnderTest<Log>,
  options: CheckOptions = {},
): Promise<CheckResult> {
  return await forgiving(() => check(log, options));
}

/**
 * Makes many checks one after the other. Each check prepares the globals of the process and waits for
 * the end of a turn of the event loop, which takes longer than a small check; here that happens once.
 *
 * @typeParam Result What `run` returns.
 * @param run Makes the checks, with the function that it is given in the place of {@linkcode checkLog}.
 * @returns What it returns.
 *
 * @example
 * ```ts
 * import { inBatch } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const sizes = [0, 24, 700];
 * const verdicts = await inBatch(async (check) => {
 *   const verdicts: string[] = [];
 *   for (const bytes of sizes) {
 *     const workloads = [{ name: "one", lives: [[{ do: "append" as const, bytes }]] }];
 *     verdicts.push((await check(naive, { workloads })).verdict);
 *   }
 *   return verdicts;
 * });
 * console.log(verdicts.length); // 3
 * ```
 */
export async function inBatch<Result>(
  run: (check: typeof checkLog) => Promise<Result>,
): Promise<Result> {
  return await forgiving(() => run(check));
}

async function check<Log>(log: UnderTest<Log>, options: CheckOptions = {}): Promise<CheckResult> {
  const started = performance.now();
  const subject = subjectOf(log);
  requireOptions(options);
  const depth = options.depth ?? 1;
  const budget = { recoveries: RECOVERIES * Math.max(depth, 1), ...options.budget };
  const faults = typeof options.faults === "string"
    ? parseFaultPlan(options.faults)
    : options.faults ?? [];
  const workloads = (options.workloads ?? defaultWorkloads)
    .filter((workload) => isMeaningful(workload, subject))
    .map((workload) => deepened(fitted(workload, subject), depth));
  options.onStart?.(workloads);
  const results: WorkloadResult[] = [];
  for (const workload of workloads) {
    results.push(await checkWorkload(subject, workload, { ...options, budget, faults }));
    options.onWorkload?.(results.at(-1)!);
    if (results.at(-1)!.verdict === "harness-broken") break;
  }
  const { verdict, reason } = verdictOf(results, subject, faults);
  const explorations = results.flatMap(({ exploration }) => exploration ?? []);
  const sum = (values: (bigint | undefined)[]) =>
    values.reduce((a, b) => a === undefined || b === undefined ? undefined : a + b, 0n);
  const strategies = explorations.map(({ strategy }) => strategy);
  return {
    name: subject.name,
    verdict,
    reason,
    model: options.model ?? "posix-ra",
    sectorBytes: options.sectorBytes ?? 512,
    disk: new Disk(options).options,
    promise: options.lyingBarriers || subject.acks === "never" ? "some prefix" : "durable prefix",
    strategy: strategies.includes("sampling")
      ? "sampling"
      : strategies.includes("deviations")
      ? "deviations"
      : "exhaustive",
    complete: results.length > 0 && explorations.length === results.length &&
      explorations.every(({ complete }) => complete) &&
      // Faults are placed in the first order only.
      results.every(({ placements: { run, of }, schedules }) =>
        run === of && (!options.callFaults || schedules.of === 1)
      ),
    crashStates: sum(explorations.map(({ crashStates }) => crashStates)) ?? 0n,
    covered: sum(explorations.map(({ covered }) => covered)),
    schedules: {
      run: results.reduce((total, { schedules }) => total + schedules.run, 0),
      of: results.some(({ schedules }) => schedules.of === undefined)
        ? undefined
        : results.reduce((total, { schedules }) => total + schedules.of!, 0),
      distinct: results.reduce((total, { schedules }) => total + schedules.distinct, 0),
    },
    placements: {
      run: results.reduce((total, { placements }) => total + placements.run, 0),
      of: results.some(({ placements }) => placements.of === undefined)
        ? undefined
        : results.reduce((total, { placements }) => total + placements.of!, 0),
    },
    recoveries: explorations.reduce((total, { recoveries }) => total + recoveries, 0),
    milliseconds: performance.now() - started,
    violations: results.flatMap(({ counterexample }) => counterexample ?? []),
    workloads: results,
  };
}

/** Refuses counts that mean nothing. */
function requireOptions({ depth, schedules, callFaults, budget, faults }: CheckOptions): void {
  const counts: [name: string, value: number | undefined, min: number, max: number][] = [
    ["depth", depth, 0, Infinity],
    ["schedules", schedules, 1, Infinity],
    ["callFaults", callFaults, 0, 2],
    ["budget.recoveries", budget?.recoveries, 0, Infinity],
    ["budget.steps", budget?.steps, 1, Infinity],
  ];
  for (const [name, value, min, max] of counts) {
    if (value === undefined) continue;
    const isCount = Number.isInteger(value) || (value === Infinity && name.startsWith("budget"));
    if (isCount && value >= min && value <= max) continue;
    const range = max === Infinity ? `from ${min}` : `from ${min} to ${max}`;
    throw new RangeError(
      `Cannot check a log: ${name} is ${value}, expected a whole number ${range}`,
    );
  }
  if (typeof faults === "object") requireFaultPlan(faults);
}

function verdictOf(
  results: readonly WorkloadResult[],
  { acks }: LogUnderTest,
  faults: FaultPlan,
): { verdict: Verdict; reason: string | undefined } {
  for (const verdict of ["harness-broken", "violates"] as const) {
    const first = results.find((result) => result.verdict === verdict);
    if (first !== undefined) return { verdict, reason: first.reason };
  }
  const unmeasured = results.find((result) => result.verdict === "not-measured");
  if (unmeasured !== undefined) return { verdict: "not-measured", reason: unmeasured.reason };
  if (faults.length > 0 && results.every(({ failures }) => failures === 0)) {
    const reason = `No workload makes the calls that shall fail: ${formatFaultPlan(faults)}`;
    return { verdict: "not-measured", reason };
  }
  if (acks !== "never" && results.every(({ acked }) => acked === 0)) {
    return { verdict: "not-measured", reason: "The log acked no record, so nothing was promised" };
  }
  return { verdict: "holds", reason: undefined };
}
