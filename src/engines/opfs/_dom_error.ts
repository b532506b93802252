/**
 * The errors of the API, for what the disk refuses.
 *
 * @module
 */
import { type ErrorCode, FileSystemError } from "../../vfs/file_system.ts";

/** The names of the exceptions that the API throws. */
export type DomErrorName =
  | "InvalidModificationError"
  | "InvalidStateError"
  | "NoModificationAllowedError"
  | "NotFoundError"
  | "QuotaExceededError"
  | "SyntaxError"
  | "TypeMismatchError";

/** An exception of the API. */
export function domError(name: DomErrorName, message: string): DOMException {
  return new DOMException(message, name);
}

/** What the API calls what the disk has refused; everything else it calls an invalid state. */
const NAMES: Readonly<Partial<Record<ErrorCode, DomErrorName>>> = {
  EISDIR: "TypeMismatchError",
  ENOENT: "NotFoundError",
  ENOSPC: "QuotaExceededError",
  ENOTDIR: "NotFoundError",
  ENOTEMPTY: "InvalidModificationError",
};

/** Carries out calls of the disk, and says in the words of the API what it refuses. */
export function translated<T>(carryOut: () => T): T {
  try {
    return carryOut();
  } catch (error) {
    // Only a process that was killed meanwhile has handles that are no good.
    if (!(error instanceof FileSystemError) || error.code === "EBADF") throw error;
    if (error.code === "EINVAL") throw new TypeError(error.message);
    throw domError(NAMES[error.code] ?? "InvalidStateError", error.message);
  }
}

/** Refuses what the real API has and the simulation has not. */
export function notSimulated(what: string): never {
  throw new Error(`not simulated: ${what}`);
}
