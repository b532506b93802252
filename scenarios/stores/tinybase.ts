/**
 * tinybase 10.0.1 is a store in memory, which its file persister saves as JSON: a temporary file
 * and a rename, without a barrier.
 *
 * It promises nothing of crashes. A file that it cannot read it tells of through `onIgnoredError`
 * and then takes for absent; a program that listens refuses to open, and so does this one. Judged
 * is whether what is recovered is what the store held at some moment.
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

interface Saved {
  readonly values: {
    getValues(): object;
    setValue(key: string, value: string): void;
    delValue(key: string): void;
  };
  readonly persister: { load(): Promise<unknown>; save(): Promise<unknown> };
}

/**
 * A store in the values of tinybase.
 *
 * @returns The store.
 */
export async function tinybaseStore(): Promise<StoreUnderTest<unknown, KeyValueCommand, State>> {
  installHooks();
  const { createStore } = await import("tinybase");
  const { createFilePersister } = await import("tinybase/persisters/persister-file");
  return writtenBack<Saved, KeyValueCommand, State>({
    name: "tinybase 10.0.1",
    acks: "never",
    ...keyValues,
    async open(fs, dir) {
      useDisk(fs);
      const values = createStore();
      let problem: unknown;
      const persister = createFilePersister(values, `${dir}/state.json`, (error) => {
        if ((error as { code?: string }).code !== "ENOENT") problem ??= error;
      });
      await persister.load();
      if (problem !== undefined) throw problem;
      return { values, persister };
    },
    async apply({ values, persister }, command) {
      if ("set" in command) values.setValue(command.set, command.value);
      else values.delValue(command.remove);
      await persister.save();
    },
    observe: ({ values }) => values.getValues() as State,
  }, "state.json");
}
