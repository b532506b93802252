/**
 * What all handles of one origin private file system share: the disk, the locks, and the way in
 * which calls under way together complete.
 *
 * @module
 */
import { type FileSystem, FileSystemError } from "../../vfs/file_system.ts";
import { type CompletingFileSystem, completion } from "../../vfs/promised_file_system.ts";
import { SimulatedFileSystem } from "../../vfs/simulated_file_system.ts";
import { syncDirectory } from "../../vfs/sync_directory.ts";
import { domError, translated } from "./_dom_error.ts";
import { Locks } from "./_locks.ts";

/** A file or a directory, as the API calls it. */
export type OpfsKind = "file" | "directory";

/** Names from the root of the bucket. */
export type OpfsPath = readonly string[];

/** One origin private file system. */
export class Bucket {
  /** The disk below. */
  readonly fs: FileSystem;
  /** What is open. */
  readonly locks: Locks = new Locks();
  readonly #root: string;
  readonly #namesAreDurable: boolean;

  /** Puts a bucket into the directory `root`. */
  constructor(
    fs: FileSystem,
    { root, namesAreDurable }: { readonly root: string; readonly namesAreDurable: boolean },
  ) {
    this.fs = fs;
    this.#root = root.replace(/\/+$/, "");
    this.#namesAreDurable = namesAreDurable;
  }

  /** Whether its process was killed: what handles are still asked to do, the disk never hears of. */
  get isDead(): boolean {
    return this.fs instanceof SimulatedFileSystem && !this.fs.alive;
  }

  /** Where on the disk it lies. */
  place(path: OpfsPath): string {
    return `${this.#root}/${path.join("/")}`;
  }

  /**
   * Carries out a call of the API later, all at once. Under the harness, calls that are under way
   * together complete in several orders; elsewhere in the order in which they were made.
   */
  later<T>(what: string, carryOut: () => T): Promise<T> {
    const { fs } = this;
    return new Promise((resolve, reject) => {
      let settle = () => {};
      const takeEffect = () => {
        try {
          const value = translated(carryOut);
          settle = () => resolve(value);
        } catch (error) {
          settle = () => reject(error);
        }
      };
      if (completion in fs) {
        const pending = { what, isBarrier: false, takeEffect, settle: () => settle() };
        return (fs as CompletingFileSystem)[completion](pending);
      }
      queueMicrotask(() => {
        takeEffect();
        settle();
      });
    });
  }

  /**
   * What bears a name; `undefined` when nothing does. Opens it, because a look at the size would
   * decide more of a crash than the API shows.
   */
  kindOf(path: OpfsPath): OpfsKind | undefined {
    if (path.length === 0) return "directory";
    try {
      this.fs.open(this.place(path), { write: true }).close();
      return "file";
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      if (error.code === "EISDIR") return "directory";
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw error;
    }
  }

  /** Refuses a handle of a directory that is gone, or that is a file by now. */
  requireDirectory(path: OpfsPath): void {
    const kind = this.kindOf(path);
    if (kind === "directory") return;
    const name: "NotFoundError" | "TypeMismatchError" = kind === undefined
      ? "NotFoundError"
      : "TypeMismatchError";
    throw domError(name, `"${this.place(path)}" is ${kind ?? "gone"}, expected a directory`);
  }

  /** The names in a directory have changed: where they are durable at once, this makes them so. */
  renamed(directory: OpfsPath): void {
    if (this.#namesAreDurable) syncDirectory(this.fs, this.place(directory));
  }
}

/** Refuses what cannot be a name (section 2.1, "valid file name"; Chromium refuses `\` everywhere). */
export function requireName(name: unknown): string {
  const text = String(name);
  if (text === "" || text === "." || text === ".." || /[/\\]/.test(text)) {
    throw new TypeError(`Name is not allowed: ${JSON.stringify(text)}`);
  }
  return text;
}
