/**
 * What is used of SQLite's WebAssembly module, as a type of its own: the module is handed in, so that
 * nothing here imports a package.
 *
 * @module
 */

/** An address in the memory of the module. */
export type Pointer = number;

/**
 * The functions of SQLite's C interface that are called, by their names in C. They take addresses and
 * numbers, without conversions.
 */
export interface SqliteExports {
  /** `sqlite3_malloc`. */
  sqlite3_malloc(bytes: number): Pointer;
  /** `sqlite3_free`. */
  sqlite3_free(pointer: Pointer): void;
  /** `sqlite3_randomness`. */
  sqlite3_randomness(bytes: number, into: Pointer): void;
  /** `sqlite3_vfs_find`. */
  sqlite3_vfs_find(name: Pointer): Pointer;
  /** `sqlite3_extended_result_codes`. */
  sqlite3_extended_result_codes(db: Pointer, on: number): number;
  /** `sqlite3_open_v2`. */
  sqlite3_open_v2(path: Pointer, db: Pointer, flags: number, vfs: Pointer): number;
  /** `sqlite3_close_v2`. */
  sqlite3_close_v2(db: Pointer): number;
  /** `sqlite3_errmsg`. */
  sqlite3_errmsg(db: Pointer): Pointer;
  /** `sqlite3_get_autocommit`. */
  sqlite3_get_autocommit(db: Pointer): number;
  /** `sqlite3_prepare_v2`. */
  sqlite3_prepare_v2(
    db: Pointer,
    sql: Pointer,
    bytes: number,
    statement: Pointer,
    tail: Pointer,
  ): number;
  /** `sqlite3_step`. */
  sqlite3_step(statement: Pointer): number;
  /** `sqlite3_reset`. */
  sqlite3_reset(statement: Pointer): number;
  /** `sqlite3_finalize`. */
  sqlite3_finalize(statement: Pointer): number;
  /** `sqlite3_bind_double`. */
  sqlite3_bind_double(statement: Pointer, index: number, value: number): number;
  /** `sqlite3_bind_int64`. */
  sqlite3_bind_int64(statement: Pointer, index: number, value: bigint): number;
  /** `sqlite3_bind_null`. */
  sqlite3_bind_null(statement: Pointer, index: number): number;
  /** `sqlite3_bind_text`. */
  sqlite3_bind_text(
    statement: Pointer,
    index: number,
    value: Pointer,
    bytes: number,
    destructor: number,
  ): number;
  /** `sqlite3_bind_blob`. */
  sqlite3_bind_blob(
    statement: Pointer,
    index: number,
    value: Pointer,
    bytes: number,
    destructor: number,
  ): number;
  /** `sqlite3_column_count`. */
  sqlite3_column_count(statement: Pointer): number;
  /** `sqlite3_column_type`. */
  sqlite3_column_type(statement: Pointer, column: number): number;
  /** `sqlite3_column_double`. */
  sqlite3_column_double(statement: Pointer, column: number): number;
  /** `sqlite3_column_blob`. */
  sqlite3_column_blob(statement: Pointer, column: number): Pointer;
  /** `sqlite3_column_text`. */
  sqlite3_column_text(statement: Pointer, column: number): Pointer;
  /** `sqlite3_column_bytes`. */
  sqlite3_column_bytes(statement: Pointer, column: number): number;
}

/** One of the module's C structures. */
export interface SqliteStruct {
  /** Its address. */
  readonly pointer: Pointer;
}

/**
 * SQLite as WebAssembly: what `@sqlite.org/sqlite-wasm` resolves to when it is initialised.
 *
 * @example
 * ```ts
 * import init from "@sqlite.org/sqlite-wasm";
 * import type { SqliteModule } from "../../../mod.ts";
 *
 * const sqlite3: SqliteModule = await init();
 * console.log(sqlite3.version.libVersion); // 3.54.1
 * ```
 */
export interface SqliteModule {
  /** The version of SQLite. */
  readonly version: { readonly libVersion: string };
  /** The memory and the functions of the module. */
  readonly wasm: { readonly exports: SqliteExports; heap8u(): Uint8Array };
  /** The C structures. */
  readonly capi: {
    readonly sqlite3_vfs: new () => SqliteStruct;
    readonly sqlite3_io_methods: new () => SqliteStruct;
  };
  /** Registers a VFS. */
  readonly vfs: {
    // A method, so that the module's own narrower types fit.
    installVfs(parts: {
      // deno-lint-ignore no-explicit-any -- a structure of the module's own type
      io: { struct: any; methods: any };
      // deno-lint-ignore no-explicit-any -- a structure of the module's own type
      vfs: { struct: any; methods: any; name: string; asDefault: boolean };
    }): unknown;
  };
}
