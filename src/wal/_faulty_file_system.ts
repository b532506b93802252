import type { FileHandle, FileInfo, FileSystem, OpenOptions } from "../vfs/file_system.ts";

/** The calls that can be made to fail. */
export type FaultyCall = keyof FileSystem | keyof FileHandle;

/** A file system whose calls go wrong as a test wants it. */
export class FaultyFileSystem implements FileSystem {
  /** How many calls were made. */
  calls = 0;
  /** Most bytes that one write or read handles. */
  mostBytes = Infinity;
  readonly #fs: FileSystem;
  readonly #onCall: (call: FaultyCall, path: string, number: number) => void;

  /**
   * @param fs What works.
   * @param onCall Called before every call, with its number from 1; what it throws, the call throws.
   */
  constructor(
    fs: FileSystem,
    onCall: (call: FaultyCall, path: string, number: number) => void = () => {},
  ) {
    this.#fs = fs;
    this.#onCall = onCall;
  }

  open(path: string, options?: OpenOptions): FileHandle {
    this.count("open", path);
    return new FaultyHandle(this, this.#fs.open(path, options), path);
  }

  mkdir(path: string): void {
    this.count("mkdir", path);
    this.#fs.mkdir(path);
  }

  list(path: string): string[] {
    this.count("list", path);
    return this.#fs.list(path);
  }

  stat(path: string): FileInfo {
    this.count("stat", path);
    return this.#fs.stat(path);
  }

  rename(from: string, to: string): void {
    this.count("rename", from);
    this.#fs.rename(from, to);
  }

  link(existing: string, created: string): void {
    this.count("link", existing);
    this.#fs.link(existing, created);
  }

  remove(path: string): void {
    this.count("remove", path);
    this.#fs.remove(path);
  }

  count(call: FaultyCall, path: string): void {
    this.#onCall(call, path, ++this.calls);
  }
}

class FaultyHandle implements FileHandle {
  readonly #fs: FaultyFileSystem;
  readonly #file: FileHandle;
  readonly #path: string;

  constructor(fs: FaultyFileSystem, file: FileHandle, path: string) {
    this.#fs = fs;
    this.#file = file;
    this.#path = path;
  }

  read(into: Uint8Array, offset: number): number {
    this.#fs.count("read", this.#path);
    return this.#file.read(into.subarray(0, this.#fs.mostBytes), offset);
  }

  write(bytes: Uint8Array, offset?: number): number {
    this.#fs.count("write", this.#path);
    return this.#file.write(bytes.subarray(0, this.#fs.mostBytes), offset);
  }

  size(): number {
    this.#fs.count("size", this.#path);
    return this.#file.size();
  }

  truncate(size: number): void {
    this.#fs.count("truncate", this.#path);
    this.#file.truncate(size);
  }

  sync(): void {
    this.#fs.count("sync", this.#path);
    this.#file.sync();
  }

  syncData(): void {
    this.#fs.count("syncData", this.#path);
    this.#file.syncData();
  }

  close(): void {
    this.#fs.count("close", this.#path);
    this.#file.close();
  }
}
