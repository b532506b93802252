/**
 * SQLite on a {@linkcode FileSystem}: a VFS that maps each of its methods to the call of POSIX that
 * SQLite's own VFS for unix makes, so that a simulated disk sees what a real one would.
 *
 * METHOD. A write goes to the page cache; `xSync` is `fsync` (`fdatasync` where SQLite asks for the
 * data only) and, the first time after a journal or a write-ahead log was opened, also an `fsync` of
 * the directory; `xDelete` with its flag is an unlink and an `fsync` of the directory. Locks and
 * shared memory are kept for the connections of one process, and go with it. Files are known by
 * their path. There is no clock: the time stands still. Random numbers follow from what was read.
 * Not offered: memory-mapped files, loading of extensions, sleep (which returns at once).
 *
 * @module
 */
import { type FileHandle, type FileSystem, FileSystemError } from "../../vfs/file_system.ts";
import { syncDirectory } from "../../vfs/sync_directory.ts";
import * as code from "./result_code.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import { attempt, retried, SqliteFile } from "./sqlite_file.ts";
import type { Pointer, SqliteModule } from "./sqlite_module.ts";
import { directoryOf, type SqliteDevice, SqliteProcess } from "./sqlite_process.ts";
import { WasmMemory } from "./wasm_memory.ts";

/** Bytes of SQLite's `sqlite3_file`: the address of its methods. */
const FILE_BYTES = 4;
const LONGEST_PATH = 512;
const NAME = "plugpull";

/** What time it always is: 2000-01-01T12:00Z, as a Julian day, and in milliseconds of them. */
const DAYS = 2_451_545;
const MILLISECONDS = DAYS * 86_400_000;

/** See the METHOD above. There is one for each instance of the module: {@linkcode sqliteVfs}. */
export class SqliteVfs {
  /** The module's memory and functions. */
  readonly #module: SqliteModule;
  readonly #memory: WasmMemory;
  /** The files that SQLite has open, by the address that it knows them by. */
  readonly #files = new Map<Pointer, SqliteFile>();
  readonly #connections = new Set<SqliteConnection>();
  readonly #methods: Pointer;
  #process: SqliteProcess | undefined;

  /** Registers the VFS as the default one. */
  constructor(module: SqliteModule) {
    this.#module = module;
    this.#memory = new WasmMemory(() => module.wasm.heap8u());
    const io = new module.capi.sqlite3_io_methods();
    const vfs = new module.capi.sqlite3_vfs();
    // Both begin with their version: 2 has shared memory, but no memory-mapped files.
    this.#memory.setWord(io.pointer, 2);
    for (const [i, word] of [2, FILE_BYTES, LONGEST_PATH].entries()) {
      this.#memory.setWord(vfs.pointer + 4 * i, word);
    }
    this.#methods = io.pointer;
    module.vfs.installVfs({
      io: { struct: io, methods: { ...this.#fileMethods(), ...this.#sharedMemoryMethods() } },
      vfs: { struct: vfs, methods: this.#vfsMethods(), name: NAME, asDefault: true },
    });
  }

  /** How many files SQLite has open, over all processes. */
  get openFiles(): number {
    return this.#files.size;
  }

  /**
   * Starts a new process on a disk: the one before it dies, without a call to its own disk, and
   * gives back what it had in memory.
   *
   * @param fs The disk.
   * @param device What the device below promises.
   */
  start(fs: FileSystem, device: SqliteDevice = {}): void {
    this.kill();
    const { sqlite3_malloc, sqlite3_free, sqlite3_randomness } = this.#module.wasm.exports;
    this.#process = new SqliteProcess(fs, device, {
      allocate: (bytes) => {
        const pointer = sqlite3_malloc(bytes);
        if (pointer !== 0) this.#memory.at(pointer, bytes).fill(0);
        return pointer;
      },
      free: sqlite3_free,
    });
    // SQLite's generator forgets its state, and asks for a new seed when it is next needed.
    sqlite3_randomness(0, 0);
  }

  /** The process dies, as in a power loss or when it is killed. */
  kill(): void {
    this.#process?.kill();
    for (const connection of this.#connections) connection.close();
    this.#process = undefined;
  }

  /**
   * Opens a database of the present process, and creates it where there is none.
   *
   * @param path Where it is.
   * @returns The connection.
   * @throws {SqliteError} When SQLite reports an error.
   * @throws {Error} When no process was started.
   */
  open(path: string): SqliteConnection {
    const process = this.#process;
    if (process === undefined) throw new Error(`Cannot open "${path}": no process was started`);
    const connection = new SqliteConnection(
      { exports: this.#module.wasm.exports, memory: this.#memory, process },
      path,
      () => void this.#connections.delete(connection),
    );
    this.#connections.add(connection);
    return connection;
  }

  #fileMethods() {
    const files = this.#files;
    const memory = this.#memory;
    return {
      xClose: (file: Pointer) => {
        const result = files.get(file)!.close();
        files.delete(file);
        return result;
      },
      xRead: (file: Pointer, into: Pointer, bytes: number, offset: bigint) =>
        files.get(file)!.read(memory.at(into, bytes), Number(offset)),
      xWrite: (file: Pointer, from: Pointer, bytes: number, offset: bigint) =>
        files.get(file)!.write(memory.at(from, bytes), Number(offset)),
      xTruncate: (file: Pointer, size: bigint) => files.get(file)!.truncate(Number(size)),
      xSync: (file: Pointer, flags: number) => files.get(file)!.sync(flags),
      xFileSize: (file: Pointer, out: Pointer) =>
        files.get(file)!.size((bytes) => memory.setLong(out, bytes)),
      xLock: (file: Pointer, level: number) => files.get(file)!.lock(level),
      xUnlock: (file: Pointer, level: number) => files.get(file)!.unlock(level),
      xCheckReservedLock: (file: Pointer, out: Pointer) => {
        memory.setWord(out, files.get(file)!.isReserved ? 1 : 0);
        return code.OK;
      },
      xFileControl: () => code.NOTFOUND,
      xSectorSize: (file: Pointer) => files.get(file)!.sectorBytes,
      xDeviceCharacteristics: (file: Pointer) => files.get(file)!.characteristics,
    };
  }

  #sharedMemoryMethods() {
    const files = this.#files;
    const memory = this.#memory;
    return {
      xShmMap: (file: Pointer, index: number, bytes: number, extend: number, out: Pointer) =>
        files.get(file)!.map({ index, bytes, extend: extend !== 0 }, (pointer) => {
          memory.setWord(out, pointer);
        }),
      xShmLock: (file: Pointer, first: number, count: number, flags: number) =>
        files.get(file)!.lockShared(first, count, flags),
      // One thread at a time: what was written is seen.
      xShmBarrier: () => {},
      xShmUnmap: (file: Pointer) => files.get(file)!.unmap(),
    };
  }

  #vfsMethods() {
    const memory = this.#memory;
    return {
      xOpen: (_vfs: Pointer, name: Pointer, file: Pointer, flags: number, out: Pointer) =>
        this.#open(name === 0 ? undefined : memory.text(name), file, flags, out),
      xDelete: (_vfs: Pointer, name: Pointer, sync: number) =>
        this.#delete(memory.text(name), sync !== 0),
      xAccess: (_vfs: Pointer, name: Pointer, _flags: number, out: Pointer) =>
        this.#access(memory.text(name), out),
      xFullPathname: (_vfs: Pointer, name: Pointer, bytes: number, out: Pointer) =>
        memory.setText(out, bytes, absolute(memory.text(name))) ? code.OK : code.CANTOPEN,
      xRandomness: (_vfs: Pointer, bytes: number, out: Pointer) => {
        this.#process?.entropy.fill(memory.at(out, bytes));
        return bytes;
      },
      xSleep: (_vfs: Pointer, microseconds: number) => microseconds,
      xCurrentTime: (_vfs: Pointer, out: Pointer) => {
        memory.at(out, 8).set(new Uint8Array(new Float64Array([DAYS]).buffer));
        return code.OK;
      },
      xCurrentTimeInt64: (_vfs: Pointer, out: Pointer) => {
        memory.setLong(out, MILLISECONDS);
        return code.OK;
      },
      xGetLastError: () => 0,
    };
  }

  #open(name: string | undefined, file: Pointer, flags: number, out: Pointer): number {
    // Without methods, SQLite does not close what could not be opened.
    this.#memory.setWord(file, 0);
    const process = this.#process;
    if (process === undefined) return code.CANTOPEN;
    const path = name ?? process.temporaryPath();
    if (flags & code.OPEN_MAIN_DB) process.temporaryDirectory = directoryOf(path);
    return attempt(process, code.CANTOPEN, () => {
      const opened = openedAs(process.fs, path, flags);
      if (typeof opened === "number") return opened;
      if (flags & code.OPEN_DELETEONCLOSE) process.fs.remove(path);
      const isJournal = (flags & code.OPEN_CREATE & opened.flags) !== 0 &&
        (flags & code.OPEN_ANY_JOURNAL) !== 0;
      this.#files.set(file, new SqliteFile(process, opened.handle, { path, isJournal }));
      this.#memory.setWord(file, this.#methods);
      if (out !== 0) this.#memory.setWord(out, opened.flags);
      return code.OK;
    });
  }

  #delete(path: string, sync: boolean): number {
    const process = this.#process;
    if (process === undefined) return code.IOERR;
    const removed = attempt(process, code.IOERR_DELETE, () => {
      try {
        process.fs.remove(path);
        return code.OK;
      } catch (error) {
        if (isMissing(error)) return code.IOERR_DELETE_NOENT;
        throw error;
      }
    });
    if (removed !== code.OK || !sync) return removed;
    return attempt(process, code.IOERR_DIR_FSYNC, () => {
      syncDirectory(process.fs, directoryOf(path));
      return code.OK;
    });
  }

  /** Whether there is anything at a path. */
  #access(path: string, out: Pointer): number {
    const process = this.#process;
    if (process === undefined) return code.IOERR;
    return attempt(process, code.IOERR_ACCESS, () => {
      this.#memory.setWord(out, hasBytes(process.fs, path) ? 1 : 0);
      return code.OK;
    });
  }
}

const registered = new WeakMap<SqliteModule, SqliteVfs>();

/**
 * The VFS through which an instance of SQLite reaches simulated disks. It is registered, as the
 * default one, when it is first asked for.
 *
 * @param sqlite3 The module, initialised.
 * @returns The VFS of this instance, always the same.
 *
 * @example
 * ```ts
 * import init from "@sqlite.org/sqlite-wasm";
 * import { SimulatedFileSystem, sqliteVfs } from "../../../mod.ts";
 *
 * const fs = new SimulatedFileSystem();
 * const vfs = sqliteVfs(await init());
 * vfs.start(fs);
 * const db = vfs.open("/db");
 * db.exec("PRAGMA synchronous=EXTRA; CREATE TABLE t(x); INSERT INTO t VALUES ('kept')");
 *
 * fs.disk.powerCut();
 * vfs.start(new SimulatedFileSystem(fs.disk));
 * console.log(vfs.open("/db").rows("SELECT x FROM t")); // [ [ "kept" ] ]
 * ```
 */
export function sqliteVfs(sqlite3: SqliteModule): SqliteVfs {
  let vfs = registered.get(sqlite3);
  if (vfs === undefined) registered.set(sqlite3, vfs = new SqliteVfs(sqlite3));
  return vfs;
}

/** A handle and the flags that it was opened with, or a result code. */
function openedAs(
  fs: FileSystem,
  path: string,
  flags: number,
): { readonly handle: FileHandle; readonly flags: number } | number {
  const isReadOnly = (flags & code.OPEN_READONLY) !== 0;
  const isNew = (flags & code.OPEN_EXCLUSIVE) !== 0;
  try {
    const handle = retried(() =>
      fs.open(
        path,
        isReadOnly ? { read: true } : {
          read: true,
          write: true,
          create: (flags & code.OPEN_CREATE) !== 0,
          createNew: isNew,
        },
      )
    );
    return { handle, flags };
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    if (error.code === "EISDIR") return code.CANTOPEN_ISDIR;
    if (isReadOnly || isNew || error.code === "ENOENT") return code.CANTOPEN;
    // What cannot be written can perhaps be read.
    return openedAs(
      fs,
      path,
      flags & ~(code.OPEN_READWRITE | code.OPEN_CREATE) | code.OPEN_READONLY,
    );
  }
}

/**
 * Whether there is a directory at a path, or a file with a byte in it: a file without one is as good
 * as none, as it is in SQLite's VFS for unix.
 */
function hasBytes(fs: FileSystem, path: string): boolean {
  // Mostly there is none, and nobody looks at the stack of that error, which is what it costs.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    const { kind, size } = fs.stat(path);
    return kind === "directory" || size > 0;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof FileSystemError &&
    (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}
