/**
 * A process as `node:fs` sees it: its open files by number, with a cursor each, and what it has set
 * of modes, owners and times.
 *
 * METHOD. A number is the lowest one free, from 3 on. A cursor moves when a read or write takes
 * effect that has no position of its own; after a write that appends, it is at the end. Every call
 * here is one call on the disk, except where the disk has no call of its own.
 *
 * @module
 */
import {
  type FileHandle,
  type FileInfo,
  type FileSystem,
  FileSystemError,
  type OpenOptions,
} from "../file_system.ts";
import { posix } from "node:path";
import { notSimulated } from "./argument_error.ts";
import { diskPath, type Position } from "./arguments.ts";
import { aboveLongName, isTooLong } from "./path_length.ts";
import { type OpenMode, openMode } from "./open_flags.ts";
import { EPOCH_MS, presentMs } from "./present.ts";
import type { Attributes } from "./stats.ts";
import { attempt, isUv, type UvCall, type UvCode, uvError } from "./uv_error.ts";

/** What a process takes away from the permissions of what it creates. */
const UMASK = 0o022;
/** The permissions asked for where nothing is said of them. */
export const FILE_MODE = 0o666;
/** The same of directories. */
export const DIRECTORY_MODE = 0o777;

/** The end of a path that ends in no name of its own. */
const DOTS = /(^|\/)\.\.?\/*$/;

/** Numbers below it are the standard streams. */
const FIRST_FD = 3;

/** An open file or directory. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly mode: OpenMode;
  /** Where it is now, as the process has renamed it. */
  path: string;
  /** What it is, once that was asked. */
  identity: Pick<FileInfo, "kind" | "inode"> | undefined;
  cursor: number;
}

/** The open files of a process, and the disk that they are on. */
export class NodeProcess {
  /** The disk. */
  readonly fs: FileSystem;
  readonly #files: (OpenFile | undefined)[] = [];
  readonly #attributes = new Map<number, Attributes>();
  /** How many temporary directories were named. */
  named = 0;

  /** Starts a process without open files. */
  constructor(fs: FileSystem) {
    this.fs = fs;
  }

  /** Opens a file; returns its number. */
  open(path: string, flags: number, permissions = FILE_MODE): number {
    const mode = openMode(flags);
    const call = { syscall: "open", path };
    if (mode.isUnnamed) throw notSimulated("fs.open with O_TMPFILE");
    if ((mode.create && mode.directory) || (mode.read === mode.write && !mode.read)) {
      throw uvError("EINVAL", call);
    }
    let at = this.at(path, call);
    if (mode.directory && !at.endsWith("/")) at += "/";
    else if (mode.create && at.endsWith("/")) throw uvError(this.#faultAbove(at) ?? "EISDIR", call);
    const appends = mode.append && mode.write;
    const options: OpenOptions = {
      read: mode.read,
      write: mode.write || mode.create || mode.truncate,
      append: appends,
      create: mode.create && !mode.exclusive,
      createNew: mode.exclusive,
      truncate: mode.truncate && !appends,
      sync: mode.sync && mode.write,
    };
    const isNoted = this.#isTimed() || permissions !== FILE_MODE;
    const isNew = mode.create && isNoted &&
      (mode.exclusive || identityOf(this.fs, at) === undefined);
    const handle = attempt(call, () => this.fs.open(at, options));
    if (appends && mode.truncate && !mode.exclusive) attempt(call, () => handle.truncate(0));
    const file: OpenFile = { handle, mode, path: plain(at), identity: undefined, cursor: 0 };
    if (isNew) this.#created(file.path, permissions);
    else if (mode.truncate) this.#written(file);
    return this.#number(file);
  }

  #number(file: OpenFile): number {
    let fd = FIRST_FD;
    while (this.#files[fd] !== undefined) fd++;
    this.#files[fd] = file;
    return fd;
  }

  /** The open file with a number. */
  file(fd: number, syscall: string): OpenFile {
    const file = this.#files[fd];
    if (file === undefined) throw uvError("EBADF", { syscall });
    return file;
  }

  /** Whether a number stands for an open file that syncs each write. */
  isSynced(fd: number): boolean {
    const { write, sync } = this.#files[fd]?.mode ?? {};
    return write === true && sync === true;
  }

  /** The path of an open file, for saying what a call does. */
  pathOf(fd: number): string {
    return this.#files[fd]?.path ?? `file ${fd}`;
  }

  /** Gives a number back. It is free even where closing fails, as on Linux. */
  close(fd: number): void {
    const { handle } = this.file(fd, "close");
    this.#files[fd] = undefined;
    attempt({ syscall: "close" }, () => handle.close());
  }

  /** Reads at a position, or at the cursor; returns how many bytes. */
  read(fd: number, into: Uint8Array, position: Position): number {
    const file = this.file(fd, "read");
    if (!file.mode.read) throw uvError("EBADF", { syscall: "read" });
    const at = position ?? file.cursor;
    const got = attempt({ syscall: "read" }, () => file.handle.read(into, at));
    if (position === undefined) file.cursor = at + got;
    return got;
  }

  /** Writes at a position, or at the cursor; returns how many bytes, perhaps not all. */
  write(fd: number, bytes: Uint8Array, position: Position): number {
    const file = this.file(fd, "write");
    const { handle, mode } = file;
    if (!mode.write) throw uvError("EBADF", { syscall: "write" });
    // The kernel does nothing then; not even the cursor moves.
    if (bytes.length === 0) return 0;
    const at = mode.append ? undefined : position ?? file.cursor;
    const done = attempt({ syscall: "write" }, () => handle.write(bytes, at));
    this.#written(file);
    if (position !== undefined) return done;
    if (at !== undefined) file.cursor = at + done;
    // Nobody sees the cursor of a file that is only appended to.
    else if (mode.read) file.cursor = endOf(handle);
    return done;
  }

  /** How many bytes an open file has. */
  size(fd: number): number {
    const { handle } = this.file(fd, "fstat");
    return attempt({ syscall: "fstat" }, () => handle.size());
  }

  /** Makes an open file durable. */
  sync(fd: number, kind: "fsync" | "fdatasync"): void {
    const { handle } = this.file(fd, kind);
    attempt({ syscall: kind }, () => kind === "fsync" ? handle.sync() : handle.syncData());
  }

  /** Cuts an open file, or makes it longer. */
  truncate(fd: number, size: number): void {
    const file = this.file(fd, "ftruncate");
    if (!file.mode.write) throw uvError("EINVAL", { syscall: "ftruncate" });
    attempt({ syscall: "ftruncate" }, () => file.handle.truncate(size));
    this.#written(file);
  }

  /** The facts about an open file. */
  info(fd: number, syscall = "fstat"): FileInfo {
    const file = this.file(fd, syscall);
    return attempt({ syscall }, () => {
      const { kind, inode } = file.identity ??= this.fs.stat(file.path);
      return { kind, inode, size: file.handle.size() };
    });
  }

  /** The facts about a path. */
  stat(path: string, syscall: string): FileInfo {
    const call = { syscall, path };
    const at = this.at(path, call);
    return attempt(call, () => this.fs.stat(at));
  }

  /** A path as the disk takes it, unless it is too long. */
  at(path: string, call: UvCall): string {
    const at = diskPath(path);
    if (isTooLong(at)) throw uvError(this.#faultOfLong(at), call);
    return at;
  }

  /** What is wrong with a path that is too long: what comes before the long name is looked at first. */
  #faultOfLong(path: string): UvCode {
    const above = aboveLongName(path);
    return above ? this.#faultOf(above) ?? "ENAMETOOLONG" : "ENAMETOOLONG";
  }

  /** What was set of a file. */
  attributes(inode: number): Attributes | undefined {
    return this.#attributes.get(inode);
  }

  /** Sets attributes of a file. */
  set(inode: number, attributes: Attributes): void {
    const ctimeMs = presentMs();
    this.#attributes.set(inode, { ...this.#attributes.get(inode), ctimeMs, ...attributes });
  }

  /** Creates a directory. */
  mkdir(path: string, permissions: number, call: UvCall = { syscall: "mkdir", path }): void {
    const at = this.at(path, call);
    attempt(call, () => this.fs.mkdir(at));
    if (this.#isTimed() || permissions !== DIRECTORY_MODE) this.#created(at, permissions);
  }

  /** Whether a time may differ from that of files that nothing is known of. */
  #isTimed(): boolean {
    return this.#attributes.size > 0 || presentMs() !== EPOCH_MS;
  }

  /** Notes what is known of a new file or directory. */
  #created(path: string, permissions: number): void {
    const info = identityOf(this.fs, path);
    if (info === undefined) return;
    const now = presentMs();
    const mode = permissions & ~UMASK;
    const times = { atimeMs: now, mtimeMs: now, ctimeMs: now, birthtimeMs: now };
    this.#attributes.set(info.inode, { mode, ...times });
  }

  /** Notes when an open file has changed. */
  #written(file: OpenFile): void {
    if (!this.#isTimed()) return;
    const identity = file.identity ??= identityOf(this.fs, file.path);
    if (identity !== undefined) this.set(identity.inode, { mtimeMs: presentMs() });
  }

  /** Gives a file one more name. */
  link(path: string, dest: string): void {
    const call = { syscall: "link", path, dest };
    const from = this.at(path, call);
    const to = diskPath(dest);
    // What is linked is looked up first.
    if (isTooLong(to)) attempt(call, () => this.fs.stat(from));
    attempt(call, () => this.fs.link(from, this.at(dest, call)));
  }

  /** Removes a name of a file; `info` is what is there, where that was asked already. */
  unlink(path: string, info: FileInfo = this.stat(path, "unlink")): void {
    const call = { syscall: "unlink", path };
    const at = this.at(path, call);
    if (info.kind === "directory") throw uvError("EISDIR", call);
    const name = plain(at);
    for (const file of this.#files) if (file?.path === name) file.identity ??= info;
    attempt(call, () => this.fs.remove(at));
  }

  /** Removes an empty directory. */
  rmdir(path: string, syscall: string): void {
    const call = { syscall, path };
    const at = this.at(path, call);
    // Where the way there has led through it, a directory is not empty.
    if (/\/\.\.\/*$/.test(at)) throw uvError(this.#faultOf(at) ?? "ENOTEMPTY", call);
    attempt(call, () => {
      this.#identify(plain(at));
      this.fs.remove(at === "" || at.endsWith("/") ? at : `${at}/`);
    });
  }

  /** Gives a file or directory another name. */
  rename(path: string, dest: string): void {
    const [from, to] = [diskPath(path), diskPath(dest)];
    const call = { syscall: "rename", path, dest };
    if (DOTS.test(from) || DOTS.test(to)) {
      throw uvError(this.#faultAbove(from) ?? this.#faultAbove(to) ?? "EBUSY", call);
    }
    if (isTooLong(from) || isTooLong(to)) throw uvError(this.#faultOfLongRename(from, to), call);
    this.#identify(plain(to));
    try {
      attempt(call, () => this.fs.rename(from, to));
    } catch (error) {
      if (!isUv(error, "ENOENT", "ENOTDIR")) throw error;
      // Of several faults, Linux names one of the directories first.
      const code = this.#faultAbove(from) ?? this.#faultAbove(to);
      throw code === undefined ? error : uvError(code, call);
    }
    this.#moved(plain(from), plain(to));
  }

  /** What is wrong with two paths, one of which is too long: both directories are looked at first. */
  #faultOfLongRename(from: string, to: string): UvCode {
    if (aboveLongName(from) === "" || aboveLongName(to) === "") return "ENAMETOOLONG";
    const above = this.#faultAbove(from) ?? this.#faultAbove(to);
    if (above !== undefined || isTooLong(from)) return above ?? "ENAMETOOLONG";
    const fault = this.#faultOf(from);
    return fault === "ENOENT" ? fault : "ENAMETOOLONG";
  }

  /** What is wrong with the directory that a path is in. */
  #faultAbove(path: string): UvCode | undefined {
    return this.#faultOf(posix.dirname(path));
  }

  /** What keeps a path from being a directory. */
  #faultOf(path: string): UvCode | undefined {
    try {
      const { kind } = this.stat(path, "stat");
      return kind === "file" ? "ENOTDIR" : undefined;
    } catch (error) {
      if (isUv(error, "ENAMETOOLONG", "ENOENT", "ENOTDIR")) return error.code;
      throw error;
    }
  }

  /** Asks what the open files at a path are, before they lose it. */
  #identify(path: string): void {
    for (const file of this.#files) {
      if (file?.path === path) file.identity ??= identityOf(this.fs, path);
    }
  }

  #moved(from: string, to: string): void {
    for (const file of this.#files) {
      if (file === undefined) continue;
      if (file.path === from) file.path = to;
      else if (file.path.startsWith(`${from}/`)) file.path = to + file.path.slice(from.length);
    }
  }
}

/** Where a write that was appended has ended; it is not undone where that cannot be asked. */
function endOf(handle: FileHandle): number {
  try {
    return handle.size();
  } catch (error) {
    if (error instanceof FileSystemError) return Number.MAX_SAFE_INTEGER;
    throw error;
  }
}

const processes = new WeakMap<FileSystem, NodeProcess>();

/** The process that a file system belongs to: the same each time. */
export function processOf(fs: FileSystem): NodeProcess {
  let process = processes.get(fs);
  if (process === undefined) processes.set(fs, process = new NodeProcess(fs));
  return process;
}

/** What is at a path, where that can be asked. */
function identityOf(fs: FileSystem, path: string): OpenFile["identity"] {
  try {
    return fs.stat(path);
  } catch (error) {
    if (error instanceof FileSystemError) return undefined;
    throw error;
  }
}

/** A path without `.`, `..` and empty names. */
function plain(path: string): string {
  if (!/\/\.|\/\/|\/$/.test(path)) return path;
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") names.pop();
    else names.push(name);
  }
  return `/${names.join("/")}`;
}
