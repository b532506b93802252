/**
 * Whether a log writes a file anew from its beginning, again and again, and does not append to it.
 *
 * @module
 */
import type { Op } from "../vfs/op.ts";
import type { Trial } from "./blame_trials.ts";
import { firstLife } from "./first_life.ts";
import { follow } from "./interleaving.ts";
import { isUnjudgeable } from "./unjudgeable.ts";
import type { Command, Workload } from "./workload.ts";

/** A few commands, one after the other: a finding often has only one of them. */
function few(acks: string): Workload {
  const append: Command = { do: "append", bytes: 24 };
  const commands = acks === "sync" ? [append, { do: "sync" } as const] : [append];
  return { name: "one after the other", lives: [[commands, commands, commands].flat()] };
}

/**
 * Whether, in the course of a few commands, the file that an op writes to is written from its
 * beginning more than once.
 *
 * @param trial The log, and its disk.
 * @param op The op.
 * @returns Whether it is.
 */
export async function isRewritten({ subject, disk, onRun }: Trial, op: Op): Promise<boolean> {
  if (op.kind !== "write") return false;
  const options = { ...disk, budget: { recoveries: 1 }, faults: [], ...(onRun && { onRun }) };
  try {
    const life = await firstLife(subject, few(subject.acks), options, follow([]));
    const beginnings = life.disk.life.trace.filter(({ kind, path, offset, bytes }) =>
      kind === "write" && path === op.path && offset === 0 && bytes!.length > 0
    );
    return beginnings.length > 1;
  } catch (error) {
    if (isUnjudgeable(error)) return false;
    throw error;
  }
}
