/**
 * What `stat` and `readdir` tell.
 *
 * METHOD. Kind, size and number of the inode are those of the disk. Mode and owner are what this
 * process has set, times are those at which it has created, written or set them, by the clock of the
 * harness ({@linkcode Attributes}), and else always the same: they do not survive a crash. A file has
 * one link, whatever `link` has done.
 *
 * @module
 */
import type { FileInfo } from "../file_system.ts";
import type { Buffer } from "node:buffer";
import { CONSTANTS } from "./open_flags.ts";
import { EPOCH_MS } from "./present.ts";

const { S_IFMT, S_IFREG, S_IFDIR, S_IFLNK, S_IFSOCK, S_IFIFO, S_IFCHR, S_IFBLK } = CONSTANTS;
const BLOCK_BYTES = 4096;
/** Unit of `blocks`. */
const SECTOR_BYTES = 512;

/** What a process has set: it is not on the disk. */
export interface Attributes {
  mode?: number;
  uid?: number;
  gid?: number;
  atimeMs?: number;
  mtimeMs?: number;
  ctimeMs?: number;
  birthtimeMs?: number;
}

/** The fields of `Stats`, as numbers. */
interface Fields {
  readonly dev: number;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly blksize: number;
  readonly ino: number;
  readonly size: number;
  readonly blocks: number;
  readonly atimeMs: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;
}

function fieldsOf({ kind, size, inode }: FileInfo, attributes: Attributes = {}): Fields {
  const isFile = kind === "file";
  const { mode = isFile ? 0o644 : 0o755, uid = 0, gid = 0 } = attributes;
  const { atimeMs = EPOCH_MS, mtimeMs = EPOCH_MS } = attributes;
  const { ctimeMs = EPOCH_MS, birthtimeMs = EPOCH_MS } = attributes;
  const bytes = isFile ? size : BLOCK_BYTES;
  return {
    dev: 1,
    mode: (isFile ? S_IFREG! : S_IFDIR!) | (mode & 0o7777),
    nlink: 1,
    uid,
    gid,
    rdev: 0,
    blksize: BLOCK_BYTES,
    ino: inode,
    size: bytes,
    blocks: Math.ceil(bytes / BLOCK_BYTES) * (BLOCK_BYTES / SECTOR_BYTES),
    atimeMs,
    mtimeMs,
    ctimeMs,
    birthtimeMs,
  };
}

/** What both kinds of stats can be asked. */
class StatsBase {
  declare mode: number | bigint;

  #is(kind: number | undefined): boolean {
    return (Number(this.mode) & S_IFMT!) === kind;
  }

  /** See `node:fs`. */
  isFile(): boolean {
    return this.#is(S_IFREG);
  }

  /** See `node:fs`. */
  isDirectory(): boolean {
    return this.#is(S_IFDIR);
  }

  /** See `node:fs`. */
  isSymbolicLink(): boolean {
    return this.#is(S_IFLNK);
  }

  /** See `node:fs`. */
  isSocket(): boolean {
    return this.#is(S_IFSOCK);
  }

  /** See `node:fs`. */
  isFIFO(): boolean {
    return this.#is(S_IFIFO);
  }

  /** See `node:fs`. */
  isCharacterDevice(): boolean {
    return this.#is(S_IFCHR);
  }

  /** See `node:fs`. */
  isBlockDevice(): boolean {
    return this.#is(S_IFBLK);
  }
}

/** The facts about a file, as numbers. */
export class Stats extends StatsBase {
  declare atimeMs: number;
  declare mtimeMs: number;
  declare ctimeMs: number;
  declare birthtimeMs: number;
  declare atime: Date;
  declare mtime: Date;
  declare ctime: Date;
  declare birthtime: Date;

  /** Takes down the facts. */
  constructor(info: FileInfo, attributes?: Attributes) {
    super();
    Object.assign(this, fieldsOf(info, attributes));
    this.atime = new Date(this.atimeMs);
    this.mtime = new Date(this.mtimeMs);
    this.ctime = new Date(this.ctimeMs);
    this.birthtime = new Date(this.birthtimeMs);
  }
}

/** The facts about a file, as big integers, with times in nanoseconds. */
export class BigIntStats extends StatsBase {
  /** Takes down the facts. */
  constructor(info: FileInfo, attributes?: Attributes) {
    super();
    const fields = fieldsOf(info, attributes);
    const times = ["atime", "mtime", "ctime", "birthtime"] as const;
    const self = this as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(fields)) self[name] = BigInt(Math.trunc(value));
    for (const time of times) self[`${time}Ns`] = BigInt(Math.round(fields[`${time}Ms`] * 1e6));
    for (const time of times) self[time] = new Date(fields[`${time}Ms`]);
  }
}

/** A name in a directory, and what bears it. */
export class Dirent {
  /** The name. */
  readonly name: string | Buffer;
  /** The directory. */
  readonly parentPath: string;
  /** The directory, as older programs ask for it. */
  readonly path: string;
  readonly #kind: FileInfo["kind"];

  /** Takes down a name. */
  constructor(name: string | Buffer, parentPath: string, kind: FileInfo["kind"]) {
    this.name = name;
    this.parentPath = parentPath;
    this.path = parentPath;
    this.#kind = kind;
  }

  /** See `node:fs`. */
  isFile(): boolean {
    return this.#kind === "file";
  }

  /** See `node:fs`. */
  isDirectory(): boolean {
    return this.#kind === "directory";
  }

  /** Never: the disk has no symbolic links. */
  isSymbolicLink(): boolean {
    return false;
  }

  /** Never. */
  isSocket(): boolean {
    return false;
  }

  /** Never. */
  isFIFO(): boolean {
    return false;
  }

  /** Never. */
  isCharacterDevice(): boolean {
    return false;
  }

  /** Never. */
  isBlockDevice(): boolean {
    return false;
  }
}
