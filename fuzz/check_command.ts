import { fromFileUrl, relative } from "@std/path";
import { type CheckResult, formatCheck, type WorkloadResult } from "../mod.ts";
import { writeFindings } from "./findings.ts";
import {
  complain,
  type DiskFlags,
  paint,
  printJson,
  type Refusal,
  refuse,
  STATUS,
  taskOptions,
} from "./options.ts";
import { runTask } from "./run_task.ts";

/** How one check ended: with a result, without one, or at an interrupt. */
type Checked =
  | { readonly result: CheckResult }
  | { readonly refusal: Refusal }
  | { readonly finished: readonly WorkloadResult[] };

/** Checks one module; returns the exit status. */
export async function check(module: string, flags: DiskFlags): Promise<number> {
  const checked = await run(module, flags);
  if (!("result" in checked)) return await giveUp(checked, flags);
  await show(checked.result, flags);
  return STATUS[checked.result.verdict];
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
    const { result } = checked;
    if (flags.json) shown.push({ ...result, expected });
    else {
      await show(result, flags);
      console.log(
        result.verdict === expected ? `  as expected\n` : `  NOT as expected: ${expected}\n`,
      );
    }
    if (result.verdict !== expected) surprises++;
  }
  if (flags.json) printJson({ checks: shown, asExpected: surprises === 0 });
  return surprises === 0 ? 0 : 1;
}

async function run(module: string, flags: DiskFlags): Promise<Checked> {
  const finished: WorkloadResult[] = [];
  let result: CheckResult | undefined;
  const task = { kind: "check", module, options: taskOptions(flags) } as const;
  const ending = await runTask(task, flags.hang * 1000, (message) => {
    if (message.kind === "workload") finished.push(message.result);
    if (message.kind === "checked") result = message.result;
  });
  if (result !== undefined) return { result };
  return ending.kind === "failed" ? { refusal: ending } : { finished };
}

/** Ends a check that has no result; what an interrupted one has found is kept. */
async function giveUp(
  checked: Exclude<Checked, { readonly result: CheckResult }>,
  flags: DiskFlags,
): Promise<number> {
  if ("refusal" in checked) return refuse(checked.refusal, flags);
  const { finished } = checked;
  const found = finished.flatMap(({ counterexample }) => counterexample ?? []);
  const files = await writeFindings(found);
  for (const file of files) complain(`Found ${file}`);
  complain(`Interrupted after ${finished.length} workloads, ${found.length} of which violate`);
  if (flags.json) printJson({ interrupted: true, workloads: finished, files });
  return found.length > 0 ? 1 : 4;
}

async function show(result: CheckResult, flags: DiskFlags): Promise<void> {
  const files = await writeFindings(result.violations);
  if (flags.json) printJson({ ...result, files });
  else console.log(formatCheck(result, { files, paint }));
}
