/**
 * What all batches of a shared campaign have come to, put together: the same for everybody who has the
 * same outcomes, whoever made them and in whatever order they came.
 *
 * @module
 */
import { causeOf, type Counterexample } from "../../../mod.ts";
import type { CampaignResult, Standing } from "../campaign.ts";
import { digestOf, nameOf } from "../input.ts";
import type { Kept } from "../journal.ts";
import type { BatchIncident, BatchResult, Outcome } from "./batch.ts";

/** More findings are not explained: after so many causes, a log wants a human. */
const FINDINGS_MAX = 40;

/** A finding as it was found. */
export interface RawFinding {
  /** The batch. */
  readonly batch: number;
  /** Its number among the findings of the batch, from 0. */
  readonly finding: number;
  /** What its crashes have in common. */
  readonly cause: string;
  /** It. */
  readonly found: Counterexample;
}

/** A batch of which nobody could make a result. */
export interface FailedBatch {
  /** Its number, from 0. */
  readonly batch: number;
  /** Why the last attempt failed. */
  readonly words: string;
}

/** The outcomes of batches, each once. */
export class Merged {
  readonly #batches: number;
  readonly #outcomes = new Map<number, Outcome>();

  /** Begins with none of `batches`. */
  constructor(batches: number) {
    this.#batches = batches;
  }

  /** Takes in what a batch came to; what was known of it before is forgotten. */
  take(batch: number, outcome: Outcome): void {
    if (batch < this.#batches) this.#outcomes.set(batch, outcome);
  }

  /** Whether it is known what a batch came to. */
  has(batch: number): boolean {
    return this.#outcomes.has(batch);
  }

  /** How many batches there are. */
  get batches(): number {
    return this.#batches;
  }

  /** How many of them are known. */
  get size(): number {
    return this.#outcomes.size;
  }

  /** Whether all are known. */
  get isComplete(): boolean {
    return this.size === this.#batches;
  }

  /** The numbers of those that are not known. */
  missing(): number[] {
    return Array.from({ length: this.#batches }, (_, batch) => batch)
      .filter((batch) => !this.#outcomes.has(batch));
  }

  /** All outcomes, by the number of the batch. */
  outcomes(): (readonly [batch: number, outcome: Outcome])[] {
    return [...this.#outcomes].toSorted(([a], [b]) => a - b);
  }

  /** All results, by the number of the batch. */
  results(): (readonly [batch: number, result: BatchResult])[] {
    return this.outcomes().flatMap(([batch, outcome]) =>
      outcome.kind === "made" ? [[batch, outcome.result] as const] : []
    );
  }

  /** Batches that nobody could make. */
  failed(): FailedBatch[] {
    return this.outcomes().flatMap(([batch, outcome]) =>
      outcome.kind === "failed" ? [{ batch, words: outcome.words }] : []
    );
  }

  /** Runs that led somewhere new, each once, and none that is in `base`. */
  entries(base: readonly Kept[]): Kept[] {
    const names = new Set(base.map(({ input }) => nameOf(input)));
    const entries: Kept[] = [];
    for (const [, result] of this.results()) {
      for (const entry of result.entries) {
        const name = nameOf(entry.input);
        if (names.has(name)) continue;
        names.add(name);
        entries.push(entry);
      }
    }
    return entries;
  }

  /** The first finding of each cause. */
  findings(): RawFinding[] {
    const findings = new Map<string, RawFinding>();
    for (const [batch, result] of this.results()) {
      for (const [finding, found] of result.findings.entries()) {
        const cause = causeOf(found);
        if (!findings.has(cause)) findings.set(cause, { batch, finding, cause, found });
      }
    }
    return [...findings.values()].slice(0, FINDINGS_MAX);
  }

  /** Runs that could not be finished, each once. */
  incidents(): BatchIncident[] {
    const all = this.results().flatMap(([, { incidents }]) => incidents);
    return [...new Map(all.map((incident) => [incident.what + nameOf(incident.input), incident]))
      .values()];
  }

  /** What all runs have counted. */
  counts():
    & Pick<Standing, "runs" | "recoveries" | "facts" | "marks">
    & Pick<CampaignResult, "canary"> {
    const marks = new Map<string, boolean>();
    const found: number[] = [];
    let [runs, recoveries, facts, canaryRuns] = [0, 0, 0, 0];
    for (const [, result] of this.results()) {
      runs += result.runs;
      recoveries += result.recoveries;
      facts = Math.max(facts, result.facts);
      for (const [name, isReached] of result.marks) {
        marks.set(name, isReached || marks.get(name) === true);
      }
      canaryRuns += result.canary.runs;
      if (result.canary.foundAt !== null) found.push(result.canary.foundAt);
    }
    return { runs, recoveries, facts, marks, canary: { runs: canaryRuns, found } };
  }

  /** The digest of each batch. */
  digests(): Record<number, string> {
    return Object.fromEntries(this.results().map(([batch, { digest }]) => [batch, digest]));
  }
}

/** A digest of a corpus: the same runs in the same order, the same digest. */
export function corpusDigestOf(entries: readonly Kept[]): string {
  return digestOf(entries.map(({ input, run }) => `${run} ${nameOf(input)}\n`).join(""));
}
