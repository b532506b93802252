import { type Disk, StepBudgetError } from "../vfs/disk.ts";
import type { FaultPlan } from "../vfs/fault_plan.ts";
import { CallRecorder, type Placement } from "./call_faults.ts";
import type { FilledOptions } from "./check_result.ts";
import { freshDisk } from "./counterexample.ts";
import type { Decide } from "./interleaving.ts";
import { scheduleOf } from "./interleaving_schedules.ts";
import { requireEnd, STEPS } from "./replay.ts";
import { LOG_DIRECTORY, LogRun, type Violation } from "./run_log.ts";
import { drive } from "./settle.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";

/** A first life that has been lived. */
export interface FirstLife {
  readonly disk: Disk;
  readonly run: LogRun;
  readonly violation: Violation | undefined;
  /** Its faults. */
  readonly plan: FaultPlan;
  /** Its calls, where faults may be placed in them. */
  readonly calls: CallRecorder["calls"];
  /** How many faults the search may place in the lives after it. */
  readonly later: number;
}

/** Runs the life before the first power loss. */
export async function firstLife(
  subject: LogUnderTest,
  workload: Workload,
  options: FilledOptions,
  decide: Decide,
  placement?: Placement,
): Promise<FirstLife> {
  options.onRun?.(workload);
  const disk = freshDisk(options, LOG_DIRECTORY);
  disk.stepLimit = options.budget.steps ?? STEPS;
  options.observer?.onDisk(disk);
  const plan = placement?.plan ?? options.faults;
  const recorder = new CallRecorder(disk, plan);
  if (plan.length > 0 || options.callFaults) disk.faults = recorder;
  disk.life.earliest = placement?.point ?? 0;
  const run = new LogRun(subject, disk, { decide });
  let violation: Violation | undefined;
  try {
    violation = await drive(run.live(workload.lives[0] ?? []), run.interleaving);
    requireEnd(disk);
  } catch (error) {
    // It is no recovery that takes so long.
    if (error instanceof StepBudgetError) {
      error.message = error.message.replace(/^Recovery/, "The life before the first power loss");
    }
    throw error;
  }
  options.observer?.onFirstLife(disk);
  return { disk, run, violation, plan, calls: recorder.calls, later: 0 };
}

/** The workload with the schedule of a life, where that left anything open. */
export function scheduled(workload: Workload, { interleaving }: LogRun): Workload {
  const { decisions } = interleaving;
  return decisions.length === 0 ? workload : { ...workload, schedule: scheduleOf(decisions) };
}
