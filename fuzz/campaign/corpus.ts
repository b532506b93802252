/**
 * The runs of a lane that led somewhere new, and which of them is varied next.
 *
 * @module
 */
import { appendsOf } from "../../mod.ts";
import type { MadeCall } from "./generate.ts";
import { type Input, nameOf } from "./input.ts";
import type { Random } from "./random.ts";

/** A run that led somewhere new. */
export interface Entry {
  /** Its name: that of the same run is the same everywhere. */
  readonly name: string;
  /** The run. */
  readonly input: Input;
  /** Its number in the campaign. */
  readonly run: number;
  /** Where the last write of its first life ended. */
  readonly lastEnd: number;
  /** The calls of its first life. */
  readonly calls: readonly MadeCall[];
  /** What it costs to run it. */
  readonly cost: number;
  /** How often it was varied. */
  chosen: number;
  /** How many of its variants led somewhere new. */
  children: number;
}

/** So many entries compete to be varied next. */
const COMPETITORS = 3;

/** All entries of a lane, oldest first. */
export class Corpus {
  /** The entries. */
  readonly entries: Entry[] = [];

  /** How many there are. */
  get size(): number {
    return this.entries.length;
  }

  /** Takes in an entry. */
  add(entry: Pick<Entry, "input" | "run" | "lastEnd" | "calls"> & Partial<Entry>): Entry {
    const added = {
      chosen: 0,
      children: 0,
      name: nameOf(entry.input),
      cost: costOf(entry.input),
      ...entry,
    };
    this.entries.push(added);
    return added;
  }

  /**
   * The entry to vary next: of some drawn ones that which has paid best so far. Every other time they
   * are drawn from the newest quarter: what is new is least explored.
   */
  choose(random: Random): Entry {
    const { size } = this;
    const from = random.oneIn(2) ? size - Math.ceil(size / 4) : 0;
    let best: Entry | undefined;
    for (let i = 0; i < COMPETITORS; i++) {
      const entry = this.entries[random.between(from, size - 1)]!;
      if (best === undefined || yieldOf(entry) > yieldOf(best)) best = entry;
    }
    best!.chosen++;
    return best!;
  }

  /** Any entry. */
  any(random: Random): Entry {
    return random.pick(this.entries);
  }
}

/** What an entry has paid, for what it costs to run. */
function yieldOf({ chosen, children, cost }: Entry): number {
  return (1 + children) / (1 + chosen) / Math.sqrt(cost);
}

/** About how long an input takes: a recovery reads what was written. In no unit, but always the same. */
function costOf({ workload, recoveries }: Input): number {
  const { lives } = workload;
  const bytes = appendsOf(workload).reduce((sum, bytes) => sum + bytes, 0);
  return (recoveries + 2) * (8 + lives.flat().length + bytes / 128) * lives.length;
}
