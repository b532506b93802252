/**
 * lokijs 1.5.12 is a document store in memory, which its adapter for Node saves to a file: a
 * temporary file and a rename, without a barrier.
 *
 * It promises nothing of crashes; its adapter says that it "might want to expand this to avoid
 * dataloss on partial save" (src/lokijs.js, comment of `saveDatabase`). Judged is whether what is
 * recovered is what the store held at some moment.
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
  key: string;
  value: string;
}

interface Collection {
  by(field: "key", key: string): Pair | undefined;
  find(): Pair[];
  insert(pair: Pair): void;
  update(pair: Pair): void;
  findAndRemove(query: object): void;
}

interface Loki {
  loadDatabase(options: object, done: (error?: Error | null) => void): void;
  saveDatabase(done: (error?: Error | null) => void): void;
  getCollection(name: string): Collection | null;
  addCollection(name: string, options: object): Collection;
}

/** Waits for a call with a callback. */
function called(call: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call((error) => error ? reject(error) : resolve()));
}

/**
 * A store in a collection of lokijs.
 *
 * @returns The store.
 */
export async function lokiStore(): Promise<StoreUnderTest<unknown, KeyValueCommand, State>> {
  installHooks();
  const { default: Database } = await import("lokijs");
  return writtenBack<{ db: Loki; pairs: Collection }, KeyValueCommand, State>({
    name: "lokijs 1.5.12",
    acks: "never",
    ...keyValues,
    async open(fs, dir) {
      useDisk(fs);
      const db = new Database(`${dir}/state.db`, { env: "NODEJS" }) as unknown as Loki;
      await called((done) => db.loadDatabase({}, done));
      const pairs = db.getCollection("pairs") ?? db.addCollection("pairs", { unique: ["key"] });
      return { db, pairs };
    },
    apply({ db, pairs }, command) {
      if ("remove" in command) pairs.findAndRemove({ key: command.remove });
      else {
        const pair = pairs.by("key", command.set);
        if (pair === undefined) pairs.insert({ key: command.set, value: command.value });
        else pairs.update(Object.assign(pair, { value: command.value }));
      }
      return called((done) => db.saveDatabase(done));
    },
    observe: ({ pairs }) => Object.fromEntries(pairs.find().map(({ key, value }) => [key, value])),
  }, "state.db");
}
