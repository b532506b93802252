import { type DenoFs, denoFs } from "./deno/deno_fs.ts";
import type { FileSystem } from "./file_system.ts";
import { type NodeFs, nodeFs } from "./node/node_fs.ts";

/**
 * A file system that also comes in the shapes that people code against already. What the harness
 * hands to a log under test is one.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem } from "../../mod.ts";
 *
 * const fs = new SimulatedFileSystem();
 * fs.node.writeFileSync("/greeting", "hello");
 * console.log(fs.deno.readTextFileSync("/greeting"), fs.stat("/greeting").size); // hello 5
 * ```
 */
export interface ShimmedFileSystem extends FileSystem {
  /** In the shape of `node:fs`; see {@linkcode nodeFs}. The same object each time. */
  readonly node: NodeFs;
  /** In the shape of the `Deno` namespace; see {@linkcode denoFs}. The same object each time. */
  readonly deno: DenoFs;
}

const denos = new WeakMap<FileSystem, DenoFs>();

/** Gives the shapes to a class of file systems; they are made when they are first asked for. */
export abstract class Shimmed {
  /** See {@linkcode ShimmedFileSystem.node}. */
  get node(): NodeFs {
    return nodeFs(this as unknown as FileSystem);
  }

  /** See {@linkcode ShimmedFileSystem.deno}. */
  get deno(): DenoFs {
    const fs = this as unknown as FileSystem;
    let shim = denos.get(fs);
    if (shim === undefined) denos.set(fs, shim = denoFs(fs));
    return shim;
  }
}
