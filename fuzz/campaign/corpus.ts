/**
 * The runs of a lane that led somewhere new, and which of them is varied next.
 *
 * @module
 */
import { appendsOf } from "../../mod.ts";
import type { Fact } from "./features.ts";
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
  /** What it has shown. */
  readonly facts: readonly Fact[];
  /** What it costs to run it. */
  readonly cost: number;
  /** How often it was varied. */
  chosen: number;
  /** How many of its variants led somewhere new. */
  children: number;
}

/** What a run looked like, for those who vary it: it is known again when it has run again. */
export type Shape = Pick<Entry, "lastEnd" | "calls" | "facts">;

/** So many entries compete to be varied next. */
const COMPETITORS = 3;

/** All entries of a lane, oldest first. */
export class Corpus {
  /** The entries. */
  readonly entries: Entry[] = [];
  /** The facts of each kind, in the order in which they came up, each with the entries that show it. */
  readonly #kinds: Map<number, Entry[][]> = new Map();
  readonly #showing = new Map<number, Entry[]>();

  /** How many there are. */
  get size(): number {
    return this.entries.length;
  }

  /** Takes in an entry. */
  add(entry: Pick<Entry, "input" | "run" | keyof Shape> & Partial<Entry>): Entry {
    const added = {
      chosen: 0,
      children: 0,
      name: nameOf(entry.input),
      cost: costOf(entry.input),
      ...entry,
    };
    this.entries.push(added);
    for (const { kind, bit } of added.facts) {
      const showing = this.#showing.get(bit);
      if (showing !== undefined) {
        showing.push(added);
        continue;
      }
      const first = [added];
      this.#showing.set(bit, first);
      const alike = this.#kinds.get(kind);
      if (alike === undefined) this.#kinds.set(kind, [first]);
      else alike.push(first);
    }
    return added;
  }

  /**
   * The entry to vary next: of some drawn ones that which has paid best so far. Every third time they
   * are drawn from the newest quarter: what is new is least explored. Else they are drawn from those
   * that show some fact, where all kinds of facts are alike, and all facts of a kind: what few entries
   * show is varied as often as what all of them do.
   */
  choose(random: Random): Entry {
    let best: Entry | undefined;
    for (let i = 0; i < COMPETITORS; i++) {
      const entry = this.#drawn(random);
      if (best === undefined || yieldOf(entry) > yieldOf(best)) best = entry;
    }
    best!.chosen++;
    return best!;
  }

  #drawn(random: Random): Entry {
    const { size } = this;
    if (!random.oneIn(3) && this.#kinds.size > 0) {
      return random.pick(random.pick(random.pick([...this.#kinds.values()])));
    }
    return this.entries[random.between(size - Math.ceil(size / 4), size - 1)]!;
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
