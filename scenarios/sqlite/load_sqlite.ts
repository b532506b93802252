import type { SqliteModule } from "../../mod.ts";

let shared: Promise<SqliteModule> | undefined;

/** An instance of SQLite of its own: memory, VFS and all. */
export async function newSqlite(): Promise<SqliteModule> {
  // Only now: whoever looks at the catalogue does not load a megabyte of WebAssembly.
  const { default: init } = await import("@sqlite.org/sqlite-wasm");
  return await init();
}

/** The instance that all scenarios share. */
export function loadSqlite(): Promise<SqliteModule> {
  return shared ??= newSqlite();
}
