/**
 * SQLite's own pool of access handles, `opfs-sahpool`, as a log under test.
 *
 * What it promises. The SQLite documentation lists it among the VFSes for persistent storage and says
 * nothing of power losses; `xSync` calls `flush`, and so does the change of the header that says
 * which database file a file of the pool is. So SQLite's own promises should hold: with
 * `synchronous=FULL` a transaction is durable when `COMMIT` has returned, except that in the journal
 * mode DELETE it may be undone where the removal of the journal is not durable; here the journal is
 * removed by such a header, which is flushed.
 *
 * @module
 */
import { type FileSystem, type LogUnderTest, opfs, type OpfsOptions, withOpfs } from "../../mod.ts";
import { preparedLog } from "./_prepared_log.ts";
import { Randomness } from "./_randomness.ts";
import { type Database, startProcess } from "./_sqlite_wasm.ts";
import { appendTo, CREATE, recordsOf, type Sql } from "./_table_log.ts";

/** An open database, and the process that it is open in. */
interface Open {
  readonly db: Database;
  readonly sql: Sql;
  readonly randomness: Randomness;
}

/** How the log is kept. */
export interface SahPoolLogOptions extends Pick<OpfsOptions, "names"> {
  /** The journal mode of SQLite. */
  readonly journal: "DELETE" | "TRUNCATE" | "PERSIST" | "WAL";
  /** `PRAGMA synchronous`. */
  readonly synchronous: "OFF" | "NORMAL" | "FULL";
  /**
   * Whether the pool and the tables are there, and durable, before the log is first opened, so that a
   * crash meets the work and not the setting up.
   */
  readonly prepared?: boolean;
}

/** The files of a pool that is as small as it can be: the database and its journal. */
const FILES = 2;

/**
 * The log on `opfs-sahpool`. Pages are of 512 bytes, so that a transaction touches few sectors, and
 * the pool has two files instead of six.
 *
 * @param options The journal, and when names are durable.
 * @returns The log as the harness sees it.
 */
export function sahPoolLog(options: SahPoolLogOptions): LogUnderTest<Open> {
  const { journal, synchronous, names = "unsynced", prepared = false } = options;
  const log: LogUnderTest<Open> = {
    name: `opfs-sahpool, ${journal}, synchronous=${synchronous}, names ${names}` +
      (prepared ? ", prepared" : ""),
    acks: "append",
    open: (fs, dir) => openOn(fs, dir, options),
    append: ({ sql, randomness }, record) => randomness.during(() => appendTo(sql, record)),
    records: ({ sql }) => recordsOf(sql),
    close: ({ db, randomness }) => randomness.during(() => db.close()),
  };
  return prepared ? preparedLog(log) : log;
}

async function openOn(fs: FileSystem, dir: string, options: SahPoolLogOptions): Promise<Open> {
  const { journal, synchronous, names = "unsynced" } = options;
  const randomness = new Randomness(fs);
  const root = opfs(fs, { root: dir, names });
  const db = await startProcess(async (sqlite, generation) => {
    const pool = await randomness.during(() =>
      withOpfs(root, async () => {
        const pool = await sqlite.installOpfsSAHPoolVfs({
          name: `pool-${generation}`,
          directory: "pool",
          initialCapacity: FILES,
        });
        // The capacity of above is for a pool without any file; one that was cut off has too few.
        await pool.reserveMinimumCapacity(FILES);
        return pool;
      })
    );
    const db = randomness.during(() => new pool.OpfsSAHPoolDb("/log.db"));
    return {
      db,
      end: () => {
        db.close();
        pool.pauseVfs();
      },
    };
  });
  const sql: Sql = {
    run: (text, bind) => void db.exec(text, bind === undefined ? {} : { bind }),
    rows: (text) => db.selectArrays(text),
  };
  randomness.during(() => {
    if (journal === "WAL") sql.run("PRAGMA locking_mode=EXCLUSIVE");
    sql.run("PRAGMA page_size=512");
    sql.run(`PRAGMA journal_mode=${journal}; PRAGMA synchronous=${synchronous}; ${CREATE}`);
  });
  return { db, sql, randomness };
}

export default sahPoolLog({ journal: "DELETE", synchronous: "FULL" });
