import {
  defaultWorkloads,
  explain,
  type ExplainOptions,
  formatProof,
  type ModelName,
  models,
  type Workload,
} from "../../mod.ts";
import { caughtBy, type WeakerCheck, weakerChecks } from "./weaker_checks.ts";
import { zoo, type ZooEntry } from "./zoo.ts";
import { checkEntry, type ZooFinding } from "./zoo_check.ts";

/** Which part of the zoo is visited. */
export interface ZooTourOptions {
  /** The id of an entry, or the beginning of several. Default: all of them. */
  readonly id?: string | undefined;
  /** The persistence model. Default: for every entry each model that it makes a claim about. */
  readonly model?: ModelName | undefined;
  /** Called before every run of a log, with the workload: a sign of life. */
  readonly onRun?: (workload: Workload) => void;
  /** Called before an entry is checked on a model. */
  readonly onVisit?: (visit: ZooVisit) => void;
  /** Called before every step of an explanation. */
  readonly onStep?: ExplainOptions["onStep"];
}

/** What is checked next. */
export interface ZooVisit {
  readonly entry: ZooEntry;
  readonly model: ModelName;
  /** Which of the entries it is, from 1. */
  readonly number: number;
  /** How many entries there are. */
  readonly of: number;
}

/** The model whose figures stand for an entry, where it claims something about that one. */
const USUAL: ModelName = "posix-ra";

/** An entry on one model: what it claims, and what was found. */
export interface ZooStop extends Omit<ZooFinding, "counterexample"> {
  /** The entry, without its log and its workload. */
  readonly entry: Omit<ZooEntry, "log" | "shows">;
  /** The model. */
  readonly model: ModelName;
  /** The crash that killed, as a proof in words. */
  readonly proof: string | undefined;
  /** The weaker checks that find nothing; `undefined` for a log that breaks no promise. */
  readonly missedBy: readonly WeakerCheck[] | undefined;
}

/**
 * The entries that a name stands for: the number of a mistake stands for all its letters.
 *
 * @param name An id, or the beginning of several; `undefined` for all.
 * @returns The entries, in the order of the zoo.
 *
 * @example
 * ```ts
 * import { entriesNamed } from "./zoo_tour.ts";
 *
 * console.log(entriesNamed("1").map(({ id }) => id)); // [ "1a", "1b", "1c" ]: not 10a, 11, 12
 * ```
 */
export function entriesNamed(name: string | undefined): ZooEntry[] {
  if (name === undefined) return [...zoo];
  const isPart = (rest: string) => !(/\d$/.test(name) && /^\d/.test(rest));
  return zoo.filter(({ id }) => id.startsWith(name) && isPart(id.slice(name.length)));
}

/**
 * Checks the entries of the zoo, each on every model that it makes a claim about. Where an id is given,
 * what is found on one of the models is explained: on the usual one, if the entry claims anything there.
 *
 * @param options Which entries, on which model.
 * @returns What each stop showed, as soon as it did.
 *
 * @example
 * ```ts
 * import { visitZoo } from "./zoo_tour.ts";
 *
 * for await (const { entry, verdict, missedBy } of visitZoo({ id: "7", model: "posix-ra" })) {
 *   console.log(entry.id, verdict, missedBy?.length); // 7 violates 3
 * }
 * ```
 */
export async function* visitZoo(options: ZooTourOptions = {}): AsyncGenerator<ZooStop> {
  const { onRun, onStep, onVisit } = options;
  const watched = { ...(onRun && { onRun }), ...(onStep && { onStep }) };
  const entries = entriesNamed(options.id);
  for (const [i, entry] of entries.entries()) {
    const { log: _log, shows: _shows, ...described } = entry;
    let missedBy: WeakerCheck[] | undefined;
    const visited = (Object.keys(models) as ModelName[]).filter((model) =>
      entry.models.includes(model) && (options.model ?? model) === model
    );
    const told = visited.includes(USUAL) ? USUAL : visited[0];
    for (const model of visited) {
      onVisit?.({ entry, model, number: i + 1, of: entries.length });
      if (entry.expected === "violates") missedBy ??= await missing(entry);
      const { counterexample, ...finding } = await checkEntry(entry, {
        model,
        ...(onRun && { onRun }),
      });
      const isExplained = options.id !== undefined && model === told;
      const proof = counterexample && formatProof(
        isExplained ? await explain(entry.log(), counterexample, watched) : counterexample,
      );
      yield { entry: described, model, ...finding, proof, missedBy };
    }
  }
}

/** The weaker checks that do not find the mistake of an entry. */
async function missing(entry: ZooEntry): Promise<WeakerCheck[]> {
  const workloads = [...defaultWorkloads, ...entry.shows === undefined ? [] : [entry.shows]];
  const missed: WeakerCheck[] = [];
  for (const check of weakerChecks) {
    if (await caughtBy(check, entry.log(), { workloads }) === undefined) missed.push(check);
  }
  return missed;
}
