import { fromFileUrl, relative } from "@std/path";
import {
  type CheckResult,
  type Counterexample,
  formatCheck,
  onePerCause,
  type WorkloadResult,
} from "../mod.ts";
import { annotationOf } from "./annotations.ts";
import { concerns, formatRevisited, type Revisited, revisited } from "./earlier_findings.ts";
import { earlierFindings, writeFindings } from "./findings.ts";
import {
  complain,
  type DiskFlags,
  paint,
  printJson,
  type Refusal,
  refuse,
  STATUS,
  taskOptions,
  watchOf,
} from "./options.ts";
import { runTask } from "./run_task.ts";
import { writePage } from "./write_page.ts";

/** How one check ended: with a result, without one, or at an interrupt. */
type Checked =
  | Found
  /** The workloads that were finished before. */
  | { readonly refusal: Refusal; readonly finished: readonly WorkloadResult[] }
  | { readonly finished: readonly WorkloadResult[] };

/** What a check found, and what has become of what earlier ones had found. */
interface Found {
  readonly result: CheckResult;
  readonly earlier: readonly Revisited[];
  /** The files of those that this check should have found again. */
  readonly missed: readonly string[];
}

/** Checks one module; returns the exit status. */
export async function check(module: string, flags: DiskFlags): Promise<number> {
  const checked = await run(module, flags);
  if (!("result" in checked)) return await giveUp(checked, flags);
  const refusal = await show(checked, module, flags);
  if (refusal !== undefined) return refuse(refusal, flags);
  const { result: { verdict }, missed } = checked;
  if (verdict !== "holds" || missed.length === 0) return STATUS[verdict];
  complain(`Found nothing new, but an earlier finding still fails: ${missed[0]}`);
  return STATUS.violates;
}

/** The two logs that everybody has, and what is expected of them. */
const BUILT_IN = [
  { file: "../scenarios/reference_log.ts", expected: "holds" },
  { file: "../scenarios/naive_log.ts", expected: "violates" },
] as const;

/** The path of a file of this project, from the working directory: a finding names no machine. */
function fromHere(file: string): string {
  return relative(Deno.cwd(), fromFileUrl(new URL(file, import.meta.url)));
}

/** Checks the reference log and the naive log; returns the exit status. */
export async function checkBuiltIn(flags: DiskFlags): Promise<number> {
  let surprises = 0;
  const shown: unknown[] = [];
  for (const { file, expected } of BUILT_IN) {
    const checked = await run(fromHere(file), flags);
    if (!("result" in checked)) return await giveUp(checked, flags);
    const { result, earlier } = checked;
    if (flags.json) shown.push({ ...result, earlier, expected });
    else {
      const refusal = await show(checked, fromHere(file), flags);
      if (refusal !== undefined) return refuse(refusal, flags);
      console.log(
        result.verdict === expected ? `  as expected\n` : `  NOT as expected: ${expected}\n`,
      );
    }
    if (result.verdict !== expected) surprises++;
  }
  if (flags.json) printJson({ checks: shown, asExpected: surprises === 0 });
  return surprises === 0 ? 0 : 1;
}

/** Of a finding that the check was not asked to find. */
const ELSEWHERE = "does not count: on another disk, or with calls that fail";

async function run(module: string, flags: DiskFlags): Promise<Checked> {
  const finished: WorkloadResult[] = [];
  let result: CheckResult | undefined;
  const known = earlierFindings(module);
  const earlier: Revisited[] = [];
  const missed: string[] = [];
  const options = taskOptions(flags);
  const counterexamples = known.map(({ counterexample }) => counterexample);
  const task = { kind: "check", module, options, earlier: counterexamples } as const;
  const ending = await runTask(task, watchOf(flags), (message) => {
    if (message.kind === "workload") finished.push(message.result);
    if (message.kind === "checked") result = message.result;
    if (message.kind === "revisited") {
      const finding = known[message.index]!;
      const { file, counterexample } = finding;
      const fails = message.report.violation !== undefined;
      const isAsked = concerns(counterexample, options);
      earlier.push(revisited(finding, message.report, fails && !isAsked ? ELSEWHERE : undefined));
      if (fails && isAsked) missed.push(file);
    }
  });
  if (result !== undefined) return { result, earlier, missed };
  return ending.kind === "failed" ? { refusal: ending, finished } : { finished };
}

/** Ends a check that has no result; what an interrupted one has found is kept. */
async function giveUp(
  checked: Exclude<Checked, Found>,
  flags: DiskFlags,
): Promise<number> {
  const { finished } = checked;
  const found = finished.flatMap(({ counterexample }) => counterexample ?? []);
  if ("refusal" in checked && found.length === 0) return refuse(checked.refusal, flags);
  const files = await writeFindings(onePerCause(found));
  if ("refusal" in checked) {
    // What was found before is a finding all the same.
    const { refusal } = checked;
    const kept = files.length === 0
      ? ""
      : `. Before that it broke the promise: ${files.join(", ")}`;
    return refuse({ ...refusal, message: `${refusal.message}${kept}` }, flags);
  }
  for (const file of files) complain(`Found ${file}`);
  complain(`Interrupted after ${finished.length} workloads, ${found.length} of which violate`);
  if (flags.json) printJson({ interrupted: true, workloads: finished, files });
  return found.length > 0 ? 1 : 4;
}

/** Shows what was found; returns why the page could not be written, if it was asked for. */
async function show(
  { result, earlier }: Found,
  module: string,
  flags: DiskFlags,
): Promise<Refusal | undefined> {
  const files = await writeFindings(result.violations);
  const { html } = flags;
  const watch = watchOf(flags);
  // The first is the smallest.
  const [counterexample] = result.violations;
  const hasPage = html !== undefined && counterexample !== undefined;
  if (hasPage) {
    const refusal = await writePage({ counterexample, module, file: files[0], out: html, watch });
    if (refusal !== undefined) return refusal;
  }
  if (flags.github) annotate(result, files, flags);
  if (flags.json) {
    printJson({ ...result, files, earlier, ...(hasPage && { html }) });
    return undefined;
  }
  console.log(formatCheck(result, { files, paint }));
  if (hasPage) console.log(`  Page     ${html}`);
  else if (html !== undefined) console.log("  Nothing was found, so no page was written");
  if (earlier.length > 0) console.log(`\n${formatRevisited(earlier)}`);
  return undefined;
}

/** With `--json`, only one object may be on stdout; a workflow reads stderr as well. */
function annotate({ violations }: CheckResult, files: readonly string[], flags: DiskFlags): void {
  for (const [i, found] of violations.entries()) {
    const annotation = annotationOf(found, placeOf(found), files[i]);
    if (flags.json) console.error(annotation);
    else console.log(annotation);
  }
}

/** The source line that is to blame, where one is. */
export function placeOf({ blame }: Counterexample) {
  const barrier = blame?.barriers.find(({ place }) => place !== undefined);
  // What is no barrier's business is said in words, and where to look for it.
  if (barrier === undefined) return blame?.places?.[0];
  // Where several callers share a place, the one that lacks the barrier is what has to change.
  return barrier.from ?? barrier.place;
}
