import { placementsAfter } from "./call_faults.ts";
import type { FilledOptions, WorkloadResult } from "./check_result.ts";
import { type FirstLife, firstLife } from "./first_life.ts";
import type { Decide } from "./interleaving.ts";
import { pullPlug, together } from "./pull_plug.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";

/**
 * Checks a workload with faults: first with faults only in the lives after the power loss, then with
 * one in each call of the first life, and with two where so many are asked for.
 */
export async function placeFaults(
  subject: LogUnderTest,
  workload: Workload,
  options: FilledOptions,
  { life, sound, decide }: {
    readonly life: FirstLife;
    readonly sound: WorkloadResult;
    readonly decide: Decide;
  },
): Promise<WorkloadResult> {
  const most = options.callFaults!;
  const model = life.disk.model;
  const results = [sound];
  let left = options.budget.recoveries - (sound.exploration?.recoveries ?? 0);
  const search = async (life: FirstLife, share: number): Promise<boolean> => {
    const budget = { ...options.budget, recoveries: Math.min(left, Math.ceil(share)) };
    const result = await pullPlug(subject, workload, { ...options, budget }, life);
    left -= result.exploration?.recoveries ?? 0;
    if (result.verdict !== "not-measured") results.push(result);
    return result.verdict === "holds";
  };
  let run = 0;
  let total = 0;
  let isKnown = true;
  // Every number of faults in the first life gets its part of what is left.
  let goesOn = await search({ ...life, later: most }, left / (most + 1));
  let before = [{ plan: life.plan, last: -1, calls: life.calls }];
  for (let placed = 1; placed <= most; placed++) {
    const placements = before.flatMap((one) => placementsAfter(one, one.calls, model));
    total += placements.length;
    before = [];
    const kept = left * (most - placed) / (most - placed + 1);
    for (const [i, placement] of placements.entries()) {
      if (!goesOn || left <= 0) {
        isKnown = placed === most;
        break;
      }
      const next = await firstLife(subject, workload, options, decide, placement);
      const share = (left - kept) / (placements.length - i);
      goesOn = await search({ ...next, later: most - placed }, share);
      before.push({ ...placement, calls: next.calls });
      run++;
    }
  }
  const explorations = results.flatMap(({ exploration }) => exploration ?? []);
  return {
    ...results.at(-1)!,
    acked: sound.acked,
    exploration: explorations.length > 0 ? together(explorations) : undefined,
    schedules: sound.schedules,
    placements: { run, of: isKnown ? total : undefined },
  };
}
