import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { checkLog, type Counterexample, type LogUnderTest } from "../../../mod.ts";
import type { Input } from "../input.ts";
import type { Outcome } from "./batch.ts";
import { essenceOf, parseOutcome } from "./batch.ts";
import { corpusDigestOf, Merged } from "./merged.ts";
import { NAIVE } from "./_queue_children.ts";

const { default: naive }: { default: LogUnderTest<unknown> } = await import(NAIVE);
const { violations: [found] } = await checkLog(naive, { model: "posix-ra" });

const inputWith = (seed: number): Input => ({
  workload: { name: "one record", lives: [[{ do: "append", bytes: 8 }]] },
  disk: { model: "posix-ra", sectorBytes: 512, staleTail: false },
  faults: "",
  depth: 1,
  recoveries: 16,
  seed,
});

/** The outcome of a batch; `seeds` are those of the runs that it has kept. */
function outcomeOf(batch: number, seeds: readonly number[], findings: Counterexample[]): Outcome {
  return {
    kind: "made",
    result: {
      runs: 10,
      recoveries: 100,
      facts: batch,
      digest: `${batch}`,
      entries: seeds.map((seed) => ({ input: inputWith(seed), run: batch + seed })),
      findings,
      incidents: [],
      marks: [],
      canary: { runs: 0, foundAt: null },
    },
  };
}

const outcomes = fc.array(
  fc.record({ seeds: fc.array(fc.nat({ max: 9 })), findings: fc.boolean() }),
  { minLength: 1, maxLength: 8 },
).map((batches) =>
  batches.map(({ seeds, findings }, batch) =>
    [batch, outcomeOf(batch, seeds, findings ? [found!] : [])] as const
  )
);

function mergedOf(batches: number, outcomes: readonly (readonly [number, Outcome])[]): Merged {
  const merged = new Merged(batches);
  for (const [batch, outcome] of outcomes) merged.take(batch, outcome);
  return merged;
}

Deno.test("Merged is the same in whatever order outcomes come, and however often", () => {
  const base = [{ input: inputWith(0), run: 0 }];
  fc.assert(fc.property(
    outcomes.chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
      )
    ),
    ([all, shuffled]) => {
      const [one, other] = [mergedOf(all.length, all), mergedOf(all.length, shuffled)];
      assertEquals(other.isComplete, true);
      assertEquals(other.entries(base), one.entries(base));
      assertEquals(other.findings(), one.findings());
      assertEquals(other.digests(), one.digests());
      const seeds = one.entries(base).map(({ input }) => input.seed);
      assertEquals(new Set(seeds).size, seeds.length);
      assertEquals(seeds.includes(0), false);
    },
  ));
});

Deno.test("Merged has one finding of each cause, that of the first batch", () => {
  const [one, other] = [outcomeOf(2, [], [found!]), outcomeOf(1, [], [found!])];
  const merged = mergedOf(3, [[2, one], [1, other]]);
  assertEquals(merged.findings().map(({ batch, finding }) => [batch, finding]), [[1, 0]]);
  assertEquals(merged.missing(), [0]);
});

Deno.test("corpusDigestOf() tells corpora apart, and their order", () => {
  const [a, b] = [{ input: inputWith(1), run: 1 }, { input: inputWith(2), run: 2 }];
  assertEquals(corpusDigestOf([a, b]), corpusDigestOf([a, b]));
  assertNotEquals(corpusDigestOf([a, b]), corpusDigestOf([b, a]));
});

Deno.test("essenceOf() is the same after a detour over JSON, and leaves out what a run costs", () => {
  const outcome = outcomeOf(1, [3], [found!]);
  const read = parseOutcome(JSON.stringify(outcome));
  const again = parseOutcome(JSON.stringify(read));
  assertEquals(essenceOf(again), essenceOf(read));
  if (read.kind !== "made") throw new Error("It is a result");
  const costlier: Outcome = { kind: "made", result: { ...read.result, recoveries: 7 } };
  assertEquals(essenceOf(costlier), essenceOf(read));
  const other: Outcome = { kind: "made", result: { ...read.result, digest: "2" } };
  assertNotEquals(essenceOf(other), essenceOf(read));
});
