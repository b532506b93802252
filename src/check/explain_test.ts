/**
 * What a check and an explanation tell while they go on.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import naive from "../../scenarios/naive_log.ts";
import { checkLog } from "./check_log.ts";
import { defaultWorkloads } from "./default_workloads.ts";
import { explain, explainAll, type ExplainStep } from "./explain.ts";
import type { Workload } from "./workload.ts";

Deno.test("checkLog() tells its workloads once, before the first run, and runs these", async () => {
  const story: string[] = [];
  let told: readonly Workload[] = [];
  const options = { workloads: defaultWorkloads.slice(0, 3), depth: 2 };
  const { workloads } = await checkLog(naive, {
    ...options,
    onStart: (workloads) => {
      told = workloads;
      story.push("start");
    },
    onRun: ({ name }) => story.at(-1) !== name && story.push(name),
  });
  assertEquals(story, ["start", ...told.map(({ name }) => name)]);
  assertEquals(told, workloads.map(({ workload }) => workload));
  assert(told.every(({ lives }) => lives.length >= 2), "not as they are run");
});

Deno.test("checkLog() tells of no workload that makes no sense for a log", async () => {
  let told: readonly Workload[] = [];
  const forgets: Workload = {
    name: "forgets",
    lives: [[{ do: "append", bytes: 8 }, { do: "truncateFront", count: 1 }]],
  };
  const workloads = [forgets, defaultWorkloads[0]!];
  await checkLog(naive, { workloads, onStart: (workloads) => told = workloads });
  assertEquals(told.map(({ name }) => name), [defaultWorkloads[0]!.name]);
});

Deno.test("explainAll() tells each step, with the number of findings that are left", async () => {
  const steps: ExplainStep[] = [];
  const raw = await checkLog(naive);
  const { violations } = await explainAll(naive, raw, { onStep: (step) => void steps.push(step) });
  assertEquals(violations.length, 2);
  assertEquals(steps, [
    { doing: "shrinking", finding: 1, of: 2 },
    { doing: "shrinking", finding: 2, of: 2 },
    { doing: "other disks", finding: 1, of: 2 },
    { doing: "blame", finding: 1, of: 2 },
    { doing: "other disks", finding: 2, of: 2 },
    { doing: "blame", finding: 2, of: 2 },
  ]);
});

Deno.test("explain() tells its steps, and runs the log in each", async () => {
  const [found] = (await checkLog(naive)).violations;
  const runs = new Map<string, number>();
  let doing = "";
  await explain(naive, found!, {
    onStep: (step) => {
      assertEquals([step.finding, step.of], [1, 1]);
      doing = step.doing;
    },
    onRun: () => runs.set(doing, (runs.get(doing) ?? 0) + 1),
  });
  assertEquals([...runs.keys()], ["shrinking", "other disks", "blame"]);
});
