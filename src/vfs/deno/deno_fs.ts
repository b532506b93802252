/**
 * The `Deno` namespace over a {@linkcode FileSystem}: for programs that are written against it.
 *
 * METHOD. Synchronous calls go straight to the disk. Asynchronous ones take effect later, one call
 * on the disk at a time, in an order that the harness decides; it tries several. Errors are those of
 * Deno 2.9.6 on Linux, message and all. What is covered, and what is not, is a table in
 * `docs/deno_fs.md`; what is not throws `not simulated: Deno.watchFs`, and never reaches the real
 * disk.
 *
 * @module
 */
import type { FileSystem } from "../file_system.ts";
import { beyondFiles } from "./beyond_files.ts";
import { DenoCalls } from "./calls.ts";
import { DenoProcess } from "./deno_process.ts";

/**
 * The part of the `Deno` namespace that is simulated, and the members that are handed on.
 *
 * @example
 * ```ts
 * import { type DenoFs, denoFs, SimulatedFileSystem } from "../../../mod.ts";
 *
 * function save(deno: Pick<DenoFs, "openSync" | "renameSync">, text: string): void {
 *   using file = deno.openSync("/state.new", { write: true, create: true, truncate: true });
 *   file.writeSync(new TextEncoder().encode(text));
 *   file.syncSync();
 *   deno.renameSync("/state.new", "/state");
 * }
 *
 * save(denoFs(new SimulatedFileSystem()), "on"); // and with Deno itself: save(Deno, "on")
 * ```
 */
export type DenoFs = Pick<
  typeof Deno,
  | "FsFile"
  | "SeekMode"
  | "args"
  | "build"
  | "consoleSize"
  | "env"
  | "errors"
  | "inspect"
  | "mainModule"
  | "noColor"
  | "stderr"
  | "stdout"
  | "version"
  | "chdir"
  | "chmod"
  | "chmodSync"
  | "chown"
  | "chownSync"
  | "copyFile"
  | "copyFileSync"
  | "create"
  | "createSync"
  | "cwd"
  | "link"
  | "linkSync"
  | "lstat"
  | "lstatSync"
  | "makeTempDir"
  | "makeTempDirSync"
  | "makeTempFile"
  | "makeTempFileSync"
  | "mkdir"
  | "mkdirSync"
  | "open"
  | "openSync"
  | "readDir"
  | "readDirSync"
  | "readFile"
  | "readFileSync"
  | "readTextFile"
  | "readTextFileSync"
  | "realPath"
  | "realPathSync"
  | "remove"
  | "removeSync"
  | "rename"
  | "renameSync"
  | "stat"
  | "statSync"
  | "truncate"
  | "truncateSync"
  | "utime"
  | "utimeSync"
  | "writeFile"
  | "writeFileSync"
  | "writeTextFile"
  | "writeTextFileSync"
>;

/** The names of the calls on files; none of them is called here. */
const CALLS = Object.keys(new DenoCalls(new DenoProcess({} as FileSystem)));

Object.setPrototypeOf(DenoCalls.prototype, beyondFiles(Deno, new Set(CALLS)));

/**
 * The `Deno` namespace over a file system. It has a working directory of its own, `/` at first, and
 * counts the names of temporary files: make one for each process.
 *
 * @param fs The disk. Under the harness, asynchronous calls on it complete in several orders.
 * @returns What a program may use in place of `Deno`.
 *
 * @example
 * ```ts
 * import { denoFs, SimulatedFileSystem } from "../../../mod.ts";
 *
 * const deno = denoFs(new SimulatedFileSystem());
 * await deno.mkdir("/log/old", { recursive: true });
 * await deno.writeTextFile("/log/1", "hello");
 * using file = await deno.open("/log/1", { append: true });
 * await file.write(new Uint8Array([33]));
 * await file.sync();
 * console.log(deno.readTextFileSync("/log/1")); // hello!
 * ```
 */
export function denoFs(fs: FileSystem): DenoFs {
  const calls: Pick<DenoFs, keyof DenoCalls> = new DenoCalls(new DenoProcess(fs));
  return calls as DenoFs;
}
