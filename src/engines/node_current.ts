/**
 * The disk that packages have in the place of `node:fs`: the one of the process that is running.
 *
 * @module
 */
import type { Exports } from "../vfs/node/operations.ts";
import { shimOver } from "../vfs/node/shim.ts";
import { type NodeProcess, processOf } from "../vfs/node/node_process.ts";
import type { FileSystem } from "../vfs/file_system.ts";
import { restart } from "./node_randomness.ts";

let current: NodeProcess | undefined;

/** What packages get for `node:fs`: every call goes to the current disk. */
export const packageFs: Exports = shimOver({
  get current(): NodeProcess {
    if (current !== undefined) return current;
    throw new Error(
      "Cannot call node:fs: no simulated disk is in use, expected useDisk(fs) before",
    );
  },
});

/**
 * From now on, packages that were imported under {@linkcode installHooks} have this disk in the place
 * of `node:fs`, with the open files of `fs.node`. A simulated process starts: its randomness begins
 * anew. What an earlier process has begun goes on on its own disk.
 *
 * Call it first thing in `open`: each recovery is a process of its own.
 *
 * @param fs The disk.
 *
 * @example
 * ```ts
 * import { installHooks, SimulatedFileSystem, useDisk } from "../../mod.ts";
 *
 * installHooks();
 * const { default: fse } = await import("fs-extra");
 * const fs = new SimulatedFileSystem();
 * useDisk(fs);
 * fse.outputJsonSync("/log/settings.json", { size: 3 });
 * console.log(fs.list("/log")); // [ "settings.json" ]
 * ```
 */
export function useDisk(fs: FileSystem): void {
  current = processOf(fs);
  restart();
}
