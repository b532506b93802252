/**
 * What a scenario is: a story with the verdicts that it must have.
 *
 * @module
 */
import {
  type CheckOptions,
  type LogUnderTest,
  type MaybePromise,
  type ModelName,
  models,
  type Verdict,
  type Workload,
} from "../mod.ts";

/** A named log with its workloads and the verdicts that it must have. */
export interface Scenario {
  /** The name, with `/` between a group and its member. */
  readonly name: string;
  /** What it shows, in one sentence. */
  readonly story: string;
  /** Makes the log; an engine is loaded only then. */
  readonly log: () => MaybePromise<LogUnderTest>;
  /** The workloads. Default: those of every check. */
  readonly workloads?: readonly Workload[];
  /** How it is checked, besides the model. */
  readonly checkOptions?: Omit<CheckOptions, "model" | "workloads">;
  /** Whether it takes so long that it is run only where it is asked for by name. */
  readonly isLong?: true;
  /** The verdict on each model. */
  readonly expected: Readonly<Partial<Record<ModelName, Verdict>>>;
}

/** The same verdict on some models. */
export function on(verdict: Verdict, ...names: ModelName[]): Partial<Record<ModelName, Verdict>> {
  return Object.fromEntries(names.map((name) => [name, verdict]));
}

/** The same verdict on all models. */
export function everywhere(verdict: Verdict): Record<ModelName, Verdict> {
  return on(verdict, ...Object.keys(models) as ModelName[]) as Record<ModelName, Verdict>;
}
