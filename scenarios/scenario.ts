/**
 * What a scenario is: a story with the verdicts that it must have.
 *
 * @module
 */
import {
  type CheckOptions,
  type MaybePromise,
  type ModelName,
  models,
  type UnderTest,
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
  readonly log: () => MaybePromise<UnderTest>;
  /** The workloads. Default: those of every check. */
  readonly workloads?: readonly Workload[];
  /** How it is checked, besides the model. */
  readonly checkOptions?: Omit<CheckOptions, "model" | "workloads">;
  /** Whether it takes so long that it is run only where it is asked for by name. */
  readonly isLong?: true;
  /** The verdict on each model. */
  readonly expected: Readonly<Partial<Record<ModelName, Verdict>>>;
}

/** A scenario that is too slow for a search: it tries some crash states that it chooses itself. */
export interface SampledScenario extends Pick<Scenario, "name" | "story" | "isLong" | "expected"> {
  /** Why it cannot be run here; `undefined` when it can. */
  readonly whyNot: () => string | undefined;
  /** Tries the crash states, and tells of each that it is done. */
  readonly sample: (
    model: ModelName,
    onState: (tried: number, of: number) => void,
  ) => Promise<Sample>;
}

/** What a sample of crash states has shown. */
export interface Sample {
  /** The verdict: `holds` means in what was tried. */
  readonly verdict: Verdict;
  /** Crash states that were tried. */
  readonly states: number;
  /** What was tried, and what broke the promise, in some lines of text. */
  readonly details: string;
}

/** The same verdict on some models. */
export function on(verdict: Verdict, ...names: ModelName[]): Partial<Record<ModelName, Verdict>> {
  return Object.fromEntries(names.map((name) => [name, verdict]));
}

/** The same verdict on all models. */
export function everywhere(verdict: Verdict): Record<ModelName, Verdict> {
  return on(verdict, ...Object.keys(models) as ModelName[]) as Record<ModelName, Verdict>;
}
