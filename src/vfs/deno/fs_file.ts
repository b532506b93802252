/**
 * An open file: `Deno.FsFile` over a {@linkcode FileHandle}.
 *
 * METHOD. Each file has one cursor, which reads and writes move. `sync` is `fsync`, `syncData` is
 * `fdatasync`. A write may be short, and says so.
 *
 * Asynchronous calls on one file take effect one after another, in the order in which they were
 * made, each when the one before has returned: the runtime keeps a queue for each file. Calls on
 * different files, also when both are the same on the disk, take effect in any order. Synchronous
 * calls wait for nobody. A file that is closed while calls are under way lets them end.
 *
 * Locks are granted always: no other process is there. Times are taken and not kept.
 *
 * @module
 */
import { type FileHandle, FileSystemError } from "../file_system.ts";
import { Step } from "../node/step.ts";
import { attempt, badResource, denoError, persist, refused } from "./deno_error.ts";
import type { DenoProcess } from "./deno_process.ts";
import { fileInfo, type Known } from "./file_info.ts";
import { readableOf, writableOf } from "./file_streams.ts";
import { closeQuietly, sizeOf } from "./handles.ts";
import { completed } from "./later.ts";

/** How a file was opened. */
export interface Opened {
  readonly process: DenoProcess;
  /** From the root on, for whoever looks at calls. */
  readonly path: string;
  readonly read: boolean;
  readonly append: boolean;
}

const NOTHING = new Uint8Array(0);

/** See the METHOD above. */
class FsFile implements Deno.FsFile {
  readonly #file: FileHandle;
  readonly #opened: Opened;
  #cursor = 0;
  /** Whether the cursor is where the file ended at the last write: nobody has asked where yet. */
  #isAtEnd = false;
  #isOpen = true;
  /** Ends with the last of the asynchronous calls so far; `undefined` when all have ended. */
  #underWay: Promise<void> | undefined;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;

  constructor(file: FileHandle, opened: Opened) {
    this.#file = file;
    this.#opened = opened;
  }

  writeSync(bytes: Uint8Array): number {
    return this.#write(bytes).run();
  }

  async write(bytes: Uint8Array): Promise<number> {
    return await this.#later(this.#write(bytes));
  }

  readSync(into: Uint8Array): number | null {
    return into.length === 0 ? 0 : this.#read(into).run();
  }

  async read(into: Uint8Array): Promise<number | null> {
    return into.length === 0 ? 0 : await this.#later(this.#read(into));
  }

  truncateSync(length?: number): void {
    this.#truncate(length).run();
  }

  async truncate(length?: number): Promise<void> {
    await this.#later(this.#truncate(length));
  }

  seekSync(offset: number | bigint, whence: Deno.SeekMode): number {
    return this.#seek(offset, whence).run();
  }

  async seek(offset: number | bigint, whence: Deno.SeekMode): Promise<number> {
    return await this.#later(this.#seek(offset, whence));
  }

  statSync(): Deno.FileInfo {
    return this.#stat().run();
  }

  async stat(): Promise<Deno.FileInfo> {
    return await this.#later(this.#stat());
  }

  syncSync(): void {
    this.#barrier("sync").run();
  }

  async sync(): Promise<void> {
    await this.#later(this.#barrier("sync"));
  }

  syncDataSync(): void {
    this.#barrier("syncData").run();
  }

  async syncData(): Promise<void> {
    await this.#later(this.#barrier("syncData"));
  }

  utimeSync(_atime: number | Date, _mtime: number | Date): void {
    this.#nothing("utime").run();
  }

  async utime(_atime: number | Date, _mtime: number | Date): Promise<void> {
    await this.#later(this.#nothing("utime"));
  }

  lockSync(_exclusive?: boolean): void {
    this.#nothing("lock").run();
  }

  async lock(_exclusive?: boolean): Promise<void> {
    await this.#later(this.#nothing("lock"));
  }

  tryLockSync(_exclusive?: boolean): boolean {
    this.#nothing("lock").run();
    return true;
  }

  async tryLock(_exclusive?: boolean): Promise<boolean> {
    await this.#later(this.#nothing("lock"));
    return true;
  }

  unlockSync(): void {
    this.#nothing("unlock").run();
  }

  async unlock(): Promise<void> {
    await this.#later(this.#nothing("unlock"));
  }

  isTerminal(): boolean {
    return false;
  }

  setRaw(_mode: boolean, _options?: Deno.SetRawOptions): void {
    if (!this.#isOpen) throw badResource();
    throw new Deno.errors.BadResource("ENOTTY: Not a typewriter");
  }

  close(): void {
    if (!this.#isOpen) throw badResource();
    this.#isOpen = false;
    if (this.#underWay === undefined) closeQuietly(this.#file);
  }

  [Symbol.dispose](): void {
    if (this.#isOpen) this.close();
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#readable ??= readableOf(this);
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= writableOf(this);
  }

  #write(bytes: Uint8Array): Step<number> {
    requireBytes(bytes);
    const { append, read } = this.#opened;
    return this.#step(`write ${bytes.length} bytes to`, () => {
      const done = this.#file.write(bytes, this.#cursor);
      if (!append || bytes.length === 0) this.#cursor += done;
      else if (read) this.#cursor = this.#sizeOr(this.#cursor);
      else this.#isAtEnd = true;
      return done;
    });
  }

  #read(into: Uint8Array): Step<number | null> {
    requireBytes(into);
    return this.#step(`read ${into.length} bytes from`, () => {
      const done = this.#file.read(into, this.#cursor);
      this.#cursor += done;
      return done === 0 ? null : done;
    });
  }

  #truncate(length: number | undefined): Step<void> {
    return this.#step("truncate", () => {
      const size = sizeOf(length);
      persist(() => this.#file.truncate(size));
    });
  }

  #seek(offset: number | bigint, whence: Deno.SeekMode): Step<number> {
    if (![0, 1, 2].includes(whence)) throw new TypeError(`Invalid seek mode: ${whence}`);
    const by = toInteger(offset);
    return this.#step("seek in", () => {
      const isFromEnd = whence === Deno.SeekMode.End ||
        (whence === Deno.SeekMode.Current && this.#isAtEnd);
      const from = isFromEnd
        ? this.#file.size()
        : whence === Deno.SeekMode.Current
        ? this.#cursor
        : 0;
      if (from + by < 0 || !Number.isSafeInteger(from + by)) throw denoError("EINVAL");
      this.#isAtEnd = false;
      return this.#cursor = from + by;
    });
  }

  #stat(): Step<Deno.FileInfo> {
    return this.#step("stat", () => {
      const kind = this.#kind();
      return fileInfo({ kind, size: this.#file.size(), inode: null });
    });
  }

  #barrier(call: "sync" | "syncData"): Step<void> {
    return this.#step(call, () => persist(() => this.#file[call]()), true);
  }

  /** A call whose effect is not simulated. */
  #nothing(call: string): Step<void> {
    return this.#step(call, () => {});
  }

  /** A read of nothing is refused by a directory, and by a file that is not open for reading. */
  #kind(): Known["kind"] {
    if (!this.#opened.read) return "file";
    try {
      this.#file.read(NOTHING, 0);
      return "file";
    } catch (error) {
      if (error instanceof FileSystemError && error.code === "EISDIR") return "directory";
      throw error;
    }
  }

  #sizeOr(otherwise: number): number {
    try {
      return this.#file.size();
    } catch (error) {
      if (error instanceof FileSystemError) return otherwise;
      throw error;
    }
  }

  #step<T>(what: string, run: () => T, isBarrier = false): Step<T> {
    if (!this.#isOpen) throw badResource();
    return new Step(() => `${what} "${this.#opened.path}"`, () => attempt(run), isBarrier);
  }

  /**
   * Lets a call take effect when all before it have returned. Nothing but the caller waits for the
   * promise: else its stack would not lead to the caller any more.
   */
  async #later<T>(step: Step<T>): Promise<T> {
    const before = this.#underWay;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#underWay = ended;
    try {
      if (before !== undefined) await before;
      return await completed(this.#opened.process.fs, step);
    } finally {
      if (this.#underWay === ended) {
        this.#underWay = undefined;
        if (!this.#isOpen) closeQuietly(this.#file);
      }
      end();
    }
  }
}

/** What a newer runtime adds to its files is refused, as it would reach for the real disk. */
function refuseTheRest(): void {
  const real = Deno.FsFile.prototype;
  Object.setPrototypeOf(FsFile.prototype, real);
  for (const name of Object.getOwnPropertyNames(real)) {
    if (Object.hasOwn(FsFile.prototype, name)) continue;
    const get = () => {
      throw refused(`FsFile.${name}`);
    };
    Object.defineProperty(FsFile.prototype, name, { get, configurable: true });
  }
}

refuseTheRest();

/**
 * Makes a `Deno.FsFile` of a handle.
 *
 * @param file The handle.
 * @param opened How it was opened.
 * @returns The file, with its cursor at the start.
 */
export function fsFile(file: FileHandle, opened: Opened): Deno.FsFile {
  return new FsFile(file, opened);
}

function requireBytes(bytes: unknown): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("expected typed ArrayBufferView");
}

/** An offset as the runtime understands it: what is behind the point is cut off. */
function toInteger(offset: number | bigint): number {
  if (typeof offset === "bigint") return Number(BigInt.asIntN(64, offset));
  return Number.isNaN(offset) ? 0 : Math.trunc(offset);
}
