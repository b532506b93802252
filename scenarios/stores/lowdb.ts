/**
 * lowdb 7.0.1 keeps a JSON document in a file, which steno 4.0.2 replaces.
 *
 * It promises "Safe atomic writes" (README.md, Features) and does not speak of power loss. Judged
 * is that promise at a power loss: the old document or the new one, whole.
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

interface Lowdb {
  data: State;
  write(): Promise<void>;
}

/**
 * A store in a document of lowdb.
 *
 * @returns The store.
 */
export async function lowdbStore(): Promise<StoreUnderTest<unknown, KeyValueCommand, State>> {
  installHooks();
  const { JSONFilePreset } = await import("lowdb/node");
  return writtenBack<Lowdb, KeyValueCommand, State>({
    name: "lowdb 7.0.1",
    acks: "never",
    ...keyValues,
    async open(fs, dir) {
      useDisk(fs);
      const initial: State = {};
      return await JSONFilePreset(`${dir}/state.json`, initial);
    },
    apply(db, command) {
      db.data = keyValues.model.next(db.data, command);
      return db.write();
    },
    observe: ({ data }) => data,
  }, "state.json");
}
