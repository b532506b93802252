import { assertEquals } from "@std/assert";
import type { CampaignResult } from "./campaign.ts";
import { CANARY_RUNS, judge } from "./judge.ts";
import type { News } from "./known.ts";
import { keptRun } from "./_journal_store.ts";

function resultOf(
  { runs = 10, marks = [["a", true]], canary = { runs: 1, found: [1] }, what = [], givenUp = [] }: {
    runs?: number;
    marks?: [string, boolean][];
    canary?: CampaignResult["canary"];
    givenUp?: number[];
    what?: ("hung" | "died" | "not judged")[];
  },
): CampaignResult {
  const { input, run } = keptRun(1);
  return {
    begun: { seed: 1, lanes: [0], of: 1, conditions: "" },
    standing: {
      seconds: 1,
      runs,
      recoveries: 1,
      facts: 1,
      corpus: 1,
      findings: 0,
      memory: 1,
      marks: new Map(marks),
      explaining: 0,
    },
    points: [],
    findings: [],
    incidents: what.map((what) => ({
      incident: { what, input, run, words: "", module: "x.ts" },
      file: "x",
    })),
    givenUp,
    canary,
    digests: {},
    interrupted: false,
  };
}

Deno.test("judge() gives each of the four verdicts, with the reason", () => {
  const verdict = (result: CampaignResult, ...news: News[]) => {
    const { verdict, reasons } = judge(result, news.map((news) => ({ news })));
    return [verdict, ...reasons];
  };
  assertEquals(verdict(resultOf({})), ["holds"]);
  assertEquals(verdict(resultOf({}), "known"), ["holds"]);
  assertEquals(verdict(resultOf({}), "new", "known"), ["violates", "1 new finding"]);
  assertEquals(verdict(resultOf({}), "came back", "new", "new"), [
    "violates",
    "2 new findings",
    "1 finding that came back",
  ]);
  assertEquals(verdict(resultOf({}), "still fails"), [
    "violates",
    "1 earlier finding that still fails",
  ]);
  assertEquals(verdict(resultOf({}), "still fails", "still fails"), [
    "violates",
    "2 earlier findings that still fail",
  ]);
  assertEquals(verdict(resultOf({ what: ["hung", "died"] })), [
    "violates",
    "2 runs that did not end",
  ]);
  assertEquals(verdict(resultOf({ what: ["died"], givenUp: [0] })), [
    "violates",
    "1 run that did not end",
    "a lane was given up before the end",
  ]);
  assertEquals(verdict(resultOf({ what: ["not judged"] })), [
    "harness-broken",
    "1 run that cannot be judged",
  ]);
  const unseen = { runs: CANARY_RUNS, found: [] };
  assertEquals(verdict(resultOf({ canary: unseen }))[0], "harness-broken");
  assertEquals(verdict(resultOf({ canary: { ...unseen, runs: CANARY_RUNS - 1 } })), ["holds"]);
  assertEquals(verdict(resultOf({ runs: 0 })), ["not-measured", "no run was made"]);
  assertEquals(verdict(resultOf({ marks: [["a", true], ["b", false]] })), [
    "not-measured",
    'it was dull: never reached "b"',
  ]);
});
