/**
 * `fs.cp`: copies a file, or a directory with all that is in it.
 *
 * @module
 */
import { posix } from "node:path";
import type { FileInfo } from "../file_system.ts";
import { systemError } from "./argument_error.ts";
import { booleanOf, type CallOptions, objectOf, pathOf } from "./arguments.ts";
import type { NodeProcess } from "./node_process.ts";
import { Step, type Steps } from "./step.ts";
import { mkdir, namesIn } from "./tree_operations.ts";
import { isUv } from "./uv_error.ts";
import { copyFile } from "./whole_file_operations.ts";

const NUMBERS = { EEXIST: 17, EINVAL: 22, EISDIR: 21, ENOTDIR: 20 } as const;

/** Which of the things on the way are copied, and what becomes of those that are there. */
interface Settings {
  readonly recursive: boolean;
  readonly force: boolean;
  readonly errorOnExist: boolean;
  readonly filter: ((source: string, target: string) => unknown) | undefined;
  readonly mode: unknown;
  /** What says that a directory is not copied without `recursive`: the forms of Node differ. */
  readonly refusedAs: number;
}

/** Copies a file or a tree. */
export const cp: Copier = copier(NUMBERS.EISDIR);

/** The same, with the error number of the synchronous form. */
export const cpNow: Copier = copier(NUMBERS.EINVAL);

type Copier = (
  process: NodeProcess,
  source: unknown,
  target: unknown,
  options?: unknown,
) => Steps<void>;

function copier(refusedAs: number): Copier {
  return (process, source, target, options) => {
    const given: CallOptions = objectOf(options);
    const [path, dest] = [pathOf(source, "src"), pathOf(target, "dest")];
    return begin(process, [path, dest], {
      recursive: booleanOf(given.recursive, "options.recursive"),
      force: booleanOf(given.force, "options.force", true),
      errorOnExist: booleanOf(given.errorOnExist, "options.errorOnExist"),
      filter: given.filter as Settings["filter"],
      mode: given.mode,
      refusedAs,
    });
  };
}

type Pair = readonly [path: string, dest: string];

/** Refuses to copy something over or into itself, then copies it. */
function* begin(process: NodeProcess, [path, dest]: Pair, settings: Settings): Steps<void> {
  if (settings.filter !== undefined && !settings.filter(path, dest)) return;
  const source = (yield* look(process, path))!;
  const target = yield* look(process, dest, { isOptional: true });
  if (target?.inode === source.inode) {
    throw refusal("EINVAL", "src and dest cannot be the same", dest);
  }
  if (target !== undefined) {
    requireSameKind({ path, kind: source.kind }, { dest, kind: target.kind });
  }
  const isRefused = source.kind === "directory" && !settings.recursive;
  // The synchronous form finds that out before it has created anything.
  if (isRefused && settings.refusedAs === NUMBERS.EINVAL) throw notRecursive(path, settings);
  const [from, to] = [posix.resolve("/", path), posix.resolve("/", dest)];
  if (source.kind === "directory" && to.startsWith(`${from}/`)) {
    throw refusal("EINVAL", `cannot copy ${path} to a subdirectory of self ${dest}`, dest);
  }
  yield* mkdir(process, posix.dirname(to), { recursive: true }) as Steps<string | undefined>;
  if (isRefused) throw notRecursive(path, settings);
  yield* copy(process, [path, dest], settings);
}

function notRecursive(path: string, { refusedAs }: Settings): Error {
  return systemError("ERR_FS_EISDIR", {
    prefix: "Path is a directory",
    message: `${path} is a directory (not copied)`,
    syscall: "cp",
    path,
    uv: "EISDIR",
    errno: refusedAs,
  });
}

/** A file is not copied over a directory, nor a directory over a file. */
function requireSameKind(
  { path, kind }: { readonly path: string; readonly kind: FileInfo["kind"] },
  target: { readonly dest: string; readonly kind: FileInfo["kind"] },
): void {
  if (kind === target.kind) return;
  const { dest } = target;
  const words = kind === "file"
    ? `cannot overwrite directory ${dest} with non-directory ${path}`
    : `cannot overwrite non-directory ${dest} with directory ${path}`;
  throw refusal(kind === "file" ? "ENOTDIR" : "EISDIR", words, dest);
}

function* copy(process: NodeProcess, [path, dest]: Pair, settings: Settings): Steps<void> {
  const source = (yield* look(process, path))!;
  const target = yield* look(process, dest, { isOptional: true });
  if (target !== undefined) {
    requireSameKind({ path, kind: source.kind }, { dest, kind: target.kind });
  }
  if (source.kind === "file") {
    if (target !== undefined && !settings.force) {
      if (settings.errorOnExist) throw refusal("EEXIST", `${dest} already exists`, dest);
      return;
    }
    return yield* copyFile(process, path, dest, settings.mode);
  }
  if (target === undefined) yield* mkdir(process, dest) as Step<undefined>;
  const names = yield* new Step(
    () => `list "${path}"`,
    () => namesIn(process, path, "scandir"),
  );
  for (const name of names) {
    const pair = [posix.join(path, name), posix.join(dest, name)] as const;
    if (settings.filter === undefined || settings.filter(...pair)) {
      yield* copy(process, pair, settings);
    }
  }
}

function look(
  process: NodeProcess,
  path: string,
  { isOptional = false } = {},
): Step<FileInfo | undefined> {
  return new Step(() => `stat "${path}"`, () => {
    try {
      return process.stat(path, "lstat");
    } catch (error) {
      if (isOptional && isUv(error, "ENOENT")) return undefined;
      throw error;
    }
  });
}

const CODES = {
  EEXIST: ["ERR_FS_CP_EEXIST", "Target already exists"],
  EINVAL: ["ERR_FS_CP_EINVAL", "Invalid src or dest"],
  EISDIR: ["ERR_FS_CP_DIR_TO_NON_DIR", "Cannot overwrite non-directory with directory"],
  ENOTDIR: ["ERR_FS_CP_NON_DIR_TO_DIR", "Cannot overwrite directory with non-directory"],
} as const;

function refusal(uv: keyof typeof NUMBERS, message: string, path: string): Error {
  const [code, prefix] = CODES[uv];
  return systemError(code, { prefix, message, syscall: "cp", path, uv, errno: NUMBERS[uv] });
}
