/**
 * wa-sqlite's pool of access handles, `AccessHandlePoolVFS`, as a log under test. It is what SQLite's
 * own pool was made from.
 *
 * What it promises: "full durability", says the table of VFSes that comes with wa-sqlite, and no
 * relaxed one. So a transaction is durable when `COMMIT` has returned, with `synchronous=FULL`, which
 * is the default.
 *
 * @module
 */
import { type FileSystem, type LogUnderTest, opfs, type OpfsOptions, withOpfs } from "../../mod.ts";
import { AccessHandlePoolVFS } from "@journeyapps/wa-sqlite/src/examples/AccessHandlePoolVFS.js";
import { preparedLog } from "./_prepared_log.ts";
import { quietly } from "./_quietly.ts";
import { Randomness } from "./_randomness.ts";
import { appendTo, CREATE, recordsOf, type Sql } from "./_table_log.ts";
import { newWaSqlite, sqlOf } from "./_wa_sqlite.ts";

/** An open database, and the process that it is open in. */
interface Open {
  readonly sql: Sql;
  readonly randomness: Randomness;
  readonly close: () => Promise<void>;
}

/** How the log is kept. */
export interface AccessHandlePoolLogOptions extends Pick<OpfsOptions, "names"> {
  /** The journal mode of SQLite. */
  readonly journal: "DELETE" | "TRUNCATE" | "PERSIST" | "WAL";
  /** `PRAGMA synchronous`. */
  readonly synchronous: "OFF" | "NORMAL" | "FULL";
  /** Whether the pool and the tables are there, and durable, before the log is first opened. */
  readonly prepared?: boolean;
}

/**
 * The log on `AccessHandlePoolVFS`. Pages are of 512 bytes, so that a transaction touches few sectors.
 *
 * @param options The journal, and when names are durable.
 * @returns The log as the harness sees it.
 */
export function accessHandlePoolLog(options: AccessHandlePoolLogOptions): LogUnderTest<Open> {
  const { journal, synchronous, names = "unsynced", prepared = false } = options;
  const log: LogUnderTest<Open> = {
    name: `AccessHandlePoolVFS, ${journal}, synchronous=${synchronous}, names ${names}` +
      (prepared ? ", prepared" : ""),
    acks: "append",
    open: (fs, dir) => openOn(fs, dir, options),
    append: ({ sql, randomness }, record) =>
      quietly(() => randomness.during(() => appendTo(sql, record))),
    records: ({ sql }) => recordsOf(sql),
    close: ({ close }) => close(),
  };
  return prepared ? preparedLog(log) : log;
}

async function openOn(
  fs: FileSystem,
  dir: string,
  { journal, synchronous, names = "unsynced" }: AccessHandlePoolLogOptions,
): Promise<Open> {
  const randomness = new Randomness(fs);
  return await quietly(() =>
    randomness.during(() =>
      withOpfs(opfs(fs, { root: dir, names }), async () => {
        const { module, sqlite } = await newWaSqlite();
        const vfs = await AccessHandlePoolVFS.create("pool", module);
        sqlite.vfs_register(vfs, true);
        const db = await sqlite.open_v2("log.db");
        const sql = sqlOf(sqlite, db);
        if (journal === "WAL") await sql.run("PRAGMA locking_mode=EXCLUSIVE");
        await sql.run("PRAGMA page_size=512");
        await sql.run(`PRAGMA journal_mode=${journal}; PRAGMA synchronous=${synchronous}`);
        await sql.run(CREATE);
        const close = async () => {
          await sqlite.close(db);
          await vfs.close();
        };
        return { sql, randomness, close };
      })
    )
  );
}

export default accessHandlePoolLog({ journal: "DELETE", synchronous: "FULL" });
