/**
 * A run that the harness could not finish: the log hung, killed its process, or did not repeat itself.
 *
 * @module
 */
import { ensureDirSync } from "@std/fs";
import { join, resolve } from "@std/path";
import { writeWhole } from "../../mod.ts";
import { type Input, nameOf } from "./input.ts";

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

/**
 * Writes an incident so that a crash leaves the whole file or none.
 *
 * @returns The path of the file, which begins with `directory`. The same run gets the same name.
 */
export function writeIncident(incident: Incident, directory: string): string {
  const { what, input, run, words, module } = incident;
  const document = {
    format: "plugpull incident",
    version: 1,
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
