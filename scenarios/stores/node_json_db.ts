/**
 * node-json-db 3.0.0 keeps a JSON document in a file, which atomically 1.7.0 replaces. The new
 * file is synced only where the fifth argument of `Config`, `syncOnSave`, is true; by default it
 * is not (dist/lib/JsonDBConfig.js, line 13).
 *
 * Its README.md promises nothing of crashes. Judged is whether the document is the one of some
 * moment, whole.
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

interface Document {
  getData(path: string): Promise<State>;
  push(path: string, data: unknown, override: boolean): Promise<void>;
  delete(path: string): Promise<void>;
}

/** How the document is kept. */
export interface NodeJsonDbOptions {
  /** The fifth argument of `Config`. Default: false, as the package has it. */
  readonly syncOnSave?: boolean;
}

/**
 * A store in a document of node-json-db.
 *
 * @param options How it is kept.
 * @returns The store.
 */
export async function nodeJsonDbStore(
  { syncOnSave = false }: NodeJsonDbOptions = {},
): Promise<StoreUnderTest<unknown, KeyValueCommand, State>> {
  installHooks();
  const { JsonDB, Config } = await import("node-json-db");
  return writtenBack<Document, KeyValueCommand, State>({
    name: `node-json-db 3.0.0, syncOnSave ${syncOnSave}`,
    acks: "never",
    ...keyValues,
    async open(fs, dir) {
      useDisk(fs);
      const db = new JsonDB(new Config(`${dir}/state`, true, false, "/", syncOnSave));
      await db.load();
      return db;
    },
    apply: (db, command) =>
      "set" in command
        ? db.push(`/${command.set}`, command.value, true)
        : db.delete(`/${command.remove}`),
    observe: (db) => db.getData("/"),
  }, "state.json");
}
