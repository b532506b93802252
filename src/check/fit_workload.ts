/**
 * What becomes of a workload before a log is run through it.
 *
 * @module
 */
import type { LogUnderTest } from "./subject.ts";
import type { Command, Workload } from "./workload.ts";

/** The workload without the calls of `sync`, where the log has none. */
export function fitted(workload: Workload, subject: LogUnderTest): Workload {
  if (subject.sync !== undefined) return workload;
  const isThere = (command: Command) => command.do !== "sync";
  const fit = <Some extends Command>(command: Some): Some => {
    if (command.do === "killDuring") {
      return { ...command, calls: command.calls.filter(isThere).map(fit) };
    }
    if (command.do !== "concurrent") return command;
    return { ...command, callers: command.callers.map((calls) => calls.filter(isThere)) };
  };
  return { ...workload, lives: workload.lives.map((life) => life.filter(isThere).map(fit)) };
}

/** The workload with at least `depth` lives after the first: in each, the power may go in recovery. */
export function deepened(workload: Workload, depth: number): Workload {
  const missing = Math.max(0, depth + 1 - workload.lives.length);
  return missing === 0
    ? workload
    : { ...workload, lives: [...workload.lives, ...Array<Command[]>(missing).fill([])] };
}

/** Whether the log can carry out what the workload is about. */
export function isMeaningful(workload: Workload, subject: LogUnderTest): boolean {
  const forgets = (command: Command): boolean =>
    command.do === "truncateFront" ||
    (command.do === "killDuring" && command.calls.some(forgets)) ||
    (command.do === "concurrent" && command.callers.flat().some(forgets));
  return subject.truncateFront !== undefined || !workload.lives.flat().some(forgets);
}

/** After the last power loss, a log must be readable again, and go on as a log does. */
export function epilogue(subject: LogUnderTest): Command[] {
  const sync: Command[] = subject.sync === undefined ? [] : [{ do: "sync" }];
  return [{ do: "kill" }, { do: "append", bytes: 24 }, ...sync, { do: "kill" }];
}
