import type { FileSystem } from "../../vfs/file_system.ts";
import { pgliteFiles } from "./pglite_files.ts";
import type { PgliteParts, PgliteServer } from "./pglite_parts.ts";

/**
 * How a server is started.
 *
 * @example
 * ```ts
 * import type { PostgresOptions } from "../../../mod.ts";
 *
 * const options: PostgresOptions = { settings: { full_page_writes: "off" } };
 * console.log(options.fsync ?? true); // true
 * ```
 */
export interface PostgresOptions {
  /** Whether PostgreSQL waits for the disk. Default: `true`; PGlite itself switches it off. */
  readonly fsync?: boolean;
  /** Other settings, as in `postgresql.conf`. Default: those of PostgreSQL. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How `initdb` is started, where there is no database yet. */
  readonly initdb?: readonly string[];
}

/** Small buffers start in a third of the time; and fdatasync would pass our barrier by. */
const SETTINGS = { shared_buffers: "1MB", wal_sync_method: "fsync" };

/**
 * PostgreSQL did not do what it was asked to; the message is the worst that it has said.
 *
 * @example
 * ```ts
 * import { PostgresError } from "../../../mod.ts";
 *
 * const error = new PostgresError("PANIC: could not locate a valid checkpoint record at 0/82C728");
 * console.log(error.name); // PostgresError
 * ```
 */
export class PostgresError extends Error {
  /** Always `"PostgresError"`. */
  override readonly name = "PostgresError";
}

/**
 * A PostgreSQL server on a {@linkcode FileSystem}: the one of the npm package `@electric-sql/pglite`.
 * It has no process of its own and nothing to end it with: kill the file system below instead
 * ({@linkcode SimulatedFileSystem.kill}), and let it go.
 *
 * @example
 * ```ts
 * import { PGlite } from "@electric-sql/pglite";
 * import { BaseFilesystem } from "@electric-sql/pglite/basefs";
 * import { PostgresServer, SimulatedFileSystem } from "../../../mod.ts";
 *
 * const read = (name: string) =>
 *   Deno.readFileSync(new URL(name, import.meta.resolve("@electric-sql/pglite")));
 * const parts = {
 *   PGlite,
 *   BaseFilesystem,
 *   pgliteWasmModule: new WebAssembly.Module(read("pglite.wasm")),
 *   initdbWasmModule: new WebAssembly.Module(read("initdb.wasm")),
 *   fsBundle: new Blob([read("pglite.data")]),
 * };
 * const server = await PostgresServer.start(parts, new SimulatedFileSystem());
 * console.log(await server.rows("SHOW fsync")); // [ { fsync: "on" } ]
 * ```
 */
export class PostgresServer {
  readonly #server: PgliteServer;
  readonly #said: string[];

  private constructor(server: PgliteServer, said: string[]) {
    this.#server = server;
    this.#said = said;
  }

  /**
   * Starts a server, which recovers whatever is there. Where nothing is there, it makes a database.
   *
   * @param parts The package.
   * @param fs Where its files are: the root directory is the data directory.
   * @param options The settings.
   * @returns The server.
   * @throws {PostgresError} When it does not start.
   */
  static async start(
    parts: PgliteParts,
    fs: FileSystem,
    { fsync = true, settings = {}, initdb = [] }: PostgresOptions = {},
  ): Promise<PostgresServer> {
    const { PGlite, pgliteWasmModule, initdbWasmModule, fsBundle } = parts;
    const said: string[] = [];
    const startParams = PGlite.defaultStartParams.filter((word) => !fsync || word !== "-F");
    for (const [name, value] of Object.entries({ ...SETTINGS, ...settings })) {
      startParams.push("-c", `${name}=${value}`);
    }
    const onStderr = (line: string) => {
      said.push(line);
      return false;
    };
    const started = PGlite.create({
      fs: pgliteFiles(parts, fs),
      pgliteWasmModule,
      initdbWasmModule,
      fsBundle,
      startParams,
      initDbStartParams: initdb,
      onStderr,
    });
    return new PostgresServer(await heard(started, said), said);
  }

  /**
   * Runs SQL without results.
   *
   * @param sql The statements.
   * @throws {PostgresError} When one fails.
   */
  async run(sql: string): Promise<void> {
    await heard(this.#server.exec(sql), this.#said);
  }

  /**
   * Runs a query.
   *
   * @param sql The query.
   * @returns Its rows.
   * @throws {PostgresError} When it fails.
   */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    const { rows } = await heard(this.#server.query(sql), this.#said);
    return rows as Record<string, unknown>[];
  }

  /** Shuts the server down, which makes everything durable. */
  async close(): Promise<void> {
    await heard(this.#server.close(), this.#said);
  }
}

/** Waits; an error is told with the worst that the server has said. */
async function heard<T>(promise: Promise<T>, said: readonly string[]): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    const worst = said.map((line) => /(PANIC|FATAL): .*/.exec(line)?.[0])
      .findLast((line) => line !== undefined);
    const message = error instanceof Error ? error.message : String(error);
    throw new PostgresError(worst?.replace(":  ", ": ") ?? message, { cause: error });
  }
}
