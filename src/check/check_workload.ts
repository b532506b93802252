import type { Disk } from "../vfs/disk.ts";
import { withPaths } from "./cells_in_words.ts";
import { checkSchedules } from "./check_schedules.ts";
import type { FilledOptions, WorkloadResult } from "./check_result.ts";
import { traceDigest } from "./counterexample.ts";
import { firstLife } from "./first_life.ts";
import { follow } from "./interleaving.ts";
import { placeFaults } from "./place_faults.ts";
import { NONE, ONE, pullPlug } from "./pull_plug.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";
import { isUnjudgeable } from "./unjudgeable.ts";

/** Checks one workload: in every order, with every fault, at every crash. */
export async function checkWorkload(
  subject: LogUnderTest,
  workload: Workload,
  options: FilledOptions,
): Promise<WorkloadResult> {
  const broken = (reason: string): WorkloadResult => ({
    workload,
    verdict: "harness-broken",
    acked: 0,
    exploration: undefined,
    schedules: ONE,
    placements: NONE,
    failures: 0,
    counterexample: undefined,
    reason,
  });
  let disk: Disk | undefined;
  try {
    const decide = follow(workload.schedule ?? []);
    const first = await firstLife(subject, workload, options, decide);
    disk = first.disk;
    if (first.violation !== undefined) return await pullPlug(subject, workload, options, first);
    const again = await firstLife(subject, workload, options, decide);
    const [before, now] = [first, again].map(({ disk }) => traceDigest(disk.life.trace));
    if (before!.digest !== now!.digest) {
      return broken(
        `The log is not deterministic: the workload "${workload.name}" made ${before!.ops} calls ` +
          `that change the disk, and ${now!.ops} others when it was run again`,
      );
    }
    const isOpen = first.run.waits && first.run.interleaving.decisions.length > 0;
    const sound = isOpen && workload.schedule === undefined
      ? await checkSchedules(subject, workload, options, first)
      : await pullPlug(subject, workload, options, first);
    return options.callFaults && sound.verdict === "holds"
      ? await placeFaults(subject, workload, options, { life: again, sound, decide })
      : sound;
  } catch (error) {
    if (isUnjudgeable(error)) return broken(withPaths(error.message, disk));
    throw error;
  }
}
