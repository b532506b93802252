import type {
  BarrierSurvey,
  CheckOptions,
  CheckResult,
  Counterexample,
  DiskOptions,
  ModelName,
  Mutant,
  MutantReport,
  MutantResult,
  Mutation,
  Verdict,
  WorkloadResult,
} from "../mod.ts";

/** What a worker is asked to do. */
export type Task =
  | {
    readonly kind: "check";
    readonly module: string;
    readonly options: CheckTaskOptions;
    /** What earlier checks have found: it is replayed first. */
    readonly earlier: readonly Counterexample[];
  }
  | { readonly kind: "replay"; readonly module: string; readonly counterexample: Counterexample }
  | {
    readonly kind: "page";
    readonly module: string;
    readonly counterexample: Counterexample;
    /** Where the finding is kept. */
    readonly file: string | undefined;
  }
  | { readonly kind: "scenarios"; readonly name: string | undefined }
  | { readonly kind: "zoo"; readonly id: string | undefined; readonly model: ModelName | undefined }
  | MutantsTask
  /** Before a campaign: loads the log, and replays what was found before. */
  | {
    readonly kind: "fuzz";
    readonly module: string;
    readonly earlier: readonly Counterexample[];
  }
  /** Makes a run of a campaign again. */
  | { readonly kind: "rerun"; readonly module: string; readonly options: CheckOptions };

/** A request for mutants, or for the rest of them. */
export interface MutantsTask {
  readonly kind: "mutants";
  readonly module: string;
  readonly options: CheckTaskOptions;
  /** What is done to the barriers; without, everything. */
  readonly mutations: readonly Mutation[] | undefined;
  /** What an earlier worker has found out about the log itself. */
  readonly survey: BarrierSurvey | undefined;
  /** The mutants that earlier workers are done with. */
  readonly settled: readonly MutantResult[];
}

/** The options of a check that can be sent to a worker. */
export interface CheckTaskOptions extends DiskOptions {
  /** Calls of the first life that fail. */
  readonly faults?: string;
  /** How many calls may fail in a run. */
  readonly callFaults?: 0 | 1 | 2;
  /** The most schedules that each workload is run with. */
  readonly schedules?: number;
  /** How many power losses may hit a recovery. */
  readonly depth?: number;
  /** The most recoveries for each workload. */
  readonly recoveries?: number;
  /** Seed of the sampling. */
  readonly seed?: number;
}

/** One line of the catalogue. */
export interface ScenarioRow {
  /** The scenario. */
  readonly name: string;
  /** The persistence model. */
  readonly model: ModelName;
  /** The verdict that it must have. */
  readonly expected: Verdict;
  /** What was found. */
  readonly result: ScenarioResult;
  /** What shows it, in words, where one scenario was asked for. */
  readonly proof: string | undefined;
}

/** What a scenario has shown. */
export interface ScenarioResult
  extends Pick<CheckResult, "reason" | "complete" | "recoveries" | "milliseconds"> {
  /** The verdict, where the scenario can be run. */
  readonly verdict: Verdict | "skipped";
  /** How many crash states there are; of a sample, nobody has counted them. */
  readonly crashStates: bigint | undefined;
}

/** An entry of the zoo that is checked next. */
export interface ZooVisit {
  readonly entry: { readonly id: string };
  readonly model: ModelName;
  readonly number: number;
  readonly of: number;
}

/** An entry of the zoo on one model. */
export interface ZooStop {
  /** The entry: its story, and what it claims. */
  readonly entry: {
    readonly id: string;
    readonly title: string;
    readonly rule: string;
    readonly source?: string;
    readonly expected: Verdict;
    readonly models: readonly ModelName[];
    readonly kill?: string;
    readonly correct?: string;
  };
  /** The persistence model. */
  readonly model: ModelName;
  /** What was found. */
  readonly verdict: Verdict;
  /** Whether every crash state was covered, where nothing was killed. */
  readonly complete: boolean;
  /** How many recoveries were run until the first kill. */
  readonly recoveries: number;
  /** How long they took, in milliseconds. */
  readonly milliseconds: number;
  /** The workload that killed. */
  readonly killer: string | undefined;
  /** Why the log cannot be judged. */
  readonly reason: string | undefined;
  /** The crash that killed, as a proof in words. */
  readonly proof: string | undefined;
  /** The weaker checks that find nothing; `undefined` for a log that breaks no promise. */
  readonly missedBy: readonly string[] | undefined;
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
  | {
    readonly kind: "alive";
    /** The workload that is run; before the first one, none. */
    readonly workload: string | undefined;
    /** What is done, in words for people. */
    readonly doing: string;
  }
  | { readonly kind: "workload"; readonly result: WorkloadResult }
  | { readonly kind: "checked"; readonly result: CheckResult }
  | { readonly kind: "replayed"; readonly report: ReplayReport }
  | { readonly kind: "page"; readonly page: string }
  | { readonly kind: "revisited"; readonly index: number; readonly report: ReplayReport }
  | { readonly kind: "scenario"; readonly row: ScenarioRow }
  | { readonly kind: "zoo"; readonly stop: ZooStop }
  | { readonly kind: "catalogued" }
  | { readonly kind: "surveyed"; readonly survey: BarrierSurvey }
  | { readonly kind: "mutating"; readonly mutant: Mutant }
  | { readonly kind: "mutant"; readonly result: MutantResult }
  | { readonly kind: "mutated"; readonly report: MutantReport }
  | { readonly kind: "failed"; readonly status: 2 | 3; readonly message: string }
  /** The log did something outside of the calls made to it that ends a process. */
  | { readonly kind: "escaped"; readonly what: string };
