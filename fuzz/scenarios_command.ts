import Table from "cli-table3";
import { formatCount } from "../mod.ts";
import { complain, paint, printJson } from "./options.ts";
import { runTask } from "./run_task.ts";
import type { ScenarioRow } from "./task.ts";

/** How long one scenario may be silent, in milliseconds. */
const HANG_MS = 60_000;

/** How often rows are told where no terminal shows how far it is, in milliseconds. */
const TELL_MS = 10_000;

/** Runs the catalogue; returns the exit status. */
export async function scenarios(
  name: string | undefined,
  flags: { readonly json?: boolean },
): Promise<number> {
  const rows: ScenarioRow[] = [];
  const tellOf = teller();
  const ending = await runTask(
    { kind: "scenarios", name },
    { hangMs: HANG_MS, json: flags.json },
    (message) => {
      if (message.kind !== "scenario") return;
      rows.push(message.row);
      if (!flags.json && !Deno.stderr.isTerminal()) tellOf(rows);
    },
  );
  if (flags.json) {
    printJson({
      scenarios: rows.map(({ name, model, expected, result, proof }) => ({
        name,
        model,
        expected,
        found: result.verdict,
        complete: result.complete,
        crashStates: result.crashStates ?? null,
        recoveries: result.recoveries,
        milliseconds: result.milliseconds,
        ...(result.reason !== undefined && { reason: result.reason }),
        proof,
      })),
      ...(ending.kind === "failed" && { error: ending.message }),
      ...(ending.kind === "interrupted" && { interrupted: true }),
    });
  } else if (rows.length > 0) {
    console.log(tableOf(rows));
    const { proof } = rows.find(({ proof }) => proof !== undefined) ?? {};
    if (proof !== undefined) console.log(`\n${proof}`);
  }
  if (ending.kind === "failed") {
    complain(ending.message);
    return ending.status;
  }
  if (ending.kind === "interrupted") {
    complain(`Interrupted after ${rows.length} scenarios`);
    return 4;
  }
  const [skipped, run] = [true, false].map((wanted) =>
    rows.filter((row) => isSkipped(row) === wanted)
  );
  for (const { name, result } of skipped!) complain(`${name} was skipped: ${result.reason}`);
  const surprises = run!.filter(({ expected, result }) => result.verdict !== expected);
  for (const { name, model, result } of surprises) {
    complain(`${name} on ${model} is not as expected${result.reason ? `: ${result.reason}` : ""}`);
  }
  if (surprises.length > 0) return 1;
  return run!.length > 0 ? 0 : 4;
}

/** Says on standard error how far it is, now and then. */
function teller(): (rows: readonly ScenarioRow[]) => void {
  let toldAt = performance.now();
  return (rows) => {
    if (performance.now() - toldAt < TELL_MS) return;
    toldAt = performance.now();
    const { name, model, result } = rows.at(-1)!;
    complain(`${rows.length} done, the last: ${name} on ${model}, ${result.verdict}`);
  };
}

function isSkipped({ result }: ScenarioRow): boolean {
  return result.verdict === "skipped";
}

function tableOf(rows: readonly ScenarioRow[]): string {
  const table = new Table({
    head: ["scenario", "model", "expected", "found", "crash states", "recoveries", "ms"],
    colAligns: ["left", "left", "left", "left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, model, expected, result } of rows) {
    const { verdict, crashStates, complete, recoveries, milliseconds } = result;
    table.push([
      name,
      model,
      expected,
      verdict === "skipped"
        ? verdict
        : paint(verdict, verdict) + (verdict === expected ? "" : " (!)"),
      crashStates === undefined
        ? "a sample"
        : `${complete ? "all " : ""}${formatCount(crashStates)}`,
      recoveries.toLocaleString("en-US"),
      Math.round(milliseconds).toLocaleString("en-US"),
    ]);
  }
  return table.toString();
}
