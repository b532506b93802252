import type { LogUnderTest } from "../../check/subject.ts";
import type { FileSystem } from "../../vfs/file_system.ts";
import { syncDirectory } from "../../vfs/sync_directory.ts";
import type { TursoParts } from "./turso_parts.ts";
import { TursoProcess, type TursoSession } from "./turso_process.ts";

/**
 * How the log uses Turso.
 *
 * @example
 * ```ts
 * import type { TursoLogOptions } from "../../../mod.ts";
 *
 * const options: TursoLogOptions = { atOpen: ["PRAGMA wal_checkpoint(TRUNCATE)"] };
 * console.log(options.atOpen?.length); // 1
 * ```
 */
export interface TursoLogOptions {
  /** Shown in reports. Default: `"Turso"`. */
  readonly name?: string;
  /**
   * A new database is made under another name, and gets its own when a checkpoint has made it durable.
   * Default: `false`.
   */
  readonly isMadeAside?: boolean;
  /** SQL that is run at every open, once the table is there. Default: none. */
  readonly atOpen?: readonly string[];
}

/** An open log: the database, and how many records have been appended to it. */
interface OpenLog {
  readonly session: TursoSession;
  count: number;
}

/** The file of the database. */
const FILE = "db";

const TABLE = "CREATE TABLE IF NOT EXISTS halves " +
  "(id INTEGER PRIMARY KEY, record INTEGER NOT NULL, bytes BLOB NOT NULL)";

/**
 * Turso, the SQLite-compatible database written in Rust, as a log: an append is a committed
 * transaction that inserts a record in two rows, with the settings that Turso has by default. Reading
 * the records begins with an integrity check, and half a record is an error. It is the engine of the
 * npm package `@tursodatabase/database-wasm`, on a {@linkcode FileSystem}.
 *
 * The file system must offer the same to every process: one instance of the engine serves them all,
 * one after the other, and a second log needs a second call of this function.
 *
 * @param parts The package.
 * @param options What is done at every open.
 * @returns The log as the harness sees it.
 *
 * @example
 * ```ts
 * import * as runtime from "@napi-rs/wasm-runtime";
 * import { checkLog, tursoLog } from "../../../mod.ts";
 *
 * const wasm = new URL(
 *   "./turso.wasm32-wasi.wasm",
 *   import.meta.resolve("@tursodatabase/database-wasm"),
 * );
 * const module = new WebAssembly.Module(Deno.readFileSync(wasm));
 * const log = tursoLog({ module, runtime });
 * const workloads = [{ name: "one record", lives: [[{ do: "append", bytes: 24 }]] }] as const;
 * const { verdict } = await checkLog(log, { workloads, sectorBytes: 4096 });
 * console.log(verdict); // violates: page 1 of a new database is not synced
 * ```
 */
export function tursoLog(
  parts: TursoParts,
  { name = "Turso", isMadeAside = false, atOpen = [] }: TursoLogOptions = {},
): LogUnderTest {
  const process = new TursoProcess(parts);
  const log: LogUnderTest<OpenLog> = {
    name,
    acks: "append",
    open(fs, dir) {
      if (isMadeAside && !fs.list(dir).includes(FILE)) makeAside(process, fs, dir);
      const session = process.start(fs, `${dir}/${FILE}`);
      for (const sql of [TABLE, ...atOpen]) session.execute(sql);
      const [[count] = []] = session.rows("SELECT COALESCE(MAX(record), 0) FROM halves");
      return { session, count: Number(count) };
    },
    append(log, record) {
      const half = Math.ceil(record.length / 2);
      log.count++;
      const inserts = [record.subarray(0, half), record.subarray(half)].map((bytes) =>
        `INSERT INTO halves (record, bytes) VALUES (${log.count}, x'${bytes.toHex()}')`
      );
      for (const sql of ["BEGIN", ...inserts, "COMMIT"]) log.session.execute(sql);
    },
    records: ({ session }) => recordsOf(session),
    close: ({ session }) => session.close(),
  };
  return log as LogUnderTest;
}

/** Makes the database, with everything in one file that is durable, and only then gives it its name. */
function makeAside(process: TursoProcess, fs: FileSystem, dir: string): void {
  const path = `${dir}/${FILE}`;
  const [made, log] = [`${path}.new`, `${path}.new-wal`];
  const there = fs.list(dir);
  for (const left of [made, log]) if (there.includes(left.slice(dir.length + 1))) fs.remove(left);
  const session = process.start(fs, made);
  for (const sql of [TABLE, "PRAGMA wal_checkpoint(TRUNCATE)"]) session.execute(sql);
  session.close();
  fs.remove(log);
  fs.rename(made, path);
  syncDirectory(fs, dir);
}

/** All records, of a database that is whole. */
function recordsOf(session: TursoSession): Uint8Array[] {
  const found = session.rows("PRAGMA integrity_check").flat().join("; ");
  if (found !== "ok") throw new Error(`The integrity check says "${found}"`);
  const rows = session.rows("SELECT record, hex(bytes) FROM halves ORDER BY id");
  const halves = Map.groupBy(rows, ([record]) => Number(record));
  return Array.from(halves, ([record, rows]) => {
    if (rows.length !== 2) throw new Error(`Record ${record} has ${rows.length} of its 2 halves`);
    return Uint8Array.fromHex(rows.map(([, hex]) => hex).join(""));
  });
}
