/**
 * Findings that a project knows about: a night goes on past them, and fails only on others.
 *
 * @module
 */
import { ensureDirSync } from "@std/fs";
import { dirname, resolve } from "@std/path";
import { z } from "zod";
import { causeOf, type Counterexample, writeWhole } from "../../mod.ts";

/** Where the list is kept, below the working directory; commit it. */
export const KNOWN_FILE = ".plugpull/known.json";

/** A finding that is known. */
export interface Known {
  /** What its crashes have in common. */
  readonly cause: string;
  /** The name of the log. */
  readonly log: string;
  /** `open`: it is there, and somebody knows. `fixed`: it must not come back. */
  readonly state: "open" | "fixed";
}

const schema = z.strictObject({
  format: z.literal("plugpull known findings"),
  version: z.literal(1),
  findings: z.array(z.strictObject({
    cause: z.string(),
    log: z.string(),
    state: z.enum(["open", "fixed"]),
  })),
});

/** A list that cannot be read. */
export class KnownError extends Error {
  /** Always `"KnownError"`. */
  override readonly name = "KnownError";
}

/**
 * Reads the list; without a file, nothing is known.
 *
 * @throws {KnownError} When the file is damaged or of another version.
 */
export function readKnown(file: string = KNOWN_FILE): readonly Known[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new KnownError(`Cannot read "${file}": ${(error as Error).message}`);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new KnownError(`Cannot read "${file}": it is no JSON: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data.findings;
  const [issue] = parsed.error.issues;
  throw new KnownError(
    `Cannot read "${file}": ${issue!.path.join(".") || "the document"}: ${issue!.message}`,
  );
}

/** Adds findings to the list, or changes their state; writes it so that a crash leaves a whole one. */
export function addKnown(
  findings: readonly Counterexample[],
  state: Known["state"],
  file: string = KNOWN_FILE,
): void {
  const added = findings.map((found) => ({
    cause: causeOf(found),
    log: found.subject.name,
    state,
  }));
  writeKnown(mergeKnown(readKnown(file), added), file);
}

/** Puts two lists together: of the same finding, the second one has the last word. */
function mergeKnown(before: readonly Known[], after: readonly Known[]): Known[] {
  const byCause = new Map(before.map((known) => [keyOf(known), known]));
  for (const known of after) byCause.set(keyOf(known), known);
  return [...byCause.values()].toSorted((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
}

/** Writes the list. */
function writeKnown(findings: readonly Known[], file: string = KNOWN_FILE): void {
  const path = resolve(file);
  ensureDirSync(dirname(path));
  const document = { format: "plugpull known findings", version: 1, findings };
  writeWhole(path, new TextEncoder().encode(JSON.stringify(document, null, 2) + "\n"));
}

function keyOf({ cause, log }: Known): string {
  return `${log}\n${cause}`;
}

/** What a finding is to those who know the list. */
export type News = "new" | "known" | "came back" | "still fails";

/**
 * Whether a finding is news.
 *
 * @param failing The causes of earlier findings that still fail.
 */
export function newsOf(
  found: Counterexample,
  known: readonly Known[],
  failing: ReadonlyMap<string, unknown> = new Map(),
): News {
  const cause = causeOf(found);
  const listed = known.find((one) => one.cause === cause && one.log === found.subject.name);
  if (listed === undefined) return failing.has(cause) ? "still fails" : "new";
  return listed.state === "open" ? "known" : "came back";
}
