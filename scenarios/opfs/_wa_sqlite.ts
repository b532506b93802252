/**
 * wa-sqlite, unmodified from npm: SQLite in WebAssembly with VFSes that are written in JavaScript.
 *
 * @module
 */
import { findPackageJSON } from "node:module";
import { pathToFileURL } from "node:url";
import type { Sql } from "./_table_log.ts";

/** What wa-sqlite registers as a VFS. */
export type Vfs = object;

/** The Emscripten module behind wa-sqlite. */
export type WaModule = object;

/** The API of wa-sqlite, as far as it is used here. */
export interface WaSqlite {
  vfs_register(vfs: Vfs, makeDefault: boolean): number;
  open_v2(name: string): Promise<number>;
  close(db: number): Promise<number>;
  exec(db: number, sql: string): Promise<number>;
  statements(db: number, sql: string): AsyncIterable<number>;
  bind_collection(statement: number, values: readonly Uint8Array[]): number;
  step(statement: number): Promise<number>;
  row(statement: number): unknown[];
}

/** `SQLITE_ROW`. */
const ROW = 100;

type Factory = (options: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ): object;
}) => Promise<WaModule>;

interface Build {
  readonly factory: Factory;
  readonly wasm: WebAssembly.Module;
  readonly wrap: (module: WaModule) => WaSqlite;
}

/** Loaded at once: a log that takes real time to open would seem to be stuck. */
const { factory, wasm, wrap } = await load();

async function load(): Promise<Build> {
  const [{ default: factory }, { Factory: wrap }] = await Promise.all([
    import("@journeyapps/wa-sqlite/dist/wa-sqlite.mjs"),
    import("@journeyapps/wa-sqlite/src/sqlite-api.js"),
  ]);
  const json = findPackageJSON("@journeyapps/wa-sqlite", import.meta.url);
  if (json === undefined) throw new Error("Cannot find the package @journeyapps/wa-sqlite");
  const wasm = await Deno.readFile(new URL("dist/wa-sqlite.wasm", pathToFileURL(json)));
  return { factory, wasm: await WebAssembly.compile(wasm), wrap } as unknown as Build;
}

/** wa-sqlite in a new process: nothing is left of an earlier one. */
export async function newWaSqlite(): Promise<{ module: WaModule; sqlite: WaSqlite }> {
  const module = await factory({
    instantiateWasm: (imports, done) => {
      const instance = new WebAssembly.Instance(wasm, imports);
      done(instance);
      return instance.exports;
    },
  });
  return { module, sqlite: wrap(module) };
}

/** An open database, as a log of two tables needs it. */
export function sqlOf(sqlite: WaSqlite, db: number): Sql {
  const each = async (
    text: string,
    bind: readonly Uint8Array[],
    row: (values: unknown[]) => void,
  ) => {
    for await (const statement of sqlite.statements(db, text)) {
      if (bind.length > 0) sqlite.bind_collection(statement, bind);
      while (await sqlite.step(statement) === ROW) row(sqlite.row(statement).map(copied));
    }
  };
  return {
    run: (text, bind = []) => each(text, bind, () => {}),
    rows: async (text) => {
      const rows: unknown[][] = [];
      await each(text, [], (values) => rows.push(values));
      return rows;
    },
  };
}

/** What a row holds lies in the memory of SQLite, which goes on using it. */
function copied(value: unknown): unknown {
  return value instanceof Uint8Array ? value.slice() : value;
}
