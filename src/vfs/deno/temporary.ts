/**
 * Temporary files and directories.
 *
 * METHOD. The runtime draws names until one is free; here they are counted, in 16 hexadecimal digits
 * as there, so that the same calls give the same names. A process counts from 1: names that an
 * earlier one has left behind are passed over. Without `dir` they are in `/tmp`, which is created
 * when it is not there, since every machine has it.
 *
 * @module
 */
import { FileSystemError } from "../file_system.ts";
import { Step, type Steps } from "../node/step.ts";
import { attempt, denoError, persist } from "./deno_error.ts";
import { type DenoProcess, requirePaths } from "./deno_process.ts";
import { closeQuietly } from "./handles.ts";

const DEFAULT_DIRECTORY = "/tmp";

/** What is made: the word for it in errors, and how. */
interface Kind {
  readonly op: string;
  make(process: DenoProcess, path: string): void;
}

/** An empty file. */
export const temporaryFile: Kind = {
  op: "tmpfile",
  make: (process, path) =>
    closeQuietly(persist(() => process.open(path, { read: true, write: true, createNew: true }))),
};

/** An empty directory. */
export const temporaryDirectory: Kind = {
  op: "tmpdir",
  make: (process, path) => process.fs.mkdir(path),
};

/** Makes one of a kind; returns its path, as the directory was given. */
export function* makeTemporary(
  process: DenoProcess,
  { op, make }: Kind,
  { dir, prefix = "", suffix = "" }: Deno.MakeTempOptions = {},
): Steps<string> {
  if (`${prefix}${suffix}`.includes("/")) {
    throw new Error('Invalid character in prefix or suffix: "/"');
  }
  const directory = dir === undefined ? DEFAULT_DIRECTORY : `${dir}`;
  const base = directory === "" || directory.endsWith("/") ? directory : `${directory}/`;
  let isDirectoryThere = dir !== undefined;
  let name = process.nextTemporaryName();
  for (;;) {
    const place = process.locate(`${base}${prefix}${name}${suffix}`);
    requirePaths(() => op, place);
    const what = () => `${op} "${place.path}"`;
    const failure = yield* step(what, () => failureOf(() => make(process, place.path)));
    if (failure === undefined) return place.given;
    if (failure === "EEXIST") {
      name = process.nextTemporaryName();
      continue;
    }
    if (isDirectoryThere) throw denoError("ENOENT", () => op);
    yield* step(() => `mkdir "${DEFAULT_DIRECTORY}"`, () => process.fs.mkdir(DEFAULT_DIRECTORY));
    isDirectoryThere = true;
  }

  function step<T>(what: () => string, run: () => T): Step<T> {
    return new Step(what, () => attempt(run, () => op));
  }
}

/** Why nothing could be made, where that is no reason to give up at once. */
function failureOf(make: () => void): "EEXIST" | "ENOENT" | undefined {
  try {
    make();
    return undefined;
  } catch (error) {
    const code = error instanceof FileSystemError ? error.code : undefined;
    if (code === "EEXIST" || code === "ENOENT") return code;
    throw error;
  }
}
