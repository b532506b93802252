import { formatRevisited, type Revisited, revisited } from "./earlier_findings.ts";
import { earlierFindings } from "./findings.ts";
import { type DiskFlags, type Refusal, watchOf } from "./options.ts";
import { runTask } from "./run_task.ts";

/**
 * Loads a module, and replays what was found in it before.
 *
 * @returns What has become of each finding, in words, empty where there was none; or why the log
 * cannot be run.
 */
export async function replayEarlier(
  module: string,
  flags: Pick<DiskFlags, "hang" | "json">,
): Promise<string | Refusal> {
  const known = earlierFindings(module);
  const earlier: Revisited[] = [];
  const task = {
    kind: "fuzz",
    module,
    earlier: known.map(({ counterexample }) => counterexample),
  } as const;
  const ending = await runTask(task, watchOf(flags), (message) => {
    if (message.kind !== "revisited") return;
    earlier.push(revisited(known[message.index]!, message.report));
  });
  return ending.kind === "failed" ? ending : formatRevisited(earlier);
}
