import { assert, assertEquals } from "@std/assert";
import { checkLog, SimulatedFileSystem } from "../mod.ts";
import { logWithFault, naiveFaults, repairSteps } from "./naive_faults.ts";
import naive, { allFixes, naiveLog } from "./naive_log.ts";
import { reopens } from "./reopens.ts";

Deno.test("naiveLog() with no fix violates, with all fixes holds", async () => {
  assertEquals((await checkLog(naive)).verdict, "violates");
  const { verdict, complete } = await checkLog(naiveLog(allFixes));
  assertEquals(verdict, "holds");
  assert(complete);
});

for (const fault of naiveFaults) {
  Deno.test(`naiveLog() shows ${fault.id} in its own workload, and nothing else does`, async () => {
    const workloads = [fault.workload];
    assertEquals((await checkLog(logWithFault(fault), { workloads })).verdict, "violates");
    assertEquals((await checkLog(naiveLog(allFixes), { workloads })).violations, []);
  });
}

Deno.test("repairSteps() violates until the last fault is fixed", async () => {
  const verdicts: string[] = [];
  for (const log of repairSteps()) verdicts.push((await checkLog(log)).verdict);
  assertEquals(verdicts, [...Array(6).fill("violates"), "holds"]);
});

Deno.test("reopens() passes on a log that a power loss breaks", async () => {
  const fs = new SimulatedFileSystem();
  fs.mkdir("/log");
  const records = ["one", "two", "three"].map((text) => new TextEncoder().encode(text));
  assert(await reopens(naive, fs, { dir: "/log", records }));
  assertEquals((await checkLog(naive)).verdict, "violates");
});
