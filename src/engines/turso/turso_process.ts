/**
 * A process that runs Turso, and can be started again as if it were new.
 *
 * METHOD. An instance of the module remembers: a generator of random numbers is seeded once, caches
 * stay warm, what is dropped is freed when the garbage collector says so. So the memory of the instance
 * is saved once it has warmed up, on a disk of its own, and every start puts the same memory back: a
 * start is as good as a new instance, and takes a third of the time. What JavaScript holds of an earlier
 * process is never freed in the memory of a later one. Time stands still, and random
 * numbers follow from the header of the write-ahead log that a process finds: no two logs have the same
 * salt, and yet the same calls on the same files give the same writes. After a panic the instance cannot
 * go on, and the next start makes a new one.
 *
 * @module
 */
import type { FileSystem } from "../../vfs/file_system.ts";
import { SimulatedFileSystem } from "../../vfs/simulated_file_system.ts";
import { TursoFiles } from "./turso_files.ts";
import {
  STEP,
  type TursoConnection,
  type TursoExports,
  type TursoParts,
  type WasmImports,
} from "./turso_parts.ts";

/** Pages of memory that the module asks for at the least, and that it may ask for. */
const PAGES = { initial: 1008, maximum: 65_536 };
const PAGE_BYTES = 65_536;
/** So much is free in the memory that is saved: what a process takes beyond it is never given back. */
const FREE_BYTES = 32 * 2 ** 20;
/** An instance whose memory has grown by so much since it was saved is replaced. */
const GROWTH_BYTES = 64 * 2 ** 20;
/** An instance that was started so often is replaced: JavaScript keeps a little of each process. */
const STARTS = 5_000;

/** The length of the header of a write-ahead log. */
const LOG_HEADER_BYTES = 32;
const SUCCESS = 0;

/** See the METHOD above. */
export class TursoProcess {
  readonly #parts: TursoParts;
  #instance: Instance | undefined;

  /** Nothing is loaded before the first start. */
  constructor(parts: TursoParts) {
    this.#parts = parts;
  }

  /** Starts a new process over the database at `path`; whatever ran before is gone. */
  start(fs: FileSystem, path: string): TursoSession {
    if (this.#instance?.isFit !== true) this.#instance = new Instance(this.#parts);
    return this.#instance.start(fs, path);
  }
}

/** An instance of the module with its memory as it is at the start of a process. */
class Instance {
  readonly #memory = new WebAssembly.Memory({ ...PAGES, shared: true });
  readonly #files = new TursoFiles((pointer, length) => this.#bytesAt(pointer, length));
  readonly #exports: TursoExports;
  /** What was printed: the message of a panic. */
  readonly #printed: string[] = [];
  readonly #image: Uint8Array;
  /** Where the saved memory begins: below lie only stacks, which are empty between calls. */
  #from = 0;
  /** The size of the memory when it was saved. */
  readonly #saved: number;
  /** What random numbers begin with. */
  #seed = 0;
  #starts = 0;
  #panicked = false;

  constructor({ module, runtime }: TursoParts) {
    const print = (text: string) => void this.#printed.push(text);
    let heap: Heap | undefined;
    const { napiModule } = runtime.instantiateNapiModuleSync(module, {
      context: runtime.getDefaultContext(),
      asyncWorkPoolSize: 0,
      wasi: new runtime.WASI({ version: "preview1", print, printErr: print }),
      overwriteImports: (imports: WasmImports) => this.#overwrite(imports),
      beforeInit: ({ instance }: { instance: WebAssembly.Instance }) => {
        heap = instance.exports as unknown as Heap;
        this.#from = firstUsedPage(this.#memory);
        for (const [name, registers] of Object.entries(instance.exports)) {
          if (name.startsWith("__napi_register__")) (registers as () => void)();
        }
      },
    });
    this.#exports = napiModule.exports as TursoExports;
    this.#warmUp();
    const used = this.#memory.buffer.byteLength - this.#from;
    heap!.free(heap!.malloc(FREE_BYTES));
    this.#saved = this.#memory.buffer.byteLength;
    // What is free holds nothing but its own size, at its beginning.
    this.#image = this.#bytesAt(this.#from, used + PAGE_BYTES).slice();
  }

  /** Whether it can be started again. */
  get isFit(): boolean {
    return !this.#panicked && this.#starts < STARTS &&
      this.#memory.buffer.byteLength - this.#saved <= GROWTH_BYTES;
  }

  start(fs: FileSystem, path: string): TursoSession {
    this.#starts++;
    this.#bytesAt(this.#from, this.#image.length).set(this.#image);
    return this.#open(fs, path);
  }

  #open(fs: FileSystem, path: string): TursoSession {
    const log = `${path}-wal`;
    this.#printed.length = 0;
    this.#files.register(fs, [path, log]);
    this.#seed = this.#files.digest(log, LOG_HEADER_BYTES);
    const run = <T>(call: () => T): T => this.#run(call);
    const connection = run(() => {
      const opened = new this.#exports.Database(path, {});
      opened.connectSync();
      return opened;
    });
    return new TursoSession(connection, run, () => this.#files.close());
  }

  /**
   * Sets up what is set up on first use, so that it is part of what is saved; but not the generator of
   * random numbers, which the first write to a log needs.
   */
  #warmUp(): void {
    const fs = new SimulatedFileSystem();
    const session = this.#open(fs, "/warm");
    session.rows("PRAGMA integrity_check");
    session.close();
  }

  /** Makes a call of the module; where it fails, tells why. */
  #run<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      this.#panicked ||= error instanceof WebAssembly.RuntimeError;
      const { failure } = this.#files;
      const said = this.#panicked ? ` (${this.#printed.join(" ").trim()})` : "";
      const message = `${error instanceof Error ? error.message : String(error)}${said}`;
      throw new Error(message, failure === undefined ? {} : { cause: failure });
    }
  }

  #overwrite(imports: WasmImports): WasmImports {
    const { env, napi, emnapi, wasi_snapshot_preview1: wasi } = imports;
    imports.wasi_snapshot_preview1 = { ...wasi, ...this.#deterministic() };
    imports.env = {
      ...env,
      ...napi,
      ...emnapi,
      ...this.#files.imports,
      napi_wrap: withoutFinalizer(napi!),
      memory: this.#memory,
    };
    return imports;
  }

  /** What WASI offers that would differ from run to run. */
  #deterministic(): Record<string, (...args: number[]) => number> {
    return {
      random_get: (pointer = 0, length = 0) => {
        const bytes = this.#bytesAt(pointer, length);
        for (let i = 0; i < length; i++) bytes[i] = this.#seed >>> (i % 4 * 8);
        return SUCCESS;
      },
      clock_time_get: (_clock, _precision, pointer = 0) => {
        this.#bytesAt(pointer, 8).fill(0);
        return SUCCESS;
      },
    };
  }

  #bytesAt(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, pointer >>> 0, length);
  }
}

/** An open database. */
export class TursoSession {
  readonly #connection: TursoConnection;
  readonly #run: <T>(call: () => T) => T;
  readonly #closeFiles: () => void;

  constructor(
    connection: TursoConnection,
    run: <T>(call: () => T) => T,
    closeFiles: () => void,
  ) {
    this.#connection = connection;
    this.#run = run;
    this.#closeFiles = closeFiles;
  }

  /** Runs SQL, of which rows are of no interest. */
  execute(sql: string): void {
    this.#run(() => {
      const executor = this.#connection.executor(sql);
      try {
        this.#steps(() => executor.stepSync(), () => {});
      } finally {
        executor.reset();
      }
    });
  }

  /** The rows of a query. */
  rows(sql: string): unknown[][] {
    return this.#run(() => {
      const statement = this.#connection.prepare(sql);
      const rows: unknown[][] = [];
      try {
        statement.raw(true);
        this.#steps(() => statement.stepSync(), () => rows.push(statement.row() as unknown[]));
      } finally {
        statement.finalize();
      }
      return rows;
    });
  }

  /** Gives the database back. Promises nothing. */
  close(): void {
    this.#run(() => this.#connection.close());
    this.#closeFiles();
  }

  #steps(step: () => number, onRow: () => void): void {
    for (;;) {
      const ended = step();
      if (ended === STEP.done) return;
      if (ended === STEP.row) onRow();
      else this.#connection.ioLoopSync();
    }
  }
}

/** The heap of the module. */
interface Heap {
  malloc(bytes: number): number;
  free(pointer: number): void;
}

/** A function of Node-API: takes numbers, among them pointers, and returns a status. */
type NapiCall = (...args: number[]) => number;

/**
 * Ties an object to what is behind it in memory. When JavaScript drops the object, that is not freed:
 * by then the memory may be that of another process.
 */
function withoutFinalizer(napi: Record<string, unknown>): NapiCall {
  const { napi_wrap: wrap, napi_create_reference: refer } = napi as Record<string, NapiCall>;
  return (env = 0, object = 0, native = 0, _finalizer = 0, _hint = 0, result = 0) => {
    const status = wrap!(env, object, native, 0, 0, 0);
    return status !== SUCCESS || result === 0 ? status : refer!(env, object, 0, result);
  };
}

/** Where the first page begins that is not all zeros. */
function firstUsedPage(memory: WebAssembly.Memory): number {
  const words = new Uint32Array(memory.buffer);
  let first = 0;
  while (first < words.length && words[first] === 0) first++;
  return Math.floor(first * 4 / PAGE_BYTES) * PAGE_BYTES;
}
