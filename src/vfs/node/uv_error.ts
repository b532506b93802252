/**
 * The errors of the operating system, as Node words them: `ENOENT: no such file or directory, open
 * '/a'`, with `errno`, `code`, `syscall`, `path` and `dest`.
 *
 * @module
 */
import { FileSystemError } from "../file_system.ts";

/** Number and meaning of each error on Linux, as libuv has them. */
const ERRORS = {
  EACCES: [13, "permission denied"],
  EBADF: [9, "bad file descriptor"],
  EBUSY: [16, "resource busy or locked"],
  EEXIST: [17, "file already exists"],
  EINTR: [4, "interrupted system call"],
  EINVAL: [22, "invalid argument"],
  EIO: [5, "i/o error"],
  EISDIR: [21, "illegal operation on a directory"],
  EMFILE: [24, "too many open files"],
  ENAMETOOLONG: [36, "name too long"],
  ENOENT: [2, "no such file or directory"],
  ENOSPC: [28, "no space left on device"],
  ENOTDIR: [20, "not a directory"],
  ENOTEMPTY: [39, "directory not empty"],
  EPERM: [1, "operation not permitted"],
  EROFS: [30, "read-only file system"],
} as const;

/** The name of an error of the operating system. */
export type UvCode = keyof typeof ERRORS;

/** What an error tells besides its code. */
export interface UvCall {
  readonly syscall: string;
  readonly path?: string | undefined;
  readonly dest?: string | undefined;
}

/** An error of the operating system, as `node:fs` throws it. */
export interface UvError extends Error {
  errno: number;
  code: UvCode;
  syscall: string;
  path?: string;
  dest?: string;
}

/** Makes an error of the operating system. */
export function uvError(code: UvCode, { syscall, path, dest }: UvCall): UvError {
  const [number, meaning] = ERRORS[code];
  const from = path === undefined ? "" : ` '${path}'`;
  const to = dest === undefined ? "" : ` -> '${dest}'`;
  const error = new Error(`${code}: ${meaning}, ${syscall}${from}${to}`) as UvError;
  error.errno = -number;
  error.code = code;
  error.syscall = syscall;
  if (path !== undefined) error.path = path;
  if (dest !== undefined) error.dest = dest;
  return error;
}

/** Whether an error is one of the operating system. */
export function isSystemCall(error: unknown): error is UvError {
  return error instanceof Error && "syscall" in error;
}

/** Whether an error is one of the operating system, with one of these codes. */
export function isUv(error: unknown, ...codes: UvCode[]): error is UvError {
  return isSystemCall(error) && codes.includes(error.code);
}

/**
 * Makes a call on the disk, and words its errors as Node does. An interrupted call is made again,
 * as libuv does for all but reading and closing.
 */
export function attempt<T>(call: UvCall, make: () => T): T {
  for (;;) {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      const isRetried = error.code === "EINTR" && call.syscall !== "read" &&
        call.syscall !== "close";
      if (isRetried) continue;
      const worded = uvError(error.code, call);
      worded.cause = error;
      throw worded;
    }
  }
}
