import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { FaultPlanError } from "../vfs/fault_plan.ts";
import { carefulLog, type Carelessness } from "./_careful_log.ts";
import { checkLog } from "./check_log.ts";
import type { CheckOptions } from "./check_result.ts";
import { replayCounterexample } from "./replay.ts";
import { type Counterexample, CounterexampleError, parseCounterexample } from "./counterexample.ts";
import { defaultWorkloads } from "./default_workloads.ts";
import reference from "../../scenarios/reference_log.ts";
import { compactLog } from "../../scenarios/zoo/compact_log.ts";
import { formatProof } from "./proof.ts";
import type { Command, Workload } from "./workload.ts";

const append = (bytes: number): Command => ({ do: "append", bytes });
const sync: Command = { do: "sync" };
const kill: Command = { do: "kill" };
const workload = (...lives: Command[][]): Workload => ({ name: "small", lives });
const small = workload(
  [append(30), sync, append(600), sync, append(20), sync, kill, append(20), sync],
);

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

Deno.test("checkLog() with two call faults finds what one does not show", async () => {
  const careless = { ignoresSecondFailure: true };
  const workloads = [workload([append(20), sync, kill])];
  assertEquals((await check(careless, { workloads })).verdict, "holds");
  const { verdict, violations: [found] } = await check(careless, { workloads, callFaults: 2 });
  assertEquals(verdict, "violates");
  const { violation } = await replayCounterexample(carefulLog("", careless), found!);
  assertEquals(violation?.message, found!.verdict.message);
});

Deno.test("checkLog() makes the calls of a plan fail, and the counterexample names them", async () => {
  const careless = { retriesBarriers: true };
  const faults = "sync 3: EIO";
  const { verdict, placements, violations: [found] } = await check(careless, {
    faults,
    callFaults: 0,
  });
  assertEquals([verdict, placements, found!.faults], ["violates", { run: 0, of: 0 }, faults]);
  assertEquals((await check({}, { faults, callFaults: 0 })).verdict, "holds");
  await assertRejects(() => check({}, { faults: "sync three" }), FaultPlanError, "character 6");
});

Deno.test("parseCounterexample() refuses faults that are no plan", async () => {
  const { violations: [found] } = await check({ retriesBarriers: true });
  const text = JSON.stringify({ ...found, faults: "sync three" });
  assertThrows(() => parseCounterexample(text), CounterexampleError, "expected a fault plan");
});

Deno.test("checkLog() asks nothing of a log whose file system is read-only or shut down", async () => {
  for (const model of ["ext4-ordered", "xfs", "btrfs"] as const) {
    for (let number = 1; number < 8; number++) {
      const faults = `barrier ${number}: fails journal`;
      const { verdict, reason } = await check({}, { model, faults, callFaults: 0 });
      const isMeasured = number > 3;
      assertEquals(
        verdict,
        isMeasured ? "holds" : "not-measured",
        `${model}, ${faults}: ${reason}`,
      );
    }
  }
});

Deno.test("checkLog() finds nothing wrong with a log that stops at a failure, whatever the model", async () => {
  for (const model of ["ext4-ordered", "ext4-writeback", "xfs", "btrfs"] as const) {
    const { verdict, violations } = await check({}, { model });
    assertEquals(verdict, "holds", `${model}: ${violations[0]?.verdict.message}`);
  }
});

Deno.test("checkLog() finds that no log can tell, on ext4-journal, what the next barrier reports", async () => {
  const { verdict, violations } = await check({}, { model: "ext4-journal" });
  assertEquals([verdict, violations[0]?.verdict.clause], ["violates", "acked record lost"]);
});

Deno.test("checkLog() on a full disk tells a log that stops from one that acks half a frame", async () => {
  const workloads = [workload([append(3000), sync, append(3000), sync], [append(10), sync])];
  const options = { workloads, capacityBytes: 4096, callFaults: 0 } as const;
  assertEquals((await check({}, options)).verdict, "holds");
  const { verdict, violations: [found] } = await check({ ignoresFullDisk: true }, options);
  assertEquals([verdict, found!.disk.capacityBytes], ["violates", 4096]);
  const log = carefulLog("", { ignoresFullDisk: true });
  const replayed = await replayCounterexample(log, parseCounterexample(JSON.stringify(found)));
  assertEquals(replayed.violation?.message, found!.verdict.message);
});

Deno.test("checkLog() says how many placements of faults the budget allowed", async () => {
  for (const callFaults of [1, 2] as const) {
    const { verdict, complete, placements, recoveries } = await check({}, {
      callFaults,
      budget: { recoveries: 60 },
    });
    assertEquals([verdict, complete], ["holds", false]);
    assert(placements.run > 0 && placements.run < (placements.of ?? Infinity));
    assert(recoveries <= 60);
  }
});

Deno.test("the reference log holds whichever call fails", async () => {
  const names = [
    "one record",
    "synced, then not",
    "reopened",
    "killed in a later append, after op 6",
  ];
  const workloads = defaultWorkloads.filter(({ name }) => names.includes(name));
  assertEquals(workloads.length, names.length);
  for (const model of ["posix-ra", "ext4-ordered", "xfs", "btrfs"] as const) {
    const result = await checkLog(reference, {
      workloads,
      model,
      callFaults: 1,
      budget: { recoveries: 1500 },
    });
    const { verdict, violations, placements: { run, of } } = result;
    assertEquals(verdict, "holds", `${model}: ${violations[0]?.verdict.message}`);
    assertEquals(run, of);
  }
  const [one] = workloads;
  const two = { workloads: [one!], callFaults: 2, budget: { recoveries: 6000 } } as const;
  assertEquals((await checkLog(reference, two)).verdict, "holds");
});

Deno.test("a counterexample says what the media hold where a barrier has failed", async () => {
  const careless = { retriesBarriers: true };
  const options = { faults: "sync 3: EIO", callFaults: 0, model: "ext4-ordered" } as const;
  const { violations: [found] } = await check(careless, options);
  const { holds } = found!.crash.kept.find(({ cell }) => cell === "sector")!;
  assertMatch(
    holds,
    /^sector 0 of "\/log\/new": what lay there before, .* \(op \d+ is sync .*, which fails: no block/,
  );
});

Deno.test("checkLog() lets calls fail in recovery, too", async () => {
  // Nothing is read before the power goes, so only a recovery can take a failed read for the end.
  const workloads: Workload[] = [{ name: "one", lives: [[{ do: "append", bytes: 24 }]] }];
  const options = { workloads, depth: 0, callFaults: 1 } as const;
  const deaf = compactLog("takes a failed read for the end", { failedRead: "ends the log" });
  const { verdict, violations } = await checkLog(deaf, options);
  assertEquals(verdict, "violates");
  const [{ crash, faults }] = violations as [Counterexample];
  const [fault] = crash.kept.filter(({ cell }) => cell === "fault");
  assertEquals([fault?.life, faults], [1, undefined]);
  assertMatch(fault!.holds, /read "/);
});
