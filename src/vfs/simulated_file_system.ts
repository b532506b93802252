/**
 * The simulated disk as a {@linkcode FileSystem}: paths, handles and the errors of POSIX on top of
 * {@linkcode Disk}, which knows what a write, a barrier and a power loss do.
 *
 * @module
 */

import { Disk, type DiskOptions, MAX_FILE_BYTES, ROOT } from "./disk.ts";
import {
  type ErrorCode,
  type FileHandle,
  type FileInfo,
  type FileSystem,
  FileSystemError,
  type OpenOptions,
} from "./file_system.ts";
import { parsePath } from "./path.ts";

/** The process that the handles belong to. */
interface Process {
  alive: boolean;
  /** The length of the trace at which it is killed. */
  killedAt: number;
}

/** How a handle was opened, with the defaults filled in. */
interface Access {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  readonly sync: boolean;
}

/**
 * A file system on a simulated disk. Starts with an empty root directory, which is durable.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem } from "../../mod.ts";
 *
 * const fs = new SimulatedFileSystem({ sectorBytes: 4096 });
 * fs.mkdir("/log");
 * console.log(fs.list("/")); // [ "log" ]
 * ```
 */
export class SimulatedFileSystem implements FileSystem {
  /** The disk below. */
  readonly disk: Disk;
  readonly #process: Process = { alive: true, killedAt: Infinity };
  /** Where the last walk ended: the directory, the name in it, and what bears the name (0: nothing). */
  #directory = 0;
  #name = "";
  #inode = 0;
  /** The directories that the walk came through. */
  readonly #above: number[] = [];

  /**
   * Puts a file system on a disk.
   *
   * @param disk A disk, or the options for a new one.
   */
  constructor(disk: Disk | DiskOptions = {}) {
    this.disk = disk instanceof Disk ? disk : new Disk(disk);
  }

  /** Whether the process lives that this file system belongs to. */
  get alive(): boolean {
    return this.#process.alive;
  }

  /**
   * The process is killed: its handles, and every later call through this object, fail with
   * `EBADF`. The page cache stays; put a new file system on the same disk to go on.
   */
  kill(): void {
    this.#process.alive = false;
  }

  /**
   * The process will be killed in the middle of what it does: after `ops` more calls that change
   * the disk or are barriers.
   *
   * @param ops Number of calls.
   */
  killAfter(ops: number): void {
    this.#process.killedAt = this.disk.life.trace.length + ops;
  }

  #mayChange(op: string, path: string): void {
    requireRunning(this.#process, this.disk, op, path);
  }

  /** See {@linkcode FileSystem.open}. */
  open(path: string, options?: OpenOptions): FileHandle {
    const { disk } = this;
    disk.step();
    const access = options === undefined ? READ_ONLY : accessOf(options, path);
    const mustBeDirectory = this.#walk("open", path);
    const inode = this.#inode;
    if (inode === 0) {
      if (!options?.create && !options?.createNew) {
        throw new FileSystemError("ENOENT", "open", path);
      }
      if (mustBeDirectory) throw new FileSystemError("EISDIR", "open", path);
      this.#mayChange("open", path);
      const created = disk.create("file", this.#directory, this.#name, path);
      return new SimulatedHandle(disk, created, path, access, this.#process);
    }
    if (options?.createNew) throw new FileSystemError("EEXIST", "open", path);
    const directory = disk.kind(inode) === "directory";
    if (directory && (access.write || options?.create)) {
      throw new FileSystemError("EISDIR", "open", path);
    }
    if (mustBeDirectory && !directory) throw new FileSystemError("ENOTDIR", "open", path);
    if (options?.truncate && disk.size(inode) > 0) {
      this.#mayChange("open", path);
      disk.truncate(inode, 0, path);
    }
    return new SimulatedHandle(disk, inode, path, access, this.#process);
  }

  /** See {@linkcode FileSystem.mkdir}. */
  mkdir(path: string): void {
    this.disk.step();
    this.#walk("mkdir", path);
    if (this.#inode !== 0) throw new FileSystemError("EEXIST", "mkdir", path);
    if (parsePath(path).dot) throw new FileSystemError("ENOENT", "mkdir", path);
    this.#mayChange("mkdir", path);
    this.disk.create("directory", this.#directory, this.#name, path);
  }

  /** See {@linkcode FileSystem.list}. */
  list(path: string): string[] {
    this.disk.step();
    const inode = this.#existing("list", path);
    if (this.disk.kind(inode) !== "directory") throw new FileSystemError("ENOTDIR", "list", path);
    return this.disk.names(inode);
  }

  /** See {@linkcode FileSystem.stat}. */
  stat(path: string): FileInfo {
    this.disk.step();
    const inode = this.#existing("stat", path);
    const kind = this.disk.kind(inode);
    return { kind, size: kind === "file" ? this.disk.size(inode) : 0, inode };
  }

  /** See {@linkcode FileSystem.rename}. */
  rename(from: string, to: string): void {
    const { disk } = this;
    disk.step();
    const inode = this.#existing("rename", from);
    const [directory, name] = [this.#directory, this.#name];
    const mustBeDirectory = this.#walk("rename", to);
    if (directory === 0 || this.#directory === 0 || parsePath(from).dot || parsePath(to).dot) {
      throw new FileSystemError("EINVAL", "rename", from);
    }
    const isDirectory = disk.kind(inode) === "directory";
    const refuse = (code: ErrorCode): never => {
      throw new FileSystemError(code, "rename", from);
    };
    if (mustBeDirectory && !isDirectory) refuse("ENOTDIR");
    if (isDirectory && this.#passes(to, inode)) refuse("EINVAL");
    const replaced = this.#inode;
    if (replaced !== 0) {
      if (this.#passes(from, replaced)) refuse("ENOTEMPTY");
      if (replaced === inode) return;
      const overDirectory = disk.kind(replaced) === "directory";
      if (isDirectory && !overDirectory) refuse("ENOTDIR");
      if (!isDirectory && overDirectory) refuse("EISDIR");
      if (overDirectory && disk.names(replaced).length > 0) refuse("ENOTEMPTY");
    }
    this.#mayChange("rename", from);
    disk.rename(directory, name, this.#directory, this.#name, from, to);
  }

  /** See {@linkcode FileSystem.link}. */
  link(existing: string, created: string): void {
    this.disk.step();
    const inode = this.#existing("link", existing);
    const mustBeDirectory = this.#walk("link", created);
    if (this.#inode !== 0) throw new FileSystemError("EEXIST", "link", created);
    if (mustBeDirectory) throw new FileSystemError("ENOENT", "link", created);
    if (this.disk.kind(inode) === "directory") throw new FileSystemError("EPERM", "link", existing);
    this.#mayChange("link", existing);
    this.disk.link(inode, this.#directory, this.#name, existing, created);
  }

  /** See {@linkcode FileSystem.remove}. */
  remove(path: string): void {
    const { disk } = this;
    disk.step();
    const inode = this.#existing("remove", path);
    if (this.#directory === 0 || parsePath(path).dot) {
      throw new FileSystemError("EINVAL", "remove", path);
    }
    if (disk.kind(inode) === "directory" && disk.names(inode).length > 0) {
      throw new FileSystemError("ENOTEMPTY", "remove", path);
    }
    this.#mayChange("remove", path);
    disk.remove(this.#directory, this.#name, path);
  }

  /** Walks to a path that must exist; returns what bears the last name. */
  #existing(op: string, path: string): number {
    const mustBeDirectory = this.#walk(op, path);
    if (this.#inode === 0) throw new FileSystemError("ENOENT", op, path);
    if (mustBeDirectory && this.disk.kind(this.#inode) !== "directory") {
      throw new FileSystemError("ENOTDIR", op, path);
    }
    return this.#inode;
  }

  /** Walks to the last name of a path; returns whether only a directory will do there. */
  #walk(op: string, path: string): boolean {
    if (!this.#process.alive) throw new FileSystemError("EBADF", op, path);
    if (path === "") throw new FileSystemError("ENOENT", op, path);
    const { names, directory } = parsePath(path);
    const { disk } = this;
    const above = this.#above;
    above.length = 0;
    this.#directory = 0;
    this.#name = "";
    this.#inode = ROOT;
    for (const name of names) {
      if (this.#inode === 0) throw new FileSystemError("ENOENT", op, path);
      if (disk.kind(this.#inode) !== "directory") throw new FileSystemError("ENOTDIR", op, path);
      if (name === "..") {
        this.#inode = above.pop() ?? ROOT;
        this.#directory = 0;
        continue;
      }
      above.push(this.#inode);
      this.#directory = this.#inode;
      this.#name = name;
      this.#inode = disk.lookup(this.#directory, name);
    }
    return directory;
  }

  /** Whether a path leads through (and beyond) the directory `inode`. */
  #passes(path: string, inode: number): boolean {
    const above: number[] = [];
    let at = ROOT;
    for (const name of parsePath(path).names) {
      if (name === "..") at = above.pop() ?? ROOT;
      else {
        above.push(at);
        at = this.disk.lookup(at, name);
      }
    }
    return above.includes(inode);
  }
}

const READ_ONLY: Access = { read: true, write: false, append: false, sync: false };

/** Kills the process when its time has come: the call fails, and so does every later one. */
function requireRunning(process: Process, disk: Disk, op: string, path: string): void {
  if (disk.life.trace.length < process.killedAt) return;
  process.alive = false;
  throw new FileSystemError("EBADF", op, path);
}

/** Fills in the defaults, and refuses options that contradict each other. */
function accessOf(options: OpenOptions, path: string): Access {
  const { append = false, sync = false, create, createNew, truncate } = options;
  const write = options.write === true || append;
  const read = options.read ?? !write;
  const contradiction = (!read && !write) || (!write && (create || createNew || truncate)) ||
    (append && truncate && !createNew);
  if (contradiction) throw new FileSystemError("EINVAL", "open", path);
  return { read, write, append, sync };
}

/** An open file or directory of the simulated disk. */
class SimulatedHandle implements FileHandle {
  readonly #disk: Disk;
  readonly #inode: number;
  readonly #path: string;
  readonly #access: Access;
  readonly #directory: boolean;
  readonly #boot: number;
  readonly #readable: boolean;
  readonly #process: Process;
  #open = true;

  constructor(disk: Disk, inode: number, path: string, access: Access, process: Process) {
    this.#process = process;
    this.#disk = disk;
    this.#inode = inode;
    this.#path = path;
    this.#access = access;
    this.#directory = disk.kind(inode) === "directory";
    this.#boot = disk.boot;
    this.#readable = access.read;
  }

  read(into: Uint8Array, offset: number): number {
    this.#check("read", this.#readable);
    if (this.#directory) throw new FileSystemError("EISDIR", "read", this.#path);
    if (!isLength(offset)) throw new FileSystemError("EINVAL", "read", this.#path);
    return this.#disk.read(this.#inode, into, offset);
  }

  write(bytes: Uint8Array, offset?: number): number {
    this.#check("write", this.#access.write);
    const at = this.#access.append ? this.#disk.size(this.#inode) : offset;
    if (at === undefined || !isLength(at)) throw new FileSystemError("EINVAL", "write", this.#path);
    if (at + bytes.length > MAX_FILE_BYTES) {
      throw new FileSystemError("ENOSPC", "write", this.#path);
    }
    this.#mayChange("write");
    this.#disk.write(this.#inode, bytes, at, this.#path);
    if (!this.#access.sync) return bytes.length;
    this.#mayChange("write");
    this.#disk.sync(this.#inode, this.#path, "syncData");
    return bytes.length;
  }

  size(): number {
    this.#check("size", true);
    return this.#directory ? 0 : this.#disk.size(this.#inode);
  }

  truncate(size: number): void {
    this.#check("truncate", true);
    if (!this.#access.write || !isLength(size)) {
      throw new FileSystemError("EINVAL", "truncate", this.#path);
    }
    if (size > MAX_FILE_BYTES) throw new FileSystemError("ENOSPC", "truncate", this.#path);
    this.#mayChange("truncate");
    this.#disk.truncate(this.#inode, size, this.#path);
  }

  sync(): void {
    this.#check("sync", true);
    this.#mayChange("sync");
    this.#disk.sync(this.#inode, this.#path);
  }

  syncData(): void {
    this.#check("syncData", true);
    this.#mayChange("syncData");
    this.#disk.sync(this.#inode, this.#path, "syncData");
  }

  close(): void {
    this.#check("close", true);
    this.#open = false;
  }

  #mayChange(op: string): void {
    requireRunning(this.#process, this.#disk, op, this.#path);
  }

  #check(op: string, allowed: boolean): void {
    this.#disk.step();
    if (
      !this.#open || !allowed || !this.#process.alive || this.#boot !== this.#disk.boot
    ) {
      throw new FileSystemError("EBADF", op, this.#path);
    }
  }
}

function isLength(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
