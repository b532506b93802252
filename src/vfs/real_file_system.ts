/**
 * The real disk behind the seam.
 *
 * METHOD. A handle is a file descriptor of the host. Each read is one `pread` and each write one
 * `pwrite` (`write` when appending); a short count goes to the caller as it is, nothing is retried
 * and nothing is buffered. A write of a handle opened with `sync: true` is followed by `fdatasync`.
 * Each call on names is the system call of the same name. What a power loss does is up to the host.
 *
 * The host is not asked where its answer depends on the host or on the permissions of the process
 * (the runtime cleans paths when it has to check them): `.`, `..` and trailing slashes, offsets,
 * options that contradict each other, and calls that a handle was not opened for.
 *
 * Not modelled: symbolic links. They are followed, also where they lead out of the root.
 *
 * @module
 */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "@std/path";
import {
  type ErrorCode,
  type FileHandle,
  type FileInfo,
  FileSystemError,
  type OpenOptions,
} from "./file_system.ts";
import { Shimmed, type ShimmedFileSystem } from "./shimmed_file_system.ts";

/** How {@linkcode RealFileSystem} finds its files on the host. */
export interface RealFileSystemOptions {
  /**
   * The host directory that `/` stands for; `..` does not lead out of it. Default: paths are paths
   * of the host.
   */
  readonly root?: string;
}

/**
 * The disk of this machine. Needs permission to read and write the paths that are used; a missing
 * permission is reported by the runtime's own error, not by a {@linkcode FileSystemError}.
 *
 * @example
 * ```ts
 * import { RealFileSystem, writeFully } from "../../mod.ts";
 *
 * const root = Deno.makeTempDirSync();
 * const fs = new RealFileSystem({ root });
 * const file = fs.open("/log", { write: true, create: true });
 * writeFully(file, new TextEncoder().encode("hello"), 0);
 * file.sync();
 * file.close();
 * console.log(fs.list("/"), fs.stat("/log").size); // [ "log" ] 5
 * Deno.removeSync(root, { recursive: true });
 * ```
 */
export class RealFileSystem extends Shimmed implements ShimmedFileSystem {
  readonly #root: string | undefined;

  /**
   * Stands a file system on the real disk.
   *
   * @param options Where on the host its files are.
   * @throws {TypeError} When `root` is empty.
   */
  constructor(options: RealFileSystemOptions = {}) {
    super();
    if (options.root === "") throw new TypeError("Cannot use the root: current value is empty");
    this.#root = options.root?.replace(/\/+$/, "");
  }

  /**
   * Opens a file, or a directory (for reading only, in order to sync it).
   *
   * @param path The path.
   * @param options How to open it.
   * @returns The handle.
   * @throws {FileSystemError} `ENOENT`, `EEXIST`, `EISDIR`, `ENOTDIR`, or `EINVAL` for options that
   * contradict each other.
   */
  open(path: string, options: OpenOptions = {}): FileHandle {
    const { append = false, createNew = false, truncate = false, sync = false } = options;
    const create = createNew || (options.create ?? false);
    const write = append || (options.write ?? false);
    const read = options.read ?? !write;
    const contradiction = !read && !write || !write && (create || truncate) ||
      append && truncate && !createNew;
    if (contradiction) throw new FileSystemError("EINVAL", "open", path);
    const { host, mustBeDirectory } = this.#resolve("open", path);
    if (mustBeDirectory) {
      const kind = kindOf("open", path, host);
      if (kind === "nothing") {
        const isFree = create && kindOf("open", path, dirname(host)) === "directory";
        throw new FileSystemError(isFree ? "EISDIR" : "ENOENT", "open", path);
      }
      if (createNew) throw new FileSystemError("EEXIST", "open", path);
      if (kind === "file") throw new FileSystemError("ENOTDIR", "open", path);
    }
    let flags = write ? (read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
    if (append) flags |= constants.O_APPEND;
    if (create) flags |= constants.O_CREAT;
    if (createNew) flags |= constants.O_EXCL;
    if (truncate) flags |= constants.O_TRUNC;
    const fd = attempt("open", path, () => openSync(host, flags));
    return new RealFile(fd, path, { read, write, append, sync });
  }

  /**
   * Creates a directory; its parent must exist.
   *
   * @param path The path.
   * @throws {FileSystemError} `EEXIST`, `ENOENT`, `ENOTDIR`.
   */
  mkdir(path: string): void {
    const { host, isName } = this.#resolve("mkdir", path);
    if (!isName && kindOf("mkdir", path, host) === "nothing") {
      throw new FileSystemError("ENOENT", "mkdir", path);
    }
    attempt("mkdir", path, () => Deno.mkdirSync(host));
  }

  /**
   * The names in a directory, without `.` and `..`, sorted by UTF-16 code unit.
   *
   * @param path The path.
   * @returns The names.
   * @throws {FileSystemError} `ENOENT`, `ENOTDIR`.
   */
  list(path: string): string[] {
    const { host } = this.#resolve("list", path);
    return attempt("list", path, () => Array.from(Deno.readDirSync(host), ({ name }) => name))
      .sort();
  }

  /**
   * Kind, size and inode of a path.
   *
   * @param path The path.
   * @returns The facts.
   * @throws {FileSystemError} `ENOENT`, `ENOTDIR`.
   */
  stat(path: string): FileInfo {
    const { host, mustBeDirectory } = this.#resolve("stat", path);
    const { isDirectory, size, ino } = attempt("stat", path, () => Deno.statSync(host));
    if (mustBeDirectory && !isDirectory) throw new FileSystemError("ENOTDIR", "stat", path);
    const inode = ino ?? 0;
    return isDirectory ? { kind: "directory", size: 0, inode } : { kind: "file", size, inode };
  }

  /**
   * Gives the file or directory at `from` the name `to`, replacing a file, or an empty directory
   * by a directory. Does nothing when both names are links of one file.
   *
   * @param from The path now.
   * @param to The new path, on the same disk.
   * @throws {FileSystemError} `ENOENT`, `EISDIR`, `ENOTDIR`, `ENOTEMPTY`, or `EINVAL` when a
   * directory would move into itself, or a path is the root or ends with `.` or `..`.
   */
  rename(from: string, to: string): void {
    const [source, target] = [this.#resolve("rename", from), this.#resolve("rename", to)];
    if (!source.isName) throw new FileSystemError("EINVAL", "rename", from);
    if (!target.isName) throw new FileSystemError("EINVAL", "rename", to);
    const mustBeDirectory = source.mustBeDirectory || target.mustBeDirectory;
    if (mustBeDirectory && kindOf("rename", from, source.host) === "file") {
      const isTargetLost = kindOf("rename", to, dirname(target.host)) === "nothing";
      throw new FileSystemError(isTargetLost ? "ENOENT" : "ENOTDIR", "rename", from);
    }
    attemptOnTwo("rename", [from, source.host], [to, target.host], Deno.renameSync);
  }

  /**
   * Gives the file at `existing` one more name, `created` (a hard link).
   *
   * @param existing A path of the file.
   * @param created The new path, on the same disk.
   * @throws {FileSystemError} `ENOENT`, `EEXIST`, `ENOTDIR`, `EPERM` for a directory.
   */
  link(existing: string, created: string): void {
    const [source, target] = [this.#resolve("link", existing), this.#resolve("link", created)];
    const kind = kindOf("link", existing, source.host);
    if (kind === "nothing") throw new FileSystemError("ENOENT", "link", existing);
    if (kind === "file" && source.mustBeDirectory) {
      throw new FileSystemError("ENOTDIR", "link", existing);
    }
    if (target.mustBeDirectory && kindOf("link", created, target.host) === "nothing") {
      throw new FileSystemError("ENOENT", "link", created);
    }
    attemptOnTwo("link", [existing, source.host], [created, target.host], Deno.linkSync);
  }

  /**
   * Removes a name of a file, or an empty directory.
   *
   * @param path The path.
   * @throws {FileSystemError} `ENOENT`, `ENOTDIR`, `ENOTEMPTY`, or `EINVAL` for the root and for a
   * path that ends with `.` or `..`.
   */
  remove(path: string): void {
    const { host, isName, mustBeDirectory } = this.#resolve("remove", path);
    if (!isName) throw new FileSystemError("EINVAL", "remove", path);
    if (mustBeDirectory && kindOf("remove", path, host) === "file") {
      throw new FileSystemError("ENOTDIR", "remove", path);
    }
    attempt("remove", path, () => Deno.removeSync(host));
  }

  /** Finds the path on the host, without `.`, `..` and empty names. */
  #resolve(op: string, path: string): HostPath {
    if (path === "") throw new FileSystemError("ENOENT", op, path);
    const isRelative = this.#root === undefined && !path.startsWith("/");
    const parts = (isRelative ? `${Deno.cwd()}/${path}` : path).split("/");
    const names: string[] = [];
    for (const part of parts) {
      if (part === "" || part === ".") continue;
      if (part !== "..") {
        names.push(part);
        continue;
      }
      const host = `${this.#root ?? ""}/${names.join("/")}`;
      const { isDirectory } = attempt(op, path, () => Deno.statSync(host));
      if (!isDirectory) throw new FileSystemError("ENOTDIR", op, path);
      names.pop();
    }
    const last = parts.findLast((part) => part !== "");
    return {
      host: `${this.#root ?? ""}/${names.join("/")}`,
      isName: last !== undefined && last !== "." && last !== "..",
      mustBeDirectory: parts.at(-1) !== last || last === "." || last === "..",
    };
  }
}

/** A path, as the host is asked for it. */
interface HostPath {
  readonly host: string;
  /** Its last part is a name that can be given and taken away: not `.`, not `..`, not the root. */
  readonly isName: boolean;
  /** It ends with a slash, `.` or `..`, so that only a directory will do. */
  readonly mustBeDirectory: boolean;
}

/** How a handle was opened, with the defaults filled in. */
interface Access {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  readonly sync: boolean;
}

/** An open file or directory of the host. */
class RealFile implements FileHandle {
  #fd: number;
  readonly #path: string;
  readonly #access: Access;

  constructor(fd: number, path: string, access: Access) {
    this.#fd = fd;
    this.#path = path;
    this.#access = access;
  }

  read(into: Uint8Array, offset: number): number {
    this.#check("read", this.#access.read);
    if (!isLength(offset)) throw new FileSystemError("EINVAL", "read", this.#path);
    try {
      if (into.length > 0) return readSync(this.#fd, into, 0, into.length, offset);
      // The runtime answers 0 to a read of no bytes without asking the host.
      if (!fstatSync(this.#fd).isDirectory()) return 0;
    } catch (cause) {
      throw asFileSystemError(cause, "read", this.#path);
    }
    throw new FileSystemError("EISDIR", "read", this.#path);
  }

  write(bytes: Uint8Array, offset?: number): number {
    const { write, append, sync } = this.#access;
    this.#check("write", write);
    if (!append && !isLength(offset)) throw new FileSystemError("EINVAL", "write", this.#path);
    try {
      const done = writeSync(this.#fd, bytes, 0, bytes.length, append ? null : offset!);
      if (sync) fdatasyncSync(this.#fd);
      return done;
    } catch (cause) {
      throw asFileSystemError(cause, "write", this.#path);
    }
  }

  size(): number {
    this.#check("size");
    const info = attempt("size", this.#path, () => fstatSync(this.#fd));
    return info.isDirectory() ? 0 : info.size;
  }

  truncate(size: number): void {
    this.#check("truncate");
    if (!this.#access.write || !isLength(size)) {
      throw new FileSystemError("EINVAL", "truncate", this.#path);
    }
    attempt("truncate", this.#path, () => ftruncateSync(this.#fd, size));
  }

  sync(): void {
    this.#check("sync");
    attempt("sync", this.#path, () => fsyncSync(this.#fd));
  }

  syncData(): void {
    this.#check("syncData");
    attempt("syncData", this.#path, () => fdatasyncSync(this.#fd));
  }

  close(): void {
    this.#check("close");
    const fd = this.#fd;
    // The host may give the number to another file at once, even when closing fails.
    this.#fd = CLOSED;
    attempt("close", this.#path, () => closeSync(fd));
  }

  #check(op: string, allowed = true): void {
    if (this.#fd === CLOSED || !allowed) throw new FileSystemError("EBADF", op, this.#path);
  }
}

const CLOSED = -1;

/** What the host says, and what the seam calls it. */
const CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ["EACCES", "EPERM"],
  ["EBADF", "EBADF"],
  ["EBUSY", "EINVAL"],
  ["EDQUOT", "ENOSPC"],
  ["EEXIST", "EEXIST"],
  ["EINTR", "EINTR"],
  ["EINVAL", "EINVAL"],
  ["EIO", "EIO"],
  ["EISDIR", "EISDIR"],
  ["ELOOP", "EINVAL"],
  ["EMFILE", "EMFILE"],
  ["ENAMETOOLONG", "EINVAL"],
  ["ENFILE", "EMFILE"],
  ["ENOENT", "ENOENT"],
  ["ENOSPC", "ENOSPC"],
  ["ENOTDIR", "ENOTDIR"],
  ["ENOTEMPTY", "ENOTEMPTY"],
  ["EPERM", "EPERM"],
  ["EROFS", "EROFS"],
  ["ERR_INVALID_ARG_VALUE", "EINVAL"],
  ["EXDEV", "EINVAL"],
]);

/** The runtime has no code for EFBIG. */
const FILE_TOO_LARGE = /\(os error 27\)/;

function attempt<T>(op: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw asFileSystemError(cause, op, path);
  }
}

/** Makes a call on two paths, each with its host path, and blames the one at fault. */
function attemptOnTwo(
  op: string,
  [first, hostFirst]: readonly [string, string],
  [second, hostSecond]: readonly [string, string],
  call: (first: string, second: string) => void,
): void {
  try {
    call(hostFirst, hostSecond);
  } catch (cause) {
    const error = asFileSystemError(cause, op, first);
    if (!(error instanceof FileSystemError)) throw error;
    const isSecond = error.code === "EEXIST" ||
      (error.code === "ENOENT" || error.code === "ENOTDIR") && exists(hostFirst);
    throw isSecond ? asFileSystemError(cause, op, second) : error;
  }
}

/** What is at a path of the host, when the way to it leads through directories only. */
function kindOf(op: string, path: string, host: string): "file" | "directory" | "nothing" {
  try {
    return Deno.statSync(host).isDirectory ? "directory" : "file";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "nothing";
    throw asFileSystemError(error, op, path);
  }
}

function exists(host: string): boolean {
  try {
    Deno.statSync(host);
    return true;
  } catch {
    return false;
  }
}

function asFileSystemError(cause: unknown, op: string, path: string): unknown {
  if (!(cause instanceof Error) || cause instanceof Deno.errors.NotCapable) return cause;
  const hostCode = "code" in cause ? String(cause.code) : "";
  const code = CODES.get(hostCode) ?? (FILE_TOO_LARGE.test(cause.message) ? "ENOSPC" : "EIO");
  const error = new FileSystemError(code, op, path);
  error.cause = cause;
  return error;
}

function isLength(value: number | undefined): boolean {
  return Number.isSafeInteger(value) && value! >= 0;
}
