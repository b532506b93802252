import { AssertionError } from "@std/assert";
import { checkLog } from "./check_log.ts";
import type { CheckOptions, CheckResult } from "./check_result.ts";
import { formatProof } from "./proof.ts";
import type { LogUnderTest } from "./subject.ts";

/**
 * Checks a log inside a test: returns when it holds, throws when it does not. A log that loops
 * without a file-system call is not stopped here; the command line does that.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param options The disk, the workloads and the budget.
 * @returns What was covered.
 * @throws {AssertionError} When the log violates its promise, was not measured, or cannot be
 * checked; the message says what happened.
 * @throws {TypeError} When `log` is no log under test.
 *
 * @example
 * ```ts
 * import { crashTest } from "../../mod.ts";
 * import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
 *
 * // In a test file: Deno.test("my log survives power loss", async () => { … });
 * const { complete } = await crashTest(naiveLog(allFixes));
 * console.log(complete); // true: every legal crash state was covered
 * ```
 */
export async function crashTest<Log>(
  log: LogUnderTest<Log>,
  options: CheckOptions = {},
): Promise<CheckResult> {
  const result = await checkLog(log, options);
  if (result.verdict === "holds") return result;
  const [violation] = result.violations;
  throw new AssertionError(
    violation === undefined
      ? `The log "${result.name}" is ${result.verdict}: ${result.reason}`
      : `The log "${result.name}" does not survive power loss\n\n${formatProof(violation)}`,
  );
}
