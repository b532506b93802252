import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { inBatch } from "../../mod.ts";
import type { LogUnderTest } from "../../mod.ts";
import type { Entry } from "./corpus.ts";
import { Lane, type LaneOptions, type RunReport } from "./lane.ts";

const canary: LogUnderTest = (await import("../../scenarios/canary.ts")).default;

const OPTIONS: LaneOptions = {
  seed: 1,
  lane: 0,
  lanes: 1,
  mode: "guided",
  bounds: { disk: {}, models: ["posix-ra"], faults: true, syncs: true, forgets: false },
};

async function make(lane: Lane, runs: number): Promise<RunReport[]> {
  return await inBatch(async (check) => {
    lane.check = check;
    const reports: RunReport[] = [];
    for (let i = 0; i < runs; i++) reports.push(await lane.step());
    return reports;
  });
}

const digests = (reports: readonly RunReport[]) => reports.map(({ digest }) => digest);

Deno.test("Lane.step() makes the same runs from the same seed, and others from another", async () => {
  for (const mode of ["guided", "random"] as const) {
    const options = { ...OPTIONS, mode };
    const first = await make(new Lane(canary, options), 80);
    const again = await make(new Lane(canary, options), 80);
    const other = await make(new Lane(canary, { ...options, seed: 2 }), 80);
    assertEquals(digests(again), digests(first));
    assertEquals(again.map(({ input }) => input), first.map(({ input }) => input));
    assertNotEquals(digests(other), digests(first));
  }
});

Deno.test("Lane.step() numbers its runs between those of the other lanes", async () => {
  const reports = await make(new Lane(canary, { ...OPTIONS, lane: 2, lanes: 3 }), 4);
  assertEquals(reports.map(({ run }) => run), [2, 5, 8, 11]);
});

Deno.test("Lane.step() keeps nothing in the random mode", async () => {
  const lane = new Lane(canary, { ...OPTIONS, mode: "random" });
  const reports = await make(lane, 40);
  assert(reports.every(({ entry }) => entry === undefined));
  assertEquals(lane.corpus.size, 0);
});

Deno.test("Lane.resume() goes on as if the lane had never stopped", async () => {
  const whole = new Lane(canary, OPTIONS);
  const before = await make(whole, 60);
  const kept: Entry[] = structuredClone(whole.corpus.entries);
  const after = await make(whole, 60);
  const resumed = new Lane(canary, OPTIONS);
  await resumed.resume(kept, before.length);
  assertEquals(digests(await make(resumed, 60)), digests(after));
  assertEquals(
    resumed.corpus.entries.map(({ name }) => name),
    whole.corpus.entries.map(({ name }) => name),
  );
});

Deno.test("Lane.step() finds the canary, and tells each cause once", async () => {
  const lane = new Lane(canary, OPTIONS);
  const reports = await make(lane, 1000);
  const findings = reports.flatMap(({ finding }) => finding ?? []);
  assert(findings.length > 0);
  assert(lane.violations >= findings.length);
  assertEquals(reports.filter(({ broken }) => broken !== undefined), []);
});
