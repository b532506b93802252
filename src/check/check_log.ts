import { Choices, NondeterminismError } from "../explore/choices.ts";
import { type Budget, type Exploration, explore, type Strategy } from "../explore/explore.ts";
import { Disk, type DiskOptions, StepBudgetError } from "../vfs/disk.ts";
import { type FaultPlan, parseFaultPlan } from "../vfs/fault_plan.ts";
import { FileSystemError } from "../vfs/file_system.ts";
import {
  CallRecorder,
  ChosenFaults,
  type Placement,
  type PlacementCount,
  placementsAfter,
} from "./call_faults.ts";
import {
  type Counterexample,
  documentOf,
  freshDisk,
  pin,
  Script,
  traceDigest,
} from "./counterexample.ts";
import { defaultWorkloads } from "./default_workloads.ts";
import { type Decide, follow, StuckError } from "./interleaving.ts";
import { withFakeTime } from "./interleaving_clock.ts";
import { type ScheduleCount, scheduleOf, Schedules } from "./interleaving_schedules.ts";
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
  /**
   * How far the search may go for each workload. Default: 50,000 recoveries, and as many again for
   * every level of `depth` beyond the first.
   */
  readonly budget?: Budget;
  /**
   * How many power losses may hit a recovery, one after the other: a workload of fewer lives gets
   * more in which nothing but recovery happens, and the power goes at any moment of it. Default: 1.
   */
  readonly depth?: number;
  /** Seed of the sampling that ends a search too wide to exhaust. Default: 1. */
  readonly seed?: number;
  /**
   * The most schedules that each workload is run with, where a log that waits leaves open what
   * happens when: which concurrent caller goes on, which promised file call completes, whether a
   * timer fires. Those that do something new are searched; the budget is for all of them together.
   * Default: 128.
   */
  readonly schedules?: number;
  /** Calls that fail in the first life of every workload, as a plan or its text. Default: none. */
  readonly faults?: FaultPlan | string;
  /**
   * How many calls may fail in a run, besides those of `faults`. The search places them: in the first
   * life every call in turn, in the lives after a power loss any call that recovery makes; the budget
   * is for all placements together. Default: 0.
   */
  readonly callFaults?: 0 | 1 | 2;
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
  /** What was covered, in all schedules; `undefined` when the search did not get that far. */
  readonly exploration: Exploration | undefined;
  /** How many orders of what happened at once were run. */
  readonly schedules: ScheduleCount;
  /** How many placements of faults in the first life were searched. */
  readonly placements: PlacementCount;
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
  /** The disk, as it was asked for. */
  readonly disk: DiskOptions;
  /**
   * What was asked of the log. `durable prefix`: what was acked, and nothing that was not issued.
   * `some prefix`: where barriers lie, the log as it was at some moment, or a refusal.
   */
  readonly promise: "durable prefix" | "some prefix";
  /** The weakest strategy that was needed. */
  readonly strategy: Strategy;
  /** Whether every legal crash state of every workload was covered. */
  readonly complete: boolean;
  /** How many crash states the first power losses of the workloads have. */
  readonly crashStates: bigint;
  /** How many of them were covered; `undefined` when samples cannot be counted. */
  readonly covered: bigint | undefined;
  /** How many orders of what happened at once were run, over all workloads. */
  readonly schedules: ScheduleCount;
  /** How many placements of faults in first lives were searched, over all workloads. */
  readonly placements: PlacementCount;
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
  log: LogUnderTest<Log>,
  options: CheckOptions = {},
): Promise<CheckResult> {
  const started = performance.now();
  const subject = log as LogUnderTest;
  requireSubject(subject);
  const depth = options.depth ?? 1;
  const budget = { recoveries: RECOVERIES * Math.max(depth, 1), ...options.budget };
  const faults = typeof options.faults === "string"
    ? parseFaultPlan(options.faults)
    : options.faults ?? [];
  const results: WorkloadResult[] = [];
  await forgiving(async () => {
    for (const workload of options.workloads ?? defaultWorkloads) {
      if (!isMeaningful(workload, subject)) continue;
      const deep = deepened(fitted(workload, subject), depth);
      results.push(await checkWorkload(subject, deep, { ...options, budget, faults }));
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
    disk: new Disk(options).options,
    promise: options.lyingBarriers ? "some prefix" : "durable prefix",
    strategy: strategies.includes("sampling")
      ? "sampling"
      : strategies.includes("deviations")
      ? "deviations"
      : "exhaustive",
    complete: results.length > 0 && explorations.length === results.length &&
      explorations.every(({ complete }) => complete) &&
      results.every(({ placements: { run, of } }) => run === of),
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
    return await withFakeTime(run);
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
    schedules: ONE,
    placements: NONE,
    counterexample: undefined,
    reason,
  });
  try {
    const decide = follow(workload.schedule ?? []);
    const first = await firstLife(subject, workload, options, decide);
    if (first.violation !== undefined) return await pullPlug(subject, workload, options, first);
    const again = await firstLife(subject, workload, options, decide);
    const [before, now] = [first, again].map(({ disk }) => traceDigest(disk.life.trace));
    if (before!.digest !== now!.digest) {
      return broken(
        `The log is not deterministic: the workload "${workload.name}" made ${before!.ops} calls ` +
          `that change the disk, and ${now!.ops} others when it was run again`,
      );
    }
    const isOpen = first.run.waits && first.run.interleaving.decisions.length > 0;
    const sound = isOpen && workload.schedule === undefined
      ? await checkSchedules(subject, workload, options, first)
      : await pullPlug(subject, workload, options, first);
    return options.callFaults && sound.verdict === "holds"
      ? await placeFaults(subject, workload, options, { life: again, sound, decide })
      : sound;
  } catch (error) {
    if (
      error instanceof NondeterminismError || error instanceof StepBudgetError ||
      error instanceof StuckError
    ) return broken(error.message);
    throw error;
  }
}

/** Of a log that leaves nothing open, there is one schedule. */
const ONE: ScheduleCount = { run: 1, of: 1, distinct: 1 };
/** Of a check without call faults. */
const NONE: PlacementCount = { run: 0, of: 0 };
const SCHEDULES = 128;
const RECOVERIES = 50_000;

/** A first life that has been lived. */
interface FirstLife {
  readonly disk: Disk;
  readonly run: LogRun;
  readonly violation: Violation | undefined;
  /** Its faults. */
  readonly plan: FaultPlan;
  /** Its calls, where faults may be placed in them. */
  readonly calls: CallRecorder["calls"];
  /** How many faults the search may place in the lives after it. */
  readonly later: number;
}

/**
 * Checks a workload with faults: first with faults only in the lives after the power loss, then with
 * one in each call of the first life, and with two where so many are asked for.
 */
async function placeFaults(
  subject: LogUnderTest,
  workload: Workload,
  options: CheckOptions,
  { life, sound, decide }: {
    readonly life: FirstLife;
    readonly sound: WorkloadResult;
    readonly decide: Decide;
  },
): Promise<WorkloadResult> {
  const most = options.callFaults!;
  const model = life.disk.model;
  const results = [sound];
  let left = (options.budget?.recoveries ?? RECOVERIES) - (sound.exploration?.recoveries ?? 0);
  const search = async (life: FirstLife, share: number): Promise<boolean> => {
    const budget = { ...options.budget, recoveries: Math.min(left, Math.ceil(share)) };
    const result = await pullPlug(subject, workload, { ...options, budget }, life);
    left -= result.exploration?.recoveries ?? 0;
    if (result.verdict !== "not-measured") results.push(result);
    return result.verdict === "holds";
  };
  let run = 0;
  let total = 0;
  let isKnown = true;
  // Every number of faults in the first life gets its part of what is left.
  let goesOn = await search({ ...life, later: most }, left / (most + 1));
  let before = [{ plan: life.plan, last: -1, calls: life.calls }];
  for (let placed = 1; placed <= most; placed++) {
    const placements = before.flatMap((one) => placementsAfter(one, one.calls, model));
    total += placements.length;
    before = [];
    const kept = left * (most - placed) / (most - placed + 1);
    for (const [i, placement] of placements.entries()) {
      if (!goesOn || left <= 0) {
        isKnown = placed === most;
        break;
      }
      const next = await firstLife(subject, workload, options, decide, placement);
      const share = (left - kept) / (placements.length - i);
      goesOn = await search({ ...next, later: most - placed }, share);
      before.push({ ...placement, calls: next.calls });
      run++;
    }
  }
  const explorations = results.flatMap(({ exploration }) => exploration ?? []);
  return {
    ...results.at(-1)!,
    acked: sound.acked,
    exploration: explorations.length > 0 ? together(explorations) : undefined,
    schedules: sound.schedules,
    placements: { run, of: isKnown ? total : undefined },
  };
}

/** Checks a workload with several schedules, until one of them breaks the promise. */
async function checkSchedules(
  subject: LogUnderTest,
  workload: Workload,
  options: CheckOptions,
  first: FirstLife,
): Promise<WorkloadResult> {
  const most = Math.max(options.schedules ?? SCHEDULES, 1);
  const schedules = new Schedules(most, options.seed ?? 1);
  const seen = new Set<string>();
  const results: WorkloadResult[] = [];
  let recoveries = options.budget?.recoveries ?? RECOVERIES;
  while (recoveries > 0 || results.length === 0) {
    const decide = schedules.next();
    if (decide === undefined) break;
    const isFirst = results.length === 0;
    const life = isFirst ? first : await firstLife(subject, workload, options, decide);
    if (!schedules.ran(life.run.interleaving.decisions)) {
      throw new NondeterminismError(
        `The log is not deterministic: the workload "${workload.name}" left other things open ` +
          "when it was run again in the same order",
      );
    }
    const doing = `${traceDigest(life.disk.life.trace).digest}\n${life.run.timeline}`;
    if (seen.has(doing) && life.violation === undefined) continue;
    seen.add(doing);
    // Most searches are small. No wide one shall leave nothing for the others.
    const share = most === 1 ? recoveries : Math.ceil(recoveries / (isFirst ? 2 : 4));
    const budget = { ...options.budget, recoveries: share };
    const result = await pullPlug(subject, workload, { ...options, budget }, life);
    results.push(result);
    recoveries -= result.exploration?.recoveries ?? 0;
    if (result.verdict !== "holds") break;
  }
  const { run, of } = schedules;
  const explorations = results.flatMap(({ exploration }) => exploration ?? []);
  return {
    ...results.at(-1)!,
    acked: results[0]!.acked,
    exploration: explorations.length > 0 ? together(explorations) : undefined,
    schedules: { run, of, distinct: results.length },
  };
}

/** Several searches as one. */
function together(parts: readonly Exploration[]): Exploration {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const strategies = ["sampling", "deviations", "exhaustive"] as const;
  const covered = parts.map((part) => part.covered);
  const deviations = parts.flatMap((part) => part.deviations ?? []);
  return {
    strategy: strategies.find((name) => parts.some(({ strategy }) => strategy === name))!,
    complete: parts.every(({ complete }) => complete),
    stopped: parts.some(({ stopped }) => stopped),
    recoveries: sum(parts.map(({ recoveries }) => recoveries)),
    leaves: sum(parts.map(({ leaves }) => leaves)),
    crashStates: parts.reduce((total, { crashStates }) => total + crashStates, 0n),
    covered: covered.includes(undefined) ? undefined : covered.reduce((a, b) => a! + b!, 0n),
    deviations: deviations.length > 0 ? Math.min(...deviations) : undefined,
  };
}

/** The workload with the schedule of a life, where that left anything open. */
function scheduled(workload: Workload, { interleaving }: LogRun): Workload {
  const { decisions } = interleaving;
  return decisions.length === 0 ? workload : { ...workload, schedule: scheduleOf(decisions) };
}

/** Runs the life before the first power loss. */
async function firstLife(
  subject: LogUnderTest,
  workload: Workload,
  options: CheckOptions,
  decide: Decide,
  placement?: Placement,
): Promise<FirstLife> {
  options.onRun?.(workload);
  const disk = freshDisk(options, LOG_DIRECTORY);
  disk.stepLimit = options.budget?.steps ?? STEPS;
  const plan = placement?.plan ?? options.faults as FaultPlan;
  const recorder = new CallRecorder(disk, plan);
  if (plan.length > 0 || options.callFaults) disk.faults = recorder;
  disk.life.earliest = placement?.point ?? 0;
  const run = new LogRun(subject, disk, { decide });
  const violation = await drive(run.live(workload.lives[0] ?? []), run.interleaving);
  requireEnd(disk);
  return { disk, run, violation, plan, calls: recorder.calls, later: 0 };
}

/** The log breaks its promise, or does not even open, while the power is on. */
async function withoutCrash(
  { violation, disk, run, plan }: FirstLife,
  workload: Workload,
  subject: LogUnderTest,
  options: CheckOptions,
): Promise<WorkloadResult> {
  const opened = run.shown.length > 0;
  const counterexample = opened
    ? documentOf(
      violation!,
      new Choices(),
      disk,
      scheduled(workload, run),
      identityOf(subject, options),
      { story: run.interleaving.story, plan },
    )
    : undefined;
  if (counterexample !== undefined) await confirm(subject, counterexample, options);
  return {
    workload,
    verdict: opened ? "violates" : "harness-broken",
    acked: run.acked,
    exploration: undefined,
    schedules: ONE,
    placements: NONE,
    counterexample,
    reason: opened ? undefined : `Cannot open the log in an empty directory: ${violation!.message}`,
  };
}

async function pullPlug(
  subject: LogUnderTest,
  workload: Workload,
  options: CheckOptions,
  first: FirstLife,
): Promise<WorkloadResult> {
  const { disk, run, violation, plan, later } = first;
  if (violation !== undefined) return await withoutCrash(first, workload, subject, options);
  disk.powerCut();
  const lives = [...workload.lives.slice(1), epilogue(subject)];
  let counterexample: Counterexample | undefined;
  let runs = 0;
  const exploration = await explore(
    disk,
    () => {
      options.onRun?.(workload);
      const next = new LogRun(subject, disk, { before: run, hoursLater: ++runs });
      const chosen = later > 0 ? new ChosenFaults(disk, later) : undefined;
      return drive(liveOn(next, disk, lives, chosen), next.interleaving);
    },
    ({ violation }, { choices }) => {
      if (violation === undefined) return false;
      counterexample = documentOf(
        violation,
        choices,
        disk,
        scheduled(workload, run),
        identityOf(subject, options),
        { story: run.interleaving.story, plan },
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
    schedules: ONE,
    placements: NONE,
    counterexample,
    reason: measured ? undefined : "The budget ended before anything was shown",
  };
}

/** The lives after the first power loss. */
function* liveOn(
  run: LogRun,
  disk: Disk,
  lives: readonly (readonly Command[])[],
  chosen: ChosenFaults | undefined,
): Waiting<{ violation: Violation | undefined; shown: readonly (readonly Uint8Array[])[] }> {
  for (const [i, commands] of lives.entries()) {
    if (i > 0) disk.powerCut();
    chosen?.begin();
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
  const fit = <Some extends Command>(command: Some): Some => {
    if (command.do === "killDuring") {
      return { ...command, calls: command.calls.filter(isThere).map(fit) };
    }
    if (command.do !== "concurrent") return command;
    return { ...command, callers: command.callers.map((calls) => calls.filter(isThere)) };
  };
  return { ...workload, lives: workload.lives.map((life) => life.filter(isThere).map(fit)) };
}

/** The workload with at least `depth` lives after the first: in each, the power may go in recovery. */
function deepened(workload: Workload, depth: number): Workload {
  const missing = Math.max(0, depth + 1 - workload.lives.length);
  return missing === 0
    ? workload
    : { ...workload, lives: [...workload.lives, ...Array<Command[]>(missing).fill([])] };
}

/** Whether the log can carry out what the workload is about. */
function isMeaningful(workload: Workload, subject: LogUnderTest): boolean {
  const forgets = (command: Command): boolean =>
    command.do === "truncateFront" ||
    (command.do === "killDuring" && command.calls.some(forgets)) ||
    (command.do === "concurrent" && command.callers.flat().some(forgets));
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
