import { type Disk, StepBudgetError } from "../vfs/disk.ts";
import { parseFaultPlan } from "../vfs/fault_plan.ts";
import { CallRecorder, ChosenFaults } from "./call_faults.ts";
import { type Counterexample, freshDisk, pin, Script, traceDigest } from "./counterexample.ts";
import { epilogue } from "./fit_workload.ts";
import { follow } from "./interleaving.ts";
import { withFakeTime } from "./interleaving_clock.ts";
import { LOG_DIRECTORY, LogRun, type Violation } from "./run_log.ts";
import { drive } from "./settle.ts";
import { subjectOf, type UnderTest } from "./store.ts";
import type { LogUnderTest } from "./subject.ts";

/** What replaying a counterexample showed. */
export interface Replay {
  /** What is wrong; `undefined` when the log now holds on this crash. */
  readonly violation: Violation | undefined;
  /** Whether the log still makes the same calls as when the counterexample was found. */
  readonly sameTrace: boolean;
  /** A cell whose version in the document is not possible any more. */
  readonly misfit: string | undefined;
  /** The disk as the replay left it. */
  readonly disk: Disk;
}

/**
 * Runs the crash of a counterexample again.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param counterexample The document.
 * @returns What it shows now.
 * @throws {TypeError} When `log` is not a log under test.
 * @throws {StepBudgetError} When a life makes too many file-system calls.
 * @throws {StuckError} When the log waits for something that never happens.
 *
 * @example
 * ```ts
 * import { checkLog, replayCounterexample } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const [found] = (await checkLog(naive)).violations;
 * const { violation, sameTrace } = await replayCounterexample(naive, found!);
 * console.log(violation?.message === found!.verdict.message, sameTrace); // true true
 * ```
 */
export async function replayCounterexample<Log>(
  log: UnderTest<Log>,
  counterexample: Counterexample,
): Promise<Replay> {
  const subject = subjectOf(log);
  return await forgiving(() => replay(subject, counterexample));
}

/** As {@linkcode replayCounterexample}, within a check, and with a limit of its own. */
export async function replay(
  subject: LogUnderTest,
  counterexample: Counterexample,
  steps: number = STEPS,
): Promise<Replay> {
  const { crash, workload, disk: options } = counterexample;
  const disk = freshDisk(options, LOG_DIRECTORY);
  const script = new Script(crash.kept);
  disk.chooser = script;
  disk.faults = new CallRecorder(disk, parseFaultPlan(counterexample.faults ?? ""));
  const chosen = new ChosenFaults(disk, crash.kept.filter(({ cell }) => cell === "fault").length);
  disk.stepLimit = steps;
  const run = new LogRun(subject, disk, { decide: follow(workload.schedule ?? []) });
  let violation: Violation | undefined;
  const lives = [...workload.lives, epilogue(subject)];
  for (const [i, commands] of lives.entries()) {
    violation = await drive(run.live(commands), run.interleaving);
    requireEnd(disk);
    if (violation !== undefined || i === lives.length - 1) break;
    disk.powerCut();
    // As in the search, where the first life has its own limit, and what follows shares one.
    if (i === 0) disk.steps = 0;
    pin(disk.lives[i]!, crash.points[i] ?? Infinity);
    chosen.begin();
  }
  const { digest } = traceDigest(disk.lives[0]!.trace);
  return {
    violation,
    sameTrace: digest === counterexample.subject.trace.digest,
    misfit: script.misfit,
    disk,
  };
}

/** The most file-system calls of the first life, and of all that follow. */
export const STEPS = 100_000;

/**
 * What a log has started and not awaited fails with `EBADF` when its process is killed or the power
 * goes. Nobody is left to handle that, and nobody must.
 */
export async function forgiving<T>(run: () => Promise<T>): Promise<T> {
  const forgive = (event: PromiseRejectionEvent) => {
    const { reason } = event;
    if (isOfTheDead(reason)) event.preventDefault();
  };
  globalThis.addEventListener("unhandledrejection", forgive);
  try {
    return await withFakeTime(run);
  } finally {
    // What was rejected meanwhile is told at the end of this turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve));
    globalThis.removeEventListener("unhandledrejection", forgive);
  }
}

/** Whether a call failed because its process had been killed, in the words of whichever file system. */
export function isOfTheDead(error: unknown): boolean {
  return (error as { code?: unknown } | null | undefined)?.code === "EBADF";
}

/** A log may have swallowed the error that should have stopped it. */
export function requireEnd(disk: Disk): void {
  if (disk.steps > disk.stepLimit) throw new StepBudgetError(disk.stepLimit);
}
