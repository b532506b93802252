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

/** Whether some calls are made before others have returned. */
export function isShared({ lives }: Workload): boolean {
  const shares = (command: Command): boolean =>
    command.do === "burst" || command.do === "concurrent" ||
    (command.do === "killDuring" && command.calls.some(shares));
  return lives.flat().some(shares);
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

/** The bytes of each append of a workload, in the order in which a lone caller makes them. */
export function appendsOf(workload: Workload): number[] {
  const bytesOf = (command: Command): readonly number[] => {
    switch (command.do) {
      case "append":
        return [command.bytes];
      case "burst":
        return command.bytes;
      case "concurrent":
        return command.callers.flat().flatMap(bytesOf);
      case "killDuring":
        return command.calls.flatMap(bytesOf);
      default:
        return [];
    }
  };
  return workload.lives.flat().flatMap(bytesOf);
}

/**
 * A command in words.
 *
 * @param command The command.
 * @param what What an append of so many bytes is called. Default: `append 100 bytes`.
 * @returns For example `append 100 bytes`.
 */
export function formatCommand(
  command: Command,
  what: ((bytes: number) => string) | undefined = appendOf,
): string {
  switch (command.do) {
    case "append":
      return what(command.bytes);
    case "burst": {
      const all = what === appendOf
        ? `append ${command.bytes.join(", ")} bytes`
        : command.bytes.map(what).join(", ");
      return `${all} at once, ${command.stagger} turns apart`;
    }
    case "concurrent":
      return `at once (${
        command.callers.map((calls, caller) =>
          `caller ${caller + 1}: ${
            calls.map((call) => formatCommand(call, what)).join(", ") || "nothing"
          }`
        ).join("; ")
      })`;
    case "killDuring": {
      const calls = command.calls.map((call) => formatCommand(call, what));
      return `${calls.join(", ")}, killed after op ${command.ops} of it`;
    }
    case "truncateFront":
      return `forget the oldest ${command.count}`;
    default:
      return command.do;
  }
}

function appendOf(bytes: number): string {
  return `append ${bytes} bytes`;
}
