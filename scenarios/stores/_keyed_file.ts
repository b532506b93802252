/**
 * A store of keys and values that keeps all of them as JSON in one file, which a package replaces:
 * what a program does that uses a package to save its settings.
 *
 * @module
 */
import {
  type KeyValueCommand,
  keyValues,
  type MaybePromise,
  type StoreUnderTest,
  useDisk,
} from "../../mod.ts";
import { writtenBack } from "./_written_back.ts";

/** The keys and their values. */
export type State = Record<string, string>;

/** Puts a text in the place of what a file holds. */
export type Replace = (path: string, text: string) => MaybePromise<unknown>;

/** An open store. */
interface KeyedFile {
  state: State;
  readonly save: (text: string) => MaybePromise<unknown>;
}

/** How the file is kept. */
export interface KeyedFileOptions {
  /** Shown in reports. */
  readonly name: string;
  /** What replaces the file; asked for once in each process. */
  readonly start: () => Replace;
}

/**
 * The store. It promises no durability, but must keep what has been written back.
 *
 * @param options How the file is kept.
 * @returns The store as the harness sees it.
 */
export function keyedFile(
  { name, start }: KeyedFileOptions,
): StoreUnderTest<unknown, KeyValueCommand, State> {
  return writtenBack<KeyedFile, KeyValueCommand, State>({
    name,
    acks: "never",
    ...keyValues,
    open(fs, dir) {
      useDisk(fs);
      const path = `${dir}/state.json`;
      const text = fs.list(dir).includes("state.json") ? fs.node.readFileSync(path, "utf8") : "{}";
      const replace = start();
      return { state: JSON.parse(text as string), save: (text) => replace(path, text) };
    },
    apply(store, command) {
      store.state = keyValues.model.next(store.state, command);
      return store.save(JSON.stringify(store.state));
    },
    observe: ({ state }) => state,
  }, "state.json");
}
