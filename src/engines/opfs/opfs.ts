/**
 * The origin private file system of a browser, on a simulated disk: what `navigator.storage
 * .getDirectory` returns, for storage engines that are written for it.
 *
 * METHOD. The calls behave as the WHATWG File System Standard says, of September 2025, whose sections
 * the comments name; where Chromium does otherwise, and a log could notice, as Chromium does. The
 * calls that return promises take effect later, all at once; under the harness those that are under
 * way together do so in several orders. `flush` is `fdatasync` of the file, and the only barrier.
 * Names are not durable: no call of the API makes them so, and Chromium keeps them in a LevelDB whose
 * log it does not sync (`docs/opfs.md` has the places). With `names: "durable"` every call that
 * changes a name is followed by a barrier on the directory. Locks die with the process. Not
 * simulated: quotas other than the size of the disk, permissions, observers, transfer to a worker,
 * when a file was modified. What is known of the API and not simulated throws.
 *
 * @module
 */
import type { FileSystem } from "../../vfs/file_system.ts";
import { Bucket } from "./_bucket.ts";
import { OpfsDirectoryHandle } from "./directory_handle.ts";

/** What an origin private file system is made of. */
export interface OpfsOptions {
  /** The directory of the disk that becomes its root. Default: `"/"`. */
  readonly root?: string;
  /**
   * When the name of a file is durable that was created, moved or removed. `"unsynced"`, the default:
   * when the operating system gets to it, which is the least that any browser does. `"durable"`:
   * before the call returns.
   */
  readonly names?: "unsynced" | "durable";
}

/**
 * An origin private file system on a disk, as one process sees it: its locks die with it, so make a
 * new one whenever a log is opened.
 *
 * @param fs The disk.
 * @param options Where on it, and when names are durable.
 * @returns The root directory, a `FileSystemDirectoryHandle`.
 * @see https://fs.spec.whatwg.org/
 *
 * @example
 * ```ts
 * import { opfs, SimulatedFileSystem } from "../../../mod.ts";
 *
 * const root = opfs(new SimulatedFileSystem());
 * const file = await root.getFileHandle("data", { create: true });
 * const handle = await file.createSyncAccessHandle();
 * handle.write(new TextEncoder().encode("hello"));
 * handle.flush(); // now the bytes are durable, and the name is not
 * ```
 */
export function opfs(fs: FileSystem, options: OpfsOptions = {}): OpfsDirectoryHandle {
  const { root = "/", names = "unsynced" } = options;
  const bucket = new Bucket(fs, { root, namesAreDurable: names === "durable" });
  return new OpfsDirectoryHandle({ bucket, path: [] });
}
