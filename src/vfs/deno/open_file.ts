/**
 * `Deno.open`: which options it takes, and how it refuses others.
 *
 * @module
 */
import { Step } from "../node/step.ts";
import { attempt, invalidInput, persist } from "./deno_error.ts";
import { type DenoProcess, requirePaths } from "./deno_process.ts";
import { fsFile } from "./fs_file.ts";

/** How `create` opens a file. */
export const CREATE: Deno.OpenOptions = { read: true, write: true, truncate: true, create: true };

/**
 * Opens a file, or a directory in order to sync it. The `mode` of a new file is not kept.
 *
 * @param process Who opens it.
 * @param path Where it is.
 * @param options How; for reading where nothing is given.
 * @returns The call.
 * @throws {Error} When options contradict each other.
 */
export function openFile(
  process: DenoProcess,
  path: string | URL,
  options?: Deno.OpenOptions,
): Step<Deno.FsFile> {
  if (options) requireSense(options);
  const { read = !options, write = false, append = false, truncate = false } = options ?? {};
  const { create = false, createNew = false } = options ?? {};
  const place = process.locate(path);
  const about = () => `open '${place.given}'`;
  requirePaths(about, place);
  if (append && truncate && !createNew) {
    throw invalidInput("creating or truncating a file requires write or append access", about);
  }
  const flags = { read, write, append, truncate, create, createNew };
  return new Step(() => `open "${place.path}"`, () => {
    const file = attempt(() => persist(() => process.open(place.path, flags)), about);
    return fsFile(file, { process, path: place.path, read, append });
  });
}

function requireSense(options: Deno.OpenOptions): void {
  const { write, append, create, createNew, truncate } = options;
  if (!Object.values(options).includes(true)) {
    throw new Error("'options' requires at least one option to be true");
  }
  if (truncate && !write) throw new Error("'truncate' option requires 'write' to be true");
  if ((create || createNew) && !(write || append)) {
    throw new Error("'create' or 'createNew' options require 'write' or 'append' to be true");
  }
}
