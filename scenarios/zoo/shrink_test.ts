/**
 * Shrink quality: how small a finding becomes is written beside every mistake of the zoo.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  type Counterexample,
  parseCounterexample,
  replayCounterexample,
  shrinkCounterexample,
  weakestDisk,
} from "../../mod.ts";
import { lostCells } from "../../src/check/crash_size.ts";
import { commandCount } from "../../src/check/simpler_workloads.ts";
import { outsiders } from "./outsiders.ts";
import { zoo, type ZooEntry } from "./zoo.ts";
import { checkEntry } from "./zoo_check.ts";

const broken = [...zoo, ...outsiders].filter(({ expected }) => expected === "violates");

/**
 * The most runs of a log that shrinking may take, and how many half of them may: with 0.2 ms a
 * run that is far below 10 s and 1 s. A test that runs beside others cannot look at the clock.
 */
const RUNS = { worst: 15_000, median: 1_000 };

async function findingOf(entry: ZooEntry): Promise<Counterexample> {
  return (await checkEntry(entry)).counterexample!;
}

Deno.test("shrinkCounterexample() makes every finding as small as the zoo says", async (t) => {
  const costs: number[] = [];
  for (const entry of broken) {
    await t.step(entry.id, async () => {
      const found = await findingOf(entry);
      const log = entry.log();
      let runs = 0;
      const options = { onRun: () => void runs++ };
      const shrunk = await shrinkCounterexample(log, found, options);
      const { violates } = await weakestDisk(log, shrunk, options);
      costs.push(runs);

      const { commands, lost } = entry.size!;
      const size = `${commandCount(shrunk.workload)} commands, ${lostCells(shrunk)} lost cells`;
      assert(commandCount(shrunk.workload) <= commands, size);
      assert(lostCells(shrunk) <= lost, size);
      assertEquals(shrunk.verdict.clause, found.verdict.clause);
      assertEquals(parseCounterexample(JSON.stringify(shrunk)), shrunk);

      const { violation, sameTrace, misfit } = await replayCounterexample(log, shrunk);
      assertEquals(violation?.message, shrunk.verdict.message);
      assertEquals([sameTrace, misfit], [true, undefined]);
      assert(violates.includes("posix-ra"));
    });
  }
  costs.sort((a, b) => a - b);
  assert(costs[costs.length >> 1]! < RUNS.median, `median ${costs[costs.length >> 1]} runs`);
  assert(costs.at(-1)! < RUNS.worst, `worst ${costs.at(-1)} runs`);
});

Deno.test("shrinkCounterexample() gives the same document for the same finding, also twice", async () => {
  for (const id of ["5a", "13c", "16a", "20"]) {
    const entry = broken.find((entry) => entry.id === id)!;
    const found = await findingOf(entry);
    const shrunk = await shrinkCounterexample(entry.log(), found);
    assertEquals(await shrinkCounterexample(entry.log(), found), shrunk, id);
    const again = await shrinkCounterexample(entry.log(), shrunk);
    assertEquals(again.workload, shrunk.workload, id);
    assertEquals(again.crash, shrunk.crash, id);
  }
});
