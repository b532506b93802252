/**
 * Which calls of a workload are made to fail, one after the other.
 *
 * METHOD. In the first life, every call gets its turn with every fault that fits it: each placement
 * is a first life of its own, whose crash states are explored like those of the one without a fault,
 * from the moment on at which the two begin to differ. In the lives after a power loss, a call that
 * may fail is a choice of the search, made when the call is made: that nothing goes wrong comes
 * first. All in all, at most so many faults strike in a run as were asked for.
 *
 * Faults that fit: a write is cut to its half, or fails with ENOSPC or EIO; a barrier fails with EIO,
 * and leaves behind what the model says, and where the model has a journal, that fails, too; a read
 * is cut to its half, or fails with EIO; what creates something fails with EIO or ENOSPC; everything
 * else, but for closing, fails with EIO.
 *
 * @module
 */

import { Cell } from "../vfs/cell.ts";
import type { Disk } from "../vfs/disk.ts";
import { type FaultableCall, type FaultInjector, injectorOf } from "../vfs/fault_injector.ts";
import { type CallName, type Fault, type FaultPlan, formatFault } from "../vfs/fault_plan.ts";
import type { PersistenceModel } from "../vfs/model.ts";

/** How many placements of faults were run. */
export interface PlacementCount {
  /** How many were run. */
  readonly run: number;
  /** How many there are; `undefined` when nobody knows. */
  readonly of: number | undefined;
}

/** A call of the first life that could have failed, and the crash point before it. */
interface SeenCall extends FaultableCall {
  readonly point: number;
}

/** Carries out a plan, and takes down every call. */
export class CallRecorder implements FaultInjector {
  /** The calls so far. */
  readonly calls: SeenCall[] = [];
  readonly #disk: Disk;
  readonly #planned: FaultInjector;

  /** Watches over the calls on a disk. */
  constructor(disk: Disk, plan: FaultPlan) {
    this.#disk = disk;
    this.#planned = injectorOf(plan);
  }

  /** See {@linkcode FaultInjector.next}. */
  next(call: FaultableCall): Fault | undefined {
    this.calls.push({ ...call, point: this.#disk.life.trace.length });
    return this.#planned.next(call);
  }
}

/** Faults that were placed in the first life. */
export interface Placement {
  /** The faults. */
  readonly plan: FaultPlan;
  /** The number of the call at which the last one strikes. */
  readonly last: number;
  /** The crash point before that call: until then, nothing is new. */
  readonly point: number;
}

/**
 * Every way to place one more fault in a first life.
 *
 * @param before The faults that it has already.
 * @param calls The calls that it made with them.
 * @param model The persistence model.
 * @returns One placement for each call behind the last fault, and each fault that fits it.
 */
export function placementsAfter(
  before: Pick<Placement, "plan" | "last">,
  calls: readonly SeenCall[],
  model: PersistenceModel,
): Placement[] {
  const placements: Placement[] = [];
  const counts = new Map<CallName, number>();
  for (const [index, call] of calls.entries()) {
    const name = call.call as CallName;
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    if (index <= before.last) continue;
    for (const fault of faultsFor(call, model)) {
      const plan = [...before.plan, { call: name, number, fault }];
      placements.push({ plan, last: index, point: call.point });
    }
  }
  return placements;
}

const EIO: Fault = { kind: "error", code: "EIO" };
const ENOSPC: Fault = { kind: "error", code: "ENOSPC" };

/** The faults that fit a call. */
function faultsFor(call: FaultableCall, model: PersistenceModel): Fault[] {
  const short: Fault[] = (call.bytes ?? 0) >= 2
    ? [{ kind: "short", bytes: Math.ceil(call.bytes! / 2) }]
    : [];
  switch (call.call) {
    case "write":
      return [ENOSPC, EIO, ...short];
    case "read":
      return [EIO, ...short];
    case "sync":
    case "syncData":
      return model.failedBarrier === undefined ? [EIO] : [EIO, { kind: "journal" }];
    case "close":
    case "writeback":
      return [];
    default:
      return call.creates ? [ENOSPC, EIO] : [EIO];
  }
}

/** Lets the search choose, call by call, what goes wrong in the lives after a power loss. */
export class ChosenFaults {
  readonly #disk: Disk;
  #left: number;

  /** So many faults may strike in a run. */
  constructor(disk: Disk, most: number) {
    this.#disk = disk;
    this.#left = most;
  }

  /** Begins a life. */
  begin(): void {
    let number = 0;
    this.#disk.faults = { next: (call) => this.#choose(call, ++number) };
  }

  #choose(call: FaultableCall, number: number): Fault | undefined {
    if (this.#left === 0) return undefined;
    const { life, chooser, model } = this.#disk;
    const faults = faultsFor(call, model);
    if (faults.length === 0) return undefined;
    const cell = new Cell(life, "fault", 0, number);
    const what = `call ${number}, ${call.call} "${call.path}"`;
    cell.fork([...faults.map((fault) => `${what}: ${formatFault(fault)}`), `${what}: sound`]);
    const fault = faults[chooser.choose(cell, 0, faults.length, undefined)];
    if (fault !== undefined) this.#left--;
    return fault;
  }
}
