/**
 * The flags that a file is opened with: strings like `"wx"` and numbers like `O_CREAT | O_DSYNC`.
 *
 * @module
 */
import { invalidType, invalidValue } from "./argument_error.ts";

/** Permission to access, as `access` asks for it. */
const ACCESS = { F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4 } as const;

/** The flags of `open`, on Linux (x86-64). */
export const OPEN_FLAGS = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_DSYNC: 0o10000,
  O_DIRECT: 0o40000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
  O_NOATIME: 0o1000000,
  O_SYNC: 0o4010000,
} as const;

/** `O_TMPFILE` without `O_DIRECTORY`: Node has no name for it. */
const O_TMPFILE = 0o20000000;

/** `node:fs`.constants, as Node has them on Linux. */
export const CONSTANTS: Readonly<Record<string, number>> = Object.freeze({
  UV_FS_SYMLINK_DIR: 1,
  UV_FS_SYMLINK_JUNCTION: 2,
  UV_DIRENT_UNKNOWN: 0,
  UV_DIRENT_FILE: 1,
  UV_DIRENT_DIR: 2,
  UV_DIRENT_LINK: 3,
  UV_DIRENT_FIFO: 4,
  UV_DIRENT_SOCKET: 5,
  UV_DIRENT_CHAR: 6,
  UV_DIRENT_BLOCK: 7,
  S_IFMT: 0o170000,
  S_IFREG: 0o100000,
  S_IFDIR: 0o40000,
  S_IFCHR: 0o20000,
  S_IFBLK: 0o60000,
  S_IFIFO: 0o10000,
  S_IFLNK: 0o120000,
  S_IFSOCK: 0o140000,
  UV_FS_O_FILEMAP: 0,
  ...OPEN_FLAGS,
  S_IRWXU: 0o700,
  S_IRUSR: 0o400,
  S_IWUSR: 0o200,
  S_IXUSR: 0o100,
  S_IRWXG: 0o70,
  S_IRGRP: 0o40,
  S_IWGRP: 0o20,
  S_IXGRP: 0o10,
  S_IRWXO: 0o7,
  S_IROTH: 0o4,
  S_IWOTH: 0o2,
  S_IXOTH: 0o1,
  ...ACCESS,
  UV_FS_COPYFILE_EXCL: 1,
  COPYFILE_EXCL: 1,
  UV_FS_COPYFILE_FICLONE: 2,
  COPYFILE_FICLONE: 2,
  UV_FS_COPYFILE_FICLONE_FORCE: 4,
  COPYFILE_FICLONE_FORCE: 4,
});

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC } = OPEN_FLAGS;
const READ_WRITE = O_RDWR;
const TRUNCATED = O_TRUNC | O_CREAT;
const APPENDED = O_APPEND | O_CREAT;

/** What each string stands for. */
const STRINGS: ReadonlyMap<string, number> = new Map([
  ["r", O_RDONLY],
  ["rs", O_RDONLY | O_SYNC],
  ["sr", O_RDONLY | O_SYNC],
  ["r+", READ_WRITE],
  ["rs+", READ_WRITE | O_SYNC],
  ["sr+", READ_WRITE | O_SYNC],
  ["w", O_WRONLY | TRUNCATED],
  ["wx", O_WRONLY | TRUNCATED | O_EXCL],
  ["xw", O_WRONLY | TRUNCATED | O_EXCL],
  ["w+", READ_WRITE | TRUNCATED],
  ["wx+", READ_WRITE | TRUNCATED | O_EXCL],
  ["xw+", READ_WRITE | TRUNCATED | O_EXCL],
  ["a", O_WRONLY | APPENDED],
  ["ax", O_WRONLY | APPENDED | O_EXCL],
  ["xa", O_WRONLY | APPENDED | O_EXCL],
  ["as", O_WRONLY | APPENDED | O_SYNC],
  ["sa", O_WRONLY | APPENDED | O_SYNC],
  ["a+", READ_WRITE | APPENDED],
  ["ax+", READ_WRITE | APPENDED | O_EXCL],
  ["xa+", READ_WRITE | APPENDED | O_EXCL],
  ["as+", READ_WRITE | APPENDED | O_SYNC],
  ["sa+", READ_WRITE | APPENDED | O_SYNC],
]);

/** The number that a flag stands for; without one, `"r"`. */
export function flagsOf(flags: unknown, name = "flags"): number {
  if (typeof flags === "number") {
    if (Number.isInteger(flags)) return flags;
    throw invalidType(name, "of type number", flags);
  }
  if (flags === undefined || flags === null) return O_RDONLY;
  const number = typeof flags === "string" ? STRINGS.get(flags) : undefined;
  if (number === undefined) throw invalidValue("flags", "is invalid", flags);
  return number;
}

/** How a file is to be opened. */
export interface OpenMode {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
  readonly directory: boolean;
  /** `O_SYNC` and `O_DSYNC`: the disk has one kind of them. */
  readonly sync: boolean;
  /** Asks for what the disk does not have. */
  readonly isUnnamed: boolean;
}

/** Takes a number of flags apart. */
export function openMode(flags: number): OpenMode {
  const access = flags & 3;
  const create = (flags & O_CREAT) !== 0;
  return {
    read: access === O_RDONLY || access === O_RDWR,
    write: access === O_WRONLY || access === O_RDWR,
    append: (flags & O_APPEND) !== 0,
    create,
    exclusive: create && (flags & O_EXCL) !== 0,
    truncate: (flags & O_TRUNC) !== 0,
    directory: (flags & OPEN_FLAGS.O_DIRECTORY) !== 0,
    sync: (flags & OPEN_FLAGS.O_DSYNC) !== 0,
    isUnnamed: (flags & O_TMPFILE) !== 0,
  };
}
