/**
 * A {@linkcode FileSystem} in the shape of `node:fs`.
 *
 * @module
 */
import type { FileSystem } from "../file_system.ts";
import { processOf } from "./node_process.ts";
import { shimOver } from "./shim.ts";

/** The module `node:fs`. */
export type NodeFs = typeof import("node:fs");

const made = new WeakMap<FileSystem, NodeFs>();

/**
 * A file system in the shape of `node:fs`: the synchronous, callback and promise forms of its calls,
 * file handles, streams, and errors in the words of Node. What is not simulated throws an error that
 * says so, and nothing ever reaches the real disk. `docs/node_fs.md` has the table of what is covered.
 *
 * The synchronous form calls the file system at once. Of the other forms, calls that are under way
 * together complete in several orders under the harness, as with {@linkcode promised}; elsewhere they
 * complete in the order in which they were made.
 *
 * @param fs What carries the calls out.
 * @returns The same object each time for the same file system: its open files are those of one
 * process.
 *
 * @example
 * ```ts
 * import { nodeFs, SimulatedFileSystem } from "../../../mod.ts";
 *
 * const fs = nodeFs(new SimulatedFileSystem());
 * const fd = fs.openSync("/log", "a");
 * fs.writeSync(fd, "hello");
 * fs.fsyncSync(fd);
 * fs.closeSync(fd);
 * console.log(await fs.promises.readFile("/log", "utf8")); // hello
 * ```
 */
export function nodeFs(fs: FileSystem): NodeFs {
  let shim = made.get(fs);
  if (shim === undefined) {
    shim = shimOver({ current: processOf(fs) }) as unknown as NodeFs;
    made.set(fs, shim);
  }
  return shim;
}
