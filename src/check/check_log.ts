import { Choices, NondeterminismError } from "../explore/choices.ts";
import { type Budget, type Exploration, explore, type Strategy } from "../explore/explore.ts";
import { type Disk, type DiskOptions, StepBudgetError } from "../vfs/disk.ts";
import { FileSystemError } from "../vfs/file_system.ts";
import {
  type Counterexample,
  documentOf,
  freshDisk,
  pin,
  Script,
  traceDigest,
} from "./counterexample.ts";
import { defaultWorkloads } from "./default_workloads.ts";
import { LOG_DIRECTORY, LogRun, type Violation } from "./run_log.ts";
import { drive, type Waiting } from "./settle.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Command, Workload } from "./workload.ts";

/**
 * What a check says of a log. `holds`: no crash state that was covered breaks the promise
 * ({@linkcode CheckResult.complete} tells whether that was all of them). `violates`: one does, and
 * replays. `not-measured`: nothing was shown, because the budget ended or nothing was acked.
 * `harness-broken`: the log cannot be judged: it does not open, does not end, or does not repeat
 * itself.
 */
export type Verdict = "holds" | "violates" | "not-measured" | "harness-broken";

/** How a log is checked. */
export interface CheckOptions extends DiskOptions {
  /** The workloads. Default: {@linkcode defaultWorkloads}. */
  readonly workloads?: readonly Workload[];
  /** How far the search may go for each workload. */
  readonly budget?: Budget;
  /** Seed of the sampling that ends a search too wide to exhaust. Default: 1. */
  readonly seed?: number;
  /** The module that the log came from, as counterexamples shall name it. */
  readonly module?: string;
  /** Called before every run of the log, with the workload: a sign of life. */
  readonly onRun?: (workload: Workload) => void;
  /** Called when a workload is finished. */
  readonly onWorkload?: (result: WorkloadResult) => void;
}

/** What one workload showed. */
export interface WorkloadResult {
  /** The workload. */
  readonly workload: Workload;
  /** Its verdict. */
  readonly verdict: Verdict;
  /** How many records were acked before the first power loss. */
  readonly acked: number;
  /** What was covered; `undefined` when the search did not get that far. */
  readonly exploration: Exploration | undefined;
  /** A crash that breaks the promise. */
  readonly counterexample: Counterexample | undefined;
  /** Why the verdict is `harness-broken` or `not-measured`. */
  readonly reason: string | undefined;
}

/** What a check found. Counts of crash states are about the first power loss of each workload. */
export interface CheckResult {
  /** The name of the log. */
  readonly name: string;
  /** The verdict over all workloads. */
  readonly verdict: Verdict;
  /** Why the verdict is `harness-broken` or `not-measured`. */
  readonly reason: string | undefined;
  /** The persistence model. */
  readonly model: string;
  /** Size of a sector in bytes. */
  readonly sectorBytes: number;
  /** The weakest strategy that was needed. */
  readonly strategy: Strategy;
  /** Whether every legal crash state of every workload was covered. */
  readonly complete: boolean;
  /** How many crash states the first power losses of the workloads have. */
  readonly crashStates: bigint;
  /** How many of them were covered; `undefined` when samples cannot be counted. */
  readonly covered: bigint | undefined;
  /** How many times the log was recovered, after later power losses and in repeats included. */
  readonly recoveries: number;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
  /** One counterexample for each workload that broke the promise. */
  readonly violations: readonly Counterexample[];
  /** The workloads, one by one. */
  readonly workloads: readonly WorkloadResult[];
}

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
  log: LogUnderTest<Log>,
  options: CheckOptions = {},
): Promise<CheckResult> {
  const started = performance.now();
  const subject = log as LogUnderTest;
  requireSubject(subject);
  const results: WorkloadResult[] = [];
  await forgiving(async () => {
    for (const workload of options.workloads ?? defaultWorkloads) {
      if (!isMeaningful(workload, subject)) continue;
      results.push(await checkWorkload(subject, fitted(workload, subject), options));
      options.onWorkload?.(results.at(-1)!);
      if (results.at(-1)!.verdict === "harness-broken") break;
    }
  });
  const { verdict, reason } = verdictOf(results);
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
    strategy: strategies.includes("sampling")
      ? "sampling"
      : strategies.includes("deviations")
      ? "deviations"
      : "exhaustive",
    complete: results.length > 0 && explorations.length === results.length &&
      explorations.every(({ complete }) => complete),
    crashStates: sum(explorations.map(({ crashStates }) => crashStates)) ?? 0n,
    covered: sum(explorations.map(({ covered }) => covered)),
    recoveries: explorations.reduce((total, { recoveries }) => total + recoveries, 0),
    milliseconds: performance.now() - started,
    violations: results.flatMap(({ counterexample }) => counterexample ?? []),
    workloads: results,
  };
}

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
  log: LogUnderTest<Log>,
  counterexample: Counterexample,
): Promise<Replay> {
  const subject = log as LogUnderTest;
  requireSubject(subject);
  return await forgiving(() => replay(subject, counterexample));
}

async function replay(
  subject: LogUnderTest,
  counterexample: Counterexample,
  steps: number = STEPS,
): Promise<Replay> {
  const { crash, workload, disk: options } = counterexample;
  const disk = freshDisk(options, LOG_DIRECTORY);
  const script = new Script(crash.kept);
  disk.chooser = script;
  disk.stepLimit = steps;
  const run = new LogRun(subject, disk);
  let violation: Violation | undefined;
  const lives = [...workload.lives, epilogue(subject)];
  for (const [i, commands] of lives.entries()) {
    violation = await drive(run.live(commands));
    requireEnd(disk);
    if (violation !== undefined || i === lives.length - 1) break;
    disk.powerCut();
    // As in the search, where the first life has its own limit, and what follows shares one.
    if (i === 0) disk.steps = 0;
    pin(disk.lives[i]!, crash.points[i] ?? Infinity);
  }
  const { digest } = traceDigest(disk.lives[0]!.trace);
  return {
    violation,
    sameTrace: digest === counterexample.subject.trace.digest,
    misfit: script.misfit,
    disk,
  };
}

const STEPS = 100_000;

/**
 * What a log has started and not awaited fails with `EBADF` when its process is killed or the power
 * goes. Nobody is left to handle that, and nobody must.
 */
async function forgiving<T>(run: () => Promise<T>): Promise<T> {
  const forgive = (event: PromiseRejectionEvent) => {
    const { reason } = event;
    if (reason instanceof FileSystemError && reason.code === "EBADF") event.preventDefault();
  };
  globalThis.addEventListener("unhandledrejection", forgive);
  try {
    return await run();
  } finally {
    // What was rejected meanwhile is told at the end of this turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve));
    globalThis.removeEventListener("unhandledrejection", forgive);
  }
}

/** A log may have swallowed the error that should have stopped it. */
function requireEnd(disk: Disk): void {
  if (disk.steps > disk.stepLimit) throw new StepBudgetError(disk.stepLimit);
}

/** After the last power loss, a log must be readable again, and go on as a log does. */
function epilogue(subject: LogUnderTest): Command[] {
  const sync: Command[] = subject.sync === undefined ? [] : [{ do: "sync" }];
  return [{ do: "kill" }, { do: "append", bytes: 24 }, ...sync, { do: "kill" }];
}

async function checkWorkload(
  subject: LogUnderTest,
  workload: Workload,
  options: CheckOptions,
): Promise<WorkloadResult> {
  const broken = (reason: string): WorkloadResult => ({
    workload,
    verdict: "harness-broken",
    acked: 0,
    exploration: undefined,
    counterexample: undefined,
    reason,
  });
  try {
    const first = await firstLife(subject, workload, options);
    if (first.violation !== undefined) return await withoutCrash(first, workload, subject, options);
    const again = await firstLife(subject, workload, options);
    const [before, now] = [first, again].map(({ disk }) => traceDigest(disk.life.trace));
    if (before!.digest !== now!.digest) {
      return broken(
        `The log is not deterministic: the workload "${workload.name}" made ${before!.ops} calls ` +
          `that change the disk, and ${now!.ops} others when it was run again`,
      );
    }
    first.disk.powerCut();
    return await pullPlug(subject, workload, options, first);
  } catch (error) {
    if (error instanceof NondeterminismError || error instanceof StepBudgetError) {
      return broken(error.message);
    }
    throw error;
  }
}

/** Runs the life before the first power loss. */
async function firstLife(
  subject: LogUnderTest,
  workload: Workload,
  options: CheckOptions,
): Promise<{ disk: Disk; run: LogRun; violation: Violation | undefined }> {
  options.onRun?.(workload);
  const disk = freshDisk(options, LOG_DIRECTORY);
  disk.stepLimit = options.budget?.steps ?? STEPS;
  const run = new LogRun(subject, disk);
  const violation = await drive(run.live(workload.lives[0] ?? []));
  requireEnd(disk);
  return { disk, run, violation };
}

/** The log breaks its promise, or does not even open, while the power is on. */
async function withoutCrash(
  { violation, disk, run }: { violation: Violation | undefined; disk: Disk; run: LogRun },
  workload: Workload,
  subject: LogUnderTest,
  options: CheckOptions,
): Promise<WorkloadResult> {
  const opened = run.shown.length > 0;
  const counterexample = opened
    ? documentOf(violation!, new Choices(), disk, workload, identityOf(subject, options))
    : undefined;
  if (counterexample !== undefined) await confirm(subject, counterexample, options);
  return {
    workload,
    verdict: opened ? "violates" : "harness-broken",
    acked: run.acked,
    exploration: undefined,
    counterexample,
    reason: opened ? undefined : `Cannot open the log in an empty directory: ${violation!.message}`,
  };
}

async function pullPlug(
  subject: LogUnderTest,
  workload: Workload,
  options: CheckOptions,
  { disk, run }: { disk: Disk; run: LogRun },
): Promise<WorkloadResult> {
  const lives = [...workload.lives.slice(1), epilogue(subject)];
  let counterexample: Counterexample | undefined;
  const exploration = await explore(
    disk,
    () => {
      options.onRun?.(workload);
      return drive(liveOn(subject, disk, run, lives));
    },
    ({ violation }, { choices }) => {
      if (violation === undefined) return false;
      counterexample = documentOf(
        violation,
        choices,
        disk,
        workload,
        identityOf(subject, options),
      );
      return true;
    },
    {
      ...(options.budget && { budget: options.budget }),
      ...(options.seed !== undefined && { seed: options.seed }),
      fingerprint: ({ shown, violation }) => fingerprint(shown, violation),
    },
  );
  if (counterexample !== undefined) await confirm(subject, counterexample, options);
  const measured = exploration.recoveries > 0;
  return {
    workload,
    verdict: counterexample !== undefined ? "violates" : measured ? "holds" : "not-measured",
    acked: run.acked,
    exploration,
    counterexample,
    reason: measured ? undefined : "The budget ended before anything was shown",
  };
}

/** The lives after the first power loss. */
function* liveOn(
  subject: LogUnderTest,
  disk: Disk,
  before: LogRun,
  lives: readonly (readonly Command[])[],
): Waiting<{ violation: Violation | undefined; shown: readonly (readonly Uint8Array[])[] }> {
  const run = new LogRun(subject, disk, before);
  for (const [i, commands] of lives.entries()) {
    if (i > 0) disk.powerCut();
    const violation = yield* run.live(commands);
    if (violation !== undefined) return { violation, shown: run.shown };
  }
  return { violation: undefined, shown: run.shown };
}

/** A violation that does not show again when replayed is the harness's or the log's own doing. */
async function confirm(
  subject: LogUnderTest,
  counterexample: Counterexample,
  { budget }: CheckOptions,
): Promise<void> {
  const { violation } = await replay(subject, counterexample, budget?.steps);
  const { clause, message } = counterexample.verdict;
  if (violation?.clause === clause && violation.message === message) return;
  throw new NondeterminismError(
    `Recovery is not deterministic: it first gave "${message}", then, on the same disk, ` +
      `"${violation?.message ?? "no violation"}"`,
  );
}

function fingerprint(
  shown: readonly (readonly Uint8Array[])[],
  violation: Violation | undefined,
): string {
  const records = shown.map((records) => records.map((record) => record.join(" ")).join("; "));
  return `records ${records.map((text) => `[${text}]`).join(" ")}${violation?.message ?? ""}`;
}

function identityOf(subject: LogUnderTest, { module }: CheckOptions) {
  return module === undefined ? { name: subject.name } : { name: subject.name, module };
}

function verdictOf(
  results: readonly WorkloadResult[],
): { verdict: Verdict; reason: string | undefined } {
  for (const verdict of ["harness-broken", "violates"] as const) {
    const first = results.find((result) => result.verdict === verdict);
    if (first !== undefined) return { verdict, reason: first.reason };
  }
  const unmeasured = results.find((result) => result.verdict === "not-measured");
  if (unmeasured !== undefined) return { verdict: "not-measured", reason: unmeasured.reason };
  if (results.every(({ acked }) => acked === 0)) {
    return { verdict: "not-measured", reason: "The log acked no record, so nothing was promised" };
  }
  return { verdict: "holds", reason: undefined };
}

/** The workload without the calls of `sync`, where the log has none. */
function fitted(workload: Workload, subject: LogUnderTest): Workload {
  if (subject.sync !== undefined) return workload;
  const isThere = (command: Command) => command.do !== "sync";
  const fit = (command: Command): Command =>
    command.do === "killDuring" ? { ...command, calls: command.calls.filter(isThere) } : command;
  return { ...workload, lives: workload.lives.map((life) => life.filter(isThere).map(fit)) };
}

/** Whether the log can carry out what the workload is about. */
function isMeaningful(workload: Workload, subject: LogUnderTest): boolean {
  const forgets = (command: Command): boolean =>
    command.do === "truncateFront" || (command.do === "killDuring" && command.calls.some(forgets));
  return subject.truncateFront !== undefined || !workload.lives.flat().some(forgets);
}

function requireSubject(subject: LogUnderTest): void {
  const missing = (["open", "append", "records"] as const).find((method) =>
    typeof subject?.[method] !== "function"
  );
  if (missing !== undefined) {
    throw new TypeError(`Cannot check the log: ${missing} is not a function`);
  }
  if (typeof subject.name !== "string") {
    throw new TypeError("Cannot check the log: name is not a string");
  }
  if (subject.acks !== "append" && subject.acks !== "sync") {
    throw new TypeError(
      `Cannot check the log: acks is ${JSON.stringify(subject.acks)}, expected "append" or "sync"`,
    );
  }
  if (subject.acks === "sync" && typeof subject.sync !== "function") {
    throw new TypeError('Cannot check the log: acks is "sync", but sync is not a function');
  }
  for (const method of ["sync", "truncateFront", "close"] as const) {
    if (subject[method] !== undefined && typeof subject[method] !== "function") {
      throw new TypeError(`Cannot check the log: ${method} is neither left out nor a function`);
    }
  }
}
