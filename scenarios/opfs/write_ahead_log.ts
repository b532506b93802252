/**
 * wa-sqlite's `OPFSWriteAheadVFS` as a log under test: a write-ahead log that is written in
 * JavaScript, inside the VFS, in two files that take turns.
 *
 * What it promises: full durability or relaxed durability, says the table of VFSes that comes with
 * wa-sqlite; the source says "Write-ahead transactions trade durability for performance on values 1
 * (NORMAL) or lower" of `PRAGMA synchronous`, and flushes in `xSync` otherwise. So with
 * `synchronous=FULL` a transaction is durable when `COMMIT` has returned; with NORMAL, the default of
 * this VFS, transactions may be lost from the end, and must not be torn.
 *
 * @module
 */
import {
  type FileSystem,
  type LogUnderTest,
  opfs,
  type OpfsOptions,
  standInForOpfs,
} from "../../mod.ts";
import { preparedLog } from "./_prepared_log.ts";
import { quietly } from "./_quietly.ts";
import { Randomness } from "./_randomness.ts";
import { appendTo, CREATE, recordsOf, type Sql } from "./_table_log.ts";
import { newWaSqlite, sqlOf } from "./_wa_sqlite.ts";
import { standInForLocks } from "./_web_locks.ts";

/** An open database, and the process that it is open in. */
interface Open {
  readonly sql: Sql;
  readonly randomness: Randomness;
  readonly close: () => Promise<number>;
}

/** How the log is kept. */
export interface WriteAheadLogOptions extends Pick<OpfsOptions, "names"> {
  /** `PRAGMA synchronous`. */
  readonly synchronous: "NORMAL" | "FULL";
  /** `PRAGMA journal_size_limit`: the two files take turns after so many pages. Default: 1000. */
  readonly filePages?: number;
  /** Whether the files and the tables are there, and durable, before the log is first opened. */
  readonly prepared?: boolean;
}

/** A write must say so when it begins (the VFS refuses others). */
const BEGIN = "PRAGMA experimental_pragma_20251114=1; BEGIN IMMEDIATE";

/** So many microtasks a checkpoint needs at most: it waits for nothing but locks. */
const TURNS = 100;

/** What stands in for the browser now: the VFS goes on when its caller has left. */
let restore: () => void = () => {};

/**
 * The log on `OPFSWriteAheadVFS`. Pages are of 512 bytes, so that a transaction touches few sectors.
 *
 * @param options How much is promised, and when the files take turns.
 * @returns The log as the harness sees it.
 */
export function writeAheadLog(options: WriteAheadLogOptions): LogUnderTest<Open> {
  const { synchronous, filePages, names = "unsynced", prepared = false } = options;
  const log: LogUnderTest<Open> = {
    name: `OPFSWriteAheadVFS, synchronous=${synchronous}, names ${names}` +
      (filePages === undefined ? "" : `, files of ${filePages} pages`) +
      (prepared ? ", prepared" : ""),
    acks: synchronous === "FULL" ? "append" : "never",
    open: (fs, dir) => openOn(fs, dir, options),
    append: ({ sql, randomness }, record) =>
      quietly(() => randomness.during(() => appendTo(sql, record, BEGIN))),
    records: ({ sql }) => recordsOf(sql),
    close: ({ close }) => close(),
  };
  return prepared ? preparedLog(log) : log;
}

const { OPFSWriteAheadVFS } = await loadVfs();

/**
 * Loads the VFS. It closes files of its own when they are garbage: here nothing happens when the
 * garbage is collected, since that is at another moment each time.
 */
async function loadVfs() {
  const real = globalThis.FinalizationRegistry;
  const never = class {
    register(): void {}
    unregister(): void {}
  };
  Object.assign(globalThis, { FinalizationRegistry: never });
  try {
    return await import("@journeyapps/wa-sqlite/src/examples/OPFSWriteAheadVFS.js");
  } finally {
    Object.assign(globalThis, { FinalizationRegistry: real });
  }
}

async function openOn(
  fs: FileSystem,
  dir: string,
  { synchronous, filePages, names = "unsynced" }: WriteAheadLogOptions,
): Promise<Open> {
  const randomness = new Randomness(fs);
  restore();
  restore = standInForOpfs(opfs(fs, { root: dir, names }));
  standInForLocks();
  return await quietly(() =>
    randomness.during(async () => {
      const { module, sqlite } = await newWaSqlite();
      sqlite.vfs_register(
        await OPFSWriteAheadVFS.create("write-ahead", module, { nTmpFiles: 1 }),
        true,
      );
      const db = await sqlite.open_v2("log.db");
      const sql = sqlOf(sqlite, db);
      await sql.run("PRAGMA backstop_interval=0");
      await sql.run("PRAGMA page_size=512");
      await sql.run(`PRAGMA synchronous=${synchronous}`);
      if (filePages !== undefined) await sql.run(`PRAGMA journal_size_limit=${filePages}`);
      await sql.run(`${BEGIN}; ${CREATE} COMMIT`);
      const close = async () => {
        // No call waits for a checkpoint in the background, and one that meets closed files throws.
        for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
        return await sqlite.close(db);
      };
      return { sql, randomness, close };
    })
  );
}

export default writeAheadLog({ synchronous: "FULL" });
