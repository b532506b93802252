import { formatCheck } from "../mod.ts";
import { writeFinding } from "./findings.ts";
import { complain, type DiskFlags, paint, printJson, STATUS, taskOptions } from "./options.ts";
import { runTask } from "./run_task.ts";
import type { Message } from "./task.ts";

/** Options of a campaign, as the command line hands them over. */
export interface FuzzFlags extends DiskFlags {
  readonly runs: number;
  readonly time?: number;
}

/** Checks a module with random workloads; returns the exit status. */
export async function fuzz(module: string, flags: FuzzFlags): Promise<number> {
  let fuzzed: Message & { kind: "fuzzed" } | undefined;
  const options = {
    ...taskOptions(flags),
    runs: flags.runs,
    ...(flags.time !== undefined && { timeMs: flags.time }),
  };
  const ending = await runTask({ kind: "fuzz", module, options }, flags.hang * 1000, (message) => {
    if (message.kind === "fuzzed") fuzzed = message;
  });
  if (ending.kind === "failed") {
    complain(ending.message);
    return ending.status;
  }
  if (fuzzed === undefined) {
    complain("Interrupted before a workload was found that breaks the log");
    return 4;
  }
  const { runs, seed, result } = fuzzed;
  const files: string[] = [];
  for (const violation of result?.violations ?? []) files.push(await writeFinding(violation));
  if (flags.json) printJson({ runs, seed, ...result, files });
  else {
    if (result !== undefined) console.log(formatCheck(result, { files, paint }));
    console.log(`${runs} random workloads, seed ${seed}`);
  }
  return result === undefined ? (runs > 0 ? 0 : 4) : STATUS[result.verdict];
}
