/**
 * A run that the harness could not finish: the log hung, killed its process, or did not repeat itself.
 *
 * @module
 */
import { ensureDirSync } from "@std/fs";
import { join, resolve } from "@std/path";
import { writeWhole } from "../../mod.ts";
import { z } from "zod";
import { InputError } from "../load_subject.ts";
import { type Input, inputSchema, nameOf } from "./input.ts";

/** What happened. */
export interface Incident {
  /** In a word. */
  readonly what: "hung" | "died" | "not judged";
  /** The number of the run. */
  readonly run: number;
  /** The run. */
  readonly input: Input;
  /** The last words of the process, or why the log cannot be judged. */
  readonly words: string;
  /** The module of the log. */
  readonly module: string;
}

const FORMAT = "plugpull incident";
const VERSION = 1;

const schema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  what: z.enum(["hung", "died", "not judged"]),
  words: z.string(),
  subject: z.strictObject({ module: z.string().min(1) }),
  run: z.number().int().nonnegative(),
  input: inputSchema,
});

/**
 * Reads an incident.
 *
 * @param text What a file holds.
 * @param file Its name, for messages.
 * @returns The incident; `undefined` for a document of another kind.
 * @throws {InputError} When it is damaged.
 */
export function incidentIn(text: string, file: string): Incident | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if ((document as { format?: unknown } | null)?.format !== FORMAT) return undefined;
  const parsed = schema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(`${file}: ${issue!.path.join(".") || "the document"}: ${issue!.message}`);
  }
  const { what, words, subject: { module }, run, input } = parsed.data;
  return { what, words, module, run, input };
}

/**
 * Writes an incident so that a crash leaves the whole file or none.
 *
 * @returns The path of the file, which begins with `directory`. The same run gets the same name.
 */
export function writeIncident(incident: Incident, directory: string): string {
  const { what, input, run, words, module } = incident;
  const document = {
    format: FORMAT,
    version: VERSION,
    what,
    words,
    subject: { module },
    run,
    input,
  };
  const name = `${what.replaceAll(" ", "-")}-${nameOf(input).slice(0, 8)}.incident`;
  const path = resolve(directory);
  ensureDirSync(path);
  writeWhole(join(path, name), new TextEncoder().encode(JSON.stringify(document, null, 2) + "\n"));
  return join(directory, name);
}
