import pc from "picocolors";
import type { ModelName, Paint, Verdict } from "../mod.ts";
import type { CheckTaskOptions } from "./task.ts";

/** The exit status of each verdict. */
export const STATUS: Readonly<Record<Verdict, number>> = {
  "holds": 0,
  "violates": 1,
  "harness-broken": 3,
  "not-measured": 4,
};

/** Options as the command line hands them over. */
export interface DiskFlags {
  readonly model: ModelName;
  readonly sector: "512" | "4096";
  readonly staleTail?: boolean;
  readonly depth?: number;
  readonly budget?: number;
  readonly seed?: number;
  readonly hang: number;
  readonly json?: boolean;
}

/** The options of a check, from those of the command line. */
export function taskOptions(flags: DiskFlags): CheckTaskOptions {
  return {
    model: flags.model,
    sectorBytes: Number(flags.sector) as 512 | 4096,
    staleTail: flags.staleTail ?? false,
    ...(flags.depth !== undefined && { depth: flags.depth }),
    ...(flags.budget !== undefined && { recoveries: flags.budget }),
    ...(flags.seed !== undefined && { seed: flags.seed }),
  };
}

/** Colours a verdict where the terminal wants colours. */
export const paint: Paint = (verdict, text) =>
  verdict === "holds" ? pc.green(text) : verdict === "violates" ? pc.red(text) : pc.yellow(text);

/** Prints one JSON object; a count too large for a number is printed as a string. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, (_key, part) => typeof part === "bigint" ? `${part}` : part));
}

/** Prints an error where errors go. */
export function complain(message: string): void {
  console.error(`plugpull: ${message}`);
}

/** Why a command ends without a result. */
export interface Refusal {
  /** The exit status. */
  readonly status: number;
  /** The reason. */
  readonly message: string;
}

/** Says why a command ends without a result, with `--json` also as its object. */
export function refuse(
  { status, message }: Refusal,
  flags: { readonly json?: boolean },
): number {
  complain(message);
  if (flags.json) printJson({ error: message, status });
  return status;
}
