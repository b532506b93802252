import {
  checkLog,
  type CheckOptions,
  type CheckResult,
  type Counterexample,
  explain,
  type ExplainOptions,
  type ModelName,
  onePerCause,
  type Verdict,
} from "../mod.ts";
import { catalogue } from "./catalogue.ts";
import type { SampledScenario, Scenario } from "./scenario.ts";

/** Who is told how far the tour has come. */
export interface CatalogueTourOptions extends Pick<CheckOptions, "onRun" | "onStart"> {
  /** Called before a scenario is run on a model, and before every crash state of a sample. */
  readonly onVisit?: (visit: string) => void;
  /** Called before every step of an explanation. */
  readonly onStep?: ExplainOptions["onStep"];
}

/** What a scenario has shown. */
export interface ScenarioResult
  extends Pick<CheckResult, "reason" | "complete" | "recoveries" | "milliseconds"> {
  /** The verdict, where the scenario can be run. */
  readonly verdict: Verdict | "skipped";
  /** How many crash states there are; of a sample, nobody has counted them. */
  readonly crashStates: bigint | undefined;
}

/** A scenario on one model. */
export interface CatalogueStop {
  /** The scenario. */
  readonly name: string;
  /** The persistence model. */
  readonly model: ModelName;
  /** The verdict that it must have. */
  readonly expected: Verdict;
  /** What was found. */
  readonly result: ScenarioResult;
  /** A crash that shows it, where one scenario was asked for. */
  readonly counterexample: Counterexample | undefined;
  /** What a sample has shown, in words, where one scenario was asked for. */
  readonly details: string | undefined;
}

type Found = Omit<CatalogueStop, "name" | "model" | "expected">;

/**
 * The scenarios that a name stands for.
 *
 * @param name A name, or the group of several; `undefined` for all that take little time.
 * @returns The scenarios, in the order of the catalogue.
 *
 * @example
 * ```ts
 * import { scenariosNamed } from "./catalogue_tour.ts";
 *
 * console.log(scenariosNamed("postgres").map(({ name }) => name).length); // 3
 * ```
 */
export function scenariosNamed(name: string | undefined): (Scenario | SampledScenario)[] {
  if (name === undefined) return catalogue.filter(({ isLong }) => !isLong);
  return catalogue.filter((one) => one.name === name || one.name.startsWith(`${name}/`));
}

/** The names of all scenarios, those that take long too. */
export function namesOfScenarios(): string[] {
  return catalogue.map(({ name }) => name);
}

/**
 * Runs scenarios, each on every model that it claims something about.
 *
 * @param name A name, or the group of several; `undefined` for all that take little time.
 * @param options Who is told.
 * @returns What each stop showed, as soon as it did.
 *
 * @example
 * ```ts
 * import { tourCatalogue } from "./catalogue_tour.ts";
 *
 * for await (const { model, result } of tourCatalogue("naive/length-trusted")) {
 *   console.log(model, result.verdict);
 * }
 * ```
 */
export async function* tourCatalogue(
  name: string | undefined,
  options: CatalogueTourOptions = {},
): AsyncGenerator<CatalogueStop> {
  const { onVisit = () => {}, ...signs } = options;
  const chosen = scenariosNamed(name);
  for (const [i, scenario] of chosen.entries()) {
    for (const [key, expected] of Object.entries(scenario.expected)) {
      const model = key as ModelName;
      const visit = `${i + 1} of ${chosen.length}, ${scenario.name} on ${model}`;
      onVisit(visit);
      const found = "sample" in scenario
        ? await sampled(scenario, model, (state) => onVisit(`${visit}, ${state}`))
        : await searched(scenario, model, { signs, isAlone: chosen.length === 1 });
      const details = chosen.length === 1 ? found.details : undefined;
      yield { name: scenario.name, model, expected, ...found, details };
    }
  }
}

async function searched(
  { log, workloads, checkOptions, isLong }: Scenario,
  model: ModelName,
  { signs, isAlone }: {
    readonly signs: Omit<CatalogueTourOptions, "onVisit">;
    readonly isAlone: boolean;
  },
): Promise<Found> {
  const { onStep, ...told } = signs;
  const result = await checkLog(await log(), {
    model,
    ...(workloads && { workloads }),
    ...checkOptions,
    ...told,
  });
  const [first] = isAlone ? onePerCause(result.violations) : [];
  // What is long to check takes far longer to explain.
  const counterexample = first === undefined || isLong ? first : await explain(await log(), first, {
    ...(told.onRun && { onRun: told.onRun }),
    ...(onStep && { onStep }),
  });
  const { verdict, reason, complete, crashStates, recoveries, milliseconds } = result;
  const shown = { verdict, reason, complete, crashStates, recoveries, milliseconds };
  return { result: shown, counterexample, details: undefined };
}

async function sampled(
  { whyNot, sample }: SampledScenario,
  model: ModelName,
  onState: (state: string) => void,
): Promise<Found> {
  const nothing = { complete: false, crashStates: undefined, recoveries: 0, milliseconds: 0 };
  const reason = whyNot();
  if (reason !== undefined) {
    const result = { ...nothing, verdict: "skipped", reason } as const;
    return { result, counterexample: undefined, details: undefined };
  }
  const started = performance.now();
  const { verdict, states, details } = await sample(
    model,
    (tried, of) => onState(`crash state ${tried} of ${of}`),
  );
  const milliseconds = performance.now() - started;
  const result = { ...nothing, verdict, reason: undefined, recoveries: states, milliseconds };
  return { result, counterexample: undefined, details };
}
