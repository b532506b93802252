/**
 * The official build of SQLite for the browser, unmodified from npm. For Deno the package has only the
 * build for Node, which lacks the pool of access handles, so the other one is taken from beside it.
 *
 * @module
 */
import { findPackageJSON } from "node:module";
import { pathToFileURL } from "node:url";

/** A database of the object-oriented API, as far as it is used here. */
export interface Database {
  exec(sql: string, options?: ExecOptions): unknown;
  selectValue(sql: string): unknown;
  selectArrays(sql: string): unknown[][];
  close(): void;
}

/** What belongs to a statement. */
export interface ExecOptions {
  readonly bind?: readonly Uint8Array[];
}

/** A pool of access handles. */
export interface SahPool {
  readonly OpfsSAHPoolDb: new (name: string) => Database;
  reserveMinimumCapacity(files: number): Promise<number>;
  pauseVfs(): unknown;
}

/** SQLite with its pool. */
export interface SqliteWasm {
  readonly capi: {
    sqlite3_randomness(bytes: number, into: number): void;
    sqlite3_vfs_find(name: null): number;
    readonly sqlite3_vfs: new (pointer: number) => { $xRandomness: number };
  };
  readonly wasm: {
    heap8u(): Uint8Array;
    installFunction(
      signature: string,
      run: (vfs: number, bytes: number, into: number) => number,
    ): number;
  };
  installOpfsSAHPoolVfs(options: {
    readonly name: string;
    readonly directory: string;
    readonly initialCapacity: number;
  }): Promise<SahPool>;
}

type Init = (options: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object;
  print(): void;
  printErr(): void;
}) => Promise<SqliteWasm>;

const silent = () => {};

/** No other storage, and nothing on the console: a torn header is worth a warning each time. */
const CONFIG = {
  disable: { vfs: { opfs: true, "opfs-wl": true, kvvfs: true } },
  debug: silent,
  log: silent,
  warn: silent,
  error: silent,
};

/** Loaded at once: a log that takes real time to open would seem to be stuck. */
const { init, module } = await load();

async function load() {
  // This makes the package known, and its files are found from there.
  await import("@sqlite.org/sqlite-wasm");
  const json = findPackageJSON("@sqlite.org/sqlite-wasm", import.meta.url);
  if (json === undefined) throw new Error("Cannot find the package @sqlite.org/sqlite-wasm");
  const at = (path: string) => new URL(path, pathToFileURL(json));
  const { default: init } = await import(at("dist/index.mjs").href) as { default: Init };
  const wasm = await Deno.readFile(at("dist/sqlite3.wasm"));
  return { init, module: await WebAssembly.compile(wasm) };
}

/** A process that uses SQLite, as far as this module has to end it. */
interface Process {
  readonly sqlite: SqliteWasm;
  /** How many processes this instance of SQLite has been. */
  readonly generation: number;
  /** Gives back what it holds of SQLite. Its disk is gone by then, so calls of that fail. */
  end(): void;
}

/** After so many processes an instance is given up: each leaves a few functions behind. */
const GENERATIONS = 200;

let current: Process | undefined;

/**
 * A process that opens one database. There is one at a time: the one before is dead by now. Where
 * possible its instance of SQLite is used again, without its connection, its VFS and its random
 * numbers, because a new one takes longer than a whole recovery.
 */
export async function startProcess(
  open: (sqlite: SqliteWasm, generation: number) => Promise<{ readonly db: Database; end(): void }>,
): Promise<Database> {
  const { sqlite, generation } = await nextInstance();
  const { db, end } = await open(sqlite, generation);
  current = { sqlite, generation, end };
  return db;
}

async function nextInstance(): Promise<Pick<Process, "sqlite" | "generation">> {
  const before = current;
  current = undefined;
  if (before !== undefined && before.generation < GENERATIONS) {
    before.end();
    // Its generator is to be seeded anew.
    before.sqlite.capi.sqlite3_randomness(0, 0);
    return { sqlite: before.sqlite, generation: before.generation + 1 };
  }
  return { sqlite: await newSqliteWasm(), generation: 0 };
}

async function newSqliteWasm(): Promise<SqliteWasm> {
  Object.assign(globalThis, { sqlite3ApiConfig: CONFIG });
  const sqlite = await init({
    instantiateWasm: (imports, done) => {
      done(new WebAssembly.Instance(module, imports), module);
      return {};
    },
    print: silent,
    printErr: silent,
  });
  drawFromMath(sqlite);
  return sqlite;
}

/** Lets SQLite seed its generator from `Math.random`: Emscripten draws ahead, for later processes. */
function drawFromMath({ capi, wasm }: SqliteWasm): void {
  const vfs = new capi.sqlite3_vfs(capi.sqlite3_vfs_find(null));
  vfs.$xRandomness = wasm.installFunction("i(pip)", (_vfs, bytes, into) => {
    const heap = wasm.heap8u();
    for (let i = 0; i < bytes; i++) heap[into + i] = Math.random() * 256;
    return bytes;
  });
}
