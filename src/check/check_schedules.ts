import { NondeterminismError } from "../explore/choices.ts";
import type { FilledOptions, WorkloadResult } from "./check_result.ts";
import { traceDigest } from "./counterexample.ts";
import { type FirstLife, firstLife } from "./first_life.ts";
import { Schedules } from "./interleaving_schedules.ts";
import { pullPlug, together } from "./pull_plug.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";

const SCHEDULES = 128;

/** Checks a workload with several schedules, until one of them breaks the promise. */
export async function checkSchedules(
  subject: LogUnderTest,
  workload: Workload,
  options: FilledOptions,
  first: FirstLife,
): Promise<WorkloadResult> {
  const most = Math.max(options.schedules ?? SCHEDULES, 1);
  const schedules = new Schedules(most, options.seed ?? 1);
  const seen = new Set<string>();
  const results: WorkloadResult[] = [];
  let recoveries = options.budget.recoveries;
  while (recoveries > 0 || results.length === 0) {
    const decide = schedules.next();
    if (decide === undefined) break;
    const isFirst = results.length === 0;
    const life = isFirst ? first : await firstLife(subject, workload, options, decide);
    if (!schedules.ran(life.run.interleaving.decisions)) {
      throw new NondeterminismError(
        `The log is not deterministic: the workload "${workload.name}" left other things open ` +
          "when it was run again in the same order",
      );
    }
    const doing = `${traceDigest(life.disk.life.trace).digest}\n${life.run.timeline}`;
    if (seen.has(doing) && life.violation === undefined) continue;
    seen.add(doing);
    // Most searches are small. No wide one shall leave nothing for the others.
    const share = most === 1 ? recoveries : Math.ceil(recoveries / (isFirst ? 2 : 4));
    const budget = { ...options.budget, recoveries: share };
    const result = await pullPlug(subject, workload, { ...options, budget }, life);
    results.push(result);
    recoveries -= result.exploration?.recoveries ?? 0;
    if (result.verdict !== "holds") break;
  }
  const { run, of } = schedules;
  const explorations = results.flatMap(({ exploration }) => exploration ?? []);
  return {
    ...results.at(-1)!,
    acked: results[0]!.acked,
    exploration: explorations.length > 0 ? together(explorations) : undefined,
    schedules: { run, of, distinct: results.length },
  };
}
