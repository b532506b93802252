/**
 * The seam: what a log may ask of a disk. Two implementations stand behind it, the simulated disk
 * ({@linkcode SimulatedFileSystem}) and the real one ({@linkcode RealFileSystem}), and one
 * conformance suite runs on both.
 *
 * METHOD. Every call is synchronous and behaves as POSIX says the call of the same name behaves.
 * A write goes to the page cache and a read sees the page cache. Only `sync`, `syncData` and the
 * writes of a handle opened with `sync: true` are barriers. Closing, renaming and removing are not.
 * Not modelled: permissions, symbolic links, sparse-hole queries, memory mapping, file locks.
 *
 * @module
 */

/** The error names of POSIX that a {@linkcode FileSystem} may report. */
export type ErrorCode =
  | "EBADF"
  | "EEXIST"
  | "EINTR"
  | "EINVAL"
  | "EIO"
  | "EISDIR"
  | "EMFILE"
  | "ENOENT"
  | "ENOSPC"
  | "ENOTDIR"
  | "ENOTEMPTY"
  | "EPERM"
  | "EROFS";

/**
 * A file-system call failed as POSIX says it may.
 *
 * @example
 * ```ts
 * import { FileSystemError } from "../../mod.ts";
 *
 * const error = new FileSystemError("ENOENT", "open", "/log/1");
 * console.log(error.message); // open "/log/1": ENOENT, no such file or directory
 * ```
 */
export class FileSystemError extends Error {
  /** Always `"FileSystemError"`. */
  override readonly name = "FileSystemError";
  /** The POSIX error name, for example `"ENOENT"`. */
  readonly code: ErrorCode;
  /** The call that failed, for example `"open"`. */
  readonly op: string;
  /** The path that the call was about. */
  readonly path: string;

  /**
   * Describes one failed call.
   *
   * @param code The POSIX error name.
   * @param op The call that failed.
   * @param path The path that the call was about.
   */
  constructor(code: ErrorCode, op: string, path: string) {
    super(`${op} "${path}": ${code}, ${MEANING[code]}`);
    this.code = code;
    this.op = op;
    this.path = path;
  }
}

const MEANING: Readonly<Record<ErrorCode, string>> = {
  EBADF: "the handle is closed or was not opened for this call",
  EEXIST: "the name exists already",
  EINTR: "interrupted",
  EINVAL: "invalid argument",
  EIO: "input/output error",
  EISDIR: "is a directory",
  EMFILE: "too many open files",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "the directory is not empty",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
};

/** How {@linkcode FileSystem.open} opens a path. Without options it opens for reading only. */
export interface OpenOptions {
  /** Reads are allowed. Default: `true` unless `write` or `append` is set. */
  readonly read?: boolean;
  /** Writes and truncation are allowed. */
  readonly write?: boolean;
  /** Every write goes to the end of the file as it is at that moment (`O_APPEND`). Implies `write`. */
  readonly append?: boolean;
  /** Creates the file when the name does not exist. Needs `write` or `append`. */
  readonly create?: boolean;
  /** Creates the file, and fails with `EEXIST` when the name exists. Needs `write` or `append`. */
  readonly createNew?: boolean;
  /** Cuts an existing file to no bytes. Needs `write`, and not `append` unless with `createNew`. */
  readonly truncate?: boolean;
  /** Every write is followed by a barrier on this file before it returns (`O_DSYNC`). */
  readonly sync?: boolean;
}

/** What {@linkcode FileSystem.stat} tells about a path. */
export interface FileInfo {
  /** A file or a directory. */
  readonly kind: "file" | "directory";
  /** Length in bytes; 0 for a directory. */
  readonly size: number;
  /** Number of the inode. Two names with the same number are hard links of one file. */
  readonly inode: number;
}

/**
 * An open file or directory. A handle keeps its inode alive: it goes on working when the name is
 * removed or renamed. Every method throws `EBADF` after {@linkcode FileHandle.close}.
 */
export interface FileHandle {
  /**
   * Reads at `offset`, without a cursor (`pread`).
   *
   * @param into Filled from its start.
   * @param offset Where to read, in bytes from the start of the file.
   * @returns The number of bytes read: less than `into.length` at the end of the file, or when the
   * call is interrupted; 0 at or past the end.
   * @throws {FileSystemError} `EBADF` when not open for reading, `EISDIR` for a directory.
   */
  read(into: Uint8Array, offset: number): number;
  /**
   * Writes at `offset`, without a cursor (`pwrite`). Writing past the end leaves a hole of zeros.
   *
   * @param bytes What to write. The caller may reuse the array as soon as the call returns.
   * @param offset Where to write, in bytes from the start of the file. Ignored (and may be left
   * out) when the handle was opened with `append`.
   * @returns The number of bytes written, which may be less than `bytes.length` (a short write).
   * @throws {FileSystemError} `EBADF` when not open for writing, `EINVAL` for a negative offset.
   */
  write(bytes: Uint8Array, offset?: number): number;
  /**
   * The length of the file in bytes.
   *
   * @throws {FileSystemError} `EBADF` when closed.
   */
  size(): number;
  /**
   * Cuts the file to `size` bytes, or grows it with a hole of zeros (`ftruncate`).
   *
   * @throws {FileSystemError} `EINVAL` when not open for writing or `size` is negative.
   */
  truncate(size: number): void;
  /**
   * The barrier (`fsync`). On a file it makes bytes and size durable; on a directory, its names.
   * It does not make the name of the file durable: for that, sync the directory that holds it.
   */
  sync(): void;
  /** The barrier on data and size only (`fdatasync`). */
  syncData(): void;
  /** Gives the handle back. Not a barrier. */
  close(): void;
}

/**
 * A disk as a log sees it: about ten synchronous calls on paths and handles. A path is a list of
 * names separated by `/`.
 */
export interface FileSystem {
  /**
   * Opens a file, or a directory (for reading only, in order to sync it).
   *
   * @throws {FileSystemError} `ENOENT`, `EEXIST`, `EISDIR`, `ENOTDIR`, or `EINVAL` for options that
   * contradict each other.
   */
  open(path: string, options?: OpenOptions): FileHandle;
  /**
   * Creates a directory; its parent must exist.
   *
   * @throws {FileSystemError} `EEXIST`, `ENOENT`, `ENOTDIR`.
   */
  mkdir(path: string): void;
  /**
   * The names in a directory, without `.` and `..`, sorted by UTF-16 code unit.
   *
   * @throws {FileSystemError} `ENOENT`, `ENOTDIR`.
   */
  list(path: string): string[];
  /**
   * Kind, size and inode of a path.
   *
   * @throws {FileSystemError} `ENOENT`, `ENOTDIR`.
   */
  stat(path: string): FileInfo;
  /**
   * Gives the file or directory at `from` the name `to`, replacing a file, or an empty directory
   * by a directory. Does nothing when both names are links of one file.
   *
   * @throws {FileSystemError} `ENOENT`, `EISDIR`, `ENOTDIR`, `ENOTEMPTY`, or `EINVAL` when a
   * directory would move into itself.
   */
  rename(from: string, to: string): void;
  /**
   * Gives the file at `existing` one more name, `created` (a hard link).
   *
   * @throws {FileSystemError} `ENOENT`, `EEXIST`, `ENOTDIR`, `EPERM` for a directory.
   */
  link(existing: string, created: string): void;
  /**
   * Removes a name of a file, or an empty directory.
   *
   * @throws {FileSystemError} `ENOENT`, `ENOTDIR`, `ENOTEMPTY`.
   */
  remove(path: string): void;
}
