import type { Bucket, OpfsPath } from "./_bucket.ts";
import { notSimulated } from "./_dom_error.ts";

/** Where a handle leads. It is a path, not an inode: what bears the name later is reached, too. */
export interface Locator {
  /** The file system that it belongs to. */
  readonly bucket: Bucket;
  /** The names from its root. */
  path: OpfsPath;
}

const locators = new WeakMap<OpfsHandle, Locator>();

/** Where a handle leads. */
export function locatorOf(handle: OpfsHandle): Locator {
  const locator = locators.get(handle);
  if (locator === undefined) throw new TypeError("Expected a handle of a simulated file system");
  return locator;
}

/**
 * A handle of a file or a directory: `FileSystemHandle` (section 2.2). Handles come from
 * {@linkcode opfs}.
 *
 * @example
 * ```ts
 * import { opfs, SimulatedFileSystem } from "../../../mod.ts";
 *
 * const root = opfs(new SimulatedFileSystem());
 * const file = await root.getFileHandle("data", { create: true });
 * console.log(file.kind, file.name, await file.isSameEntry(root)); // file data false
 * ```
 */
export abstract class OpfsHandle {
  /** A file or a directory. */
  abstract readonly kind: "file" | "directory";

  /**
   * Names a place.
   *
   * @internal
   */
  constructor(locator: Locator) {
    locators.set(this, locator);
  }

  /** The last name of its path; the root has none. */
  get name(): string {
    return locatorOf(this).path.at(-1) ?? "";
  }

  /**
   * Whether both lead to the same place (section 2.2.1).
   *
   * @param other Another handle.
   * @returns Whether kind and path are the same.
   */
  isSameEntry(other: OpfsHandle): Promise<boolean> {
    const [mine, its] = [locatorOf(this), locatorOf(other)];
    return Promise.resolve(
      mine.bucket === its.bucket && this.kind === other.kind && samePath(mine.path, its.path),
    );
  }

  /** Chromium has it; it is not simulated. */
  remove(): never {
    return notSimulated("FileSystemHandle.remove");
  }

  /** Chromium has it; it is not simulated. */
  queryPermission(): never {
    return notSimulated("FileSystemHandle.queryPermission");
  }

  /** Chromium has it; it is not simulated. */
  requestPermission(): never {
    return notSimulated("FileSystemHandle.requestPermission");
  }

  /** Chromium has it; it is not simulated. */
  getUniqueId(): never {
    return notSimulated("FileSystemHandle.getUniqueId");
  }
}

/** Whether two paths are the same. */
export function samePath(a: OpfsPath, b: OpfsPath): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
