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
  options: ShrinkOptions = {},
): Promise<Counterexample> {
  const shrunk = await shrinkCounterexample(log, counterexample, options);
  return await annotated(log, shrunk, options);
}

/**
 * Explains what a check has found, one finding for each cause.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log that was checked.
 * @param result What was found.
 * @param options The budget of each step of each explanation.
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
  options: ShrinkOptions = {},
): Promise<CheckResult> {
  const shrunk: Counterexample[] = [];
  for (const found of onePerCause(result.violations).slice(0, CAUSES)) {
    shrunk.push(await shrinkCounterexample(log, found, options));
  }
  const explained: Counterexample[] = [];
  for (const found of onePerCause(shrunk)) explained.push(await annotated(log, found, options));
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
  { onRun }: ShrinkOptions,
): Promise<Counterexample> {
  const watched = { ...(onRun && { onRun }) };
  const labelled = { ...found, weakestDisk: await weakestDisk(log, found, watched) };
  return { ...labelled, blame: await blame(log, labelled, watched) };
}
