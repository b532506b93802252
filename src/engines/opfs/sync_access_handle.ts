import type { FileHandle } from "../../vfs/file_system.ts";
import { FileSystemError } from "../../vfs/file_system.ts";
import { writeFully } from "../../vfs/write_fully.ts";
import type { Bucket } from "./_bucket.ts";
import { domError, translated } from "./_dom_error.ts";

/** How a file is opened. The standard has `readwrite` only, Chromium the others as well. */
export type SyncAccessMode = "readwrite" | "read-only" | "readwrite-unsafe";

/** Where to read or write; without `at`, at the cursor. */
export interface SyncAccessOptions {
  /** Bytes from the start of the file. */
  readonly at?: number | undefined;
}

/**
 * An open file with synchronous calls: `FileSystemSyncAccessHandle` (section 2.6). `flush` is the
 * only barrier: `fdatasync` of the file, as Chromium calls it on Linux. `close` is none.
 *
 * @example
 * ```ts
 * import { opfs, SimulatedFileSystem } from "../../../mod.ts";
 *
 * const file = await opfs(new SimulatedFileSystem()).getFileHandle("data", { create: true });
 * const handle = await file.createSyncAccessHandle();
 * handle.write(new Uint8Array([1, 2, 3]), { at: 4 });
 * handle.flush();
 * console.log(handle.getSize()); // 7
 * handle.close();
 * ```
 */
export class OpfsSyncAccessHandle {
  /** How it was opened. */
  readonly mode: SyncAccessMode;
  readonly #bucket: Bucket;
  readonly #file: FileHandle;
  readonly #release: () => void;
  #cursor = 0;
  #isOpen = true;

  /**
   * Takes an open file and the lock on it.
   *
   * @internal
   */
  constructor(
    bucket: Bucket,
    file: FileHandle,
    { mode, release }: { readonly mode: SyncAccessMode; readonly release: () => void },
  ) {
    this.#bucket = bucket;
    this.#file = file;
    this.mode = mode;
    this.#release = release;
  }

  /**
   * Reads (section 2.6.1), and moves the cursor behind what was read. Past the end of the file it
   * stays where it was asked to read, as in Chromium; the standard moves it to the end.
   *
   * @param buffer Filled from its start.
   * @param options Where to read.
   * @returns The number of bytes read.
   * @throws {DOMException} `InvalidStateError` when closed, or when the disk cannot read.
   * @throws {TypeError} When `at` is no offset.
   */
  read(buffer: BufferSource, options: SyncAccessOptions = {}): number {
    const into = bytesOf(buffer);
    const at = offsetOf(options.at) ?? this.#cursor;
    this.#requireOpen();
    const done = translated(() => {
      let done = 0;
      while (done < into.length) {
        const got = this.#file.read(into.subarray(done), at + done);
        if (got === 0) break;
        done += got;
      }
      return done;
    });
    this.#cursor = at + done;
    return done;
  }

  /**
   * Writes (section 2.6.2), and moves the cursor behind what was written.
   *
   * @param buffer What to write.
   * @param options Where to write.
   * @returns The number of bytes written: all of them.
   * @throws {DOMException} `InvalidStateError` when closed, or when the disk cannot write,
   * `QuotaExceededError` when it is full, `NoModificationAllowedError` when opened for reading.
   * @throws {TypeError} When `at` is no offset.
   */
  write(buffer: BufferSource, options: SyncAccessOptions = {}): number {
    const bytes = bytesOf(buffer);
    const at = offsetOf(options.at) ?? this.#cursor;
    this.#requireOpen();
    this.#requireWritable();
    if (bytes.length > 0) translated(() => writeFully(this.#file, bytes, at));
    this.#cursor = at + bytes.length;
    return bytes.length;
  }

  /**
   * Cuts the file, or grows it with zeros (section 2.6.3). A cursor behind the new end moves to it.
   *
   * @param newSize The new length in bytes.
   * @throws {DOMException} As {@linkcode OpfsSyncAccessHandle.write} does.
   * @throws {TypeError} When `newSize` is no length.
   */
  truncate(newSize: number): void {
    const size = offsetOf(newSize);
    if (size === undefined) throw new TypeError("The new size is missing");
    this.#requireOpen();
    this.#requireWritable();
    translated(() => this.#file.truncate(size));
    this.#cursor = Math.min(this.#cursor, size);
  }

  /**
   * The length of the file (section 2.6.4).
   *
   * @returns The length in bytes.
   * @throws {DOMException} `InvalidStateError` when closed.
   */
  getSize(): number {
    this.#requireOpen();
    return translated(() => this.#file.size());
  }

  /**
   * The barrier (section 2.6.5): makes the bytes and the size of the file durable, not its name.
   *
   * @throws {DOMException} `InvalidStateError` when closed, or when the disk could not;
   * `NoModificationAllowedError` when opened for reading.
   */
  flush(): void {
    this.#requireOpen();
    this.#requireWritable();
    translated(() => this.#file.syncData());
  }

  /** Gives the file and its lock back (section 2.6.6). Not a barrier. Never fails. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#release();
    if (this.#bucket.isDead) return;
    try {
      this.#file.close();
    } catch (error) {
      // The disk reports late: the API does not tell.
      if (!(error instanceof FileSystemError)) throw error;
    }
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw domError("InvalidStateError", "The access handle is closed");
    if (this.#bucket.isDead) throw deadError();
  }

  #requireWritable(): void {
    if (this.mode !== "read-only") return;
    throw domError("NoModificationAllowedError", 'The access handle is "read-only"');
  }
}

/** What a call of a process that was killed ends in; no call of the API ends in it otherwise. */
function deadError(): FileSystemError {
  return new FileSystemError("EBADF", "call", "an access handle of a process that was killed");
}

/** The bytes of what the API calls a buffer source. */
export function bytesOf(buffer: BufferSource): Uint8Array {
  if (ArrayBuffer.isView(buffer)) {
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
  const isBuffer = (buffer as unknown) instanceof ArrayBuffer ||
    (buffer as unknown) instanceof SharedArrayBuffer;
  if (isBuffer) return new Uint8Array(buffer);
  throw new TypeError("The buffer is neither an ArrayBuffer nor a view of one");
}

/** An offset as WebIDL's `[EnforceRange] unsigned long long` takes it; `undefined` when left out. */
export function offsetOf(value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  const whole = Math.trunc(Number(value));
  if (!Number.isSafeInteger(whole) || whole < 0) {
    throw new TypeError(`The offset is ${value}, expected a whole number from 0 to 2 ** 53 - 1`);
  }
  return whole;
}
