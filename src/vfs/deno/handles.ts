/**
 * What the runtime does with open files wherever it uses them.
 *
 * @module
 */
import { type FileHandle, FileSystemError } from "../file_system.ts";
import { type About, invalidInput, persist } from "./deno_error.ts";

/** Where reading begins when the size of a file is not known. */
const CHUNK_BYTES = 8192;

/** Gives a handle back; as in the runtime, nobody hears of an error. */
export function closeQuietly(file: FileHandle): void {
  try {
    file.close();
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
  }
}

/**
 * Reads a file from its start to its end.
 *
 * @param file Open for reading.
 * @returns Its bytes.
 * @throws {FileSystemError} When a read fails.
 */
export function readToEnd(file: FileHandle): Uint8Array<ArrayBuffer> {
  // One byte more than there should be, so that the last read finds the end.
  let bytes = new Uint8Array((sizeHint(file) ?? CHUNK_BYTES) + 1);
  let length = 0;
  for (;;) {
    const got = persist(() => file.read(bytes.subarray(length), length));
    if (got === 0) return length === bytes.length ? bytes : bytes.slice(0, length);
    length += got;
    if (length < bytes.length) continue;
    const grown = new Uint8Array(2 * length);
    grown.set(bytes);
    bytes = grown;
  }
}

function sizeHint(file: FileHandle): number | undefined {
  try {
    return file.size();
  } catch (error) {
    if (error instanceof FileSystemError) return undefined;
    throw error;
  }
}

/**
 * The size that a file is to be cut to.
 *
 * @param length As it was given.
 * @param about What the call is doing.
 * @returns The size.
 * @throws {TypeError} When no file can be so long.
 */
export function sizeOf(length: number | undefined | null, about?: About): number {
  if (length === undefined || length === null || !(length > 0)) return 0;
  if (length >= 2 ** 63) {
    throw invalidInput("out of range integral type conversion attempted", about);
  }
  return Math.trunc(length);
}
