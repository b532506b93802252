/**
 * `fs.cp`: copies a file, or a directory with all that is in it.
 *
 * @module
 */
import { posix } from "node:path";
import type { FileInfo } from "../file_system.ts";
import { systemError } from "./argument_error.ts";
import { booleanOf, type CallOptions, diskPath, objectOf, pathOf } from "./arguments.ts";
import type { NodeProcess } from "./node_process.ts";
import { Step, type Steps } from "./step.ts";
import { mkdir } from "./tree_operations.ts";
import { attempt, isUv } from "./uv_error.ts";
import { copyFile } from "./whole_file_operations.ts";

/** Which of the things on the way are copied, and what becomes of those that are there. */
interface Settings {
  readonly recursive: boolean;
  readonly force: boolean;
  readonly errorOnExist: boolean;
  readonly filter: ((source: string, target: string) => unknown) | undefined;
  readonly mode: unknown;
}

/** Copies a file or a tree. */
export function cp(
  process: NodeProcess,
  source: unknown,
  target: unknown,
  options?: unknown,
): Steps<void> {
  const given: CallOptions = objectOf(options);
  const [path, dest] = [pathOf(source, "src"), pathOf(target, "dest")];
  return begin(process, [path, dest], {
    recursive: booleanOf(given.recursive, "options.recursive"),
    force: booleanOf(given.force, "options.force", true),
    errorOnExist: booleanOf(given.errorOnExist, "options.errorOnExist"),
    filter: given.filter as Settings["filter"],
    mode: given.mode,
  });
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
  if (source.kind === "directory" && !settings.recursive) {
    throw refusal("EISDIR", `${path} is a directory (not copied)`, path);
  }
  const [from, to] = [posix.resolve("/", path), posix.resolve("/", dest)];
  if (source.kind === "directory" && to.startsWith(`${from}/`)) {
    throw refusal("EINVAL", `cannot copy ${path} to a subdirectory of self ${dest}`, dest);
  }
  yield* mkdir(process, posix.dirname(to), { recursive: true }) as Steps<string | undefined>;
  yield* copy(process, [path, dest], settings);
}

function* copy(process: NodeProcess, [path, dest]: Pair, settings: Settings): Steps<void> {
  const source = (yield* look(process, path))!;
  const target = yield* look(process, dest, { isOptional: true });
  if (source.kind === "file") {
    if (target?.kind === "directory") {
      throw refusal(
        "EISDIR",
        `cannot overwrite directory ${dest} with non-directory ${path}`,
        dest,
      );
    }
    if (target !== undefined && !settings.force) {
      if (settings.errorOnExist) throw refusal("EEXIST", `${dest} already exists`, dest);
      return;
    }
    return yield* copyFile(process, path, dest, settings.mode);
  }
  if (target?.kind === "file") {
    throw refusal("ENOTDIR", `cannot overwrite non-directory ${dest} with directory ${path}`, dest);
  }
  if (target === undefined) yield* mkdir(process, dest) as Step<undefined>;
  const names = yield* new Step(
    () => `list "${path}"`,
    () => attempt({ syscall: "scandir", path }, () => process.fs.list(diskPath(path))),
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

const NUMBERS = { EEXIST: 17, EINVAL: 22, EISDIR: 21, ENOTDIR: 20 } as const;
const CODES = {
  EEXIST: ["ERR_FS_CP_EEXIST", "Target already exists"],
  EINVAL: ["ERR_FS_CP_EINVAL", "Invalid src or dest"],
  EISDIR: ["ERR_FS_EISDIR", "Recursive option not enabled, cannot copy a directory"],
  ENOTDIR: ["ERR_FS_CP_DIR_TO_NON_DIR", "Cannot overwrite non-directory with directory"],
} as const;

function refusal(uv: keyof typeof NUMBERS, message: string, path: string): Error {
  const isOver = uv === "EISDIR" && message.startsWith("cannot overwrite");
  const [code, prefix] = isOver
    ? ["ERR_FS_CP_NON_DIR_TO_DIR", "Cannot overwrite directory with non-directory"] as const
    : CODES[uv];
  return systemError(code, { prefix, message, syscall: "cp", path, uv, errno: NUMBERS[uv] });
}
