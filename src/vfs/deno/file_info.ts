/**
 * What `Deno.stat` and `Deno.readDir` tell.
 *
 * METHOD. Kind, size and inode are those of the disk. Times, owner, mode and number of links are not
 * simulated: they are `null`, as on a platform that does not have them.
 *
 * @module
 */
import type { FileInfo } from "../file_system.ts";

/** What is known of a file or directory. */
export type Known = Pick<FileInfo, "kind" | "size"> & { readonly inode: number | null };

/** One device holds everything. */
const DEVICE = 1;

/**
 * Tells about a file or directory.
 *
 * @param known What is known.
 * @returns The same in the words of Deno.
 */
export function fileInfo({ kind, size, inode }: Known): Deno.FileInfo {
  return {
    isFile: kind === "file",
    isDirectory: kind === "directory",
    isSymlink: false,
    size,
    mtime: null,
    atime: null,
    birthtime: null,
    ctime: null,
    dev: DEVICE,
    ino: inode,
    mode: null,
    nlink: null,
    uid: null,
    gid: null,
    rdev: null,
    blksize: null,
    blocks: null,
    isBlockDevice: false,
    isCharDevice: false,
    isFifo: false,
    isSocket: false,
  };
}

/**
 * Tells about a name in a directory.
 *
 * @param name The name.
 * @param kind What bears it.
 * @returns The same in the words of Deno.
 */
export function dirEntry(name: string, kind: FileInfo["kind"]): Deno.DirEntry {
  const isDirectory = kind === "directory";
  const entry: Deno.DirEntry = { name, isFile: !isDirectory, isDirectory, isSymlink: false };
  return Object.setPrototypeOf(entry, null);
}
