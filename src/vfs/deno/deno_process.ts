/**
 * The process that a shim stands for: it has a disk, a working directory, and names for temporary
 * files.
 *
 * METHOD. A path is taken as it is written when the call is made: a relative one starts from the
 * working directory of that moment. The working directory is a path here and not a directory: it
 * does not move when somebody renames it. It starts as `/`.
 *
 * @module
 */
import {
  type ErrorCode,
  type FileHandle,
  type FileSystem,
  FileSystemError,
  type OpenOptions,
} from "../file_system.ts";
import { parsePath } from "../path.ts";
import { type About, invalidInput, LinuxError } from "./deno_error.ts";

/** A path, as it was given and as the disk is asked for it. */
export interface Place {
  /** As it was given, for errors. */
  readonly given: string;
  /** From the root on; empty when nothing was given. */
  readonly path: string;
}

/** See the METHOD above. */
export class DenoProcess {
  /** The disk. */
  readonly fs: FileSystem;
  /** The working directory, without `.`, `..` and empty names. */
  directory = "/";
  #temporary = 0;

  /** Starts in the root directory of a disk. */
  constructor(fs: FileSystem) {
    this.fs = fs;
  }

  /**
   * Finds the place that a path names.
   *
   * @param path A path or a `file:` URL.
   * @returns The place.
   * @throws {TypeError} When a URL is none of a file.
   */
  locate(path: string | URL): Place {
    const given = typeof path === "string" ? path : path instanceof URL ? fromUrl(path) : `${path}`;
    if (given === "" || given.startsWith("/")) return { given, path: given };
    return { given, path: `${this.directory === "/" ? "" : this.directory}/${given}` };
  }

  /** The name that the next temporary file or directory is tried with, without its affixes. */
  nextTemporaryName(): string {
    return (++this.#temporary).toString(16).padStart(16, "0");
  }

  /**
   * Opens what is at a path.
   *
   * @param path From the root on.
   * @param options How.
   * @returns The handle.
   * @throws {FileSystemError | LinuxError} As Linux reports it.
   */
  open(path: string, options: OpenOptions): FileHandle {
    try {
      return this.fs.open(path, options);
    } catch (error) {
      if (
        !(options.create || options.createNew) || !isAnyOf(error, "EEXIST", "EISDIR", "ENOTDIR")
      ) {
        throw error;
      }
      this.requireWay(path);
      throw path.endsWith("/") && this.#isThere(path.replace(/\/+$/, ""))
        ? new LinuxError("EISDIR")
        : error;
    }
  }

  /**
   * Looks at what leads to a path that ends in `.` or `..`, after a call has failed: Linux walks it
   * before it says what is wrong with the end, the seam does not.
   *
   * @param path The path.
   * @throws {FileSystemError} What is wrong with the way.
   */
  requireWay(path: string): void {
    if (/(^|\/)\.\.?\/*$/.test(path)) this.fs.stat(path);
  }

  #isThere(path: string): boolean {
    try {
      this.fs.stat(path);
      return true;
    } catch (error) {
      if (error instanceof FileSystemError) return false;
      throw error;
    }
  }
}

/** Whether the disk has refused a call for one of these reasons. */
export function isAnyOf(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  return error instanceof FileSystemError && codes.includes(error.code);
}

/**
 * Refuses paths that the system cannot be asked for.
 *
 * @param about What the call is doing.
 * @param places What it is about.
 * @throws {TypeError} When a NUL is in one of them.
 */
export function requirePaths(about: About, ...places: readonly Place[]): void {
  for (const { given } of places) {
    if (given.includes("\0")) {
      throw invalidInput("file name contained an unexpected NUL byte", about);
    }
  }
}

/** A path from the root on, without `.`, `..` and empty names. */
export function normalized(path: string): string {
  const names: string[] = [];
  for (const name of parsePath(path).names) {
    if (name === "..") names.pop();
    else names.push(name);
  }
  return `/${names.join("/")}`;
}

function fromUrl(url: URL): string {
  if (url.protocol !== "file:") throw new TypeError("Must be a file URL");
  if (url.hostname !== "") throw new TypeError("Host must be empty");
  return decodeURIComponent(url.pathname.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
}
