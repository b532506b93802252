import { globToRegExp } from "@std/path";
import {
  type CallName,
  type CallPattern,
  type Fault,
  type FaultPlan,
  FaultPlanError,
  type FaultRule,
} from "./fault_plan.ts";

/** A call that is about to take effect, and may go wrong. */
export interface FaultableCall {
  /** The call, or the kernel writing back on its own. */
  readonly call: CallName | "writeback";
  /** The path that it is about, as the caller named it; of two, the first. */
  readonly path: string;
  /** Reads and writes: how many bytes are asked for. */
  readonly bytes?: number;
  /** Whether an open creates a file. */
  readonly creates?: boolean;
}

/** Decides call by call what goes wrong. */
export interface FaultInjector {
  /**
   * Decides about one call. Called once for each call whose arguments are right, in the order of the
   * calls.
   *
   * @param call The call.
   * @returns What goes wrong; `undefined` for nothing.
   */
  next(call: FaultableCall): Fault | undefined;
}

/**
 * Sets a plan to work: the returned object counts calls.
 *
 * @param plan The plan.
 * @returns Something to put on a disk, as {@linkcode Disk.faults}.
 * @throws {FaultPlanError} When a path in it is no glob.
 *
 * @example
 * ```ts
 * import { injectorOf, parseFaultPlan, SimulatedFileSystem } from "../../mod.ts";
 *
 * const fs = new SimulatedFileSystem();
 * fs.disk.faults = injectorOf(parseFaultPlan("write 1: short 2"));
 * const file = fs.open("/a", { write: true, create: true });
 * console.log(file.write(new Uint8Array(5), 0), file.write(new Uint8Array(5), 0)); // 2 5
 * ```
 */
export function injectorOf(plan: FaultPlan): FaultInjector {
  const counted = plan.map((rule) => ({ rule, paths: pathsOf(rule), count: 0 }));
  return {
    next(call) {
      let fault: Fault | undefined;
      for (const one of counted) {
        if (!isAbout(one.rule.call, call.call) || one.paths?.test(call.path) === false) continue;
        one.count++;
        if (isDue(one.rule, one.count) && fits(one.rule.fault, call)) fault ??= one.rule.fault;
      }
      return fault;
    },
  };
}

function pathsOf({ path }: FaultRule): RegExp | undefined {
  try {
    return path === undefined ? undefined : globToRegExp(path);
  } catch {
    throw new FaultPlanError(`Cannot use the fault plan: ${JSON.stringify(path)} is not a glob`);
  }
}

function isAbout(pattern: CallPattern, call: FaultableCall["call"]): boolean {
  if (pattern === call) return true;
  if (pattern === "any") return call !== "writeback";
  return pattern === "barrier" && isBarrier(call);
}

function isBarrier(call: FaultableCall["call"]): boolean {
  return call === "sync" || call === "syncData";
}

function isDue({ number, times = 1 }: FaultRule, count: number): boolean {
  return number === undefined || (count >= number && count < number + times);
}

/** Whether a fault can strike at a call at all; with `any` it may meet one where it cannot. */
function fits(fault: Fault, { call }: FaultableCall): boolean {
  if (fault.kind === "error") return true;
  if (fault.kind === "short") return call === "read" || call === "write";
  return isBarrier(call) || call === "writeback";
}
