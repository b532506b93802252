/**
 * The package @backloghq/opslog 0.8.1 is a document store that appends each change to a log,
 * beside a snapshot and a manifest that are replaced by a rename. It makes no barrier at all.
 *
 * It promises of its default mode, `immediate`: "every write is durable. Use when data loss is
 * unacceptable" (README.md, Async Mode); and "No data corruption on crash. At most one in-flight
 * operation is lost" (README.md, Crash Safety). Judged is both.
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

interface Opslog {
  open(dir: string): Promise<void>;
  set(id: string, value: { value: string }): Promise<void>;
  delete(id: string): Promise<void>;
  entries(): Iterable<[string, { value: string }]>;
  close(): Promise<void>;
}

/**
 * A store in the documents of opslog, in its default mode.
 *
 * @returns The store.
 */
export async function opslogStore(): Promise<StoreUnderTest<Opslog, KeyValueCommand, State>> {
  installHooks();
  const { Store } = await import("@backloghq/opslog");
  return {
    name: "@backloghq/opslog 0.8.1",
    acks: "apply",
    ...keyValues,
    async open(fs, dir) {
      useDisk(fs);
      const store = new Store<{ value: string }>() as unknown as Opslog;
      await quietly(() => store.open(dir));
      return store;
    },
    apply: (store, command) =>
      "set" in command
        ? store.set(command.set, { value: command.value })
        : store.delete(command.remove),
    observe: (store) =>
      Object.fromEntries([...store.entries()].map(([id, { value }]) => [id, value])),
    close: (store) => store.close(),
  };
}
