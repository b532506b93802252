/**
 * Runs a batch in processes of its own.
 *
 * METHOD. The same batch gives the same result, whichever process makes it and whatever happens on the
 * way. A log may hang or kill its process in the middle of run k, and does so again alone; what the
 * lane knew just then is gone with it. So the runs before k are made once more, with an end before k,
 * which tells exactly what the lane knows there. Then it goes on behind k.
 *
 * @module
 */
import { causeOf, type Counterexample } from "../../../mod.ts";
import { endsAlone } from "../ends_alone.ts";
import { nameOf } from "../input.ts";
import type { Kept, LaneState } from "../journal.ts";
import { LaneChild, type LaneEnd } from "../lane_child.ts";
import type { LaneCount, LaneMessage, LaneTask } from "../protocol.ts";
import type { BatchIncident, BatchResult } from "./batch.ts";
import { batchesOf, type Conditions } from "./conditions.ts";

/** A batch to be made. */
export interface BatchTask {
  /** What makes the campaign. */
  readonly conditions: Conditions;
  /** The number of the batch, from 0. */
  readonly batch: number;
  /** What every batch begins with. */
  readonly base: readonly Kept[];
}

/** The log cannot be run on this machine at all. */
export class UnrunnableError extends Error {
  /** Always `"UnrunnableError"`. */
  override readonly name = "UnrunnableError";
}

/** A batch was left before its end. */
export class LeftError extends Error {
  /** Always `"LeftError"`. */
  override readonly name = "LeftError";
}

/** A lane that uses more memory than that gets a new process. */
const MEMORY_MAX = 1_000 * 2 ** 20;
/** A batch with more runs that do not end is cut short. */
const INCIDENTS_MAX = 20;
/** How many of the last lines of a process are kept. */
const LINES_MAX = 3;
const LEFT = "The batch was left before its end";

/** How far a lane has come: what the next process needs. */
type Place = Pick<LaneState, "next" | "digest" | "yields">;

/** What one process has told. */
interface Stretch {
  readonly entries: Kept[];
  readonly findings: Counterexample[];
  readonly incidents: BatchIncident[];
  count: LaneCount | undefined;
  state: Place | undefined;
}

/**
 * Makes a batch.
 *
 * @param task The batch.
 * @param signal Aborted when this process leaves the campaign: the batch is dropped.
 * @throws {UnrunnableError} When the log cannot be loaded here.
 * @throws {LeftError} When the signal was aborted.
 */
export function runBatch(task: BatchTask, signal: AbortSignal): Promise<BatchResult> {
  return new BatchRun(task, signal).run();
}

class BatchRun {
  readonly #task: BatchTask;
  readonly #signal: AbortSignal;
  readonly #most: number;
  readonly #lanes: number;
  #base: readonly Kept[];
  #state: Place;
  #entries: Kept[] = [];
  readonly #findings: Counterexample[] = [];
  readonly #causes = new Set<string>();
  readonly #incidents: BatchIncident[] = [];
  readonly #marks = new Map<string, boolean>();
  /** The run in the middle of which a process ended, where it ends alone. */
  #suspect: number | undefined;
  #recoveries = 0;
  #facts = 0;
  #canary: BatchResult["canary"] = { runs: 0, foundAt: null };

  constructor(task: BatchTask, signal: AbortSignal) {
    const { conditions, batch, base } = task;
    this.#task = task;
    this.#signal = signal;
    this.#base = base;
    this.#lanes = batchesOf(conditions);
    this.#most = Math.ceil((conditions.runs - batch) / this.#lanes);
    this.#state = { next: 0, digest: 0, yields: [] };
  }

  async run(): Promise<BatchResult> {
    /** A run that does not end, before which the process shall stop. */
    let broken: BatchIncident | undefined;
    while (this.#state.next < this.#most && this.#incidents.length < INCIDENTS_MAX) {
      const end = broken === undefined ? this.#most : this.#placeOf(broken.run);
      if (this.#state.next < end) {
        const { stretch, ended } = await this.#runUntil(end);
        if (ended.why === "refused") throw new UnrunnableError(ended.message);
        if (ended.why === "told") throw new LeftError(LEFT);
        if (ended.why === "hung" || ended.why === "died") {
          if (!await this.#isChance(ended)) broken = this.#brokenBy(ended);
          continue;
        }
        this.#keep(stretch);
        if (ended.why === "memory") continue;
      }
      if (broken !== undefined) {
        this.#incidents.push(broken);
        this.#state = { ...this.#state, next: end + 1 };
        broken = undefined;
      }
    }
    return {
      runs: this.#state.next,
      recoveries: this.#recoveries,
      facts: this.#facts,
      digest: this.#state.digest.toString(16).padStart(8, "0"),
      entries: this.#entries,
      findings: this.#findings,
      incidents: this.#incidents,
      marks: [...this.#marks],
      canary: this.#canary,
    };
  }

  /** The place of a run in this lane. */
  #placeOf(run: number): number {
    return Math.floor(run / this.#lanes);
  }

  /** Runs on from the present state, in a process of its own. */
  async #runUntil(end: number): Promise<{ stretch: Stretch; ended: LaneEnd }> {
    const stretch: Stretch = {
      entries: [],
      findings: [],
      incidents: [],
      count: undefined,
      state: undefined,
    };
    if (this.#signal.aborted) return { stretch, ended: { why: "told" } };
    const child = new LaneChild(this.#laneTask(end), {
      hangMs: this.#task.conditions.hangMs,
      onMessage: (message) => hear(stretch, message),
    });
    const leave = () => child.kill();
    this.#signal.addEventListener("abort", leave);
    const ended = await child.ended;
    this.#signal.removeEventListener("abort", leave);
    return { stretch, ended: this.#signal.aborted ? { why: "told" } : ended };
  }

  #laneTask(most: number): LaneTask {
    const { module, seed, mode, bounds, canary } = this.#task.conditions;
    const { next, digest, yields } = this.#state;
    const paid = new Map(yields.map(([name, ...counts]) => [name, counts]));
    const entries = [...this.#base, ...this.#entries].map((entry) => {
      const [chosen = 0, children = 0] = paid.get(nameOf(entry.input)) ?? [];
      return { ...entry, chosen, children };
    });
    return {
      module,
      seed,
      lane: this.#task.batch,
      lanes: this.#lanes,
      mode,
      bounds,
      entries,
      next,
      skipped: [],
      digest,
      most,
      canary,
      memoryMax: MEMORY_MAX,
    };
  }

  /**
   * Whether a run that did not end does so alone, and has not ended a process before: the machine had
   * no time for it, and everything is made again as it would have been.
   */
  async #isChance({ run, input }: LaneEnd & { why: "hung" | "died" }): Promise<boolean> {
    if (run === undefined || input === undefined || run === this.#suspect) return false;
    const { module, hangMs } = this.#task.conditions;
    const isChance = await endsAlone(input, module, { hangMs, signal: this.#signal });
    if (this.#signal.aborted) throw new LeftError(LEFT);
    if (isChance === false) return false;
    this.#suspect = run;
    return true;
  }

  /** What has ended a process: a run to be skipped, or an entry that can no longer be run again. */
  #brokenBy({ why, run, input, words }: LaneEnd & { why: "hung" | "died" }) {
    const { module } = this.#task.conditions;
    const lastWords = words.trim().split("\n").slice(-LINES_MAX).join("\n");
    if (run === undefined || input === undefined) {
      throw new UnrunnableError(
        why === "hung"
          ? `Cannot check "${module}": it hangs while it is loaded`
          : `Cannot check "${module}": its process ended while it was loaded: ${lastWords}`,
      );
    }
    const incident = { what: why, run, input, words: lastWords };
    const name = nameOf(input);
    const isEntry = (entry: Kept) => nameOf(entry.input) === name;
    if (![...this.#base, ...this.#entries].some(isEntry)) return incident;
    // It ended before and does not any more: what it knew is dropped.
    this.#base = this.#base.filter((entry) => !isEntry(entry));
    this.#entries = this.#entries.filter((entry) => !isEntry(entry));
    this.#incidents.push(incident);
    return undefined;
  }

  /** What a process that ended as it should has told counts. */
  #keep({ entries, findings, incidents, count, state }: Stretch): void {
    this.#entries.push(...entries);
    for (const found of findings) {
      // A process that takes over from another does not know what that one has found.
      const cause = causeOf(found);
      if (this.#causes.has(cause)) continue;
      this.#causes.add(cause);
      this.#findings.push(found);
    }
    this.#incidents.push(...incidents);
    if (state !== undefined) this.#state = state;
    if (count === undefined) return;
    for (const [name, isReached] of count.marks) {
      this.#marks.set(name, isReached || this.#marks.get(name) === true);
    }
    this.#recoveries += count.recoveries;
    this.#facts = Math.max(this.#facts, count.facts);
    const { runs, foundAt } = this.#canary;
    this.#canary = {
      runs: runs + count.canary.runs,
      foundAt: foundAt ??
        (count.canary.foundAt === undefined ? null : runs + count.canary.foundAt),
    };
  }
}

function hear(stretch: Stretch, message: LaneMessage): void {
  switch (message.kind) {
    case "entry":
      stretch.entries.push(message.entry);
      break;
    case "finding":
      stretch.findings.push(message.found);
      break;
    case "broken": {
      const { run, input, reason } = message;
      stretch.incidents.push({ what: "not judged", run, input, words: reason });
      break;
    }
    case "count":
      stretch.count = message.count;
      stretch.state = message.state ?? stretch.state;
      break;
  }
}
