/**
 * The calls of `node:fs` on one path or two.
 *
 * @module
 */
import { modeOf, named, objectOf, optionsOf, pathOf } from "./arguments.ts";
import { requireInteger, timeOf } from "./arguments.ts";
import { ownersOf, requireMode } from "./descriptor_operations.ts";
import type { NodeProcess } from "./node_process.ts";
import { CONSTANTS } from "./open_flags.ts";
import { type Attributes, BigIntStats, Stats } from "./stats.ts";
import { Step } from "./step.ts";
import { isSystemCall, isUv, uvError } from "./uv_error.ts";
import { posix } from "node:path";

/** Checks that a path may be used; every process may do everything but run a file. */
export function access(process: NodeProcess, path: unknown, mode?: unknown): Step<void> {
  const at = pathOf(path);
  const wanted = requireInteger(mode ?? CONSTANTS.F_OK, "mode", { min: 0, max: 7 });
  return new Step(() => `stat "${at}"`, () => {
    const info = process.stat(at, "access");
    const { mode = info.kind === "file" ? 0o644 : 0o755 } = process.attributes(info.inode) ?? {};
    if ((wanted & CONSTANTS.X_OK!) !== 0 && (mode & 0o111) === 0) {
      throw uvError("EACCES", { syscall: "access", path: at });
    }
  });
}

/** Whether something is at a path; never fails. */
export function exists(process: NodeProcess, path: unknown): Step<boolean> {
  let at: string;
  try {
    at = pathOf(path);
  } catch {
    return new Step(() => "stat nothing", () => false);
  }
  return new Step(() => `stat "${at}"`, () => {
    try {
      process.stat(at, "access");
      return true;
    } catch (error) {
      if (isSystemCall(error)) return false;
      throw error;
    }
  });
}

/** Tells the facts about a path. */
export function stat(
  process: NodeProcess,
  path: unknown,
  options?: unknown,
): Step<Stats | BigIntStats | undefined> {
  return statStep(process, path, { syscall: "stat", options });
}

/** The same: the disk has no symbolic links. */
export function lstat(
  process: NodeProcess,
  path: unknown,
  options?: unknown,
): Step<Stats | BigIntStats | undefined> {
  return statStep(process, path, { syscall: "lstat", options });
}

function statStep(
  process: NodeProcess,
  path: unknown,
  { syscall, options }: { readonly syscall: string; readonly options: unknown },
): Step<Stats | BigIntStats | undefined> {
  const { bigint, throwIfNoEntry } = objectOf(options);
  const at = pathOf(path);
  return new Step(() => `stat "${at}"`, () => {
    try {
      const info = process.stat(at, syscall);
      const attributes = process.attributes(info.inode);
      return bigint ? new BigIntStats(info, attributes) : new Stats(info, attributes);
    } catch (error) {
      if (throwIfNoEntry === false && isUv(error, "ENOENT")) return undefined;
      throw error;
    }
  });
}

/** Gives a file or directory another name. */
export function rename(process: NodeProcess, from: unknown, to: unknown): Step<void> {
  const [path, dest] = [pathOf(from, "oldPath"), pathOf(to, "newPath")];
  return new Step(
    () => `rename "${path}" to "${dest}"`,
    () => process.rename(path, dest),
  );
}

/** Gives a file one more name. */
export function link(process: NodeProcess, existing: unknown, created: unknown): Step<void> {
  const [path, dest] = [pathOf(existing, "existingPath"), pathOf(created, "newPath")];
  return new Step(
    () => `link "${path}" as "${dest}"`,
    () => process.link(path, dest),
  );
}

/** Removes a name of a file. */
export function unlink(process: NodeProcess, path: unknown): Step<void> {
  const at = pathOf(path);
  return new Step(() => `remove "${at}"`, () => process.unlink(at));
}

/** Finds no symbolic link at a path: there are none. */
export function readlink(process: NodeProcess, path: unknown): Step<never> {
  const at = pathOf(path);
  return new Step(() => `stat "${at}"`, () => {
    process.stat(at, "readlink");
    throw uvError("EINVAL", { syscall: "readlink", path: at });
  });
}

/** A path without `.` and `..`, of something that exists. */
export function realpath(process: NodeProcess, path: unknown, options?: unknown): Step<unknown> {
  const { encoding } = optionsOf(options);
  const at = pathOf(path);
  return new Step(() => `stat "${at}"`, () => {
    process.stat(at, "realpath");
    return named(absolute(at), encoding);
  });
}

/** The same, in the way of `fs.realpathSync`, which asks for each directory on the way. */
export function realpathOfNames(
  process: NodeProcess,
  path: unknown,
  options?: unknown,
): Step<unknown> {
  const { encoding } = optionsOf(options);
  const at = absolute(pathOf(path));
  return new Step(() => `stat "${at}"`, () => {
    for (let end = at.indexOf("/", 1); end > 0; end = at.indexOf("/", end + 1)) {
      process.stat(at.slice(0, end), "lstat");
    }
    if (at !== "/") process.stat(at, "lstat");
    return named(at, encoding);
  });
}

function absolute(path: string): string {
  return posix.resolve("/", path);
}

/** Sets the mode of a file, for this process. */
export function chmod(process: NodeProcess, path: unknown, mode: unknown): Step<void> {
  const at = pathOf(path);
  const attributes = { mode: modeOf(requireMode(mode), 0) };
  return setStep(process, at, { syscall: "chmod", attributes });
}

/** Sets something of the file at a path, from two arguments. */
type PairSetter = (process: NodeProcess, path: unknown, a: unknown, b: unknown) => Step<void>;

/** Sets the owner of a file, for this process. */
export const chown: PairSetter = ownerSetter("chown");

/** The same: the disk has no symbolic links. */
export const lchown: PairSetter = ownerSetter("lchown");

/** Sets the times of a file, for this process. */
export const utimes: PairSetter = timesSetter("utime");

/** The same: the disk has no symbolic links. */
export const lutimes: PairSetter = timesSetter("lutime");

function ownerSetter(syscall: string): PairSetter {
  return (process, path, uid, gid) => {
    const at = pathOf(path);
    return setStep(process, at, { syscall, attributes: ownersOf(uid, gid) });
  };
}

function timesSetter(syscall: string): PairSetter {
  return (process, path, atime, mtime) => {
    const at = pathOf(path);
    const attributes = { atimeMs: timeOf(atime), mtimeMs: timeOf(mtime) };
    return setStep(process, at, { syscall, attributes });
  };
}

function setStep(
  process: NodeProcess,
  path: string,
  { syscall, attributes }: { readonly syscall: string; readonly attributes: Attributes },
): Step<void> {
  return new Step(
    () => `${syscall} "${path}"`,
    () => process.set(process.stat(path, syscall).inode, attributes),
  );
}
