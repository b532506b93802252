import { formatOp } from "../vfs/op.ts";
import type { BlameTrials, TrialVerdict } from "./blame_trials.ts";
import { opOfLife } from "./op_of_life.ts";
import type { CallWatcher } from "./watched_file_system.ts";

/** Sees nothing. */
const UNWATCHED: CallWatcher = { seesReturns: false, before: () => {}, after: () => {} };

/** The last op before a crash. */
export interface LastOp {
  /** Its number, in words. */
  readonly op: string;
  /** The op, in words. */
  readonly words: string;
}

/** What becomes of a log when only whole ops persist. */
export interface WholeOpsResult {
  /** Whether it keeps its promise, for all crash points of all lives. */
  readonly verdict: TrialVerdict;
  /** The last op before the crash that shows the contrary, life by life, where there is one. */
  readonly last: readonly (LastOp | undefined)[];
}

/**
 * Whether a log keeps its promise when a power loss takes nothing but what had not happened yet: all
 * ops before the crash point persist, each of them whole, and none after it. This is as if every call
 * were a barrier, and every write atomic. Late crashes come first.
 *
 * @param trials Where the log is run.
 * @param most The most runs.
 * @returns Whether it does.
 */
export async function onWholeOps(trials: BlameTrials, most: number): Promise<WholeOpsResult> {
  const newest = { choose: (_cell: unknown, _from: number, to: number) => to };
  /** The crash point of each life, counted back from its end, and how many there are. */
  const back: number[] = [];
  const counts: number[] = [];
  for (let runs = 0; runs < most; runs++) {
    const last: (LastOp | undefined)[] = [];
    const violation = await trials.live(UNWATCHED, newest, (life, trace) => {
      back[life] ??= 0;
      counts[life] = trace.length + 1;
      const point = trace.length - back[life];
      last[life] = point === 0
        ? undefined
        : { op: opOfLife(point, life), words: formatOp(trace[point - 1]!) };
      return point;
    });
    if (violation !== undefined) return { verdict: "violates", last };
    while (back.length > 0 && back.at(-1)! + 1 >= counts[back.length - 1]!) back.pop();
    if (back.length === 0) return { verdict: "holds", last };
    back[back.length - 1]!++;
  }
  return { verdict: "unknown", last: [] };
}
