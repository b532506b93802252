/**
 * The litmus suite: which outcomes of a program are reachable on each model, compared with what the
 * document says must be allowed and forbidden.
 *
 * @module
 */
import { explore, type ModelName, models } from "../../mod.ts";
import { type KnownDisagreement, knownDisagreements } from "./known.ts";
import { alternativesOf, questionOf } from "./predicate.ts";
import { kernelChoicesFor, lengthMaxOf, type Mount, type Ran, runProgram } from "./program.ts";
import { type Expectation, type LitmusTest, type Outcome, parseLitmus } from "./schema.ts";
import { type Witness, witnessOf } from "./witness.ts";

/** How an outcome of a test fares on a model. */
export interface LitmusCell {
  /** The model. */
  readonly model: ModelName;
  /** The outcome. */
  readonly outcome: string;
  /** What the model must do about it. */
  readonly expected: Expectation;
  /** Whether a crash reaches it; `undefined` when the search ended before that was known. */
  readonly reachable: boolean | undefined;
  /** One crash that does. */
  readonly witness: Witness | undefined;
  /**
   * `known`: it differs, and is on the list of known disagreements. `stale`: it is on that list, and
   * agrees.
   */
  readonly judgement: "agrees" | "differs" | "known" | "stale";
}

/** The result of a test on some models. */
export interface LitmusResult {
  /** The test. */
  readonly test: LitmusTest;
  /** Model by model, outcome by outcome. */
  readonly cells: readonly LitmusCell[];
  /** How many crash states were looked at. */
  readonly recoveries: number;
}

/** What to run a test with. */
export interface LitmusOptions {
  /** The models. Default: all. */
  readonly models?: readonly ModelName[] | undefined;
  /** What to put between the program and the disk. Default: nothing. */
  readonly mount?: Mount | undefined;
  /** The known disagreements. Default: those of the suite. */
  readonly known?: readonly KnownDisagreement[] | undefined;
}

/** The tests of the suite. */
export function loadLitmus(): LitmusTest[] {
  return parseLitmus(Deno.readTextFileSync(new URL("./litmus.json", import.meta.url)));
}

/** The most recoveries for one question; a search that needs more says that it does not know. */
const RECOVERIES = 50_000;

/**
 * Runs a litmus test.
 *
 * @param test The test.
 * @param options The models, and what to plant.
 * @returns For every model and outcome, whether it is reachable and whether it should be.
 */
export async function runLitmus(
  test: LitmusTest,
  options: LitmusOptions = {},
): Promise<LitmusResult> {
  const known = options.known ?? knownDisagreements;
  const cells: LitmusCell[] = [];
  let recoveries = 0;
  const chosen = options.models ?? Object.keys(models) as ModelName[];
  for (const model of chosen) {
    const expect = test.expect[model];
    if (expect === undefined) continue;
    const { mount } = options;
    const runs = kernelChoicesFor(test).map((choices) =>
      runProgram(test, model, { mount, ...choices })
    );
    for (const outcome of test.outcomes) {
      const found = await searchAll(runs, outcome);
      recoveries += found.recoveries;
      const expected = expect[outcome.id]!;
      const isKnown = known.some((one) =>
        one.test === test.id && one.model === model && one.outcome === outcome.id
      );
      const { reachable, witness } = found;
      const judgement = judge(expected, reachable, isKnown);
      cells.push({ model, outcome: outcome.id, expected, reachable, witness, judgement });
    }
  }
  return { test, cells, recoveries };
}

function judge(
  expected: Expectation,
  reachable: boolean | undefined,
  isKnown: boolean,
): LitmusCell["judgement"] {
  const agrees = reachable !== undefined &&
    (expected === "unspecified" || (expected === "allowed") === reachable);
  if (agrees) return isKnown ? "stale" : "agrees";
  return isKnown ? "known" : "differs";
}

interface Search {
  readonly reachable: boolean | undefined;
  readonly witness: Witness | undefined;
  readonly recoveries: number;
}

/** Looks in every run of a program, one for each choice of the kernel. */
async function searchAll(runs: readonly Ran[], outcome: Outcome): Promise<Search> {
  let recoveries = 0;
  let reachable: boolean | undefined = false;
  for (const ran of runs) {
    const found = await search(ran, outcome);
    recoveries += found.recoveries;
    if (found.reachable) return { ...found, recoveries };
    if (found.reachable === undefined) reachable = undefined;
  }
  return { reachable, witness: undefined, recoveries };
}

/** Looks for a crash state that an outcome is true of, through all of them when there is none. */
async function search(ran: Ran, outcome: Outcome): Promise<Search> {
  const { test, disk } = ran;
  const { cellBytes } = disk;
  const last = test.crash === "end" ? disk.lives[0]!.trace.length : 0;
  let witness: Witness | undefined;
  let recoveries = 0;
  let complete = true;
  const alternatives = alternativesOf(outcome.predicate, {
    cellBytes,
    lengthMax: lengthMaxOf(test),
  });
  for (const predicate of alternatives) {
    const question = questionOf(predicate, cellBytes);
    const exploration = await explore(disk, (fs) => question({ ...ran, fs }), (holds, leaf) => {
      // A leaf stands for a range of crash points: it counts when the wanted one is among them.
      if (!holds || disk.lives[0]!.hi < last) return false;
      witness = witnessOf(ran, leaf);
      return true;
    }, { budget: { recoveries: RECOVERIES } });
    recoveries += exploration.recoveries;
    if (witness !== undefined) return { reachable: true, witness, recoveries };
    complete &&= exploration.complete;
  }
  return { reachable: complete ? false : undefined, witness, recoveries };
}
