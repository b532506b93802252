/**
 * The catalogue: every scenario with the verdict that it must have on each persistence model.
 *
 * @module
 */
import type { ModelName, Verdict } from "../mod.ts";
import { logWithFault, naiveFaults, repairSteps } from "./naive_faults.ts";
import naive from "./naive_log.ts";
import reference, { groupCommitLog, preallocatedLog } from "./reference_log.ts";
import { opfsScenarios } from "./opfs/opfs_scenarios.ts";
import { postgresScenarios } from "./postgres/postgres.ts";
import { everywhere, on, type SampledScenario, type Scenario } from "./scenario.ts";
import { sqliteScenarios } from "./sqlite/sqlite_scenarios.ts";
import { storeScenarios } from "./stores/stores.ts";
import { tursoScenarios } from "./turso/turso.ts";
import { zoo } from "./zoo/zoo.ts";

/** Faults of the naive log that not every file system shows, each with where it does what. */
const EXCEPTIONS: Readonly<Record<string, Partial<Record<ModelName, Verdict>>>> = {
  // Where a file grows only with its bytes, the workload never gets to read what was not written.
  "no-checksum": on("violates", "posix-ra", "posix", "ext4-ordered", "ext4-writeback"),
  // A barrier on the new file brings its name along.
  "directory-unsynced": { ...everywhere("holds"), ...on("violates", "posix-ra", "posix") },
  // Everything persists in order: what was shown was first written, so nothing that is acked goes.
  "reopen-is-not-a-crash": { ...everywhere("violates"), "ext4-journal": "not-measured" },
};

/** With so many of its faults fixed, the naive log still breaks its promise. */
function unlessFixed(made: number, steps: number): Record<ModelName, Verdict> {
  if (made === steps) return everywhere("holds");
  // The last fix is a barrier in recovery, which a disk that keeps the order does not need.
  return made < steps - 1
    ? everywhere("violates")
    : { ...everywhere("violates"), "ext4-journal": "holds" };
}

/** All scenarios, in the order in which they are best met. */
export const catalogue: readonly (Scenario | SampledScenario)[] = [
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
    expected: on("holds", "posix-ra", "ext4-ordered", "ext4-journal", "xfs", "btrfs"),
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
    expected: EXCEPTIONS[fault.id] ?? everywhere("violates"),
  })),
  ...repairSteps().map((log, made, steps): Scenario => ({
    name: `naive/fixed-${made}-of-${steps.length - 1}`,
    story: `The naive log with ${made} of its faults fixed`,
    log: () => log,
    expected: unlessFixed(made, steps.length - 1),
  })),
  ...[...tursoScenarios, ...sqliteScenarios, ...opfsScenarios].map((scenario): Scenario => ({
    ...scenario,
    isLong: true,
  })),
  ...storeScenarios,
  ...postgresScenarios,
  ...zoo.map((entry): Scenario => ({
    name: `zoo/${entry.id}`,
    story: entry.rule,
    log: entry.log,
    ...(entry.faultOptions &&
      { workloads: [entry.shows!], checkOptions: { depth: 0, ...entry.faultOptions } }),
    expected: { "posix-ra": entry.expected },
  })),
];
