import type { BlameTrials } from "./blame_trials.ts";
import type { Suspect } from "./suspects.ts";

/** Pairs that are tried where halving has found no pair. */
const PAIRS = 2_000;

/**
 * The smallest sets of barriers with which the promise is kept: each that is enough alone, the
 * likeliest first; and only where there is none, one set of several.
 *
 * @param trials Where barriers are tried.
 * @param suspects What may be missing, the likeliest first.
 * @returns The sets.
 */
export async function* smallestSets(
  trials: BlameTrials,
  suspects: readonly Suspect[],
): AsyncGenerator<readonly Suspect[]> {
  let isAlone = false;
  for (const suspect of suspects) {
    if (trials.left <= 0) return;
    if (!await trials.holds([suspect])) continue;
    isAlone = true;
    yield [suspect];
  }
  if (isAlone || !await trials.holds(suspects)) return;
  const few = await byHalving(trials, suspects);
  const pair = few.length > 2 ? await somePair(trials, suspects) : undefined;
  const set = pair ?? few;
  if (trials.left > 0) yield set;
}

/**
 * A set from which none can be left out. Each step finds the shortest beginning of the list that is
 * enough together with what was found before: its last member is needed, and nothing behind it is.
 */
async function byHalving(
  trials: BlameTrials,
  suspects: readonly Suspect[],
): Promise<readonly Suspect[]> {
  let found: Suspect[] = [];
  let rest = suspects;
  while (rest.length > 0 && !await trials.holds(found)) {
    let [tooFew, enough] = [0, rest.length];
    while (enough - tooFew > 1) {
      const middle = (tooFew + enough) >> 1;
      if (await trials.holds([...found, ...rest.slice(0, middle)])) enough = middle;
      else tooFew = middle;
      if (trials.left <= 0) return found;
    }
    found = [...found, rest[enough - 1]!];
    rest = rest.slice(0, enough - 1);
  }
  return found;
}

/** The likeliest pair that is enough: none has a member that is much less likely than needed. */
async function somePair(
  trials: BlameTrials,
  suspects: readonly Suspect[],
): Promise<readonly Suspect[] | undefined> {
  let tried = 0;
  for (let j = 1; j < suspects.length; j++) {
    for (let i = 0; i < j; i++) {
      if (tried++ === PAIRS || trials.left <= 0) return undefined;
      const pair = [suspects[i]!, suspects[j]!];
      if (await trials.holds(pair)) return pair;
    }
  }
  return undefined;
}
