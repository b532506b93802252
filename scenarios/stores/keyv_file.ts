/**
 * keyv-file 5.3.5 is a storage adapter of Keyv. It keeps all keys in one file, which it empties and
 * writes again.
 *
 * It promises nothing of crashes; the declaration of `set` says that it waits "to save to disk"
 * (lib/index.js, comment of `set`). A file that it cannot read it takes for absent, says so on
 * the console, and goes on empty. Judged is whether what is recovered is what the store held at
 * some moment. To be empty is one of these, but not where more was on the media already.
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
import { quietly } from "./_quietly.ts";
import { writtenBack } from "./_written_back.ts";

interface Adapter {
  set(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  keys(): Promise<Iterable<string>>;
  getSync(key: string): string;
}

/**
 * A store in a file of keyv-file.
 *
 * @returns The store.
 */
export async function keyvFileStore(): Promise<StoreUnderTest<unknown, KeyValueCommand, State>> {
  installHooks();
  const { KeyvFile } = await import("keyv-file");
  return writtenBack<Adapter, KeyValueCommand, State>({
    name: "keyv-file 5.3.5",
    acks: "never",
    ...keyValues,
    open(fs, dir) {
      useDisk(fs);
      const filename = `${dir}/state.json`;
      return quietly(() => new KeyvFile({ filename, writeDelay: 1 }) as unknown as Adapter);
    },
    apply: (adapter, command) =>
      "set" in command ? adapter.set(command.set, command.value) : adapter.delete(command.remove),
    observe: async (adapter) =>
      Object.fromEntries([...await adapter.keys()].map((key) => [key, adapter.getSync(key)])),
  }, "state.json");
}
