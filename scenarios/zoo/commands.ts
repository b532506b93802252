import type { Command, Workload } from "../../mod.ts";

/** Calls `sync`, where the log has it. */
export const sync: Command = { do: "sync" };

/** Closes the log and opens it again. */
export const reopen: Command = { do: "reopen" };

/** Ends the process, which spares the page cache, and opens the log in a new one. */
export const kill: Command = { do: "kill" };

/**
 * Appends one record.
 *
 * @param bytes Its length.
 * @returns The command.
 */
export function append(bytes: number): Command {
  return { do: "append", bytes };
}

/**
 * Appends several records of 24 bytes at once.
 *
 * @param records How many.
 * @returns The command.
 */
export function burst(records: number): Command {
  return { do: "burst", bytes: Array<number>(records).fill(24), stagger: 0 };
}

/**
 * Forgets the oldest records.
 *
 * @param count How many.
 * @returns The command.
 */
export function forget(count: number): Command {
  return { do: "truncateFront", count };
}

/**
 * The smallest workload known to show a mistake.
 *
 * @param lives The commands before each power loss.
 * @returns The workload.
 */
export function lives(...lives: readonly (readonly Command[])[]): Workload {
  return { name: "the smallest that shows it", lives };
}
