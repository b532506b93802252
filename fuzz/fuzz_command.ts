import { formatCheck } from "../mod.ts";
import { writeFindings } from "./findings.ts";
import {
  type DiskFlags,
  paint,
  printJson,
  refuse,
  STATUS,
  taskOptions,
  watchOf,
} from "./options.ts";
import { runTask } from "./run_task.ts";
import type { Message } from "./task.ts";

/** Options of a campaign, as the command line hands them over. */
export interface FuzzFlags extends DiskFlags {
  readonly runs?: number;
  readonly time?: number;
}

/** Checks a module with random workloads; returns the exit status. */
export async function fuzz(module: string, flags: FuzzFlags): Promise<number> {
  let fuzzed: Message & { kind: "fuzzed" } | undefined;
  const options = {
    ...taskOptions(flags),
    runs: flags.runs ?? (flags.time === undefined ? 200 : Number.MAX_SAFE_INTEGER),
    ...(flags.time !== undefined && { timeMs: flags.time }),
  };
  const ending = await runTask({ kind: "fuzz", module, options }, watchOf(flags), (message) => {
    if (message.kind === "fuzzed") fuzzed = message;
  });
  if (ending.kind === "failed") return refuse(ending, flags);
  if (fuzzed === undefined) {
    const message = "Interrupted before a workload was found that breaks the log";
    return refuse({ status: 4, message }, flags);
  }
  const { runs, seed, result } = fuzzed;
  const files = await writeFindings(result?.violations ?? []);
  const verdict = result?.verdict ?? (runs > 0 ? "holds" : "not-measured");
  if (flags.json) printJson({ runs, seed, ...result, verdict, files });
  else {
    const found = result === undefined
      ? paint(verdict, verdict)
      : formatCheck(result, { files, paint });
    console.log(found);
    console.log(`  after ${runs} random workloads, seed ${seed}`);
  }
  return STATUS[verdict];
}
