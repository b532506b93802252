import pc from "picocolors";
import type { MediaFaultKind, ModelName, Paint, Verdict } from "../mod.ts";
import type { Watch } from "./run_task.ts";
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
  readonly staleSectors?: boolean;
  readonly dioreadNolock: boolean;
  readonly tear?: string;
  readonly powersafeOverwrite: boolean;
  readonly lyingBarriers?: boolean;
  readonly mediaFaults?: readonly MediaFaultKind[];
  readonly schedules?: number;
  readonly callFaults?: "1" | "2";
  readonly faults?: string;
  readonly capacity?: number;
  readonly depth?: string;
  readonly budget?: number;
  readonly seed?: number;
  readonly hang: number;
  readonly json?: boolean;
  readonly github?: boolean;
  readonly html?: string;
}

/** The options of a check, from those of the command line. */
export function taskOptions(flags: DiskFlags): CheckTaskOptions {
  return {
    model: flags.model,
    sectorBytes: Number(flags.sector) as 512 | 4096,
    staleTail: flags.staleTail ?? false,
    ...(flags.staleSectors !== undefined && { staleSectors: flags.staleSectors }),
    ...(!flags.dioreadNolock && { dioreadNolock: false }),
    ...(flags.tear !== undefined && { tearBytes: Number(flags.tear) }),
    ...(!flags.powersafeOverwrite && { powersafeOverwrite: false }),
    ...(flags.lyingBarriers && { lyingBarriers: true }),
    ...(flags.mediaFaults !== undefined && { mediaFaults: flags.mediaFaults }),
    ...(flags.schedules !== undefined && { schedules: flags.schedules }),
    ...(flags.callFaults !== undefined && { callFaults: Number(flags.callFaults) as 1 | 2 }),
    ...(flags.faults !== undefined && { faults: flags.faults }),
    ...(flags.capacity !== undefined && { capacityBytes: flags.capacity }),
    ...(flags.depth !== undefined && { depth: Number(flags.depth) }),
    ...(flags.budget !== undefined && { recoveries: flags.budget }),
    ...(flags.seed !== undefined && { seed: flags.seed }),
  };
}

/** How a log is watched, from the options of the command line. */
export function watchOf({ hang, json }: Pick<DiskFlags, "hang" | "json">): Watch {
  return { hangMs: hang * 1000, json };
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
