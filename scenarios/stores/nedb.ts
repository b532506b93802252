/**
 * The package @seald-io/nedb 4.1.2 is a document store that appends each change to a file, and
 * rewrites the file now and then with an fsync of it and of its directory.
 *
 * It promises that a rewrite is "immune to crashes during the write operation (data will not be
 * lost)" (lib/storage.js, comment of `crashSafeWriteFileLinesAsync`). Appends are not synced, and
 * no durability is promised of them. Where more than a tenth of the lines do not check it refuses
 * to open, on purpose; the option `corruptAlertThreshold` sets that share (its error says so).
 * Judged is whether it opens, and has what it held at some moment.
 *
 * @module
 */
import {
  installHooks,
  type KeyValueCommand,
  keyValues,
  type StoreUnderTest,
  useDisk,
} from "../../mod.ts";
import type { State } from "./_keyed_file.ts";
import { writtenBack } from "./_written_back.ts";

interface Pair {
  readonly _id: string;
  readonly value: string;
}

interface Nedb {
  loadDatabaseAsync(): Promise<void>;
  updateAsync(query: object, document: Pair, options: { upsert: true }): Promise<unknown>;
  removeAsync(query: object, options: object): Promise<unknown>;
  findAsync(query: object): Promise<Pair[]>;
}

/** How the store is kept. */
export interface NedbOptions {
  /**
   * The option of the package: up to which share of lines that do not check it opens all the same.
   * Default: 0.1, as the package has it.
   */
  readonly corruptAlertThreshold?: number;
}

/**
 * A store in the documents of NeDB.
 *
 * @param options How it is kept.
 * @returns The store.
 */
export async function nedbStore(
  { corruptAlertThreshold = 0.1 }: NedbOptions = {},
): Promise<StoreUnderTest<unknown, KeyValueCommand, State>> {
  installHooks();
  const { default: Datastore } = await import("@seald-io/nedb") as unknown as {
    default: new (options: object) => Nedb;
  };
  return writtenBack<Nedb, KeyValueCommand, State>({
    name: `@seald-io/nedb 4.1.2, corruptAlertThreshold ${corruptAlertThreshold}`,
    acks: "never",
    ...keyValues,
    async open(fs, dir) {
      useDisk(fs);
      const db = new Datastore({ filename: `${dir}/pairs`, corruptAlertThreshold });
      await db.loadDatabaseAsync();
      return db;
    },
    async apply(db, command) {
      if ("set" in command) {
        const pair = { _id: command.set, value: command.value };
        await db.updateAsync({ _id: command.set }, pair, { upsert: true });
      } else await db.removeAsync({ _id: command.remove }, {});
    },
    observe: async (db) =>
      Object.fromEntries((await db.findAsync({})).map(({ _id, value }) => [_id, value])),
  }, "pairs");
}
