/**
 * The simulated disk as a {@linkcode FileSystem}: paths, handles and the errors of POSIX on top of
 * {@linkcode Disk}, which knows what a write, a barrier and a power loss do.
 *
 * @module
 */

import { Disk, type DiskOptions, MAX_FILE_BYTES, ROOT } from "./disk.ts";
import type { FaultableCall } from "./fault_injector.ts";
import type { CallName, Fault } from "./fault_plan.ts";
import {
  type ErrorCode,
  type FileHandle,
  type FileInfo,
  FileSystemError,
  type OpenOptions,
} from "./file_system.ts";
import { parsePath } from "./path.ts";
import { Shimmed, type ShimmedFileSystem } from "./shimmed_file_system.ts";

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
export class SimulatedFileSystem extends Shimmed implements ShimmedFileSystem {
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
    super();
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

  /**
   * Makes a barrier that the process has not asked for, through no handle of its own: no fault strikes
   * it. Where it `counts`, the process may be killed in it as in a call of its own; else it is killed
   * before the same call as without it.
   *
   * @internal
   */
  impose(inode: number, path: string, { counts }: { readonly counts: boolean }): void {
    const process = this.#process;
    if (!process.alive || this.disk.mount !== "read-write") return;
    if (counts) requireRunning(process, this.disk, "sync", path);
    else process.killedAt++;
    this.disk.sync(inode, path);
  }

  /** Comes between the arguments of a call, which are right, and its effect. */
  #mayChange(call: CallName, path: string, creates = false): void {
    requireRunning(this.#process, this.disk, call, path);
    if (this.disk.faults !== undefined) strike(this.disk, { call, path, creates });
  }

  /** The same for a call that changes nothing. */
  #mayLook(call: CallName, path: string): void {
    if (this.disk.faults !== undefined) strike(this.disk, { call, path });
  }

  /** See {@linkcode FileSystem.open}. */
  open(path: string, options?: OpenOptions): FileHandle {
    const { disk } = this;
    disk.step("open", path);
    const access = options === undefined ? READ_ONLY : accessOf(options, path);
    const mustBeDirectory = this.#walk("open", path);
    const inode = this.#inode;
    if (inode === 0) {
      if (!options?.create && !options?.createNew) {
        throw new FileSystemError("ENOENT", "open", path);
      }
      if (mustBeDirectory) throw new FileSystemError("EISDIR", "open", path);
      this.#mayChange("open", path, true);
      const created = disk.create("file", this.#directory, this.#name, path);
      return new SimulatedHandle(disk, created, path, access, this.#process);
    }
    if (options?.createNew) throw new FileSystemError("EEXIST", "open", path);
    const directory = disk.kind(inode) === "directory";
    if (directory && (access.write || options?.create)) {
      throw new FileSystemError("EISDIR", "open", path);
    }
    if (mustBeDirectory && !directory) throw new FileSystemError("ENOTDIR", "open", path);
    this.#mayLook("open", path);
    if (access.write && disk.mount !== "read-write") disk.refuse("EROFS", "open", path);
    if (options?.truncate && disk.size(inode) > 0) {
      requireRunning(this.#process, disk, "open", path);
      disk.truncate(inode, 0, path);
    }
    return new SimulatedHandle(disk, inode, path, access, this.#process);
  }

  /** See {@linkcode FileSystem.mkdir}. */
  mkdir(path: string): void {
    this.disk.step("mkdir", path);
    this.#walk("mkdir", path);
    if (this.#inode !== 0) throw new FileSystemError("EEXIST", "mkdir", path);
    if (parsePath(path).dot) throw new FileSystemError("ENOENT", "mkdir", path);
    this.#mayChange("mkdir", path, true);
    this.disk.create("directory", this.#directory, this.#name, path);
  }

  /** See {@linkcode FileSystem.list}. */
  list(path: string): string[] {
    this.disk.step("list", path);
    const inode = this.#existing("list", path);
    if (this.disk.kind(inode) !== "directory") throw new FileSystemError("ENOTDIR", "list", path);
    this.#mayLook("list", path);
    return this.disk.names(inode);
  }

  /** See {@linkcode FileSystem.stat}. */
  stat(path: string): FileInfo {
    this.disk.step("stat", path);
    const inode = this.#existing("stat", path);
    this.#mayLook("stat", path);
    const kind = this.disk.kind(inode);
    return { kind, size: kind === "file" ? this.disk.size(inode) : 0, inode };
  }

  /** See {@linkcode FileSystem.rename}. */
  rename(from: string, to: string): void {
    const { disk } = this;
    disk.step("rename", from);
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
    this.disk.step("link", existing);
    const inode = this.#existing("link", existing);
    const mustBeDirectory = this.#walk("link", created);
    if (this.#inode !== 0) throw new FileSystemError("EEXIST", "link", created);
    if (mustBeDirectory) throw new FileSystemError("ENOENT", "link", created);
    if (this.disk.kind(inode) === "directory") throw new FileSystemError("EPERM", "link", existing);
    this.#mayChange("link", existing, true);
    this.disk.link(inode, this.#directory, this.#name, existing, created);
  }

  /** See {@linkcode FileSystem.remove}. */
  remove(path: string): void {
    const { disk } = this;
    disk.step("remove", path);
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

/**
 * Kills the process when its time has come: the call fails, and so does every later one. Refuses
 * what a file system cannot do any more after its journal has failed.
 */
function requireRunning(process: Process, disk: Disk, op: string, path: string): void {
  if (disk.life.trace.length >= process.killedAt) {
    process.alive = false;
    throw new FileSystemError("EBADF", op, path);
  }
  if (disk.mount !== "read-write") {
    disk.refuse(disk.mount === "shutdown" ? "EIO" : "EROFS", op, path);
  }
}

/**
 * What goes wrong in a call, beyond an error that it throws: a read or write that is cut short, a
 * barrier that leaves something behind.
 */
function strike(disk: Disk, call: FaultableCall): Fault | undefined {
  if (disk.mount === "shutdown") disk.refuse("EIO", call.call, call.path);
  const fault = disk.faults!.next(call);
  if (fault?.kind !== "error") return fault;
  const isBarrier = call.call === "sync" || call.call === "syncData";
  // What a barrier could not write is lost: an error of the device is more than an error.
  if (isBarrier && (fault.code === "EIO" || fault.code === "ENOSPC")) return fault;
  return disk.refuse(fault.code, call.call, call.path);
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
  /** The last failure to write the file back that this handle need not report (`errseq_t`). */
  #reported: number;
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
    this.#reported = disk.errorsSeen(inode);
  }

  read(into: Uint8Array, offset: number): number {
    this.#check("read", this.#readable);
    if (this.#directory) throw new FileSystemError("EISDIR", "read", this.#path);
    if (!isLength(offset)) throw new FileSystemError("EINVAL", "read", this.#path);
    const part = this.#disk.faults === undefined
      ? into
      : into.subarray(0, this.#most("read", into.length));
    const got = this.#disk.read(this.#inode, part, offset);
    if (got < 0) throw new FileSystemError("EIO", "read", this.#path);
    if (got < part.length) this.#disk.onCall?.("read to the end", this.#path);
    return got;
  }

  write(bytes: Uint8Array, offset?: number): number {
    this.#check("write", this.#access.write);
    const at = this.#access.append ? this.#disk.size(this.#inode) : offset;
    if (at === undefined || !isLength(at)) throw new FileSystemError("EINVAL", "write", this.#path);
    if (at + bytes.length > MAX_FILE_BYTES) {
      throw new FileSystemError("ENOSPC", "write", this.#path);
    }
    this.#mayChange("write");
    let part = this.#disk.faults === undefined
      ? bytes
      : bytes.subarray(0, this.#most("write", bytes.length));
    if (this.#disk.options.capacityBytes !== undefined) part = this.#fitting(part, at);
    if (!this.#disk.write(this.#inode, part, at, this.#path)) {
      throw new FileSystemError("EIO", "write", this.#path);
    }
    if (!this.#access.sync) return part.length;
    this.#mayChange("write");
    this.#barrier("syncData");
    return part.length;
  }

  size(): number {
    this.#check("size", true);
    if (this.#disk.faults !== undefined) this.#strike("size");
    return this.#directory ? 0 : this.#disk.size(this.#inode);
  }

  truncate(size: number): void {
    this.#check("truncate", true);
    if (!this.#access.write || !isLength(size)) {
      throw new FileSystemError("EINVAL", "truncate", this.#path);
    }
    if (size > MAX_FILE_BYTES) throw new FileSystemError("ENOSPC", "truncate", this.#path);
    this.#mayChange("truncate");
    if (this.#disk.faults !== undefined) this.#strike("truncate");
    this.#disk.truncate(this.#inode, size, this.#path);
  }

  sync(): void {
    this.#check("sync", true);
    this.#mayChange("sync");
    this.#barrier("sync");
  }

  syncData(): void {
    this.#check("syncData", true);
    this.#mayChange("syncData");
    this.#barrier("syncData");
  }

  close(): void {
    this.#check("close", true);
    this.#open = false;
    // The handle is gone all the same, as on Linux.
    if (this.#disk.faults !== undefined) this.#strike("close");
  }

  #strike(call: CallName, bytes?: number): Fault | undefined {
    return strike(this.#disk, {
      call,
      path: this.#path,
      ...(bytes !== undefined && { bytes }),
    });
  }

  /** How many bytes a read or write handles, of so many. */
  #most(call: "read" | "write", bytes: number): number {
    const fault = this.#strike(call, bytes);
    if (fault?.kind !== "short" || fault.bytes >= bytes) return bytes;
    this.#disk.failures++;
    return fault.bytes;
  }

  /** As much of a write as the disk has room for. */
  #fitting(bytes: Uint8Array, at: number): Uint8Array {
    const room = this.#disk.room(this.#inode, at, bytes.length);
    if (room === bytes.length) return bytes;
    if (room === 0) this.#disk.refuse("ENOSPC", "write", this.#path);
    this.#disk.failures++;
    return bytes.subarray(0, room);
  }

  #barrier(kind: "sync" | "syncData"): void {
    const disk = this.#disk;
    const fault = disk.faults === undefined ? undefined : this.#strike(kind);
    const before = disk.errors(this.#inode);
    if (fault === undefined) disk.sync(this.#inode, this.#path, kind);
    else {
      disk.onCall?.("failed barrier", this.#path);
      const code = disk.failSync(this.#inode, this.#path, kind, fault);
      if (code !== undefined) disk.refuse(code, kind, this.#path);
    }
    const isLate = disk.model.failedBarrier?.reportedBy === "the next one";
    const errors = isLate ? before : disk.errors(this.#inode);
    if (errors === this.#reported) return;
    this.#reported = errors;
    disk.seeErrors(this.#inode, errors);
    disk.refuse("EIO", kind, this.#path);
  }

  #mayChange(op: string): void {
    requireRunning(this.#process, this.#disk, op, this.#path);
  }

  #check(op: string, allowed: boolean): void {
    this.#disk.step(op, this.#path);
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
