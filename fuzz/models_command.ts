import Table from "cli-table3";
import { modelColumns, type ModelName, models } from "../mod.ts";
import { printJson, refuse } from "./options.ts";

/** One line of the table: a property, or a part of one. */
interface Line {
  readonly id: string;
  readonly title: string;
  /** The value for each model, in words. */
  readonly values: readonly string[];
}

/** Prints what each persistence model promises; returns the exit status. */
export function showModels(
  name: string | undefined,
  flags: { readonly json?: boolean },
): number {
  const names = Object.keys(models) as ModelName[];
  const chosen = names.filter((one) => name === undefined || one === name);
  if (chosen.length === 0) {
    const message = `Cannot find the model "${name}", expected one of: ${names.join(", ")}`;
    return refuse({ status: 2, message }, flags);
  }
  if (flags.json) {
    printJson({ columns: modelColumns, models: chosen.map((one) => models[one]) });
    return 0;
  }
  console.log(tableOf(chosen, linesFor(chosen)));
  for (const one of chosen) {
    const { summary, sources } = models[one];
    console.log(`\n${one}: ${summary}\n  from ${sources.join("; ")}`);
  }
  console.log("\nSources of the properties");
  for (const { id, sources } of modelColumns) console.log(`  ${id}: ${sources.join("; ")}`);
  return 0;
}

/** Every property of the models; one that has parts takes a line for each. */
function linesFor(names: readonly ModelName[]): Line[] {
  return modelColumns.flatMap(({ key, id, title }): Line[] => {
    const values = names.map((name): unknown => models[name][key]);
    const parts = new Set(values.flatMap((value) => isParts(value) ? Object.keys(value) : []));
    if (parts.size === 0) return [{ id, title, values: values.map(inWords) }];
    return [...parts].map((part) => ({
      id,
      title: `${title}: ${spaced(part)}`,
      values: values.map((value) => inWords(isParts(value) ? value[part] : value)),
    }));
  });
}

function tableOf(names: readonly ModelName[], lines: readonly Line[]): string {
  const table = new Table({
    head: ["", "property", ...names],
    colWidths: [18, 40],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
  });
  for (const { id, title, values } of lines) table.push([id, title, ...values]);
  return table.toString();
}

function isParts(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as people say it; what nobody promises or measured is a dash. */
function inWords(value: unknown): string {
  return value === undefined ? "-" : value === true ? "yes" : value === false ? "no" : `${value}`;
}

/** `reportedBy` as `reported by`. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
