/**
 * Workloads: the commands given to a log, from power-on to power loss, life after life.
 *
 * @module
 */

/** One call of a log. */
export type SingleCall =
  /** Appends one record of `bytes` bytes. */
  | { readonly do: "append"; readonly bytes: number }
  /** Calls `sync`. */
  | { readonly do: "sync" }
  /** Forgets the oldest `count` records. */
  | { readonly do: "truncateFront"; readonly count: number };

/** One call of a log, or several at once. */
export type Call =
  | SingleCall
  /**
   * Appends several records without waiting for one another, as concurrent callers do; `stagger`
   * microtask turns lie between two calls.
   */
  | { readonly do: "burst"; readonly bytes: readonly number[]; readonly stagger: number }
  /**
   * Several callers make their calls, each waiting for its last one before it makes the next. The
   * command ends when all have ended.
   */
  | { readonly do: "concurrent"; readonly callers: readonly (readonly SingleCall[])[] };

/** One command of a workload. */
export type Command =
  | Call
  /** Closes the log and opens it again. */
  | { readonly do: "reopen" }
  /** Kills the process, which spares the page cache, and opens the log in a new one. */
  | { readonly do: "kill" }
  /**
   * Makes calls of the log, and kills the process in the middle: after `ops` of its file-system
   * calls that change the disk or are barriers. Then opens the log in a new process.
   */
  | { readonly do: "killDuring"; readonly calls: readonly Call[]; readonly ops: number };

/**
 * The commands of each life. The power goes at any moment of a life, its end included; the next life
 * begins with what the media kept.
 *
 * @example
 * ```ts
 * import type { Workload } from "../../mod.ts";
 *
 * const workload: Workload = {
 *   name: "going on after a power loss",
 *   lives: [
 *     [{ do: "append", bytes: 24 }, { do: "sync" }, { do: "append", bytes: 700 }],
 *     [{ do: "append", bytes: 24 }, { do: "sync" }],
 *   ],
 * };
 * console.log(workload.lives.length); // 2
 * ```
 */
export interface Workload {
  /** Shown in reports. */
  readonly name: string;
  /**
   * The commands of each life. Every life begins with an open, and after the last one the power
   * goes a last time, the log is recovered, and it must then still be readable and appendable.
   */
  readonly lives: readonly (readonly Command[])[];
  /**
   * What happens when, in the first life: of each decision between several things that could happen
   * next (a call of a concurrent caller, the completion of a promised file call, a timer), which one
   * was taken, in the order in which they came up. After its end, and in later lives, the first.
   * Where it is left out, a check tries several.
   */
  readonly schedule?: readonly number[] | undefined;
}

/**
 * The bytes of a record: every run of eight bytes tells which record it belongs to, so that no part
 * of one can be mistaken for another.
 *
 * @param number Which record of the run, from 1.
 * @param bytes Its length.
 * @returns The record.
 */
export function recordOf(number: number, bytes: number): Uint8Array {
  const record = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) record[i] = (number * 37 + i * 11 + (i >> 3) * number + 1) & 0xff;
  return record;
}

/**
 * A command in words.
 *
 * @param command The command.
 * @returns For example `append 100 bytes`.
 */
export function formatCommand(command: Command): string {
  switch (command.do) {
    case "append":
      return `append ${command.bytes} bytes`;
    case "burst":
      return `append ${command.bytes.join(", ")} bytes at once, ${command.stagger} turns apart`;
    case "concurrent":
      return `at once (${command.callers.map(formatCaller).join("; ")})`;
    case "killDuring":
      return `${command.calls.map(formatCommand).join(", ")}, killed after op ${command.ops} of it`;
    case "truncateFront":
      return `forget the oldest ${command.count}`;
    default:
      return command.do;
  }
}

function formatCaller(calls: readonly SingleCall[], index: number): string {
  return `caller ${index + 1}: ${calls.map(formatCommand).join(", ") || "nothing"}`;
}
