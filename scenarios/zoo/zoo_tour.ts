import { defaultWorkloads, formatProof, type ModelName, models, type Workload } from "../../mod.ts";
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
}

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
 * Checks the entries of the zoo, each on every model that it makes a claim about.
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
  for (const entry of entriesNamed(options.id)) {
    const { log: _log, shows: _shows, ...described } = entry;
    let missedBy: WeakerCheck[] | undefined;
    for (const model of Object.keys(models) as ModelName[]) {
      if (!entry.models.includes(model) || (options.model ?? model) !== model) continue;
      if (entry.expected === "violates") missedBy ??= await missing(entry);
      const { counterexample, ...finding } = await checkEntry(entry, {
        model,
        ...(options.onRun !== undefined && { onRun: options.onRun }),
      });
      const proof = counterexample && formatProof(counterexample);
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
