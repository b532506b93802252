/**
 * What has become of the findings of earlier checks.
 *
 * @module
 */
import { diskOptionNames, type DiskOptions } from "../mod.ts";
import type { EarlierFinding } from "./findings.ts";
import type { CheckTaskOptions, ReplayReport } from "./task.ts";

/** A finding of an earlier check, and what it shows now. */
export interface Revisited {
  /** The path of its file. */
  readonly file: string;
  /** Whether the log still breaks its promise on that crash. */
  readonly state: "still fails" | "does not fit" | "fixed";
  /** How; `undefined` when it is fixed. */
  readonly violation: string | undefined;
  /** What there is to say of it besides. */
  readonly note: string | undefined;
}

/** What has become of a finding. */
export function revisited(
  { file }: EarlierFinding,
  { violation, sameTrace, misfit }: ReplayReport,
  note?: string,
): Revisited {
  if (violation !== undefined) return { file, state: "still fails", violation, note };
  // The same log on another crash than that of the document: nothing is known.
  const state = sameTrace && misfit !== undefined ? "does not fit" : "fixed";
  return { file, state, violation, note };
}

/** More findings of a kind are counted, not listed. */
const LISTED_MAX = 8;

/** What has become of each finding: `still fails  FILE  acked record lost`. */
export function formatRevisited(all: readonly Revisited[]): string {
  return (["still fails", "does not fit", "fixed"] as const).flatMap((wanted) => {
    const those = all.filter(({ state }) => state === wanted);
    const lines = those.slice(0, LISTED_MAX).map(({ file, violation, note }) =>
      [
        file,
        ...violation === undefined ? [] : [violation.split(": ")[0]],
        ...note === undefined ? [] : [`(${note})`],
      ].join("  ")
    );
    if (those.length > LISTED_MAX) lines.push(`${those.length - LISTED_MAX} more`);
    return lines.map((line) => `  ${wanted.padEnd("does not fit".length)}  ${line}`);
  }).join("\n");
}

/**
 * Whether a check would have to find what an earlier one has found: the same disk, and no
 * faults that it was not asked for.
 */
export function concerns(
  { disk, faults, crash }: EarlierFinding["counterexample"],
  options: CheckTaskOptions,
): boolean {
  const faulty = faults !== undefined || crash.kept.some(({ cell }) => cell === "fault");
  const asked = options.faults !== undefined || options.callFaults !== undefined;
  const wanted: DiskOptions = { model: "posix-ra", sectorBytes: 512, ...options };
  return (asked || !faulty) &&
    diskOptionNames.every((name) =>
      name === "mediaFaults"
        ? disk[name] === undefined || wanted[name] !== undefined
        : (disk[name] || undefined) === (wanted[name] || undefined)
    );
}
