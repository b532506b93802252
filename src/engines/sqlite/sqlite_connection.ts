import * as code from "./result_code.ts";
import type { Pointer, SqliteExports } from "./sqlite_module.ts";
import type { SqliteProcess } from "./sqlite_process.ts";
import type { WasmMemory } from "./wasm_memory.ts";

/**
 * SQLite has reported an error.
 *
 * @example
 * ```ts
 * import init from "@sqlite.org/sqlite-wasm";
 * import { SimulatedFileSystem, SqliteError, sqliteVfs } from "../../../mod.ts";
 *
 * const vfs = sqliteVfs(await init());
 * vfs.start(new SimulatedFileSystem());
 * try {
 *   vfs.open("/db").exec("SELECT * FROM missing");
 * } catch (error) {
 *   console.log((error as SqliteError).code); // 1, SQLITE_ERROR: no such table
 * }
 * ```
 */
export class SqliteError extends Error {
  /** Always `"SqliteError"`. */
  override readonly name = "SqliteError";
  /** The extended result code. */
  readonly code: number;

  /**
   * Describes one failed call.
   *
   * @param code The extended result code.
   * @param action What was being done, as it follows "Cannot".
   * @param reason What SQLite says.
   */
  constructor(code: number, action: string, reason: string) {
    super(`Cannot ${action}: ${reason} (result code ${code})`);
    this.code = code;
  }
}

/** A value of a row. Integers and reals both are numbers. */
export type SqliteValue = null | number | string | Uint8Array;

/** Where a connection lives. */
interface Surroundings {
  readonly exports: SqliteExports;
  readonly memory: WasmMemory;
  readonly process: SqliteProcess;
}

const INTEGER = 1;
const FLOAT = 2;
const TEXT = 3;
const BLOB = 4;
/** SQLite makes a copy of what is bound. */
const TRANSIENT = -1;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Statements that were encoded before: there are few, and each recovery has them again. */
const encodings = new Map<string, Uint8Array>();

function encoded(sql: string): Uint8Array {
  let text = encodings.get(sql);
  if (text === undefined) encodings.set(sql, text = encoder.encode(`${sql}\0`));
  return text;
}

/**
 * A connection to a database. An error that is no error of SQLite or of the file system, such as one
 * of the harness, comes through SQLite unchanged. Made by {@linkcode SqliteVfs.open}.
 *
 * @example
 * ```ts
 * import init from "@sqlite.org/sqlite-wasm";
 * import { SimulatedFileSystem, sqliteVfs } from "../../../mod.ts";
 *
 * const vfs = sqliteVfs(await init());
 * vfs.start(new SimulatedFileSystem());
 * const db = vfs.open("/db");
 * db.exec("CREATE TABLE t(x, y)");
 * db.rows("INSERT INTO t VALUES (?, ?)", 1, "one");
 * console.log(db.rows("SELECT y FROM t WHERE x = ?", 1)); // [ [ "one" ] ]
 * db.close();
 * ```
 */
export class SqliteConnection {
  readonly #sqlite: SqliteExports;
  readonly #memory: WasmMemory;
  readonly #process: SqliteProcess;
  readonly #closed: () => void;
  /** Statements that were prepared before, by their text. */
  readonly #statements = new Map<string, Pointer>();
  #db: Pointer;

  /**
   * Opens a database.
   *
   * @internal
   */
  constructor({ exports, memory, process }: Surroundings, path: string, closed: () => void) {
    this.#sqlite = exports;
    this.#memory = memory;
    this.#process = process;
    this.#closed = closed;
    this.#db = 0;
    const out = exports.sqlite3_malloc(4);
    const name = this.#store(encoder.encode(`${path}\0`));
    const result = exports.sqlite3_open_v2(name, out, code.OPEN_READWRITE | code.OPEN_CREATE, 0);
    this.#db = memory.word(out);
    exports.sqlite3_free(name);
    exports.sqlite3_free(out);
    try {
      this.#check(result, `open "${path}"`);
    } catch (error) {
      this.close();
      throw error;
    }
    exports.sqlite3_extended_result_codes(this.#db, 1);
  }

  /** Whether a transaction is open: `BEGIN` was carried out, and neither `COMMIT` nor `ROLLBACK`. */
  get isInTransaction(): boolean {
    return this.#sqlite.sqlite3_get_autocommit(this.#db) === 0;
  }

  /**
   * Carries out statements.
   *
   * @param sql One or more, separated by semicolons. Their rows are thrown away.
   * @throws {SqliteError} When SQLite reports an error; what follows is not carried out.
   */
  exec(sql: string): void {
    const text = encoder.encode(`${sql}\0`);
    const start = this.#store(text);
    try {
      for (let at = start; at < start + text.length - 1;) {
        const { statement, tail } = this.#prepare(at, sql);
        at = tail;
        if (statement === 0) continue;
        let result: number;
        do result = this.#sqlite.sqlite3_step(statement); while (result === code.ROW);
        this.#sqlite.sqlite3_finalize(statement);
        this.#check(result === code.DONE ? code.OK : result, `carry out "${sql}"`);
      }
    } finally {
      this.#sqlite.sqlite3_free(start);
    }
  }

  /**
   * Carries out one statement. It is kept prepared, so its text should be one of a few, with `?` for
   * what changes.
   *
   * @param sql The statement.
   * @param values One for each `?`.
   * @returns Its rows.
   * @throws {SqliteError} When SQLite reports an error.
   */
  rows(sql: string, ...values: readonly SqliteValue[]): SqliteValue[][] {
    const sqlite = this.#sqlite;
    const statement = this.#prepared(sql);
    for (const [i, value] of values.entries()) {
      this.#check(this.#bind(statement, i + 1, value), `bind value ${i + 1} of "${sql}"`);
    }
    const rows: SqliteValue[][] = [];
    const columns = sqlite.sqlite3_column_count(statement);
    let result: number;
    while ((result = sqlite.sqlite3_step(statement)) === code.ROW) {
      const row: SqliteValue[] = [];
      for (let column = 0; column < columns; column++) row.push(this.#column(statement, column));
      rows.push(row);
    }
    // Says how the statement failed, until it is reset.
    if (result !== code.DONE) this.#check(result, `carry out "${sql}"`, statement);
    sqlite.sqlite3_reset(statement);
    this.#refuseBroken();
    return rows;
  }

  /** Gives everything back. In a process that is dead, the disk does not hear of it. */
  close(): void {
    this.#closed();
    for (const statement of this.#statements.values()) this.#sqlite.sqlite3_finalize(statement);
    this.#statements.clear();
    if (this.#db !== 0) this.#sqlite.sqlite3_close_v2(this.#db);
    this.#db = 0;
    if (this.#process.alive) this.#refuseBroken();
  }

  #prepared(sql: string): Pointer {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const text = this.#store(encoded(sql));
    try {
      const { statement } = this.#prepare(text, sql);
      this.#statements.set(sql, statement);
      return statement;
    } finally {
      this.#sqlite.sqlite3_free(text);
    }
  }

  #prepare(at: Pointer, sql: string): { statement: Pointer; tail: Pointer } {
    if (this.#db === 0) throw new Error(`Cannot carry out "${sql}": the connection is closed`);
    const out = this.#sqlite.sqlite3_malloc(8);
    const result = this.#sqlite.sqlite3_prepare_v2(this.#db, at, -1, out, out + 4);
    const [statement, tail] = [this.#memory.word(out), this.#memory.word(out + 4)];
    this.#sqlite.sqlite3_free(out);
    try {
      this.#check(result, `prepare "${sql}"`);
    } catch (error) {
      this.#sqlite.sqlite3_finalize(statement);
      throw error;
    }
    return { statement, tail };
  }

  #bind(statement: Pointer, index: number, value: SqliteValue): number {
    const sqlite = this.#sqlite;
    if (value === null) return sqlite.sqlite3_bind_null(statement, index);
    if (typeof value === "number") {
      return Number.isSafeInteger(value)
        ? sqlite.sqlite3_bind_int64(statement, index, BigInt(value))
        : sqlite.sqlite3_bind_double(statement, index, value);
    }
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    const stored = this.#store(bytes);
    const bind = typeof value === "string" ? sqlite.sqlite3_bind_text : sqlite.sqlite3_bind_blob;
    const result = bind(statement, index, stored, bytes.length, TRANSIENT);
    sqlite.sqlite3_free(stored);
    return result;
  }

  #column(statement: Pointer, column: number): SqliteValue {
    const sqlite = this.#sqlite;
    switch (sqlite.sqlite3_column_type(statement, column)) {
      case INTEGER:
      case FLOAT:
        return sqlite.sqlite3_column_double(statement, column);
      case TEXT: {
        const pointer = sqlite.sqlite3_column_text(statement, column);
        const length = sqlite.sqlite3_column_bytes(statement, column);
        return decoder.decode(this.#memory.at(pointer, length));
      }
      case BLOB: {
        const pointer = sqlite.sqlite3_column_blob(statement, column);
        const end = pointer + sqlite.sqlite3_column_bytes(statement, column);
        return this.#memory.bytes.slice(pointer, end);
      }
      default:
        return null;
    }
  }

  /** Copies bytes to where SQLite sees them; at least one, so that an empty value is not NULL. */
  #store(bytes: Uint8Array): Pointer {
    const pointer = this.#sqlite.sqlite3_malloc(bytes.length + 1);
    this.#memory.bytes.set(bytes, pointer);
    return pointer;
  }

  #check(result: number, action: string, statement?: Pointer): void {
    this.#refuseBroken();
    if (result === code.OK) return;
    const reason = this.#memory.text(this.#sqlite.sqlite3_errmsg(this.#db));
    if (statement !== undefined) this.#sqlite.sqlite3_reset(statement);
    throw new SqliteError(result, action, reason);
  }

  /** Throws what went through SQLite as a mere number. */
  #refuseBroken(): void {
    const { failure } = this.#process;
    if (failure !== undefined) throw failure.error;
  }
}
