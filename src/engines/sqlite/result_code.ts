/**
 * The numbers of SQLite's interface (sqlite.org/rescode.html, sqlite.org/c3ref/constlist.html) that
 * the VFS speaks, and what errors of a {@linkcode FileSystem} become.
 *
 * @module
 */
import { FileSystemError } from "../../vfs/file_system.ts";

export const OK = 0;
export const BUSY = 5;
export const IOERR = 10;
export const NOTFOUND = 12;
export const FULL = 13;
export const CANTOPEN = 14;
export const ROW = 100;
export const DONE = 101;

const extended = (primary: number, detail: number) => primary | detail << 8;

export const READONLY = 8;
export const IOERR_READ = extended(IOERR, 1);
export const IOERR_SHORT_READ = extended(IOERR, 2);
export const IOERR_WRITE = extended(IOERR, 3);
export const IOERR_FSYNC = extended(IOERR, 4);
export const IOERR_DIR_FSYNC = extended(IOERR, 5);
export const IOERR_TRUNCATE = extended(IOERR, 6);
export const IOERR_FSTAT = extended(IOERR, 7);
export const IOERR_DELETE = extended(IOERR, 10);
export const IOERR_NOMEM = extended(IOERR, 12);
export const IOERR_ACCESS = extended(IOERR, 13);
export const IOERR_CLOSE = extended(IOERR, 16);
export const IOERR_DELETE_NOENT = extended(IOERR, 23);
export const CANTOPEN_ISDIR = extended(CANTOPEN, 2);

export const OPEN_READONLY = 0x1;
export const OPEN_READWRITE = 0x2;
export const OPEN_CREATE = 0x4;
export const OPEN_DELETEONCLOSE = 0x8;
export const OPEN_EXCLUSIVE = 0x10;
export const OPEN_MAIN_DB = 0x100;
/** A rollback journal, a super-journal, or a write-ahead log. */
export const OPEN_ANY_JOURNAL = 0x800 | 0x4000 | 0x80000;

export const SYNC_DATAONLY = 0x10;
export const IOCAP_POWERSAFE_OVERWRITE = 0x1000;

/**
 * What a call of the file system that failed is to SQLite.
 *
 * @param error What was thrown.
 * @param otherwise The code, unless the disk is full or read-only.
 * @returns The code, or `undefined` where the error is none of a file system.
 */
export function codeOf(error: unknown, otherwise: number): number | undefined {
  if (!(error instanceof FileSystemError)) return undefined;
  if (error.code === "ENOSPC") return FULL;
  return otherwise;
}
