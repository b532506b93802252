import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FaultPlanError } from "../vfs/fault_plan.ts";
import { carefulLog, type Carelessness } from "./_careful_log.ts";
import { checkLog, type CheckOptions, replayCounterexample } from "./check_log.ts";
import { parseCounterexample } from "./counterexample.ts";
import { formatProof } from "./proof.ts";
import type { Command, Workload } from "./workload.ts";

const append = (bytes: number): Command => ({ do: "append", bytes });
const sync: Command = { do: "sync" };
const kill: Command = { do: "kill" };
const workload = (...lives: Command[][]): Workload => ({ name: "small", lives });
const small = workload([append(30), sync, append(600), sync, kill, append(20), sync]);

function check(careless: Carelessness, options: CheckOptions = {}) {
  const one = { workloads: [small], depth: 0, callFaults: 1 } as const;
  return checkLog(carefulLog("careful log", careless), { ...one, ...options });
}

Deno.test("checkLog() with call faults finds nothing wrong with a log that stops at a failure", async () => {
  const { verdict, complete, placements, reason } = await check({});
  assertEquals([verdict, complete, reason], ["holds", true, undefined]);
  assertEquals(placements.run, placements.of);
  assert(placements.run > 20);
});

Deno.test("checkLog() finds mistakes in the treatment of failing calls, and only with call faults", async () => {
  const mistakes: (keyof Carelessness)[] = [
    "retriesBarriers",
    "goesOn",
    "ignoresShortWrites",
    "ignoresShortReads",
    "ignoresFullDisk",
    "ignoresUnreadable",
    "ignoresRecovery",
    "trustsCache",
  ];
  for (const mistake of mistakes) {
    const careless = { [mistake]: true };
    assertEquals((await check(careless, { callFaults: 0 })).verdict, "holds", mistake);
    const { verdict, reason, violations: [found] } = await check(careless);
    assertEquals([verdict, reason], ["violates", undefined], mistake);
    const read = parseCounterexample(JSON.stringify(found));
    assert(
      read.faults !== undefined || read.crash.kept.some(({ cell }) => cell === "fault"),
      mistake,
    );
    const { violation, misfit } = await replayCounterexample(carefulLog("", careless), read);
    assertEquals(violation?.message, found!.verdict.message, mistake);
    assertEquals(misfit, undefined, mistake);
    assertMatch(formatProof(read), /with these faults:\n +! {2}/);
  }
});
