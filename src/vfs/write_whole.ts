import { dirname } from "@std/path";
import { RealFileSystem } from "./real_file_system.ts";
import { syncDirectory } from "./sync_directory.ts";
import { writeFully } from "./write_fully.ts";

/**
 * Writes a real file so that a crash leaves the whole file, or what was there before: a temporary
 * file, a barrier, a rename, a barrier on the directory. A failure leaves nothing behind.
 *
 * @param path Its absolute path; the directory exists.
 * @param bytes What is in it.
 * @throws {FileSystemError} When the disk is full or the directory cannot be written.
 *
 * @example
 * ```ts
 * import { writeWhole } from "../../mod.ts";
 *
 * const directory = Deno.makeTempDirSync();
 * writeWhole(`${directory}/greeting`, new TextEncoder().encode("hello"));
 * console.log(Deno.readTextFileSync(`${directory}/greeting`)); // hello
 * Deno.removeSync(directory, { recursive: true });
 * ```
 */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const fs = new RealFileSystem();
  const temporary = `${path}.tmp`;
  const file = fs.open(temporary, { write: true, create: true, truncate: true });
  try {
    try {
      writeFully(file, bytes, 0);
      file.sync();
    } finally {
      file.close();
    }
    fs.rename(temporary, path);
  } catch (error) {
    try {
      fs.remove(temporary);
    } catch {
      // The first failure is the one to report.
    }
    throw error;
  }
  syncDirectory(fs, dirname(path));
}
