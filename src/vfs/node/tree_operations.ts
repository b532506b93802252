/**
 * The calls of `node:fs` on directories and what is in them.
 *
 * @module
 */
import { posix } from "node:path";
import { booleanOf, diskPath, modeOf, named, objectOf, optionsOf, pathOf } from "./arguments.ts";
import type { FileInfo } from "../file_system.ts";
import { systemError } from "./argument_error.ts";
import { DIRECTORY_MODE, type NodeProcess } from "./node_process.ts";
import { Dirent } from "./stats.ts";
import { Step, type Steps } from "./step.ts";
import { attempt, isUv, uvError } from "./uv_error.ts";

/** Creates a directory; with `recursive`, gives the first one that it created. */
export function mkdir(
  process: NodeProcess,
  path: unknown,
  options?: unknown,
): Step<undefined> | Steps<string | undefined> {
  const settings = typeof options === "number" || typeof options === "string"
    ? { mode: options }
    : objectOf(options);
  const at = pathOf(path);
  const recursive = booleanOf(settings.recursive, "options.recursive");
  const mode = modeOf(settings.mode, DIRECTORY_MODE);
  return recursive ? mkdirs(process, at, mode) : mkdirStep(process, at, mode);
}

function mkdirStep(process: NodeProcess, path: string, mode: number): Step<undefined> {
  return new Step(() => `mkdir "${path}"`, () => {
    process.mkdir(path, mode);
    return undefined;
  });
}

/** Tries the path first, then what is above it, as Node does. */
function* mkdirs(process: NodeProcess, path: string, mode: number): Steps<string | undefined> {
  const wanted = [path];
  let first: string | undefined;
  for (let at = wanted.pop(); at !== undefined; at = wanted.pop()) {
    try {
      yield* mkdirStep(process, at, mode);
      first ??= at;
    } catch (error) {
      const above = at.slice(0, Math.max(at.lastIndexOf("/"), 0));
      if (isUv(error, "ENOENT") && above !== "") wanted.push(at, above);
      else yield* requireDirectory(process, at, { path, error, isAbove: wanted.length > 0 });
    }
  }
  return first;
}

/** What could not be created may be there already. */
function* requireDirectory(
  process: NodeProcess,
  at: string,
  { path, error, isAbove }: {
    readonly path: string;
    readonly error: unknown;
    readonly isAbove: boolean;
  },
): Steps<void> {
  if (!isUv(error, "EEXIST", "ENOTDIR")) throw error;
  const call = { syscall: "mkdir", path };
  const info = yield* new Step(() => `stat "${at}"`, () => {
    try {
      return process.fs.stat(diskPath(at));
    } catch {
      return undefined;
    }
  });
  if (info === undefined) throw uvError("ENOTDIR", call);
  if (info.kind === "file") {
    throw uvError(isUv(error, "EEXIST") && isAbove ? "ENOTDIR" : "EEXIST", call);
  }
}

/** What stands in Node's messages for the six characters that `mkdtemp` chooses, as in C. */
const CHOSEN = "X".repeat(6);

/** The permissions of a temporary directory. */
const TEMPORARY_MODE = 0o700;

/** Creates a directory with a name that nobody has: `prefix` and six digits, counted up. */
export function mkdtemp(
  process: NodeProcess,
  prefix: unknown,
  options?: unknown,
): Step<unknown> {
  const { encoding } = optionsOf(options);
  const start = pathOf(prefix, "prefix");
  const template = `${start}${CHOSEN}`;
  return new Step(() => `mkdir "${template}"`, () => {
    for (;;) {
      const path = `${start}${String(process.named++).padStart(6, "0")}`;
      try {
        const call = { syscall: "mkdtemp", path: template };
        process.mkdir(path, TEMPORARY_MODE, call);
        return named(path, encoding);
      } catch (error) {
        if (!isUv(error, "EEXIST")) throw error;
      }
    }
  });
}

/** The names in a directory. */
export function readdir(
  process: NodeProcess,
  path: unknown,
  options?: unknown,
): Step<unknown[]> | Steps<unknown[]> {
  const settings = optionsOf(options);
  const at = pathOf(path);
  const { encoding } = settings;
  const recursive = booleanOf(settings.recursive ?? undefined, "options.recursive");
  const withFileTypes = Boolean(settings.withFileTypes);
  if (recursive) return walk(process, at, { encoding, withFileTypes });
  return new Step(() => `list "${at}"`, () => entriesOf(process, at, { encoding, withFileTypes }));
}

/** How entries of a directory are handed over. */
interface Listing {
  readonly encoding: unknown;
  readonly withFileTypes: boolean;
}

/** The names in a directory. */
export function namesIn(process: NodeProcess, path: string, syscall: string): string[] {
  const call = { syscall, path };
  const at = process.at(path, call);
  return attempt(call, () => process.fs.list(at));
}

/** The entries of a directory; their kinds cost a look at each. */
export function entriesOf(
  process: NodeProcess,
  path: string,
  { encoding, withFileTypes, syscall = "scandir" }: Listing & { readonly syscall?: string },
): unknown[] {
  const names = namesIn(process, path, syscall);
  if (!withFileTypes) return names.map((name) => named(name, encoding));
  return names.map((name) => {
    const { kind } = process.stat(posix.join(path, name), "lstat");
    return new Dirent(named(name, encoding) as string, path, kind);
  });
}

/** Lists directory after directory, level by level. */
function* walk(process: NodeProcess, path: string, listing: Listing): Steps<unknown[]> {
  const found: unknown[] = [];
  const directories = [path];
  for (const directory of directories) {
    const entries = (yield* new Step(
      () => `list "${directory}"`,
      () => entriesOf(process, directory, { encoding: "utf8", withFileTypes: true }),
    )) as Dirent[];
    for (const entry of entries) {
      const at = posix.join(directory, entry.name as string);
      if (entry.isDirectory()) directories.push(at);
      found.push(
        listing.withFileTypes ? entry : named(posix.relative(path, at), listing.encoding),
      );
    }
  }
  return found;
}

/** Removes an empty directory. */
export function rmdir(
  process: NodeProcess,
  path: unknown,
  options?: unknown,
): Step<void> | Steps<void> {
  const at = pathOf(path);
  if (booleanOf(objectOf(options).recursive, "options.recursive")) {
    return rmdirs(process, at);
  }
  return rmdirStep(process, at);
}

/** What `recursive` once did for `rmdir`. */
function* rmdirs(process: NodeProcess, path: string): Steps<void> {
  const info = yield* lookAt(process, path, "rmdir");
  if (info.kind === "file") throw uvError("ENOTDIR", { syscall: "rmdir", path });
  yield* removeTree(process, path, info);
}

function rmdirStep(process: NodeProcess, path: string): Step<void> {
  return new Step(() => `remove "${path}"`, () => process.rmdir(path, "rmdir"));
}

/** Removes a file; with `recursive`, a directory and all that is in it. */
export function rm(process: NodeProcess, path: unknown, options?: unknown): Steps<void> {
  const at = pathOf(path);
  const settings = objectOf(options);
  const recursive = booleanOf(settings.recursive, "options.recursive");
  const force = booleanOf(settings.force, "options.force");
  return remove(process, at, { recursive, force });
}

function* remove(
  process: NodeProcess,
  path: string,
  { recursive, force }: { readonly recursive: boolean; readonly force: boolean },
): Steps<void> {
  const info = yield* new Step(() => `stat "${path}"`, () => {
    try {
      return process.stat(path, "lstat");
    } catch (error) {
      if (force && isUv(error, "ENOENT")) return undefined;
      throw error;
    }
  });
  if (info === undefined) return;
  if (info.kind === "directory" && !recursive) {
    throw systemError("ERR_FS_EISDIR", {
      prefix: "Path is a directory",
      message: "is a directory",
      syscall: "rm",
      path,
      uv: "EISDIR",
      errno: 21,
    });
  }
  yield* removeTree(process, path, info);
}

/**
 * Removes names one by one, the deepest first; a crash may leave some of them. As in Node, a directory
 * is tried first as it is, and what is gone by the time that it is looked at counts as removed.
 */
function* removeTree(process: NodeProcess, path: string, info: FileInfo): Steps<void> {
  if (info.kind === "file") {
    const step = new Step(() => `remove "${path}"`, () => process.unlink(path, info));
    return void (yield* unlessGone(step));
  }
  if (!(yield* isFull(process, path))) return;
  const list = new Step(() => `list "${path}"`, () => namesIn(process, path, "scandir"));
  for (const name of yield* list) {
    const at = `${path}/${name}`;
    const found = yield* unlessGone(lookAt(process, at, "lstat"));
    if (found !== undefined) yield* removeTree(process, at, found);
  }
  yield* unlessGone(rmdirStep(process, path));
}

/** Removes a directory, unless there is something in it. */
function* isFull(process: NodeProcess, path: string): Steps<boolean> {
  try {
    yield* unlessGone(rmdirStep(process, path));
    return false;
  } catch (error) {
    if (isUv(error, "ENOTEMPTY", "EEXIST", "EPERM")) return true;
    throw error;
  }
}

/** What a step gives; nothing where there is nothing any more. */
function* unlessGone<T>(step: Step<T>): Steps<T | undefined> {
  try {
    return yield* step;
  } catch (error) {
    if (isUv(error, "ENOENT")) return undefined;
    throw error;
  }
}

function lookAt(process: NodeProcess, path: string, syscall: string): Step<FileInfo> {
  return new Step(() => `stat "${path}"`, () => process.stat(path, syscall));
}
