import { type CheckResult, formatCheck, type WorkloadResult } from "../mod.ts";
import { writeFinding } from "./findings.ts";
import { complain, type DiskFlags, paint, printJson, STATUS, taskOptions } from "./options.ts";
import { runTask } from "./run_task.ts";

/** How one check ended: with a result, or with an exit status. */
type Checked = { readonly result: CheckResult } | { readonly status: number };

/** Checks one module; returns the exit status. */
export async function check(module: string, flags: DiskFlags): Promise<number> {
  const checked = await run(module, flags);
  if ("status" in checked) return checked.status;
  await show(checked.result, flags);
  return STATUS[checked.result.verdict];
}

/** The two logs that everybody has, and what is expected of them. */
const BUILT_IN = [
  { file: "../scenarios/reference_log.ts", expected: "holds" },
  { file: "../scenarios/naive_log.ts", expected: "violates" },
] as const;

/** Checks the reference log and the naive log; returns the exit status. */
export async function checkBuiltIn(flags: DiskFlags): Promise<number> {
  let surprises = 0;
  const shown: unknown[] = [];
  for (const { file, expected } of BUILT_IN) {
    const checked = await run(new URL(file, import.meta.url).href, flags);
    if ("status" in checked) return checked.status;
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
  if (ending.kind === "failed") {
    complain(ending.message);
    return { status: ending.status };
  }
  const found = finished.flatMap(({ counterexample }) => counterexample ?? []);
  for (const counterexample of found) complain(`Found ${await writeFinding(counterexample)}`);
  complain(`Interrupted after ${finished.length} workloads, ${found.length} of which violate`);
  return { status: found.length > 0 ? 1 : 4 };
}

async function show(result: CheckResult, flags: DiskFlags): Promise<void> {
  const files: string[] = [];
  for (const violation of result.violations) files.push(await writeFinding(violation));
  if (flags.json) printJson({ ...result, files });
  else console.log(formatCheck(result, { files, paint }));
}
