/**
 * On which disks a finding shows, and what these disks have in common.
 *
 * METHOD. The workload of the finding is run on every persistence model, and all crash states are
 * searched, with the same faults and the same device. Where exactly the models with one value of one
 * column of the table break the promise, that column is the reason, and is named; else the models are.
 *
 * @module
 */
import { type ModelName, models, type PersistenceModel } from "../vfs/model.ts";
import { caseOf, CaseSearch } from "./case.ts";
import type { Counterexample } from "./counterexample.ts";
import { forgiving } from "./replay.ts";
import type { ShrinkOptions } from "./shrink.ts";
import { subjectOf, type UnderTest } from "./store.ts";

/** On which persistence models the workload of a finding breaks the promise. */
export interface WeakestDisk {
  /** The models on which it does. */
  readonly violates: readonly ModelName[];
  /** The models on which it does not, in any crash state. */
  readonly holds: readonly ModelName[];
  /** The same in words: `also on xfs and btrfs`, or what the models have in common. */
  readonly words: string;
}

/** The most recoveries for one model. */
const RECOVERIES = 4_000;

/**
 * Finds out on which persistence models the workload of a finding breaks the promise.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param counterexample The finding; best a shrunk one.
 * @param options The budget, over all models.
 * @returns The models, and what they have in common. One whose crash states are too many to be
 * covered, and of which none was found that shows it, is in neither list.
 * @throws {TypeError} When `log` is not a log under test.
 *
 * @example
 * ```ts
 * import { checkLog, shrinkCounterexample, weakestDisk } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const [found] = (await checkLog(naive)).violations;
 * const { words } = await weakestDisk(naive, await shrinkCounterexample(naive, found!));
 * console.log(words); // only where a file may grow on the media without its bytes (posix, …
 * ```
 */
export async function weakestDisk<Log>(
  log: UnderTest<Log>,
  counterexample: Counterexample,
  { recoveries = RECOVERIES * Object.keys(models).length, onRun }: ShrinkOptions = {},
): Promise<WeakestDisk> {
  const subject = subjectOf(log);
  const one = caseOf(counterexample);
  const violates: ModelName[] = [counterexample.disk.model];
  const holds: ModelName[] = [];
  await forgiving(async () => {
    const search = new CaseSearch(subject, { recoveries, onRun });
    for (const model of Object.keys(models) as ModelName[]) {
      if (model === counterexample.disk.model || search.isOver) continue;
      const on = { ...one, disk: { ...one.disk, model } };
      const { found, complete } = await search.first(on, RECOVERIES);
      if (found !== undefined) violates.push(model);
      else if (complete) holds.push(model);
    }
  });
  const inOrder = (names: readonly ModelName[]) =>
    (Object.keys(models) as ModelName[]).filter((model) => names.includes(model));
  return { violates: inOrder(violates), holds, words: wordsFor(counterexample, violates, holds) };
}

/** What the value of a column means for those disks that have it, in words. */
const REASONS: readonly {
  readonly words: string;
  readonly applies: (model: PersistenceModel) => boolean;
}[] = [
  { words: "a rename may tear", applies: ({ renameIsAtomic }) => !renameIsAtomic },
  {
    words: "a barrier forces nothing but the file or directory that it is called on",
    applies: ({ barrierReach }) => barrierReach === "inode",
  },
  {
    words: "what was never written may read as old data",
    applies: ({ exposesStaleSectors }) => exposesStaleSectors,
  },
  {
    words: "names reach the media in any order",
    applies: ({ namesAreOrdered }) => !namesAreOrdered,
  },
  {
    words: "a file may grow on the media without its bytes",
    applies: ({ sizeWaitsForData }) => !sizeWaitsForData,
  },
  {
    words: "a block of 4096 bytes may persist in part",
    applies: ({ blocksAreAtomic }) => !blocksAreAtomic,
  },
  { words: "data carry no checksums", applies: ({ checksumsData }) => !checksumsData },
  {
    words: "not everything persists in the order in which it was issued",
    applies: ({ everythingIsOrdered }) => !everythingIsOrdered,
  },
];

function wordsFor(
  { disk }: Counterexample,
  violates: readonly ModelName[],
  holds: readonly ModelName[],
): string {
  const all = Object.values(models);
  const undecided = all.length - violates.length - holds.length;
  if (violates.length === all.length) return "on every disk";
  const others = all.map(({ name }) => name).filter((name) =>
    violates.includes(name) && name !== disk.model
  );
  if (undecided === 0) {
    const reason = REASONS.find(({ applies }) =>
      all.every((model) => applies(model) === violates.includes(model.name))
    );
    const where = all.map(({ name }) => name).filter((name) => violates.includes(name));
    if (reason !== undefined) return `only where ${reason.words} (${where.join(", ")})`;
  }
  const also = others.length === 0 ? `on ${disk.model}` : `also on ${listed(others)}`;
  return holds.length === 0 ? also : `${also}, not on ${listed(holds)}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
