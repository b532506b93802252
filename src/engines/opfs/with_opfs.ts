/**
 * A simulated file system in the place of the browser's, for code that asks for
 * `navigator.storage.getDirectory`.
 *
 * @module
 */
import { notSimulated } from "./_dom_error.ts";
import { OpfsDirectoryHandle } from "./directory_handle.ts";
import { OpfsFileHandle } from "./file_handle.ts";
import { OpfsHandle } from "./handle.ts";
import { OpfsSyncAccessHandle } from "./sync_access_handle.ts";
import { OpfsWritableFileStream } from "./writable_file_stream.ts";

/** The classes that code looks for in order to see whether there is such a file system. */
const CLASSES: Readonly<Record<string, unknown>> = {
  FileSystemHandle: OpfsHandle,
  FileSystemDirectoryHandle: OpfsDirectoryHandle,
  FileSystemFileHandle: OpfsFileHandle,
  FileSystemSyncAccessHandle: OpfsSyncAccessHandle,
  FileSystemWritableFileStream: OpfsWritableFileStream,
};

/** Those who stand in now; the last one is what code gets. */
const standing: { readonly root: OpfsDirectoryHandle }[] = [];
/** What the globals were before. */
let originals: readonly (() => void)[] = [];

/** `navigator.storage`, as far as files are concerned. */
const STORAGE = {
  getDirectory: (): Promise<OpfsDirectoryHandle> => Promise.resolve(standing.at(-1)!.root),
  estimate: (): never => notSimulated("navigator.storage.estimate"),
  persist: (): never => notSimulated("navigator.storage.persist"),
  persisted: (): never => notSimulated("navigator.storage.persisted"),
};

/**
 * Puts a simulated file system in the place of the browser's, until it is taken away again. Code that
 * goes on when its caller has left, as a checkpoint in the background does, finds it still there. The
 * last one put there is what code gets.
 *
 * @param root What `navigator.storage.getDirectory` shall return.
 * @returns Takes it away: the globals are as before once all are taken away.
 *
 * @example
 * ```ts
 * import { opfs, SimulatedFileSystem, standInForOpfs } from "../../../mod.ts";
 *
 * const restore = standInForOpfs(opfs(new SimulatedFileSystem()));
 * const browser = navigator as unknown as { storage: { getDirectory(): Promise<{ kind: string }> } };
 * console.log((await browser.storage.getDirectory()).kind); // directory
 * restore();
 * ```
 */
export function standInForOpfs(root: OpfsDirectoryHandle): () => void {
  const mine = { root };
  standing.push(mine);
  if (standing.length === 1) originals = install();
  return () => {
    const at = standing.indexOf(mine);
    if (at < 0) return;
    standing.splice(at, 1);
    if (standing.length === 0) { for (const restore of originals) restore(); }
  };
}

/**
 * Runs code with a simulated file system in the place of the browser's.
 *
 * @typeParam T What the code returns.
 * @param root What `navigator.storage.getDirectory` shall return.
 * @param run The code.
 * @returns What it returns; the globals are as before.
 *
 * @example
 * ```ts
 * import { opfs, type OpfsDirectoryHandle, SimulatedFileSystem, withOpfs } from "../../../mod.ts";
 *
 * type Browser = { storage: { getDirectory(): Promise<OpfsDirectoryHandle> } };
 * const fs = new SimulatedFileSystem();
 * await withOpfs(opfs(fs), async () => {
 *   const root = await (navigator as unknown as Browser).storage.getDirectory();
 *   await root.getFileHandle("data", { create: true });
 * });
 * console.log(fs.list("/")); // [ "data" ]
 * ```
 */
export async function withOpfs<T>(
  root: OpfsDirectoryHandle,
  run: () => T | PromiseLike<T>,
): Promise<T> {
  const restore = standInForOpfs(root);
  try {
    return await run();
  } finally {
    restore();
  }
}

function install(): (() => void)[] {
  return [
    ...Object.entries(CLASSES).map(([name, value]) => replace(globalThis, name, value)),
    replace(globalThis.navigator, "storage", STORAGE),
  ];
}

/** Puts a value in the place of a property; returns what takes it back. */
function replace(object: object, name: string, value: unknown): () => void {
  const original = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  return () => {
    if (original === undefined) Reflect.deleteProperty(object, name);
    else Object.defineProperty(object, name, original);
  };
}
