/**
 * What a campaign says of a log.
 *
 * @module
 */
import type { Verdict } from "../../mod.ts";
import type { CampaignFinding, CampaignResult } from "./campaign.ts";
import type { News } from "./known.ts";

/** A finding, and whether it is news. */
export interface JudgedFinding extends CampaignFinding {
  /** Whether it is news. */
  readonly news: News;
}

/** A verdict with its reasons. */
export interface Judgement {
  /** The verdict. */
  readonly verdict: Verdict;
  /** Why, in sentences; for `holds` none. */
  readonly reasons: readonly string[];
}

/** So many runs find the canary, by experience with some to spare: see `scenarios/canary.ts`. */
export const CANARY_RUNS = 3_000;

/**
 * Judges a campaign. Findings that are known do not count; a night that did not get anywhere, or did
 * not find its canary, shows nothing.
 *
 * @param complaints What else went wrong, in sentences.
 */
export function judge(
  result: CampaignResult,
  findings: readonly Pick<JudgedFinding, "news">[],
  complaints: readonly string[] = [],
): Judgement {
  const { incidents, givenUp, canary, standing: { runs, marks } } = result;
  const early = givenUp.length === 0 ? [] : [
    `${
      givenUp.length === 1 ? "a lane was" : `${givenUp.length} lanes were`
    } given up before the end`,
  ];
  const news = findings.filter(({ news }) => news !== "known");
  const ended = incidents.filter(({ incident: { what } }) => what !== "not judged");
  const violations = [
    ...count(news.filter(({ news }) => news === "new").length, "new finding"),
    ...count(news.filter(({ news }) => news === "came back").length, "finding that came back"),
    ...count(
      news.filter(({ news }) => news === "still fails").length,
      "earlier finding that still fails",
    ),
    ...count(ended.length, "run that did not end"),
  ];
  if (violations.length > 0) return { verdict: "violates", reasons: [...violations, ...early] };
  const broken = [
    ...complaints,
    ...count(incidents.length - ended.length, "run that cannot be judged"),
    ...canary.found.length === 0 && canary.runs >= CANARY_RUNS
      ? [`the canary was not found in ${canary.runs} runs: do not trust this campaign`]
      : [],
  ];
  if (broken.length > 0) return { verdict: "harness-broken", reasons: [...broken, ...early] };
  if (runs === 0) return { verdict: "not-measured", reasons: ["no run was made"] };
  const missed = [...marks].filter(([, isReached]) => !isReached).map(([name]) => `"${name}"`);
  if (missed.length > 0) {
    return {
      verdict: "not-measured",
      reasons: [`it was dull: never reached ${missed.join(", ")}`],
    };
  }
  return { verdict: "holds", reasons: [] };
}

function count(number: number, what: string): string[] {
  if (number === 0) return [];
  if (number === 1) return [`1 ${what}`];
  const [head, ...rest] = what.replace(" fails", " fail").split(" that ");
  return [[`${number} ${head}s`, ...rest].join(" that ")];
}
