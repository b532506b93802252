import type { FileSystem } from "./file_system.ts";

/**
 * Makes the names in a directory durable: opens it, calls `fsync`, closes it. A file that was
 * created, renamed or removed stays so after a power loss only once this has returned for the
 * directory that holds the name.
 *
 * @param fs The disk.
 * @param path The directory.
 * @throws {FileSystemError} `ENOENT` when `path` does not exist.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem, syncDirectory } from "../../mod.ts";
 *
 * const fs = new SimulatedFileSystem();
 * fs.open("/log", { write: true, create: true }).close();
 * syncDirectory(fs, "/");
 * ```
 */
export function syncDirectory(fs: FileSystem, path: string): void {
  const directory = fs.open(path);
  try {
    directory.sync();
  } finally {
    directory.close();
  }
}
