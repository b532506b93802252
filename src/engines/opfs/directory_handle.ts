import { requireName } from "./_bucket.ts";
import { domError } from "./_dom_error.ts";
import { OpfsFileHandle } from "./file_handle.ts";
import { locatorOf, OpfsHandle } from "./handle.ts";

/**
 * A handle of a directory: `FileSystemDirectoryHandle` (section 2.4). The root is what
 * {@linkcode opfs} returns.
 *
 * @example
 * ```ts
 * import { opfs, SimulatedFileSystem } from "../../../mod.ts";
 *
 * const root = opfs(new SimulatedFileSystem());
 * await root.getDirectoryHandle("pool", { create: true });
 * for await (const [name, handle] of root) console.log(name, handle.kind); // pool directory
 * ```
 */
export class OpfsDirectoryHandle extends OpfsHandle {
  /** Always `"directory"`. */
  readonly kind = "directory";

  /**
   * A handle of a file in this directory (section 2.4.2).
   *
   * @param name Its name.
   * @param options Whether to create it when nothing has the name.
   * @returns The handle.
   * @throws {DOMException} `NotFoundError` when it is not there, or this directory is gone;
   * `TypeMismatchError` when it is a directory.
   * @throws {TypeError} When the name is none.
   */
  getFileHandle(
    name: string,
    options: { readonly create?: boolean } = {},
  ): Promise<OpfsFileHandle> {
    const { bucket, path } = locatorOf(this);
    const child = [...path, String(name)];
    const place = bucket.place(child);
    return bucket.later(`getFileHandle "${place}"`, () => {
      requireName(name);
      bucket.requireDirectory(path);
      const kind = bucket.kindOf(child);
      if (kind === "directory") throw wrongKind(place, "a directory", "a file");
      if (kind === undefined) {
        if (!options.create) throw notFound(place);
        bucket.fs.open(place, { write: true, createNew: true }).close();
        bucket.renamed(path);
      }
      return new OpfsFileHandle({ bucket, path: child });
    });
  }

  /**
   * A handle of a directory in this directory (section 2.4.3).
   *
   * @param name Its name.
   * @param options Whether to create it when nothing has the name.
   * @returns The handle.
   * @throws {DOMException} `NotFoundError` when it is not there, or this directory is gone;
   * `TypeMismatchError` when it is a file.
   * @throws {TypeError} When the name is none.
   */
  getDirectoryHandle(
    name: string,
    options: { readonly create?: boolean } = {},
  ): Promise<OpfsDirectoryHandle> {
    const { bucket, path } = locatorOf(this);
    const child = [...path, String(name)];
    const place = bucket.place(child);
    return bucket.later(`getDirectoryHandle "${place}"`, () => {
      requireName(name);
      bucket.requireDirectory(path);
      const kind = bucket.kindOf(child);
      if (kind === "file") throw wrongKind(place, "a file", "a directory");
      if (kind === undefined) {
        if (!options.create) throw notFound(place);
        bucket.fs.mkdir(place);
        bucket.renamed(path);
      }
      return new OpfsDirectoryHandle({ bucket, path: child });
    });
  }

  /**
   * Removes a file or a directory (section 2.4.4).
   *
   * @param name Its name.
   * @param options Whether to remove what is in it as well.
   * @throws {DOMException} `NotFoundError` when it is not there, `InvalidModificationError` when it
   * is a directory with something in it, `NoModificationAllowedError` when it or something in it is
   * open, as in Chromium.
   * @throws {TypeError} When the name is none.
   */
  removeEntry(name: string, options: { readonly recursive?: boolean } = {}): Promise<void> {
    const { bucket, path } = locatorOf(this);
    const child = [...path, String(name)];
    const place = bucket.place(child);
    return bucket.later(`removeEntry "${place}"`, () => {
      requireName(name);
      bucket.requireDirectory(path);
      if (bucket.kindOf(child) === undefined) throw notFound(place);
      bucket.locks.requireFree(place);
      this.#remove(child, options.recursive ?? false);
    });
  }

  /**
   * The way from here to a handle (section 2.4.5).
   *
   * @param possibleDescendant The handle.
   * @returns The names on the way, or `null` when it does not lie in this directory.
   */
  resolve(possibleDescendant: OpfsHandle): Promise<string[] | null> {
    const [mine, its] = [locatorOf(this), locatorOf(possibleDescendant)];
    const isBelow = mine.bucket === its.bucket && mine.path.length <= its.path.length &&
      mine.path.every((name, i) => name === its.path[i]);
    return Promise.resolve(isBelow ? its.path.slice(mine.path.length) : null);
  }

  /**
   * Everything in this directory, in the order of the names (section 2.4.1; the standard promises no
   * order). What comes or goes meanwhile is not noticed.
   *
   * @returns Names and handles.
   */
  async *entries(): AsyncGenerator<[string, OpfsFileHandle | OpfsDirectoryHandle]> {
    const { bucket, path } = locatorOf(this);
    const found = await bucket.later(`list "${bucket.place(path)}"`, () => {
      bucket.requireDirectory(path);
      return bucket.fs.list(bucket.place(path))
        .map((name) => ({ name, kind: bucket.kindOf([...path, name]) }));
    });
    for (const { name, kind } of found) {
      const locator = { bucket, path: [...path, name] };
      yield [
        name,
        kind === "directory" ? new OpfsDirectoryHandle(locator) : new OpfsFileHandle(locator),
      ];
    }
  }

  /**
   * The names of {@linkcode OpfsDirectoryHandle.entries}.
   *
   * @returns The names.
   */
  async *keys(): AsyncGenerator<string> {
    for await (const [name] of this.entries()) yield name;
  }

  /**
   * The handles of {@linkcode OpfsDirectoryHandle.entries}.
   *
   * @returns The handles.
   */
  async *values(): AsyncGenerator<OpfsFileHandle | OpfsDirectoryHandle> {
    for await (const [, handle] of this.entries()) yield handle;
  }

  /** The same as {@linkcode OpfsDirectoryHandle.entries}. */
  [Symbol.asyncIterator](): AsyncGenerator<[string, OpfsFileHandle | OpfsDirectoryHandle]> {
    return this.entries();
  }

  #remove(child: readonly string[], recursive: boolean): void {
    const { bucket } = locatorOf(this);
    const place = bucket.place(child);
    if (recursive && bucket.kindOf(child) === "directory") {
      for (const name of bucket.fs.list(place)) this.#remove([...child, name], true);
    }
    bucket.fs.remove(place);
    bucket.renamed(child.slice(0, -1));
  }
}

function notFound(place: string): DOMException {
  return domError("NotFoundError", `"${place}" is not there`);
}

function wrongKind(place: string, found: string, expected: string): DOMException {
  return domError("TypeMismatchError", `"${place}" is ${found}, expected ${expected}`);
}
