import { assert, assertEquals } from "@std/assert";
import { wilson } from "./rate.ts";
import { formatResults, resultsOf } from "./results.ts";
import type { Done } from "./tasks.ts";

function sought(seed: number, found: boolean, runs: number): Done {
  return {
    task: { kind: "seek", bug: "b", way: "guided", seed, capSeconds: 9 },
    answer: { found, runs, recoveries: 10 * runs, cpuSeconds: runs / 100 },
  };
}

function assertNear(actual: number, expected: number, by: number): void {
  assert(Math.abs(actual - expected) <= by, `${actual}, expected ${expected}`);
}

Deno.test("resultsOf() takes what was not found as never found, and not as found at the cap", () => {
  const done = [sought(1, true, 100), sought(2, false, 900), sought(3, true, 300)];
  const [{ outcomes }] = resultsOf(done) as [ReturnType<typeof resultsOf>[number]];
  assertEquals(outcomes, [{
    way: "guided",
    found: 2,
    seeds: 3,
    medianRuns: 300,
    medianSeconds: 3,
    totalRuns: 1300,
    totalSeconds: 13,
  }]);
  const [rarely] = resultsOf([sought(1, true, 100), sought(2, false, 900), sought(3, false, 900)]);
  assertEquals(rarely!.outcomes[0]!.medianRuns, undefined);
});

Deno.test("formatResults() puts how many seeds found it before the medians", () => {
  const [row] = formatResults(resultsOf([sought(1, true, 100)]), ["guided"]).split("\n")
    .filter((line) => line.includes("1/1"));
  assert(row!.indexOf("1/1") < row!.indexOf("100"), row);
});

Deno.test("wilson() bounds the rate also where nothing was hit", () => {
  const [low, high] = wilson(0, 38_412);
  assertEquals(low, 0);
  assertNear(high, 1e-4, 1e-6);
  // Worked example: 10 of 100.
  const [from, to] = wilson(10, 100);
  assertNear(from, 0.0552, 1e-3);
  assertNear(to, 0.1744, 1e-3);
});
