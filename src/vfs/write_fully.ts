import type { FileHandle } from "./file_system.ts";

/**
 * Writes all of `bytes`, going on after short writes until nothing is left.
 *
 * @param file An open handle.
 * @param bytes What to write.
 * @param offset Where, in bytes from the start of the file; ignored by an appending handle.
 * @throws {Error} When the file system accepts no byte at all, twice in a row.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem, writeFully } from "../../mod.ts";
 *
 * const file = new SimulatedFileSystem().open("/log", { write: true, create: true });
 * writeFully(file, new TextEncoder().encode("hello"), 0);
 * console.log(file.size()); // 5
 * ```
 */
export function writeFully(file: FileHandle, bytes: Uint8Array, offset: number): void {
  let done = file.write(bytes, offset);
  let stalled = done === 0 ? 1 : 0;
  while (done < bytes.length) {
    const more = file.write(bytes.subarray(done), offset + done);
    stalled = more === 0 ? stalled + 1 : 0;
    if (stalled > 1) {
      throw new Error(
        `Cannot write ${bytes.length} bytes at offset ${offset}: only ${done} were accepted`,
      );
    }
    done += more;
  }
}
