/**
 * From a crash that was found to one that explains itself: as small as it gets, with the disks on
 * which it shows, and what is to blame.
 *
 * @module
 */
import { blame } from "./blame.ts";
import { causeOf } from "./cause.ts";
import type { CheckResult } from "./check_result.ts";
import type { Counterexample } from "./counterexample.ts";
import { findingSize } from "./crash_size.ts";
import { shrinkCounterexample, type ShrinkOptions } from "./shrink.ts";
import type { UnderTest } from "./store.ts";
import { weakestDisk } from "./weakest_disk.ts";

/** What an explanation is at. */
export interface ExplainStep {
  /** What is done. `blame`: the search for the barrier that is missing. */
  readonly doing: "shrinking" | "other disks" | "blame";
  /** With which finding, from 1. */
  readonly finding: number;
  /** How many findings there are. */
  readonly of: number;
}

/** How findings are explained. */
export interface ExplainOptions extends ShrinkOptions {
  /** Called before every step. */
  readonly onStep?: (step: ExplainStep) => void;
}

/** So many causes of one check are explained; who has more will begin with these. */
const CAUSES = 12;

/**
 * Shrinks a finding, and finds out on which disks it shows and what is to blame.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param counterexample The finding.
 * @param options The budget of each step.
 * @returns The finding that is worth reading.
 * @throws {TypeError} When `log` is not a log under test.
 *
 * @example
 * ```ts
 * import { checkLog, explain, formatProof } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const [found] = (await checkLog(naive)).violations;
 * console.log(formatProof(await explain(naive, found!)));
 * ```
 */
export async function explain<Log>(
  log: UnderTest<Log>,
  counterexample: Counterexample,
  options: ExplainOptions = {},
): Promise<Counterexample> {
  const only = { finding: 1, of: 1 };
  options.onStep?.({ doing: "shrinking", ...only });
  const shrunk = await shrinkCounterexample(log, counterexample, options);
  return await annotated(log, shrunk, { ...options, ...only });
}

/**
 * Explains what a check has found, one finding for each cause.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log that was checked.
 * @param result What was found.
 * @param options The budget of each step of each explanation, and who is told of it.
 * @returns The same result, whose `violations` are the explained ones, the smallest first.
 * @throws {TypeError} When `log` is not a log under test.
 *
 * @example
 * ```ts
 * import { checkLog, explainAll } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const raw = await checkLog(naive);
 * const { violations } = await explainAll(naive, raw);
 * console.log(raw.violations.length, violations.length); // 38 workloads, 2 causes
 * ```
 */
export async function explainAll<Log>(
  log: UnderTest<Log>,
  result: CheckResult,
  options: ExplainOptions = {},
): Promise<CheckResult> {
  const all = onePerCause(result.violations).slice(0, CAUSES);
  const shrunk: Counterexample[] = [];
  for (const [i, found] of all.entries()) {
    options.onStep?.({ doing: "shrinking", finding: i + 1, of: all.length });
    shrunk.push(await shrinkCounterexample(log, found, options));
  }
  // Some turn out to be the same.
  const left = onePerCause(shrunk);
  const explained: Counterexample[] = [];
  for (const [i, found] of left.entries()) {
    explained.push(await annotated(log, found, { ...options, finding: i + 1, of: left.length }));
  }
  return { ...result, violations: onePerCause(explained) };
}

/**
 * The smallest finding of each cause.
 *
 * @param found The findings.
 * @returns Some of them, the smallest first.
 *
 * @example
 * ```ts
 * import { checkLog, onePerCause } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * console.log(onePerCause((await checkLog(naive)).violations).length); // 2
 * ```
 */
export function onePerCause(found: readonly Counterexample[]): Counterexample[] {
  const sorted = found.toSorted((a, b) => findingSize(a) - findingSize(b));
  return [...Map.groupBy(sorted, causeOf).values()].map(([smallest]) => smallest!);
}

/** With what is known of a finding that is not made any smaller. */
async function annotated<Log>(
  log: UnderTest<Log>,
  found: Counterexample,
  { onRun, onStep, finding, of }: ExplainOptions & Omit<ExplainStep, "doing">,
): Promise<Counterexample> {
  const watched = { ...(onRun && { onRun }) };
  onStep?.({ doing: "other disks", finding, of });
  const labelled = { ...found, weakestDisk: await weakestDisk(log, found, watched) };
  onStep?.({ doing: "blame", finding, of });
  return { ...labelled, blame: await blame(log, labelled, watched) };
}
