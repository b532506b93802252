/**
 * event-storage 0.8.0 is an append-only store of events: documents in a file, and an index of
 * them in another.
 *
 * It promises no durability by default; "for strict durability, you can set the option
 * `syncOnFlush` which will sync all flushes to disk before finishing" (README.md, Durability).
 * Torn writes are cut when the lock of a process that has gone is reclaimed (README.md,
 * Consistency). So it is opened with both options, an event is acked when the callback of
 * `commit` is called, and judged is strict durability.
 *
 * That callback is called when the document has been synced; the index is written and synced up
 * to 100 ms later (src/Index/WritableIndex.js, `flushDelay`), and is not rebuilt from the
 * documents. Where a program calls `flush`, it is the other way round: the index is durable
 * before the document is written (src/Storage/WritableStorage.js, `flush`).
 *
 * @module
 */
import { installHooks, type LogUnderTest, useDisk } from "../../mod.ts";

interface EventStore {
  once(event: "ready", ready: () => void): void;
  commit(stream: string, event: object, done: () => void): void;
  getAllEvents(): { readonly events: { readonly record: string }[] };
  readonly storage: { flush(): void };
  close(): void;
}

interface EventStoreClass {
  readonly LOCK_RECLAIM: number;
  new (name: string, options: object): EventStore;
}

/** How events are kept. */
export interface EventStorageOptions {
  /** Whether `flush` of the storage is called after every commit. Default: false. */
  readonly isFlushed?: boolean;
}

/**
 * A log in a stream of event-storage.
 *
 * @param options How events are kept.
 * @returns The log.
 */
export async function eventStorageLog(
  { isFlushed = false }: EventStorageOptions = {},
): Promise<LogUnderTest<EventStore>> {
  installHooks();
  const module = await import("event-storage");
  return {
    name: `event-storage 0.8.0, syncOnFlush${isFlushed ? ", flushed" : ""}`,
    acks: "append",
    async open(fs, dir) {
      useDisk(fs);
      const Store = module.default as unknown as EventStoreClass;
      const store = new Store("log", {
        storageDirectory: dir,
        storageConfig: { syncOnFlush: true, lock: Store.LOCK_RECLAIM },
      });
      await new Promise<void>((resolve) => store.once("ready", resolve));
      return store;
    },
    async append(store, record) {
      const event = { record: btoa(String.fromCharCode(...record)) };
      await new Promise<void>((resolve) => {
        store.commit("records", event, resolve);
        if (isFlushed) store.storage.flush();
      });
    },
    records: (store) =>
      store.getAllEvents().events.map(({ record }) =>
        Uint8Array.from(atob(record), (char) => char.charCodeAt(0))
      ),
    close: (store) => store.close(),
  };
}
