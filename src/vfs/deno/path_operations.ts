/**
 * The calls of the `Deno` namespace on paths. Each is one call on the disk, or several in a row, as
 * the runtime makes them of the system.
 *
 * @module
 */
import { FileSystemError } from "../file_system.ts";
import { Step, type Steps } from "../node/step.ts";
import { type About, attempt, denoError, invalidInput, LinuxError, persist } from "./deno_error.ts";
import { closeQuietly, sizeOf } from "./handles.ts";
import { type DenoProcess, isAnyOf, normalized, type Place, requirePaths } from "./deno_process.ts";
import { dirEntry, fileInfo } from "./file_info.ts";

/** A path, or a `file:` URL. */
export type Path = string | URL;

/** A call: who makes it, what it is called in errors, and what it is about. */
interface PathCall {
  readonly process: DenoProcess;
  readonly op: string;
  readonly path: Path;
}

/** One call on the disk about one path. */
function onPath<T>({ process, op, path }: PathCall, run: (path: string) => T): Step<T> {
  const place = process.locate(path);
  const about = () => `${op} '${place.given}'`;
  requirePath(op, about, place);
  return new Step(() => `${op} "${place.path}"`, () => attempt(() => run(place.path), about));
}

/** Two calls take another way to the system, and say otherwise what a path must not have. */
function requirePath(op: string, about: About, place: Place): void {
  if (!place.given.includes("\0")) return;
  if (op === "utime") throw invalidInput("data provided contains a nul byte", about);
  if (op === "chown") throw denoError("EINVAL", about);
  requirePaths(about, place);
}

/** One call on the disk about two paths. */
function onPaths(
  { process, op, path, to }: PathCall & { readonly to: Path },
  run: (from: string, to: string) => void,
): Step<void> {
  const [source, target] = [process.locate(path), process.locate(to)];
  const about = () => `${op} '${source.given}' -> '${target.given}'`;
  requirePaths(about, source, target);
  return new Step(
    () => `${op} "${source.path}" to "${target.path}"`,
    () => attempt(() => run(source.path, target.path), about),
  );
}

/** Tells about what is at a path; there are no symbolic links that `lstat` could stop at. */
export function stat(process: DenoProcess, path: Path, op: "stat" | "lstat"): Step<Deno.FileInfo> {
  return onPath({ process, op, path }, (at) => fileInfo(process.fs.stat(at)));
}

/** A call that changes what is not simulated: it needs only that something is there. */
export function touch(process: DenoProcess, path: Path, op: string): Step<void> {
  return onPath({ process, op, path }, (at) => void process.fs.stat(at));
}

/** The path from the root on, without `.` and `..`. */
export function realPath(process: DenoProcess, path: Path): Step<string> {
  return onPath({ process, op: "realpath", path }, (at) => {
    process.fs.stat(at);
    return normalized(at);
  });
}

/** Goes to another working directory. */
export function chdir(process: DenoProcess, path: Path): Step<void> {
  return onPath({ process, op: "chdir", path }, (at) => {
    if (process.fs.stat(at).kind !== "directory") throw new LinuxError("ENOTDIR");
    process.directory = normalized(at);
  });
}

/** The names in a directory, and what bears them. */
export function readDir(process: DenoProcess, path: Path): Step<Deno.DirEntry[]> {
  return onPath({ process, op: "readdir", path }, (at) => entriesOf(process, at));
}

function entriesOf({ fs }: DenoProcess, path: string): Deno.DirEntry[] {
  return fs.list(path).map((name) => dirEntry(name, fs.stat(`${path}/${name}`).kind));
}

/** Gives a file or directory another name. */
export function rename(process: DenoProcess, path: Path, to: Path): Step<void> {
  return onPaths({ process, op: "rename", path, to }, (from, to) => {
    try {
      process.fs.rename(from, to);
    } catch (error) {
      // What is no name can be neither given nor taken: Linux says that it is in use.
      process.requireWay(from);
      process.requireWay(to);
      const isBusy = isAnyOf(error, "EINVAL") && (lastOf(from) !== "name" || lastOf(to) !== "name");
      throw isBusy ? new LinuxError("EBUSY") : error;
    }
  });
}

/** Gives a file one more name. Neither path may be a URL. */
export function link(process: DenoProcess, path: string, to: string): Step<void> {
  const call = { process, op: "link", path: `${path}`, to: `${to}` };
  return onPaths(call, (existing, created) => {
    try {
      process.fs.link(existing, created);
    } catch (error) {
      process.requireWay(created);
      throw error;
    }
  });
}

/** Removes a file, an empty directory, or everything from a path on. */
export function remove(
  process: DenoProcess,
  path: Path,
  { recursive = false }: Deno.RemoveOptions = {},
): Step<void> | Steps<void> {
  return recursive
    ? removeAll(process, path)
    : onPath({ process, op: "remove", path }, (at) => removeOne(process, at));
}

function* removeAll(process: DenoProcess, path: Path): Steps<void> {
  const call = { process, op: "remove", path };
  const { kind } = yield* onPath(call, (at) => process.fs.stat(at));
  if (kind === "directory") {
    // Not the path as it was given: that may lead through what is removed.
    const below = `${normalized(process.locate(path).path)}/`;
    const entries = yield* onPath(call, (at) => entriesOf(process, at));
    for (const { name, isDirectory } of entries) {
      yield* removeBelow(call, below + name, isDirectory);
    }
  }
  yield* onPath(call, (at) => {
    try {
      removeOne(process, at);
    } catch (error) {
      // As above: then there is no way to it any more.
      if (kind === "file" || !isAnyOf(error, "ENOENT")) throw error;
    }
  });
}

/** The error of whatever is below tells of the path that was to be removed. */
function* removeBelow(call: PathCall, path: string, isDirectory: boolean): Steps<void> {
  const { process } = call;
  if (isDirectory) {
    const entries = yield* onPath(call, () => entriesOf(process, path));
    for (const entry of entries) {
      yield* removeBelow(call, `${path}/${entry.name}`, entry.isDirectory);
    }
  }
  yield* onPath(call, () => process.fs.remove(path));
}

function removeOne({ fs }: DenoProcess, path: string): void {
  try {
    fs.remove(path);
  } catch (error) {
    const last = isAnyOf(error, "EINVAL") ? lastOf(path) : "name";
    if (last === "root") throw new LinuxError("EBUSY");
    throw last === ".." ? new LinuxError("ENOTEMPTY") : error;
  }
}

/** Creates a directory, and those above it where that is wanted. */
export function mkdir(
  process: DenoProcess,
  path: Path,
  options?: Deno.MkdirOptions,
): Step<void> | Steps<void> {
  return options?.recursive
    ? mkdirs(process, path)
    : onPath({ process, op: "mkdir", path }, (at) => {
      try {
        process.fs.mkdir(at);
      } catch (error) {
        process.requireWay(at);
        throw error;
      }
    });
}

/** From the path upwards to what is there, and down again. */
function* mkdirs(process: DenoProcess, path: Path): Steps<void> {
  const call = { process, op: "mkdir", path };
  const missing: string[] = [];
  for (let at = process.locate(path).given; at !== ""; at = parentOf(at)) {
    if (yield* mkdirOne(call, at, { mayLack: true })) break;
    missing.push(at);
  }
  for (const at of missing.reverse()) yield* mkdirOne(call, at, { mayLack: false });
}

/** Creates a directory unless it is there; returns `false` where the one above it may be missing. */
function mkdirOne(
  call: PathCall,
  directory: string,
  { mayLack }: { readonly mayLack: boolean },
): Step<boolean> {
  const { process } = call;
  const { path } = process.locate(directory);
  return onPath(call, () => {
    try {
      process.fs.mkdir(path);
      return true;
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      if (mayLack && error.code === "ENOENT") return false;
      if (isDirectory(process, path)) return true;
      process.requireWay(path);
      throw error;
    }
  });
}

function isDirectory({ fs }: DenoProcess, path: string): boolean {
  try {
    return fs.stat(path).kind === "directory";
  } catch (error) {
    if (error instanceof FileSystemError) return false;
    throw error;
  }
}

/** Cuts a file, or lets it grow. The path may not be a URL. */
export function* truncate(process: DenoProcess, path: string, length?: number): Steps<void> {
  const call = { process, op: "truncate", path: `${path}` };
  const file = yield* onPath(call, (at) => persist(() => process.open(at, { write: true })));
  try {
    yield* onPath(call, () => {
      const size = sizeOf(length, () => `truncate '${call.path}'`);
      persist(() => file.truncate(size));
    });
  } finally {
    closeQuietly(file);
  }
}

/** What the last part of a path is: only a name can be given and taken away. */
function lastOf(path: string): "name" | "." | ".." | "root" {
  const last = path.split("/").findLast((part) => part !== "");
  if (last === undefined) return "root";
  return last === "." || last === ".." ? last : "name";
}

/** The path that leads to where the last name of a path is; empty for the working directory. */
function parentOf(path: string): string {
  const parts = path.split("/");
  const trim = () => {
    while (parts.length > 1 && (parts.at(-1) === "" || parts.at(-1) === ".")) parts.pop();
  };
  trim();
  parts.pop();
  trim();
  return parts.join("/") || (path.startsWith("/") ? "/" : "");
}
