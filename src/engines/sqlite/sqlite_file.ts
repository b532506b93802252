import { type FileHandle, FileSystemError } from "../../vfs/file_system.ts";
import { syncDirectory } from "../../vfs/sync_directory.ts";
import { type FileLocks, NONE } from "./file_locks.ts";
import * as code from "./result_code.ts";
import type { SharedMemory } from "./shared_memory.ts";
import { directoryOf, type SqliteProcess } from "./sqlite_process.ts";

/**
 * An open file, as SQLite's `sqlite3_io_methods` want it: every method returns a result code and
 * throws nothing. What it does follows SQLite's own VFS for unix.
 */
export class SqliteFile {
  readonly #process: SqliteProcess;
  readonly #handle: FileHandle;
  readonly #path: string;
  /** A journal may be new: the first barrier on it takes its name along. */
  #needsDirectorySync: boolean;
  #locks: FileLocks | undefined;
  #shared: SharedMemory | undefined;

  /** Wraps an open handle. */
  constructor(
    process: SqliteProcess,
    handle: FileHandle,
    { path, isJournal }: { readonly path: string; readonly isJournal: boolean },
  ) {
    this.#process = process;
    this.#handle = handle;
    this.#path = path;
    this.#needsDirectorySync = isJournal;
  }

  /** Fills `into` from `offset`, with zeros where the file has ended. */
  read(into: Uint8Array, offset: number): number {
    return this.#attempt(code.IOERR_READ, () => {
      let done = retried(() => this.#handle.read(into, offset));
      while (done > 0 && done < into.length) {
        const more = retried(() => this.#handle.read(into.subarray(done), offset + done));
        if (more === 0) break;
        done += more;
      }
      this.#process.entropy.add(done === into.length ? into : into.subarray(0, done), offset);
      if (done === into.length) return code.OK;
      into.fill(0, done);
      return code.IOERR_SHORT_READ;
    });
  }

  /** Writes all of `bytes` at `offset`. */
  write(bytes: Uint8Array, offset: number): number {
    return this.#attempt(code.IOERR_WRITE, () => {
      let done = 0;
      while (done < bytes.length) {
        const rest = done === 0 ? bytes : bytes.subarray(done);
        const written = retried(() => this.#handle.write(rest, offset + done));
        // A file system that takes no byte and reports no error has no room.
        if (written === 0) return code.FULL;
        done += written;
      }
      return code.OK;
    });
  }

  /** Cuts or grows the file. */
  truncate(size: number): number {
    return this.#attempt(code.IOERR_TRUNCATE, () => {
      retried(() => this.#handle.truncate(size));
      return code.OK;
    });
  }

  /** The barrier. */
  sync(flags: number): number {
    const done = this.#attempt(code.IOERR_FSYNC, () => {
      if (flags & code.SYNC_DATAONLY) this.#handle.syncData();
      else this.#handle.sync();
      return code.OK;
    });
    if (done !== code.OK || !this.#needsDirectorySync) return done;
    this.#needsDirectorySync = false;
    return this.#attempt(code.IOERR_DIR_FSYNC, () => {
      syncDirectory(this.#process.fs, directoryOf(this.#path));
      return code.OK;
    });
  }

  /** The size, handed to `found`. */
  size(found: (bytes: number) => void): number {
    return this.#attempt(code.IOERR_FSTAT, () => {
      found(this.#handle.size());
      return code.OK;
    });
  }

  /** Gives the handle and all locks back. */
  close(): number {
    this.unlock(NONE);
    this.unmap();
    // The handles of a dead process are gone already.
    if (!this.#process.alive) return code.OK;
    return this.#attempt(code.IOERR_CLOSE, () => {
      this.#handle.close();
      return code.OK;
    });
  }

  /** Raises the lock on the file. */
  lock(level: number): number {
    if (!this.#process.alive) return code.IOERR;
    this.#locks ??= this.#process.locksOf(this.#path);
    return this.#locks.lock(this, level);
  }

  /** Lowers it. */
  unlock(level: number): number {
    this.#locks?.unlock(this, level);
    return code.OK;
  }

  /** Whether anyone is about to write. */
  get isReserved(): boolean {
    return this.#process.locksOf(this.#path).isReserved;
  }

  /** The address of a piece of shared memory, handed to `found`. */
  map(
    region: { readonly index: number; readonly bytes: number; readonly extend: boolean },
    found: (pointer: number) => void,
  ): number {
    if (!this.#process.alive) return code.IOERR;
    this.#shared ??= this.#process.sharedMemoryOf(this.#path);
    const pointer = this.#shared.map(this, region.index, region.bytes, region.extend);
    found(Math.max(pointer, 0));
    return pointer < 0 ? code.IOERR_NOMEM : code.OK;
  }

  /** Takes or leaves locks of the shared memory. */
  lockShared(first: number, count: number, flags: number): number {
    if (!this.#process.alive) return code.IOERR;
    return this.#shared?.lock(this, first, count, flags) ?? code.IOERR;
  }

  /** Leaves the shared memory. */
  unmap(): number {
    this.#shared?.leave(this);
    this.#shared = undefined;
    return code.OK;
  }

  /** Bytes that the device writes as one. */
  get sectorBytes(): number {
    return this.#process.device.sectorBytes ?? 512;
  }

  /** What else the device promises, as bits. */
  get characteristics(): number {
    return this.#process.device.powersafeOverwrite ? code.IOCAP_POWERSAFE_OVERWRITE : 0;
  }

  #attempt(otherwise: number, call: () => number): number {
    return attempt(this.#process, otherwise, call);
  }
}

/** Makes a call of the file system; returns what SQLite makes of it. Nothing is thrown. */
export function attempt(process: SqliteProcess, otherwise: number, call: () => number): number {
  if (!process.alive) return code.IOERR;
  try {
    return call();
  } catch (error) {
    const failed = code.codeOf(error, otherwise);
    if (failed === undefined) process.fail(error);
    return failed ?? code.IOERR;
  }
}

/** Makes a call again for as long as it is interrupted. */
export function retried<T>(call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof FileSystemError) || error.code !== "EINTR") throw error;
    }
  }
}
