/**
 * A batch of runs: what is handed from process to process. Each is a lane of its own, which begins
 * with the corpus of the campaign and knows nothing of the other batches.
 *
 * @module
 */
import { z } from "zod";
import { type Counterexample, parseCounterexample } from "../../../mod.ts";
import type { Incident } from "../incident.ts";
import { inputSchema } from "../input.ts";
import type { Kept } from "../journal.ts";

/** A run that could not be finished. */
export type BatchIncident = Pick<Incident, "what" | "run" | "input" | "words">;

/** What a batch came to. */
export interface BatchResult {
  /** How many runs it has made. */
  readonly runs: number;
  /** How many recoveries. */
  readonly recoveries: number;
  /** How many different facts its runs have shown. */
  readonly facts: number;
  /** A digest of its runs: the same batch, the same digest. */
  readonly digest: string;
  /** Runs that led somewhere new, in their order. */
  readonly entries: readonly Kept[];
  /** Crashes that break the promise, one of each kind, neither small nor explained yet. */
  readonly findings: readonly Counterexample[];
  /** Runs that could not be finished. */
  readonly incidents: readonly BatchIncident[];
  /** Marks of the harness and of the log, and whether they were reached. */
  readonly marks: readonly (readonly [name: string, isReached: boolean])[];
  /** Runs of the canary, and the one at which it was found. */
  readonly canary: { readonly runs: number; readonly foundAt: number | null };
}

/** What is kept of a batch: its result, or why nobody could make one. */
export type Outcome =
  | { readonly kind: "made"; readonly result: BatchResult }
  | { readonly kind: "failed"; readonly words: string };

const whole = z.number().int().nonnegative();

const outcomeSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("made"),
    result: z.strictObject({
      runs: whole,
      recoveries: whole,
      facts: whole,
      digest: z.string(),
      entries: z.array(z.strictObject({ input: inputSchema, run: whole })),
      findings: z.array(z.unknown()),
      incidents: z.array(z.strictObject({
        what: z.enum(["hung", "died", "not judged"]),
        run: whole,
        input: inputSchema,
        words: z.string(),
      })),
      marks: z.array(z.tuple([z.string(), z.boolean()])),
      canary: z.strictObject({ runs: whole, foundAt: whole.nullable() }),
    }),
  }),
  z.strictObject({ kind: z.literal("failed"), words: z.string() }),
]);

/**
 * Reads an outcome.
 *
 * @throws {Error} When it is none.
 */
export function parseOutcome(text: string): Outcome {
  const outcome = outcomeSchema.parse(JSON.parse(text));
  if (outcome.kind === "failed") return outcome;
  const findings = outcome.result.findings.map((found) =>
    parseCounterexample(JSON.stringify(found))
  );
  return { kind: "made", result: { ...outcome.result, findings } };
}

/**
 * That of an outcome which two processes must agree on. What a run costs, and the last words of a
 * process that ended, may differ.
 */
export function essenceOf(outcome: Outcome): string {
  if (outcome.kind === "failed") return "failed";
  const { runs, digest, entries, findings, incidents } = outcome.result;
  const ended = incidents.map(({ what, run, input }) => ({ what, run, input }));
  return JSON.stringify({ runs, digest, entries, findings, incidents: ended });
}
