/**
 * The files of Turso: the six functions that its module imports (`lookup_file`, `read`, `write`,
 * `sync`, `truncate`, `size`), on a {@linkcode FileSystem}.
 *
 * METHOD. A file has to be there before Turso looks it up: in a browser, its package registers both
 * files before it opens a database. The same is done here, and the directory is synced, as the module
 * has no import for that: names are none of its business. A call that fails returns -1, as in the
 * package; why it failed is kept for whoever wants to know.
 *
 * @module
 */
import type { FileHandle, FileSystem } from "../../vfs/file_system.ts";
import { syncDirectory } from "../../vfs/sync_directory.ts";

/** What the module is told of a file that is not there. */
const NOT_FOUND = -404;
const FAILED = -1;

/** What only the main thread of a browser calls. */
function notHere(): never {
  throw new Error("Turso makes an asynchronous call, expected only synchronous ones in a worker");
}

/** The bytes of the memory that a call is about. */
type BytesAt = (pointer: number, length: number) => Uint8Array;

/** See the METHOD above. */
export class TursoFiles {
  readonly #handles: FileHandle[] = [];
  readonly #numbers: Map<string, number> = new Map();
  readonly #bytesAt: BytesAt;
  /** Why the first call that failed has failed. */
  failure: unknown;

  /** No files yet. */
  constructor(bytesAt: BytesAt) {
    this.#bytesAt = bytesAt;
  }

  /** A process begins: opens its files, which are all in one directory and created where missing. */
  register(fs: FileSystem, paths: readonly string[]): void {
    this.#handles.length = 0;
    this.#numbers.clear();
    this.failure = undefined;
    let isNew = false;
    const directory = paths[0]!.slice(0, paths[0]!.lastIndexOf("/")) || "/";
    const there = fs.list(directory);
    for (const path of paths) {
      isNew ||= !there.includes(path.slice(path.lastIndexOf("/") + 1));
      this.#numbers.set(path, this.#handles.length + 1);
      this.#handles.push(fs.open(path, { read: true, write: true, create: true }));
    }
    if (isNew) syncDirectory(fs, directory);
  }

  /** What stands for the first bytes of a file (FNV-1a). */
  digest(path: string, length: number): number {
    const number = this.#numbers.get(path)!;
    const bytes = new Uint8Array(length);
    const got = this.#at(number).read(bytes, 0);
    let hash = 0x811c9dc5;
    for (const byte of bytes.subarray(0, got)) hash = Math.imul(hash ^ byte, 0x01000193);
    return hash >>> 0;
  }

  /** Gives the files back. */
  close(): void {
    for (const handle of this.#handles) handle.close();
    this.#handles.length = 0;
    this.#numbers.clear();
  }

  /** The functions that the module imports. */
  readonly imports = {
    is_web_worker: (): boolean => true,
    lookup_file: (pointer: number, length: number): number =>
      this.#numbers.get(new TextDecoder().decode(this.#bytesAt(pointer, length).slice())) ??
        NOT_FOUND,
    read: (file: number, pointer: number, length: number, offset: number | bigint): number =>
      this.#try(() => this.#read(file, this.#bytesAt(pointer, length), Number(offset))),
    write: (file: number, pointer: number, length: number, offset: number | bigint): number =>
      this.#try(() => this.#at(file).write(this.#bytesAt(pointer, length).slice(), Number(offset))),
    sync: (file: number): number =>
      this.#try(() => {
        this.#at(file).sync();
        return 0;
      }),
    truncate: (file: number, length: number | bigint): number =>
      this.#try(() => {
        this.#at(file).truncate(Number(length));
        return 0;
      }),
    size: (file: number): number => this.#try(() => this.#at(file).size()),
    read_async: notHere,
    write_async: notHere,
    sync_async: notHere,
    truncate_async: notHere,
  };

  #at(file: number): FileHandle {
    const handle = this.#handles[file - 1];
    if (handle === undefined) throw new Error(`Turso asks for file ${file}, which is not open`);
    return handle;
  }

  /** The memory of the module is shared: it is filled from a copy. */
  #read(file: number, into: Uint8Array, offset: number): number {
    const bytes = new Uint8Array(into.length);
    const got = this.#at(file).read(bytes, offset);
    into.set(bytes.subarray(0, got));
    return got;
  }

  #try(call: () => number): number {
    try {
      return call();
    } catch (error) {
      this.failure ??= error;
      return FAILED;
    }
  }
}
