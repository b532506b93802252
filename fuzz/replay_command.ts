import {
  type CheckResult,
  type Counterexample,
  formatCheck,
  formatProof,
  visible,
} from "../mod.ts";
import { type Incident, incidentIn } from "./campaign/incident.ts";
import { checkOptionsOf } from "./campaign/input.ts";
import { InputError } from "./load_subject.ts";
import { paint, printJson, refuse, STATUS, watchOf } from "./options.ts";
import { readCounterexample, readText } from "./read_counterexample.ts";
import { runTask } from "./run_task.ts";
import type { ReplayReport } from "./task.ts";
import { writePage } from "./write_page.ts";

/** Replays a counterexample; returns the exit status. */
export async function replay(
  file: string,
  flags: { readonly hang: number; readonly html?: string; readonly json?: boolean },
): Promise<number> {
  let counterexample: Counterexample;
  try {
    const incident = incidentIn(readText(file), file);
    if (incident !== undefined) return await rerun(incident, flags);
    counterexample = readCounterexample(file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return refuse({ status: 2, message: error.message }, flags);
  }
  const { module } = counterexample.subject;
  if (module === undefined) {
    const message = `${file}: subject.module is missing, so the log cannot be loaded`;
    return refuse({ status: 2, message }, flags);
  }
  if (/^(https?|jsr|npm|blob):/.test(module)) {
    const message = `${file}: subject.module is "${module}", expected a path: what a document ` +
      "names is run, and never fetched";
    return refuse({ status: 2, message }, flags);
  }
  const watch = watchOf(flags);
  let report: ReplayReport | undefined;
  const ending = await runTask(
    { kind: "replay", module, counterexample },
    watch,
    (message) => {
      if (message.kind === "replayed") report = message.report;
    },
  );
  if (ending.kind === "failed") return refuse(ending, flags);
  if (report === undefined) {
    return refuse({ status: 4, message: "Interrupted before the crash was replayed" }, flags);
  }
  const { html } = flags;
  if (html !== undefined) {
    const refusal = await writePage({ counterexample, module, file, out: html, watch });
    if (refusal !== undefined) return refuse(refusal, flags);
  }
  if (flags.json) printJson({ file, ...report, ...(html !== undefined && { html }) });
  else {
    console.log(formatProof(counterexample));
    console.log(`Replay   ${describe(report)}`);
    if (html !== undefined) console.log(`Page     ${html}`);
  }
  const isMisfit = report.violation === undefined && report.sameTrace &&
    report.misfit !== undefined;
  // Of a crash that cannot be, nothing was shown.
  if (isMisfit) return STATUS["not-measured"];
  return report.violation === undefined ? 0 : 1;
}

/** Makes a run again that hung, died, or could not be judged. */
async function rerun(
  { module, input, what, words }: Incident,
  flags: { readonly hang: number; readonly json?: boolean },
): Promise<number> {
  if (!flags.json) console.log(`In a campaign, this run ${what}: ${words}`);
  let result: CheckResult | undefined;
  const task = { kind: "rerun", module, options: checkOptionsOf(input) } as const;
  const ending = await runTask(task, watchOf(flags), (message) => {
    if (message.kind === "checked") result = message.result;
  });
  if (ending.kind === "failed") return refuse(ending, flags);
  if (result === undefined) {
    return refuse({ status: 4, message: "Interrupted before the run was over" }, flags);
  }
  if (flags.json) printJson(result);
  else console.log(formatCheck(result, { paint }));
  return STATUS[result.verdict];
}

function describe({ violation, same, sameTrace, misfit }: ReplayReport): string {
  const verdict = violation === undefined
    ? "holds now on this crash"
    : `violates, ${same ? "as before" : `but otherwise: ${visible(violation)}`}`;
  if (!sameTrace) {
    return `${verdict}\n         the log has changed since: it makes other calls on the disk`;
  }
  return misfit === undefined
    ? verdict
    : `${verdict}\n         the document does not fit: this crash has no choice about ${
      visible(misfit)
    }`;
}
