import type { Budget, Exploration, Leaf, Strategy } from "../explore/explore.ts";
import type { Disk, DiskOptions } from "../vfs/disk.ts";
import type { FaultPlan } from "../vfs/fault_plan.ts";
import type { PlacementCount } from "./call_faults.ts";
import type { Counterexample } from "./counterexample.ts";
import type { ScheduleCount } from "./interleaving_schedules.ts";
import type { Workload } from "./workload.ts";

/**
 * What a check says of a log. `holds`: no crash state that was covered breaks the promise
 * ({@linkcode CheckResult.complete} tells whether that was all of them). `violates`: one does, and
 * replays. `not-measured`: nothing was shown, because the budget ended or nothing was acked.
 * `harness-broken`: the log cannot be judged: it does not open, does not end, or does not repeat
 * itself.
 */
export type Verdict = "holds" | "violates" | "not-measured" | "harness-broken";

/**
 * Who wants to know which way a search takes, besides what it finds: a campaign, which keeps the
 * workloads that lead somewhere new. What it does must not change the disk.
 */
export interface CheckObserver {
  /** Called with the disk of every first life, before it begins: {@linkcode Disk.onCall} is free. */
  readonly onDisk: (disk: Disk) => void;
  /** Called when a first life has ended, before the power goes. */
  readonly onFirstLife: (disk: Disk) => void;
  /** Called after every recovery that is judged, while the disk has the bounds of its leaf. */
  readonly onRecovery: (leaf: Leaf) => void;
}

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
  /** Called before the first run, with the workloads that will be run, as they will be run. */
  readonly onStart?: (workloads: readonly Workload[]) => void;
  /** Who wants to know which way the search takes. */
  readonly observer?: CheckObserver;
  /** Called before every run of the log, with the workload: a sign of life. */
  readonly onRun?: (workload: Workload) => void;
  /** Called when a workload is finished. */
  readonly onWorkload?: (result: WorkloadResult) => void;
}

/** The options of a check with what was left out filled in. */
export interface FilledOptions extends Omit<CheckOptions, "budget" | "faults"> {
  readonly budget: Budget & { readonly recoveries: number };
  readonly faults: FaultPlan;
}

/** What one workload showed. */
export interface WorkloadResult {
  /** The workload. */
  readonly workload: Workload;
  /** Its verdict. */
  readonly verdict: Verdict;
  /** How many records were acked before the first power loss. */
  readonly acked: number;
  /** How many calls of the first life failed, or were cut short, because of a fault or a full disk. */
  readonly failures: number;
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
   * `some prefix`: where barriers lie, the log as it was at some moment, or a refusal; where no call
   * promises durability, the log as it was at some moment.
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
  /**
   * One counterexample for each workload that broke the promise; once they are explained, one for
   * each cause.
   */
  readonly violations: readonly Counterexample[];
  /** The workloads, one by one. */
  readonly workloads: readonly WorkloadResult[];
}
