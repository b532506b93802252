/**
 * node-persist 4.0.4 keeps each key in a file of its own, which it empties and writes again.
 *
 * It promises nothing of crashes. Judged is whether what is recovered is what the store held at
 * some moment.
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

interface Storage {
  init(): Promise<unknown>;
  setItem(key: string, value: string): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
  data(): Promise<{ key: string; value: string }[]>;
  stopWriteQueueInterval(): void;
  stopExpiredKeysInterval(): void;
}

/**
 * A store in the files of node-persist.
 *
 * @returns The store.
 */
export async function nodePersistStore(): Promise<StoreUnderTest<unknown, KeyValueCommand, State>> {
  installHooks();
  const { default: persist } = await import("node-persist");
  return writtenBack<Storage, KeyValueCommand, State>({
    name: "node-persist 4.0.4",
    acks: "never",
    ...keyValues,
    async open(fs, dir) {
      useDisk(fs);
      const storage = persist.create({ dir, expiredInterval: 0, writeQueue: false } as never);
      await storage.init();
      return storage as unknown as Storage;
    },
    apply: (storage, command) =>
      "set" in command
        ? storage.setItem(command.set, command.value)
        : storage.removeItem(command.remove),
    observe: async (storage) =>
      Object.fromEntries((await storage.data()).map(({ key, value }) => [key, value])),
  });
}
