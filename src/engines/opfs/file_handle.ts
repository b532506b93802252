import type { FileHandle } from "../../vfs/file_system.ts";
import { type OpfsPath, requireName } from "./_bucket.ts";
import { domError, notSimulated } from "./_dom_error.ts";
import { type Locator, locatorOf, OpfsHandle, samePath } from "./handle.ts";
import { OpfsSyncAccessHandle, type SyncAccessMode } from "./sync_access_handle.ts";
import { OpfsWritableFileStream, readWhole } from "./writable_file_stream.ts";

const MODES: readonly string[] = ["readwrite", "read-only", "readwrite-unsafe"];

/**
 * A handle of a file: `FileSystemFileHandle` (section 2.3).
 *
 * @example
 * ```ts
 * import { opfs, SimulatedFileSystem } from "../../../mod.ts";
 *
 * const file = await opfs(new SimulatedFileSystem()).getFileHandle("data", { create: true });
 * await file.move("elsewhere");
 * console.log(file.name, (await file.getFile()).size); // elsewhere 0
 * ```
 */
export class OpfsFileHandle extends OpfsHandle {
  /** Always `"file"`. */
  readonly kind = "file";

  /**
   * Reads the file as it is now (section 2.3.1). When it was last modified is not simulated.
   *
   * @returns A copy.
   * @throws {DOMException} `NotFoundError` when the file is gone.
   */
  getFile(): Promise<File> {
    const { bucket, path } = locatorOf(this);
    return bucket.later(`getFile "${bucket.place(path)}"`, () => {
      this.#requireThere();
      const file = new File([readWhole(bucket, path)], this.name);
      return Object.defineProperty(file, "lastModified", {
        get: () => notSimulated("File.lastModified"),
      });
    });
  }

  /**
   * Opens a stream that replaces the file when it is closed (section 2.3.2). Takes a lock that other
   * streams share.
   *
   * @param options Whether the stream begins with what the file holds.
   * @returns The stream.
   * @throws {DOMException} `NotFoundError` when the file is gone, `NoModificationAllowedError` when
   * an access handle is open.
   */
  createWritable(
    options: { readonly keepExistingData?: boolean } = {},
  ): Promise<OpfsWritableFileStream> {
    const { bucket, path } = locatorOf(this);
    const { keepExistingData = false } = options;
    return bucket.later(`createWritable "${bucket.place(path)}"`, () => {
      if ("mode" in options && options.mode !== "siloed") {
        notSimulated(`createWritable with the mode ${JSON.stringify(options.mode)}`);
      }
      this.#requireThere();
      const release = bucket.locks.take(bucket.place(path), "stream");
      try {
        return new OpfsWritableFileStream(bucket, path, { keepExistingData, release });
      } catch (error) {
        release();
        throw error;
      }
    });
  }

  /**
   * Opens the file for synchronous calls (section 2.3.3). In Chromium, and here, a file that was
   * removed comes back, where the standard has a `NotFoundError`.
   *
   * @param options How to open it. `readwrite`, the default, tolerates no other handle; each of the
   * other modes, which Chromium has, tolerates handles of the same mode.
   * @returns The open file.
   * @throws {DOMException} `NoModificationAllowedError` when it is locked, `NotFoundError` when its
   * directory is gone.
   * @throws {TypeError} When the mode is none.
   */
  createSyncAccessHandle(
    options: { readonly mode?: SyncAccessMode } = {},
  ): Promise<OpfsSyncAccessHandle> {
    const { bucket, path } = locatorOf(this);
    const { mode = "readwrite" } = options;
    return bucket.later(`createSyncAccessHandle "${bucket.place(path)}"`, () => {
      if (!MODES.includes(mode)) throw new TypeError(`"${mode}" is no mode of an access handle`);
      const release = bucket.locks.take(bucket.place(path), mode);
      try {
        return new OpfsSyncAccessHandle(bucket, this.#open(mode), { mode, release });
      } catch (error) {
        release();
        throw error;
      }
    });
  }

  /**
   * Gives the file another name, another directory, or both, as Chromium does (it is not in the
   * standard). A file that has the name already is replaced.
   *
   * @param destination The new name, or the new directory.
   * @param name The new name in that directory. Default: the old one.
   * @throws {DOMException} `NotFoundError` when the file is gone, `NoModificationAllowedError` when
   * one of the two is locked, `InvalidModificationError` when a directory has the name.
   * @throws {TypeError} When the name is none.
   */
  move(destination: OpfsHandle | string, name?: string): Promise<void> {
    const mine = locatorOf(this);
    const { bucket, path } = mine;
    const target = destinationOf(mine, destination, name);
    const [from, to] = [bucket.place(path), bucket.place(target)];
    return bucket.later(`move "${from}" to "${to}"`, () => {
      bucket.locks.requireFree(from);
      this.#requireThere();
      if (samePath(path, target)) return;
      bucket.locks.requireFree(to);
      if (bucket.kindOf(target) === "directory") {
        throw domError("InvalidModificationError", `"${to}" is a directory, expected a file`);
      }
      bucket.fs.rename(from, to);
      bucket.renamed(target.slice(0, -1));
      if (!samePath(path.slice(0, -1), target.slice(0, -1))) bucket.renamed(path.slice(0, -1));
      mine.path = target;
    });
  }

  #open(mode: SyncAccessMode): FileHandle {
    const { bucket, path } = locatorOf(this);
    const place = bucket.place(path);
    if (mode === "read-only") return bucket.fs.open(place);
    if (bucket.kindOf(path) !== undefined) {
      return bucket.fs.open(place, { read: true, write: true });
    }
    const created = bucket.fs.open(place, { read: true, write: true, create: true });
    bucket.renamed(path.slice(0, -1));
    return created;
  }

  #requireThere(): void {
    const { bucket, path } = locatorOf(this);
    const kind = bucket.kindOf(path);
    if (kind === "file") return;
    const error = kind === undefined ? "NotFoundError" : "TypeMismatchError";
    throw domError(error, `"${bucket.place(path)}" is ${kind ?? "gone"}, expected a file`);
  }
}

/** Where a file moves to. */
function destinationOf(
  { path }: Locator,
  destination: OpfsHandle | string,
  name: string | undefined,
): OpfsPath {
  if (!(destination instanceof OpfsHandle)) {
    return [...path.slice(0, -1), requireName(destination)];
  }
  if (destination.kind !== "directory") {
    throw new TypeError("The destination is a file, expected a directory");
  }
  const into = locatorOf(destination).path;
  return [...into, name === undefined ? path.at(-1)! : requireName(name)];
}
