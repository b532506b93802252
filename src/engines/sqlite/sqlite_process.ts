import type { FileSystem } from "../../vfs/file_system.ts";
import { FileLocks } from "./file_locks.ts";
import { ReadEntropy } from "./read_entropy.ts";
import { type Allocator, SharedMemory } from "./shared_memory.ts";

/** What the device below promises about writes, as SQLite asks for it. */
export interface SqliteDevice {
  /** Bytes that the device writes as one (`xSectorSize`). Default: 512. */
  readonly sectorBytes?: 512 | 4096;
  /**
   * A power loss during a write changes no byte outside of it: the disk grants
   * `SQLITE_IOCAP_POWERSAFE_OVERWRITE`. Default: `false`.
   */
  readonly powersafeOverwrite?: boolean;
}

/** What all connections of one process share; once it is dead, none of them reaches the disk. */
export class SqliteProcess {
  /** The disk. */
  readonly fs: FileSystem;
  /** What the device promises. */
  readonly device: SqliteDevice;
  /** What its random numbers come from. */
  readonly entropy: ReadEntropy = new ReadEntropy();
  /** Whether it lives. */
  alive = true;
  /** An error that is no file system's, on its way through SQLite. */
  failure: { readonly error: unknown } | undefined;
  /** Where temporary files go: the directory of the first file that was opened. */
  temporaryDirectory = "/";
  readonly #allocator: Allocator;
  readonly #locks = new Map<string, FileLocks>();
  readonly #shared = new Map<string, SharedMemory>();
  #temporaryFiles = 0;

  /** Starts a process on a disk. */
  constructor(fs: FileSystem, device: SqliteDevice, allocator: Allocator) {
    this.fs = fs;
    this.device = device;
    this.#allocator = allocator;
  }

  /** The locks on the file at a path. */
  locksOf(path: string): FileLocks {
    let locks = this.#locks.get(path);
    if (locks === undefined) this.#locks.set(path, locks = new FileLocks());
    return locks;
  }

  /** The shared memory of the file at a path. */
  sharedMemoryOf(path: string): SharedMemory {
    let memory = this.#shared.get(path);
    if (memory === undefined) this.#shared.set(path, memory = new SharedMemory(this.#allocator));
    return memory;
  }

  /** A name that no file has had in this process. */
  temporaryPath(): string {
    const { temporaryDirectory } = this;
    const slash = temporaryDirectory.endsWith("/") ? "" : "/";
    return `${temporaryDirectory}${slash}sqlite-temporary-${++this.#temporaryFiles}`;
  }

  /** The process dies: nothing that its connections still do reaches the disk. */
  kill(): void {
    this.alive = false;
  }

  /**
   * An error that is none of the file system must get to whoever called SQLite, which knows only
   * numbers. It is kept until then, and the process does nothing more.
   */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.kill();
  }
}

/** The directory that holds the name of a file. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}
