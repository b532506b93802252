/**
 * The catalogue: every scenario with the verdict that it must have on each persistence model.
 *
 * @module
 */
import type { LogUnderTest, ModelName, Verdict, Workload } from "../mod.ts";
import { logWithFault, naiveFaults, repairSteps } from "./naive_faults.ts";
import naive from "./naive_log.ts";
import reference, { groupCommitLog, preallocatedLog } from "./reference_log.ts";
import { zoo } from "./zoo/zoo.ts";

/** A named log with its workloads and the verdicts that it must have. */
export interface Scenario {
  /** The name, with `/` between a group and its member. */
  readonly name: string;
  /** What it shows, in one sentence. */
  readonly story: string;
  /** Makes the log. */
  readonly log: () => LogUnderTest;
  /** The workloads. Default: those of every check. */
  readonly workloads?: readonly Workload[];
  /** The verdict on each model. */
  readonly expected: Partial<Record<ModelName, Verdict>>;
}

const everywhere = (verdict: Verdict) => ({ "posix-ra": verdict, "posix": verdict });

/** All scenarios, in the order in which they are best met. */
export const catalogue: readonly Scenario[] = [
  {
    name: "reference",
    story: "Every rule kept: the reference log holds",
    log: () => reference,
    expected: everywhere("holds"),
  },
  {
    name: "reference/group-commit",
    story: "Many appends, one barrier, acks only after it",
    log: () => groupCommitLog(),
    expected: everywhere("holds"),
  },
  {
    name: "reference/preallocated",
    story: "Zeros written ahead are never taken for records",
    log: () => preallocatedLog,
    expected: { "posix-ra": "holds" },
  },
  {
    name: "naive",
    story: "Length prefix, flush, replay: all six faults at once",
    log: () => naive,
    expected: everywhere("violates"),
  },
  ...naiveFaults.map((fault): Scenario => ({
    name: `naive/${fault.id}`,
    story: fault.rule,
    log: () => logWithFault(fault),
    workloads: [fault.workload],
    expected: everywhere("violates"),
  })),
  ...repairSteps().map((log, made, steps): Scenario => ({
    name: `naive/fixed-${made}-of-${steps.length - 1}`,
    story: `The naive log with ${made} of its faults fixed`,
    log: () => log,
    expected: everywhere(made === steps.length - 1 ? "holds" : "violates"),
  })),
  ...zoo.map((entry): Scenario => ({
    name: `zoo/${entry.id}`,
    story: entry.rule,
    log: entry.log,
    expected: { "posix-ra": entry.expected },
  })),
];
