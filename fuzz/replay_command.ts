import {
  type Counterexample,
  CounterexampleError,
  formatProof,
  parseCounterexample,
} from "../mod.ts";
import { complain, printJson } from "./options.ts";
import { runTask } from "./run_task.ts";
import type { ReplayReport } from "./task.ts";

/** Replays a counterexample; returns the exit status. */
export async function replay(
  file: string,
  flags: { readonly hang: number; readonly json?: boolean },
): Promise<number> {
  let counterexample: Counterexample;
  try {
    counterexample = parseCounterexample(Deno.readTextFileSync(file));
  } catch (error) {
    const { message } = error as Error;
    complain(error instanceof CounterexampleError ? `${file}: ${message}` : message);
    return 2;
  }
  const { module } = counterexample.subject;
  if (module === undefined) {
    complain(`${file}: subject.module is missing, so the log cannot be loaded`);
    return 2;
  }
  let report: ReplayReport | undefined;
  const ending = await runTask(
    { kind: "replay", module, counterexample },
    flags.hang * 1000,
    (message) => {
      if (message.kind === "replayed") report = message.report;
    },
  );
  if (ending.kind === "failed") {
    complain(ending.message);
    return ending.status;
  }
  if (report === undefined) return 4;
  if (flags.json) printJson({ file, ...report });
  else {
    console.log(formatProof(counterexample));
    console.log(`Replay   ${describe(report)}`);
  }
  return report.violation === undefined ? 0 : 1;
}

function describe({ violation, same, sameTrace, misfit }: ReplayReport): string {
  const changed = !sameTrace || misfit !== undefined
    ? "\n         the log has changed since: it makes other calls on the disk"
    : "";
  if (violation === undefined) return `holds now on this crash${changed}`;
  return `violates, ${same ? "as before" : `but otherwise: ${violation}`}${changed}`;
}
