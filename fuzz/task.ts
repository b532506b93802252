import type {
  CheckResult,
  Counterexample,
  DiskOptions,
  ModelName,
  Verdict,
  WorkloadResult,
} from "../mod.ts";

/** What a worker is asked to do. */
export type Task =
  | { readonly kind: "check"; readonly module: string; readonly options: CheckTaskOptions }
  | { readonly kind: "replay"; readonly module: string; readonly counterexample: Counterexample }
  | { readonly kind: "scenarios"; readonly name: string | undefined }
  | { readonly kind: "fuzz"; readonly module: string; readonly options: FuzzTaskOptions };

/** The options of a check that can be sent to a worker. */
export interface CheckTaskOptions extends DiskOptions {
  /** The most recoveries for each workload. */
  readonly recoveries?: number;
  /** Seed of the sampling. */
  readonly seed?: number;
}

/** The options of a campaign that can be sent to a worker. */
export interface FuzzTaskOptions extends CheckTaskOptions {
  /** The most workloads. */
  readonly runs: number;
  /** The most time, in milliseconds. */
  readonly timeMs?: number;
}

/** One line of the catalogue. */
export interface ScenarioRow {
  /** The scenario. */
  readonly name: string;
  /** The persistence model. */
  readonly model: ModelName;
  /** The verdict that it must have. */
  readonly expected: Verdict;
  /** What the check found. */
  readonly result: CheckResult;
}

/** What a replay showed, in a form that can be sent. */
export interface ReplayReport {
  /** What is wrong, in words; `undefined` when the log now holds on this crash. */
  readonly violation: string | undefined;
  /** Whether it is the violation of the document. */
  readonly same: boolean;
  /** Whether the log still makes the same calls as when the counterexample was found. */
  readonly sameTrace: boolean;
  /** A cell whose version in the document is not possible any more. */
  readonly misfit: string | undefined;
}

/** What a worker sends back. */
export type Message =
  | { readonly kind: "alive"; readonly workload: string }
  | { readonly kind: "workload"; readonly result: WorkloadResult }
  | { readonly kind: "checked"; readonly result: CheckResult }
  | { readonly kind: "replayed"; readonly report: ReplayReport }
  | { readonly kind: "scenario"; readonly row: ScenarioRow }
  | { readonly kind: "catalogued" }
  | {
    readonly kind: "fuzzed";
    readonly runs: number;
    readonly seed: number;
    readonly result: CheckResult | undefined;
  }
  | { readonly kind: "failed"; readonly status: 2 | 3; readonly message: string }
  /** The log did something outside of the calls made to it that ends a process. */
  | { readonly kind: "escaped"; readonly what: string };
