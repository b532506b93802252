/**
 * What one run of a campaign is made of: everything that a check needs besides the log.
 *
 * @module
 */
import { z } from "zod";
import {
  type CheckOptions,
  type Counterexample,
  diskSchema,
  type Workload,
  workloadSchema,
} from "../../mod.ts";

/** What an input is read with. */
export const inputSchema: z.ZodType<Input> = z.strictObject({
  workload: workloadSchema,
  disk: diskSchema,
  faults: z.string(),
  depth: z.number().int().nonnegative(),
  recoveries: z.number().int().positive(),
  seed: z.number().int().nonnegative(),
});

/** A disk of which nothing is left to defaults that might change. */
export type InputDisk = Counterexample["disk"];

/** A run, complete: the same input and the same log give the same result. */
export interface Input {
  /** What is done to the log. */
  readonly workload: Workload;
  /** The disk. */
  readonly disk: InputDisk;
  /** Calls of the first life that fail, as the text of a fault plan. */
  readonly faults: string;
  /** How many power losses may hit a recovery. */
  readonly depth: number;
  /** The most recoveries. */
  readonly recoveries: number;
  /** Seed of the samples, where that is not enough to exhaust the crash states. */
  readonly seed: number;
}

/** How a log is checked on an input. */
export function checkOptionsOf(input: Input): CheckOptions {
  const { workload, disk, faults, depth, recoveries, seed } = input;
  return {
    ...disk,
    workloads: [workload],
    faults,
    depth,
    budget: { recoveries, counting: false },
    seed,
  };
}

/** The name of an input: the same content, the same name. */
export function nameOf(input: Input): string {
  return digestOf(textOf(input));
}

/** An input as one line, always with the same order of fields. */
export function textOf({ workload, disk, faults, depth, recoveries, seed }: Input): string {
  const fields = Object.entries(disk).filter(([, value]) => value !== undefined);
  const ordered = Object.fromEntries(fields.toSorted(([a], [b]) => a < b ? -1 : 1));
  const { name, lives } = workload;
  return JSON.stringify({
    workload: { name, lives },
    disk: ordered,
    faults,
    depth,
    recoveries,
    seed,
  });
}

/** FNV-1a over UTF-16 code units, twice with different starts: 64 bits as 16 hexadecimal digits. */
export function digestOf(text: string): string {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995);
    high ^= high >>> 15;
  }
  return [low, high].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
