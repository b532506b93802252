import Table from "cli-table3";
import type { ModelName } from "../mod.ts";
import { complain, paint, printJson, refuse } from "./options.ts";

/** The suite is data to the command line, like the other scenarios. */
const load = async () => ({
  ...await import("../scenarios/litmus/suite.ts"),
  ...await import("../scenarios/litmus/format.ts"),
});

type Suite = Awaited<ReturnType<typeof load>>;
type Result = Awaited<ReturnType<Suite["runLitmus"]>>;
type Cell = Result["cells"][number];

/** What the litmus suite did, in numbers. */
interface Totals {
  readonly tests: number;
  /** Outcomes of a test on a model that must be reachable, or must not be. */
  readonly required: number;
  /** Those that are reported only. */
  readonly unspecified: number;
  readonly differs: number;
  readonly known: number;
  readonly recoveries: number;
  readonly milliseconds: number;
}

/** Runs the litmus tests and compares what is reachable with what must be; returns the exit status. */
export async function litmus(
  id: string | undefined,
  flags: { readonly model?: ModelName; readonly json?: boolean },
): Promise<number> {
  const suite = await load();
  const all = suite.loadLitmus();
  const wanted = id?.toUpperCase();
  const exact = all.filter((test) => test.id === wanted);
  const chosen = exact.length > 0 ? exact : all.filter((test) => test.id.startsWith(wanted ?? ""));
  if (chosen.length === 0) {
    const ids = all.map((test) => test.id).join(", ");
    const message = `Cannot find the litmus test "${id}", expected one of: ${ids}`;
    return refuse({ status: 2, message }, flags);
  }
  const start = performance.now();
  const results: Result[] = [];
  const models = flags.model && [flags.model];
  for (const test of chosen) results.push(await suite.runLitmus(test, { models }));
  const totals = totalsOf(results, performance.now() - start);
  if (flags.json) printJson({ tests: results.map(documentOf), totals });
  else if (id === undefined) console.log(`${overview(results)}\n${formatTotals(totals)}`);
  else {
    const parts = results.map((result) => details(result, suite));
    console.log([...parts, formatTotals(totals)].join("\n\n"));
  }
  const wrong = results.flatMap(({ test, cells }) =>
    cells.filter(isWrong).map((cell) => `${test.id} on ${cell.model}: ${complaint(cell)}`)
  );
  for (const line of wrong) complain(line);
  return wrong.length === 0 ? 0 : 1;
}

function isWrong({ judgement }: Cell): boolean {
  return judgement === "differs" || judgement === "stale";
}

function complaint({ outcome, expected, reachable, judgement }: Cell): string {
  if (judgement === "stale") return `"${outcome}" agrees: take it off the known disagreements`;
  const found = reachable === undefined ? "not decided" : reachable ? "reachable" : "not reachable";
  return `"${outcome}" is ${expected}, and ${found}`;
}

function totalsOf(results: readonly Result[], milliseconds: number): Totals {
  const cells = results.flatMap(({ cells }) => cells);
  return {
    tests: results.length,
    required: cells.filter(({ expected }) => expected !== "unspecified").length,
    unspecified: cells.filter(({ expected }) => expected === "unspecified").length,
    differs: cells.filter(isWrong).length,
    known: cells.filter(({ judgement }) => judgement === "known").length,
    recoveries: results.reduce((sum, { recoveries }) => sum + recoveries, 0),
    milliseconds,
  };
}

function formatTotals(totals: Totals): string {
  const { tests, required, unspecified, differs, known, recoveries, milliseconds } = totals;
  const found = [
    `${required - differs - known} agree`,
    ...(differs > 0 ? [`${differs} differ`] : []),
    ...(known > 0 ? [`${known} differ as known`] : []),
  ].join(", ");
  return `${count(tests, "test")}, ${count(required, "requirement")}: ${found}; ` +
    `${unspecified} unspecified. ${count(recoveries, "recovery", "recoveries")}, ` +
    `${(milliseconds / 1000).toFixed(1)} s`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}

/** One line for each test. */
function overview(results: readonly Result[]): string {
  const table = new Table({
    head: ["test", "verdict", "allowed", "forbidden", "unspecified", "title"],
    colAligns: ["left", "left", "right", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const { test, cells } of results) {
    const asked = (expected: Cell["expected"]) =>
      cells.filter((cell) => cell.expected === expected).length;
    table.push([
      test.id,
      verdictOf(cells),
      asked("allowed"),
      asked("forbidden"),
      asked("unspecified"),
      test.title,
    ]);
  }
  return table.toString();
}

function verdictOf(cells: readonly Cell[]): string {
  const wrong = cells.filter(isWrong).length;
  if (wrong > 0) return paint("violates", `${wrong} differ${wrong === 1 ? "s" : ""}`);
  const isKnown = cells.some(({ judgement }) => judgement === "known");
  return isKnown ? paint("not-measured", "as known") : paint("holds", "ok");
}

/** The program, what each model makes of each outcome, and a crash for each that is reachable. */
function details({ test, cells }: Result, { formatProgram }: Suite): string {
  const program = formatProgram(test);
  const names = [...new Set(cells.map(({ model }) => model))];
  const table = new Table({
    head: ["outcome", ...names],
    style: { head: [], border: [], compact: true },
  });
  const crashes: string[] = [];
  for (const { id, state } of test.outcomes) {
    const row = names.map((name) =>
      cells.find(({ model, outcome }) => model === name && outcome === id)!
    );
    table.push([id, ...row.map(formatCell)]);
    crashes.push(...crashOf(id, state, row));
  }
  return [
    program,
    "",
    table.toString(),
    "A allowed, F forbidden, U unspecified; yes: a crash reaches it, no: none does",
    ...crashes,
  ].join("\n");
}

function formatCell(cell: Cell): string {
  const { expected, reachable, judgement } = cell;
  const found = reachable === undefined ? "?" : reachable ? "yes" : "no";
  const text = `${expected[0]!.toUpperCase()} ${found}`;
  if (judgement === "known") return paint("not-measured", `${text} (known)`);
  return isWrong(cell) ? paint("violates", `${text} (!)`) : text;
}

/** The first of the models on which an outcome is reachable, with the crash that reaches it. */
function crashOf(outcome: string, state: string, row: readonly Cell[]): string[] {
  const reached = row.find(({ witness }) => witness !== undefined);
  if (reached?.witness === undefined) return [];
  const { crash, kept } = reached.witness;
  return [
    "",
    `${outcome}: ${state}`,
    `  on ${reached.model}, the power goes ${crash}`,
    ...kept.map((line) => `    ${line}`),
  ];
}

function documentOf({ test, cells, recoveries }: Result) {
  return {
    id: test.id,
    title: test.title,
    cells,
    recoveries,
  };
}
