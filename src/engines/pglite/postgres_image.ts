import type { FileSystem } from "../../vfs/file_system.ts";
import { SimulatedFileSystem } from "../../vfs/simulated_file_system.ts";
import { writeFully } from "../../vfs/write_fully.ts";
import type { PgliteParts } from "./pglite_parts.ts";
import { PostgresServer } from "./postgres_server.ts";

/** Segments of the write-ahead log of 1 MB each: sixteen times less to carry around. */
const INITDB = ["--wal-segsize=1"];

/** A file, or a directory, which has no bytes. */
interface Entry {
  readonly path: string;
  readonly bytes: Uint8Array | undefined;
}

/**
 * A database that was shut down, as it lies on the media: made once, put on as many disks as needed.
 * A disk keeps versions of what changes only, so a crash state costs no copy of it.
 *
 * @example
 * ```ts
 * import { PGlite } from "@electric-sql/pglite";
 * import { BaseFilesystem } from "@electric-sql/pglite/basefs";
 * import { PostgresImage, PostgresServer, SimulatedFileSystem } from "../../../mod.ts";
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
 * const image = await PostgresImage.make(parts, "CREATE TABLE t (a int)");
 * const fs = new SimulatedFileSystem({ sectorBytes: 4096 });
 * image.putOn(fs);
 * const server = await PostgresServer.start(parts, fs);
 * console.log(await server.rows("SELECT a FROM t")); // []
 * ```
 */
export class PostgresImage {
  readonly #entries: readonly Entry[];

  private constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /** How many files it has. */
  get files(): number {
    return this.#entries.filter(({ bytes }) => bytes !== undefined).length;
  }

  /** How long they are together, in bytes. */
  get bytes(): number {
    return this.#entries.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
  }

  /**
   * Makes a database with `initdb`, and runs SQL in it. Takes some seconds.
   *
   * @param parts The package.
   * @param sql What the database begins with.
   * @returns The database, shut down.
   * @throws {PostgresError} When it cannot be made.
   */
  static async make(parts: PgliteParts, sql: string): Promise<PostgresImage> {
    const fs = new SimulatedFileSystem({ sectorBytes: 4096 });
    const server = await PostgresServer.start(parts, fs, { initdb: INITDB });
    await server.run(sql);
    await server.close();
    return new PostgresImage([...entriesOf(fs, "/")]);
  }

  /**
   * Writes it to an empty disk, and settles that: whatever is written there afterwards is new.
   *
   * @param fs The disk.
   */
  putOn(fs: SimulatedFileSystem): void {
    for (const { path, bytes } of this.#entries) {
      if (bytes === undefined) {
        fs.mkdir(path);
        continue;
      }
      const file = fs.open(path, { write: true, createNew: true });
      if (bytes.length > 0) writeFully(file, bytes, 0);
      file.close();
    }
    fs.disk.settle();
  }
}

/** What is in a directory, and below: a directory comes before what it holds. */
function* entriesOf(fs: FileSystem, directory: string): Generator<Entry> {
  for (const name of fs.list(directory)) {
    const path = `${directory === "/" ? "" : directory}/${name}`;
    const { kind, size } = fs.stat(path);
    if (kind === "directory") {
      yield { path, bytes: undefined };
      yield* entriesOf(fs, path);
      continue;
    }
    const file = fs.open(path);
    const bytes = new Uint8Array(size);
    file.read(bytes, 0);
    file.close();
    yield { path, bytes };
  }
}
