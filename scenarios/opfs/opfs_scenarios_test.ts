import { assert, assertEquals } from "@std/assert";
import { checkLog } from "../../mod.ts";
import { opfsScenarios } from "./opfs_scenarios.ts";

/** Far too few to find much: this test is about the engines running, and about false alarms. */
const RECOVERIES = 12;

for (const { name, log: load, workloads, expected } of opfsScenarios) {
  Deno.test(`${name} runs, repeats itself, and shows nothing that is not expected`, async () => {
    const log = await load();
    const result = await checkLog(log, {
      workloads: workloads!.slice(0, 1),
      budget: { recoveries: RECOVERIES },
      schedules: 2,
    });
    assert(["holds", expected["posix-ra"]].includes(result.verdict), result.reason ?? name);
    if (log.acks === "append") assert(result.workloads[0]!.acked > 0, "nothing was acked");
    assert(result.recoveries > 0);
  });
}

Deno.test("opfs/write-ahead-change violates at once", async () => {
  const { log, workloads, checkOptions } = opfsScenarios.find(({ name }) =>
    name === "opfs/write-ahead-change"
  )!;
  const { verdict, violations } = await checkLog(await log(), {
    workloads: workloads!,
    ...checkOptions,
  });
  assertEquals(verdict, "violates");
  assertEquals(violations[0]!.verdict.clause, "acked record lost");
});
