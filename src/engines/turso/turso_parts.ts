/**
 * What Turso consists of, as far as it is used: the module of the npm package
 * `@tursodatabase/database-wasm`, and `@napi-rs/wasm-runtime`, which the package itself loads it with.
 * Whoever wants to check Turso hands both over, so that nobody else has to load them.
 *
 * @module
 */

/**
 * The parts of Turso that come from npm.
 *
 * @example
 * ```ts
 * import * as runtime from "@napi-rs/wasm-runtime";
 * import type { TursoParts } from "../../../mod.ts";
 *
 * const wasm = new URL(
 *   "./turso.wasm32-wasi.wasm",
 *   import.meta.resolve("@tursodatabase/database-wasm"),
 * );
 * const parts: TursoParts = { module: new WebAssembly.Module(Deno.readFileSync(wasm)), runtime };
 * console.log(WebAssembly.Module.imports(parts.module).some(({ name }) => name === "sync")); // true
 * ```
 */
export interface TursoParts {
  /** `turso.wasm32-wasi.wasm` of `@tursodatabase/database-wasm`, compiled. */
  readonly module: WebAssembly.Module;
  /** The package `@napi-rs/wasm-runtime`, as it was imported. */
  readonly runtime: NapiRuntime;
}

/** What is used of `@napi-rs/wasm-runtime`. */
export interface NapiRuntime {
  /** The tables of what passes between JavaScript and the module. */
  getDefaultContext(): object;
  /** The calls of WASI, of which few are made. */
  readonly WASI: new (options: WasiOptions) => object;
  /** Instantiates a module. */
  instantiateNapiModuleSync(
    module: WebAssembly.Module,
    options: NapiOptions,
  ): { readonly napiModule: { readonly exports: unknown } };
}

/** What is asked of WASI. */
export interface WasiOptions {
  /** Which of its editions. */
  readonly version: "preview1";
  /** Gets what the module prints. */
  readonly print: (text: string) => void;
  /** Gets what it prints as errors. */
  readonly printErr: (text: string) => void;
}

/** How the module is instantiated. */
export interface NapiOptions {
  /** What {@linkcode NapiRuntime.getDefaultContext} gives. */
  readonly context: object;
  /** How many threads there are. */
  readonly asyncWorkPoolSize: number;
  /** What {@linkcode NapiRuntime.WASI} makes. */
  readonly wasi: object;
  /** Changes what the module imports. */
  readonly overwriteImports: (imports: WasmImports) => WasmImports;
  /** Called when there is an instance, before it is used. */
  readonly beforeInit: (made: { readonly instance: WebAssembly.Instance }) => void;
}

/** The imports of a module, by where they come from. */
export type WasmImports = Record<string, Record<string, unknown>>;

/** What the module exports. */
export interface TursoExports {
  /** A database, or a connection to it. */
  readonly Database: new (path: string, options: object) => TursoConnection;
}

/** A connection to a database. */
export interface TursoConnection {
  /** Opens the files. */
  connectSync(): void;
  /** Runs SQL that returns no rows. */
  executor(sql: string): { stepSync(): number; reset(): void };
  /** Prepares one statement. */
  prepare(sql: string): TursoStatement;
  /** Lets I/O that is under way go on. */
  ioLoopSync(): void;
  /** Gives the files back. */
  close(): void;
}

/** A statement. */
export interface TursoStatement {
  /** Rows come as arrays. */
  raw(on: boolean): void;
  /** Goes on to the next row, or to the end. */
  stepSync(): number;
  /** The present row. */
  row(): unknown;
  /** Gives the statement back. */
  finalize(): void;
}

/** What a step ends with: rows, the end, or I/O that goes on. */
export const STEP = { row: 1, done: 2, io: 3 } as const;
