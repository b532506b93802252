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
    // deno-lint-ignore no-explicit-any
    create(options: any): Promise<PgliteServer>;
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
  // deno-lint-ignore no-explicit-any
  query(sql: string, parameters?: any[]): Promise<{ readonly rows: unknown[] }>;
  /** Runs SQL without results. */
  exec(sql: string): Promise<unknown>;
  /** Shuts down: with a checkpoint. */
  close(): Promise<void>;
}

/** The class that a file system of PGlite extends. */
export type PgliteBaseFilesystem = abstract new () => {
  // deno-lint-ignore no-explicit-any
  init(server: any, options: any): Promise<{ emscriptenOpts: any }>;
};
