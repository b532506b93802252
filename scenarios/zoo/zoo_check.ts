import {
  checkLog,
  type Counterexample,
  defaultWorkloads,
  type ModelName,
  type Verdict,
  type Workload,
} from "../../mod.ts";
import type { ZooEntry } from "./zoo_entry.ts";

/** How an entry of the zoo is checked. */
export interface ZooCheckOptions {
  /** The persistence model. Default: `"posix-ra"`. */
  readonly model?: ModelName;
  /** Called before every run of the log, with the workload: a sign of life. */
  readonly onRun?: (workload: Workload) => void;
}

/** What a check of an entry found, up to the first kill. */
export interface ZooFinding {
  /** The verdict. */
  readonly verdict: Verdict;
  /** Whether every crash state of every workload was covered, where nothing was killed. */
  readonly complete: boolean;
  /** How many recoveries were run. */
  readonly recoveries: number;
  /** How long the runs took, in milliseconds. */
  readonly milliseconds: number;
  /** The workload that killed; `undefined` when none did. */
  readonly killer: string | undefined;
  /** The crash that killed. */
  readonly counterexample: Counterexample | undefined;
  /** Why the log cannot be judged. */
  readonly reason: string | undefined;
}

/**
 * Checks an entry of the zoo with the workloads that every log is checked with, in their order, and
 * stops at the first that kills it. The workload that is known to show the mistake comes last: where
 * it is the killer, the workloads for every log are too few.
 *
 * @param entry The entry.
 * @param options The persistence model.
 * @returns What was found.
 *
 * @example
 * ```ts
 * import { zoo } from "./zoo.ts";
 * import { checkEntry } from "./zoo_check.ts";
 *
 * const { verdict, killer } = await checkEntry(zoo[0]!);
 * console.log(verdict, killer); // violates one record
 * ```
 */
export async function checkEntry(
  entry: ZooEntry,
  { model = "posix-ra", onRun }: ZooCheckOptions = {},
): Promise<ZooFinding> {
  let [recoveries, milliseconds, acked, complete] = [0, 0, 0, true];
  const log = entry.log();
  const nothing = { killer: undefined, counterexample: undefined, reason: undefined };
  for (const workload of [...defaultWorkloads, ...entry.shows === undefined ? [] : [entry.shows]]) {
    const started = performance.now();
    const result = await checkLog(log, {
      model,
      workloads: [workload],
      // Faults in every call of every recovery are a check of their own.
      ...(entry.faultOptions && { depth: 0, ...entry.faultOptions }),
      ...(onRun !== undefined && { onRun }),
      // What checkLog does when all workloads are through is no part of a kill.
      onWorkload: () => milliseconds += performance.now() - started,
    });
    recoveries += result.recoveries;
    const { verdict, reason } = result;
    const [counterexample] = result.violations;
    if (verdict === "violates" || verdict === "harness-broken") {
      const killer = workload.name;
      return { verdict, complete: false, recoveries, milliseconds, killer, counterexample, reason };
    }
    for (const { acked: more, exploration } of result.workloads) {
      acked += more;
      complete &&= exploration?.complete === true;
    }
  }
  const verdict = acked > 0 ? "holds" : "not-measured";
  return { ...nothing, verdict, complete, recoveries, milliseconds };
}
