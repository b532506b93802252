import type { BarrierCall, BarrierGate } from "./barrier_file_system.ts";
import type { SourcePlace } from "./call_place.ts";

/**
 * What is done to a barrier. `dropped`: the call does nothing. `delayed`: it takes effect just before
 * the next barrier on any file, and not at all when the process makes none. `weakened`: an `fsync` of
 * a file becomes an `fdatasync`.
 */
export type Mutation = "dropped" | "delayed" | "weakened";

/** A place in a log's code that asks for a barrier. */
export interface BarrierSite extends SourcePlace {
  /** The call; the place of a `synchronous write` is where the handle is opened. */
  readonly call: BarrierCall;
  /** What the barrier is about. */
  readonly on: "file" | "directory" | "file or directory";
  /** The names of the workloads that come by. */
  readonly workloads: readonly string[];
  /** What it costs: how often it is made for each record appended, over the first lives of all workloads. */
  readonly perRecord?: number;
}

/** A log with one barrier changed. */
export interface Mutant {
  /** Which barrier. */
  readonly site: BarrierSite;
  /** How it is changed. */
  readonly mutation: Mutation;
}

/**
 * Treats the barriers of one process as a mutant does.
 *
 * @param mutant Which barrier is changed, and how.
 * @param onReached Called when the barrier is asked for.
 * @returns What becomes of each barrier.
 */
export function gateOf({ site, mutation }: Mutant, onReached: () => void = () => {}): BarrierGate {
  let late: (() => void)[] = [];
  return (asked) => {
    const due = late;
    late = [];
    for (const make of due) make();
    if (asked.call !== site.call || !isSamePlace(asked.place(), site)) return asked.make();
    onReached();
    if (mutation === "dropped") asked.omit();
    else if (mutation === "delayed") late.push(asked.postpone());
    else if (asked.isOnDirectory()) asked.make();
    else asked.makeWeaker();
  };
}

/**
 * Whether two mutants change the same barrier in the same way.
 *
 * @param a A mutant.
 * @param b Another.
 * @returns Whether they are the same.
 */
export function isSameMutant(a: Mutant, b: Mutant): boolean {
  return a.mutation === b.mutation && a.site.call === b.site.call && isSamePlace(a.site, b.site);
}

function isSamePlace(a: SourcePlace, b: SourcePlace): boolean {
  return a.line === b.line && a.column === b.column && a.file === b.file;
}
