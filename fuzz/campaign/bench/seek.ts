/**
 * Looks for one rare bug in one way, until it is found or the time is up.
 *
 * @module
 */
import process from "node:process";
import { type checkLog, defaultWorkloads, inBatch, type UnderTest } from "../../../mod.ts";
import type { Probes } from "../coverage.ts";
import { Lane, type Mode } from "../lane.ts";
import type { Bounds } from "../swarm.ts";
import { smallWorkloads } from "./small_workloads.ts";

/** The ways to look for a bug: the lanes of a campaign, and the search of a check. */
export const WAYS = ["random", "guided", "exhaustive"] as const;

/** One of {@linkcode WAYS}. */
export type Way = typeof WAYS[number];

/** How it is looked for. */
export interface SeekOptions {
  /** The way. */
  readonly way: Way;
  /** Seed of the lane; the exhaustive search draws nothing. */
  readonly seed: number;
  /** When it is given up, in seconds of processor time. */
  readonly capSeconds: number;
  /** Counts of the branches taken. */
  readonly probes: Probes;
}

/** What came of it. */
export interface Sought {
  /** Whether a violation was found. */
  readonly found: boolean;
  /** How many runs were made, or how many workloads were searched. */
  readonly runs: number;
  /** How many recoveries were judged. */
  readonly recoveries: number;
  /** Processor time, of all threads, in seconds. */
  readonly cpuSeconds: number;
}

/** Most recoveries of a workload in the exhaustive search: the cap is looked at between workloads. */
const SEARCH_RECOVERIES = 20_000;

/** What every bug is looked for with: nothing that fits one of them better than another. */
export function boundsOf({ truncateFront }: { readonly truncateFront?: unknown }): Bounds {
  return {
    disk: {},
    models: ["posix-ra", "ext4-ordered", "xfs", "btrfs"],
    faults: true,
    syncs: true,
    forgets: truncateFront !== undefined,
  };
}

/** Looks for a violation of a log. */
export async function seek(
  log: UnderTest & { readonly truncateFront?: unknown },
  options: SeekOptions,
): Promise<Sought> {
  const start = process.cpuUsage();
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  };
  const isTime = () => cpuSeconds() < options.capSeconds;
  const sought = await inBatch((check) =>
    options.way === "exhaustive"
      ? search(log, check, isTime)
      : runLane(log, { ...options, mode: options.way, check, isTime })
  );
  return { ...sought, cpuSeconds: cpuSeconds() };
}

async function runLane(
  log: UnderTest & { readonly truncateFront?: unknown },
  { mode, seed, probes, check, isTime }: {
    readonly mode: Mode;
    readonly seed: number;
    readonly probes: Probes;
    readonly check: typeof checkLog;
    readonly isTime: () => boolean;
  },
): Promise<Omit<Sought, "cpuSeconds">> {
  const lane = new Lane(log, { seed, lane: 0, lanes: 1, mode, bounds: boundsOf(log), probes });
  lane.check = check;
  let found = false;
  while (!found && isTime()) {
    const { finding, broken, input } = await lane.step();
    if (broken !== undefined) throw new Error(`${broken}: ${JSON.stringify(input)}`);
    found = finding !== undefined;
  }
  return { found, runs: lane.runs, recoveries: lane.recoveries };
}

/** The workloads of every check, then all small ones with one failing call, in the order of size. */
async function search(
  log: UnderTest & { readonly truncateFront?: unknown },
  check: typeof checkLog,
  isTime: () => boolean,
): Promise<Omit<Sought, "cpuSeconds">> {
  const budget = { recoveries: SEARCH_RECOVERIES, counting: false };
  let runs = 0;
  let recoveries = 0;
  const shows = async (options: Parameters<typeof checkLog>[1]) => {
    const result = await check(log, { ...options, budget });
    runs++;
    recoveries += result.recoveries;
    return result.verdict === "violates";
  };
  for (const workload of defaultWorkloads) {
    if (!isTime()) return { found: false, runs, recoveries };
    if (await shows({ workloads: [workload] })) return { found: true, runs, recoveries };
  }
  for (const workload of smallWorkloads({ forgets: log.truncateFront !== undefined })) {
    if (!isTime()) break;
    if (await shows({ workloads: [workload], callFaults: 1 })) {
      return { found: true, runs, recoveries };
    }
  }
  return { found: false, runs, recoveries };
}
