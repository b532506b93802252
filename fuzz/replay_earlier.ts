import { formatRevisited, type Revisited, revisited } from "./earlier_findings.ts";
import { type EarlierFinding, earlierFindings } from "./findings.ts";
import { type DiskFlags, type Refusal, watchOf } from "./options.ts";
import { runTask } from "./run_task.ts";

/** What has become of what was found before. */
export interface Earlier {
  /** In words; empty where nothing was. */
  readonly words: string;
  /** What still fails. */
  readonly failing: readonly EarlierFinding[];
}

/**
 * Loads a module, and replays what was found in it before.
 *
 * @param noteOf What there is to say of one that still fails.
 * @returns What has become of it; or why the log cannot be run.
 */
export async function replayEarlier(
  module: string,
  flags: Pick<DiskFlags, "hang" | "json">,
  noteOf: (finding: EarlierFinding) => string | undefined,
): Promise<Earlier | Refusal> {
  const known = earlierFindings(module);
  const earlier: Revisited[] = [];
  const failing: EarlierFinding[] = [];
  const task = {
    kind: "fuzz",
    module,
    earlier: known.map(({ counterexample }) => counterexample),
  } as const;
  const ending = await runTask(task, watchOf(flags), (message) => {
    if (message.kind !== "revisited") return;
    const finding = known[message.index]!;
    const stillFails = message.report.violation !== undefined;
    earlier.push(revisited(finding, message.report, stillFails ? noteOf(finding) : undefined));
    if (stillFails) failing.push(finding);
  });
  return ending.kind === "failed" ? ending : { words: formatRevisited(earlier), failing };
}
