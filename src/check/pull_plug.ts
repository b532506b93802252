/**
 * One first life, and every crash after it.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { Choices, NondeterminismError } from "../explore/choices.ts";
import { type Exploration, explore, type Leaf } from "../explore/explore.ts";
import type { Disk } from "../vfs/disk.ts";
import { ChosenFaults, type PlacementCount } from "./call_faults.ts";
import type { FilledOptions, WorkloadResult } from "./check_result.ts";
import { type Counterexample, documentOf } from "./counterexample.ts";
import { type FirstLife, scheduled } from "./first_life.ts";
import { epilogue } from "./fit_workload.ts";
import type { ScheduleCount } from "./interleaving_schedules.ts";
import { replay } from "./replay.ts";
import { LogRun, type Violation } from "./run_log.ts";
import { drive, type Waiting } from "./settle.ts";
import type { LogUnderTest } from "./subject.ts";
import { oracleOf } from "./store.ts";
import { appendsOf, type Command, type Workload } from "./workload.ts";

/** Of a log that leaves nothing open, there is one schedule. */
export const ONE: ScheduleCount = { run: 1, of: 1, distinct: 1 };

/** Of a check without call faults. */
export const NONE: PlacementCount = { run: 0, of: 0 };

/** Looks for a crash that breaks the promise, and writes down the first. */
export async function pullPlug(
  subject: LogUnderTest,
  workload: Workload,
  options: FilledOptions,
  first: FirstLife,
): Promise<WorkloadResult> {
  const { run, violation, disk: { failures } } = first;
  if (violation !== undefined) return await withoutCrash(first, workload, subject, options);
  let counterexample: Counterexample | undefined;
  const exploration = await everyCrash(subject, workload, options, first, (found, { choices }) => {
    counterexample = writtenDown(found, choices, workload, subject, { options, first });
    return true;
  });
  if (counterexample !== undefined) await confirm(subject, counterexample, options);
  const measured = exploration.recoveries > 0;
  return {
    workload,
    verdict: counterexample !== undefined ? "violates" : measured ? "holds" : "not-measured",
    acked: run.acked,
    exploration,
    schedules: ONE,
    placements: NONE,
    failures,
    counterexample,
    reason: measured ? undefined : "The budget ended before anything was shown",
  };
}

/**
 * Goes through every crash after a first life, as far as the budget allows.
 *
 * @param found Called with each crash that breaks the promise; returns `true` to end the search.
 */
export async function everyCrash(
  subject: LogUnderTest,
  workload: Workload,
  options: FilledOptions,
  { disk, run, later }: FirstLife,
  found: (violation: Violation, leaf: Leaf) => boolean,
): Promise<Exploration> {
  disk.powerCut();
  const lives = [...workload.lives.slice(1), epilogue(subject)];
  let runs = 0;
  return await explore(
    disk,
    () => {
      options.onRun?.(workload);
      const next = new LogRun(subject, disk, { before: run, hoursLater: ++runs });
      const chosen = later > 0 ? new ChosenFaults(disk, later) : undefined;
      return drive(liveOn(next, disk, lives, chosen), next.interleaving);
    },
    ({ violation }, leaf) => {
      options.observer?.onRecovery(leaf);
      return violation !== undefined && found(violation, leaf);
    },
    {
      budget: options.budget,
      ...(options.seed !== undefined && { seed: options.seed }),
      fingerprint: ({ shown, violation }) => fingerprint(shown, violation),
    },
  );
}

/** A violation as a document. */
export function writtenDown(
  violation: Violation,
  choices: Choices,
  workload: Workload,
  subject: LogUnderTest,
  { options, first: { disk, run, plan } }: {
    readonly options: FilledOptions;
    readonly first: FirstLife;
  },
): Counterexample {
  return documentOf(
    violation,
    choices,
    disk,
    scheduled(workload, run),
    identityOf(subject, options, workload),
    { story: run.interleaving.story, plan },
  );
}

/** The log breaks its promise, or does not even open, while the power is on. */
async function withoutCrash(
  first: FirstLife,
  workload: Workload,
  subject: LogUnderTest,
  options: FilledOptions,
): Promise<WorkloadResult> {
  const { violation, run, disk: { failures } } = first;
  const opened = run.shown.length > 0;
  const counterexample = opened
    ? writtenDown(violation!, new Choices(), workload, subject, { options, first })
    : undefined;
  if (counterexample !== undefined) await confirm(subject, counterexample, options);
  return {
    workload,
    verdict: opened ? "violates" : "harness-broken",
    acked: run.acked,
    exploration: undefined,
    schedules: ONE,
    placements: NONE,
    failures,
    counterexample,
    reason: opened ? undefined : `Cannot open the log in an empty directory: ${violation!.message}`,
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
export async function confirm(
  subject: LogUnderTest,
  counterexample: Counterexample,
  { budget }: Pick<FilledOptions, "budget">,
): Promise<void> {
  const { violation } = await replay(subject, counterexample, budget.steps);
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
  const records = shown.map((records) => records.map(inWords).join("; "));
  return `records ${records.map((text) => `[${text}]`).join(" ")}${violation?.message ?? ""}`;
}

/** Longer records are told apart by a checksum. */
const BYTES_IN_WORDS_MAX = 64;

function inWords(record: Uint8Array): string {
  return record.length <= BYTES_IN_WORDS_MAX
    ? record.join(" ")
    : `${record.length} bytes with CRC ${crc32(record).toString(16)}`;
}

function identityOf(subject: LogUnderTest, { module }: FilledOptions, workload: Workload) {
  const store = oracleOf(subject);
  const commands = store && appendsOf(workload).map((bytes, i) => store.wordsOf(i + 1, bytes));
  return {
    name: subject.name,
    ...(module !== undefined && { module }),
    ...(commands && { commands }),
  };
}

/** Several searches as one. */
export function together(parts: readonly Exploration[]): Exploration {
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
