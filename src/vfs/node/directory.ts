/**
 * A directory that is read entry by entry.
 *
 * @module
 */
import { optionsOf, pathOf } from "./arguments.ts";
import { directoryClosed } from "./argument_error.ts";
import type { NodeProcess } from "./node_process.ts";
import type { Dirent } from "./stats.ts";
import { promiseOf, runLater, Step } from "./step.ts";
import { entriesOf } from "./tree_operations.ts";

/** Opens a directory: its entries are those of this moment. */
export function opendir(process: NodeProcess, path: unknown, options?: unknown): Step<Dir> {
  const { encoding } = optionsOf(options);
  const at = pathOf(path);
  return new Step(() => `list "${at}"`, () => {
    const listing = { encoding, withFileTypes: true, syscall: "opendir" };
    return new Dir(process, at, entriesOf(process, at, listing) as Dirent[]);
  });
}

type Called<T> = (error: unknown, value?: T) => void;

/** A directory that is read entry by entry. */
export class Dir {
  /** Where it is. */
  readonly path: string;
  readonly #process: NodeProcess;
  readonly #entries: Dirent[];
  #isOpen = true;

  /** Starts before the first entry. */
  constructor(process: NodeProcess, path: string, entries: Dirent[]) {
    this.#process = process;
    this.path = path;
    this.#entries = entries;
  }

  /** The next entry; `null` after the last one. */
  readSync(): Dirent | null {
    if (!this.#isOpen) throw directoryClosed();
    return this.#entries.shift() ?? null;
  }

  /** See {@linkcode Dir.readSync}. */
  read(callback?: Called<Dirent | null>): Promise<Dirent | null> | void {
    const step = new Step(() => `list "${this.path}"`, () => this.readSync());
    return this.#later(step, callback);
  }

  /** Gives the directory back. */
  closeSync(): void {
    if (!this.#isOpen) throw directoryClosed();
    this.#isOpen = false;
  }

  /** See {@linkcode Dir.closeSync}. */
  close(callback?: Called<void>): Promise<void> | void {
    return this.#later(new Step(() => `close "${this.path}"`, () => this.closeSync()), callback);
  }

  #later<T>(step: Step<T>, callback: Called<T> | undefined): Promise<T> | void {
    const { fs } = this.#process;
    if (callback === undefined) return promiseOf(fs, step);
    runLater(fs, step, (error, value) => callback(error ?? null, value));
  }

  /** All entries; then the directory is closed. */
  async *entries(): AsyncGenerator<Dirent, void> {
    try {
      for (;;) {
        const entry = await this.read();
        if (!entry) return;
        yield entry;
      }
    } finally {
      await this.close();
    }
  }

  /** See {@linkcode Dir.entries}. */
  [Symbol.asyncIterator](): AsyncGenerator<Dirent, void> {
    return this.entries();
  }

  /** Gives the directory back, unless that was done. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOpen) await this.close();
  }
}
