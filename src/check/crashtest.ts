import { AssertionError } from "@std/assert";
import { checkLog } from "./check_log.ts";
import type { CheckOptions, CheckResult } from "./check_result.ts";
import type { Counterexample } from "./counterexample.ts";
import { explain, onePerCause } from "./explain.ts";
import { placeOfCall } from "./call_place.ts";
import { formatProof } from "./proof.ts";
import { replayCommand, testCommand } from "./replay_command.ts";
import type { UnderTest } from "./store.ts";
import { writeFinding } from "./write_finding.ts";

/** How a log is checked inside a test. */
export interface CrashTestOptions extends CheckOptions {
  /**
   * A directory that the finding is written to, for `deno task replay`; with `module` it can be
   * replayed from there. Default: nothing is written.
   */
  readonly findings?: string;
}

/**
 * Checks a log inside a test: returns when it holds, throws when it does not. The error is all that
 * is needed to act on it: the smallest crash that shows what is wrong, and how to run it again. A log
 * that loops without a file-system call is not stopped here; the command line does that.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param options The disk, the workloads and the budget, and where to keep what is found.
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
  log: UnderTest<Log>,
  options: CrashTestOptions = {},
): Promise<CheckResult> {
  const { findings, ...asked } = options;
  // The test that called this; known only until the first wait.
  const { file: test } = placeOfCall(crashTest);
  const result = await checkLog(log, asked);
  if (result.verdict === "holds") return result;
  const [smallest] = onePerCause(result.violations);
  if (smallest === undefined) {
    throw new AssertionError(`The log "${result.name}" is ${result.verdict}: ${result.reason}`);
  }
  const { onRun } = options;
  const found = await explain(log, smallest, onRun === undefined ? {} : { onRun });
  const replay = await howToReplay(found, findings, test);
  throw new AssertionError(
    `The log "${result.name}" does not survive power loss\n\n${formatProof(found)}\n${replay}`,
  );
}

/** How to see the same crash again. */
async function howToReplay(
  found: Counterexample,
  findings: string | undefined,
  test: string,
): Promise<string> {
  if (findings === undefined) {
    const command = test.startsWith("file:") ? `: ${testCommand(test)}` : "";
    return `Replay   run this test again${command}\n` +
      "         It finds the same crash. With the options\n" +
      '         { findings: ".plugpull/findings", module: "my_log.ts" } it writes a file for\n' +
      `         ${replayCommand("FILE")}`;
  }
  try {
    const file = await writeFinding(found, findings);
    return found.subject.module === undefined
      ? `Replay   replayCounterexample(log, parseCounterexample(Deno.readTextFileSync("${file}")))`
      : `Replay   ${replayCommand(file)}`;
  } catch (error) {
    return `         (Cannot keep it in "${findings}": ${(error as Error).message})`;
  }
}
