/**
 * How often a plain random run shows a rare bug.
 *
 * METHOD. Runs are drawn as the plain random lane draws them. A bug says what a run needs at least to
 * show it; a run without that cannot show it and is counted without being made. All others are made.
 *
 * @module
 */
import { inBatch, type UnderTest } from "../../../mod.ts";
import { drawInput } from "../generate.ts";
import { checkOptionsOf, type Input } from "../input.ts";
import { Random } from "../random.ts";
import { boundsOf } from "./seek.ts";

/** What was counted. */
export interface Rate {
  /** Runs that were drawn. */
  readonly drawn: number;
  /** Those that were made, because they might show the bug. */
  readonly made: number;
  /** Those that showed it. */
  readonly hits: number;
  /** The bounds of the rate, with a confidence of 95 %. */
  readonly interval: readonly [low: number, high: number];
}

/** The normal quantile of a two-sided confidence of 95 %. */
const Z = 1.96;

/** Counts the hits of so many runs. */
export async function rateOf(
  bug: { readonly log: UnderTest; readonly mayShow: (run: Input) => boolean },
  { seed, runs }: { readonly seed: number; readonly runs: number },
): Promise<Rate> {
  const bounds = boundsOf(bug.log as { readonly truncateFront?: unknown });
  let made = 0;
  let hits = 0;
  await inBatch(async (check) => {
    for (let run = 0; run < runs; run++) {
      const input = drawInput(new Random(seed, run), bounds);
      if (!bug.mayShow(input)) continue;
      made++;
      const { violations } = await check(bug.log, checkOptionsOf(input));
      if (violations.length > 0) hits++;
    }
  });
  return { drawn: runs, made, hits, interval: wilson(hits, runs) };
}

/** The score interval of Wilson (JASA 22, 1927): fit for shares near 0. */
export function wilson(hits: number, of: number): readonly [low: number, high: number] {
  const share = hits / of;
  const middle = share + Z ** 2 / (2 * of);
  const reach = Z * Math.sqrt(share * (1 - share) / of + Z ** 2 / (4 * of ** 2));
  const scale = 1 + Z ** 2 / of;
  return [Math.max(0, (middle - reach) / scale), (middle + reach) / scale];
}
