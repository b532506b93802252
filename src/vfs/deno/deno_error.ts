/**
 * The errors of the `Deno` namespace: the classes, messages and codes that Deno 2.9.6 gives on Linux.
 *
 * METHOD. A call that fails on the disk says why (`No such file or directory (os error 2)`), and a
 * call on a path also says what it was doing (`: open 'x'`); a call on an open file does not. Three
 * kinds of errors have a class of `Deno.errors`, invalid arguments are a `TypeError`, and the rest
 * is a plain `Error`: see {@linkcode MEANINGS}. Everything that reached the system has a `code`.
 *
 * @module
 */
import { type ErrorCode, FileSystemError } from "../file_system.ts";

/** The POSIX errors that a call may end with; the seam knows no `EBUSY`, Linux does. */
export type HostCode = ErrorCode | "EBUSY";

/** A call failed as Linux says it may, in a way that the seam tells otherwise or not at all. */
export class LinuxError extends Error {
  /** The error name. */
  readonly code: HostCode;

  /** An error that is translated before anybody sees it. */
  constructor(code: HostCode) {
    super(code);
    this.code = code;
  }
}

/** What a system call is about, in the words of its error: nothing for a call on an open file. */
export type About = () => string;

interface Meaning {
  readonly number: number;
  readonly text: string;
  /** The class; a plain `Error` where Deno has none. */
  readonly type?: keyof typeof Deno.errors | "TypeError";
}

const MEANINGS: Readonly<Record<HostCode, Meaning>> = {
  EBADF: { number: 9, text: "Bad file descriptor" },
  EBUSY: { number: 16, text: "Device or resource busy" },
  EEXIST: { number: 17, text: "File exists", type: "AlreadyExists" },
  EINTR: { number: 4, text: "Interrupted system call", type: "Interrupted" },
  EINVAL: { number: 22, text: "Invalid argument", type: "TypeError" },
  EIO: { number: 5, text: "Input/output error" },
  EISDIR: { number: 21, text: "Is a directory", type: "IsADirectory" },
  EMFILE: { number: 24, text: "Too many open files" },
  ENOENT: { number: 2, text: "No such file or directory", type: "NotFound" },
  ENOSPC: { number: 28, text: "No space left on device" },
  ENOTDIR: { number: 20, text: "Not a directory", type: "NotADirectory" },
  ENOTEMPTY: { number: 39, text: "Directory not empty" },
  EPERM: { number: 1, text: "Operation not permitted", type: "PermissionDenied" },
  EROFS: { number: 30, text: "Read-only file system" },
};

/**
 * The error of a system call.
 *
 * @param code Why it failed.
 * @param about What it was doing.
 * @returns What Deno throws.
 */
export function denoError(code: HostCode, about?: About): Error {
  const { number, text, type } = MEANINGS[code];
  const message = labelled(`${text} (os error ${number})`, about);
  if (type === "TypeError") return withCode(new TypeError(message), code);
  return withCode(type === undefined ? new Error(message) : new Deno.errors[type](message), code);
}

/**
 * The error of a call whose arguments no system call was made for.
 *
 * @param text What is wrong with them.
 * @param about What the call was doing.
 * @returns What Deno throws.
 */
export function invalidInput(text: string, about?: About): TypeError {
  return withCode(new TypeError(labelled(text, about)), "EINVAL");
}

/** The error of a call on a file that is closed. */
export function badResource(): Error {
  return new Deno.errors.BadResource("Bad resource ID");
}

/**
 * Makes calls on the disk, and translates their errors.
 *
 * @param call The calls.
 * @param about What they are doing.
 * @returns What they return.
 * @throws {Error} The error of Deno for a {@linkcode FileSystemError} or {@linkcode LinuxError}; any other error as it is.
 */
export function attempt<T>(call: () => T, about?: About): T {
  try {
    return call();
  } catch (error) {
    throw isOfDisk(error) ? denoError(error.code, about) : error;
  }
}

function isOfDisk(error: unknown): error is FileSystemError | LinuxError {
  return error instanceof FileSystemError || error instanceof LinuxError;
}

/**
 * Makes a call again as long as a signal interrupts it, as the runtime does with most of its calls.
 *
 * @param call The call.
 * @returns What it returns.
 */
export function persist<T>(call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof FileSystemError && error.code === "EINTR")) throw error;
    }
  }
}

/** A member of the namespace, or of a file, that must not be reached. */
export function refused(name: string): Error {
  return new Error(`not simulated: Deno.${name}`);
}

function labelled(text: string, about?: About): string {
  return about === undefined ? text : `${text}: ${about()}`;
}

function withCode<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code });
}
