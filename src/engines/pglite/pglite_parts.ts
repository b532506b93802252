/**
 * What PGlite consists of, as far as it is used. Whoever wants to run PostgreSQL hands the parts of the
 * npm package `@electric-sql/pglite` over, so that nobody else has to load them.
 *
 * @module
 */

/**
 * The parts of PGlite: PostgreSQL, compiled to WebAssembly.
 *
 * @example
 * ```ts
 * import { PGlite } from "@electric-sql/pglite";
 * import { BaseFilesystem } from "@electric-sql/pglite/basefs";
 * import type { PgliteParts } from "../../../mod.ts";
 *
 * const read = (name: string) =>
 *   Deno.readFileSync(new URL(name, import.meta.resolve("@electric-sql/pglite")));
 * const parts: PgliteParts = {
 *   PGlite,
 *   BaseFilesystem,
 *   pgliteWasmModule: new WebAssembly.Module(read("pglite.wasm")),
 *   initdbWasmModule: new WebAssembly.Module(read("initdb.wasm")),
 *   fsBundle: new Blob([read("pglite.data")]),
 * };
 * console.log(parts.PGlite.defaultStartParams.includes("-F")); // true: by default nothing is synced
 * ```
 */
export interface PgliteParts {
  /** The class of a server. */
  readonly PGlite: {
    create(options: object): Promise<PgliteServer>;
    readonly defaultStartParams: readonly string[];
    readonly paths: { readonly PGDATA: string };
  };
  /** The class of its file systems, from `@electric-sql/pglite/basefs`. */
  readonly BaseFilesystem: PgliteBaseFilesystem;
  /** `pglite.wasm`, compiled: once for all servers. */
  readonly pgliteWasmModule: WebAssembly.Module;
  /** `initdb.wasm`, compiled. */
  readonly initdbWasmModule: WebAssembly.Module;
  /** `pglite.data`. */
  readonly fsBundle: Blob;
}

/** A running server. */
export interface PgliteServer {
  /** Runs one statement. */
  query(sql: string): Promise<{ readonly rows: unknown[] }>;
  /** Runs SQL without results. */
  exec(sql: string): Promise<unknown>;
  /** Shuts down: with a checkpoint. */
  close(): Promise<void>;
}

/** The class that a file system of PGlite extends. */
export type PgliteBaseFilesystem = abstract new () => {
  init(server: object, options: PgliteModule): Promise<{ emscriptenOpts: PgliteModule }>;
};

/** What Emscripten starts PostgreSQL with, and what it makes of that, as far as it is used. */
export interface PgliteModule {
  /** The memory. */
  wasmMemory?: WebAssembly.Memory;
  /** Instantiates the module, and hands the instance to `onSuccess`. */
  instantiateWasm?(imports: WebAssembly.Imports, onSuccess: PgliteReceiver): WebAssembly.Exports;
  /** What is called before the module runs, with what Emscripten has made of it. */
  preRun?: { push(run: (made: { readonly FS: PgliteTables }) => void): number };
}

/** Takes an instance of the module. */
export type PgliteReceiver = (
  instance: WebAssembly.Instance,
  module: WebAssembly.Module,
) => void;

/** The tables of open files. */
export interface PgliteTables {
  /** What a path leads to; all nodes of a file system share their `stream_ops`. */
  lookupPath(path: string): { readonly node: object };
}
