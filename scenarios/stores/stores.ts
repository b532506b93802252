/**
 * Packages from npm, unmodified, on the simulated disk: what each promises is said in its own
 * file, and judged here. Few of them promise anything of a power loss; `docs/npm_stores.md` has
 * it all in a table.
 *
 * @module
 */
import type { Verdict } from "../../mod.ts";
import { asyncAppendOnlyLog } from "./async_append_only_log.ts";
import { atomicallyStore } from "./atomically.ts";
import { confStore } from "./conf.ts";
import { eventStorageLog } from "./event_storage.ts";
import { flumelogOffsetLog } from "./flumelog_offset.ts";
import { keyvFileStore } from "./keyv_file.ts";
import { lokiStore } from "./loki.ts";
import { lowdbStore } from "./lowdb.ts";
import { nedbStore } from "./nedb.ts";
import { nodeJsonDbStore } from "./node_json_db.ts";
import { nodePersistStore } from "./node_persist.ts";
import { opslogStore } from "./opslog.ts";
import { stenoStore } from "./steno.ts";
import { NO_BARRIER, type StoreScenario, storeWorkloads, verdicts } from "./store_scenario.ts";
import { tinybaseStore } from "./tinybase.ts";
import { writeFileAtomicStore } from "./write_file_atomic.ts";

/** What a scenario says of itself; the rest follows. */
interface Row {
  readonly name: string;
  readonly package: string;
  readonly story: string;
  readonly log: StoreScenario["log"];
  /** On posix-ra, ext4-ordered, ext4-journal and xfs. */
  readonly expected: readonly [Verdict, Verdict, Verdict, Verdict];
  readonly blamed?: StoreScenario["blamed"];
}

const HOLDS = ["holds", "holds", "holds", "holds"] as const;
const VIOLATES = ["violates", "violates", "violates", "violates"] as const;
const UNLESS_IN_ORDER = ["violates", "violates", "holds", "violates"] as const;
/** Only where a file may grow on the media without its bytes. */
const WHERE_HOLES_GROW = ["violates", "violates", "holds", "holds"] as const;

const replacers: readonly Row[] = [
  {
    name: "write-file-atomic",
    package: "write-file-atomic@7.0.1",
    story: "A temporary file, an fsync of it, a rename: the old text or the new one",
    log: () => writeFileAtomicStore(),
    expected: HOLDS,
  },
  {
    name: "write-file-atomic/no-fsync",
    package: "write-file-atomic@7.0.1",
    story: "The same with the option that leaves the fsync out",
    log: () => writeFileAtomicStore({ fsync: false }),
    expected: UNLESS_IN_ORDER,
    blamed: { model: "xfs", clause: "open failed", on: "write-file-atomic@7.0.1/lib/index.js:118" },
  },
  {
    name: "atomically",
    package: "atomically@2.1.1",
    story: "A temporary file, an fsync of it, a rename: the old text or the new one",
    log: () => atomicallyStore(),
    expected: HOLDS,
  },
  {
    name: "atomically/fsync-not-awaited",
    package: "atomically@2.1.1",
    story: "The rename does not wait for the fsync, and may get ahead of it",
    log: () => atomicallyStore({ fsyncWait: false }),
    expected: UNLESS_IN_ORDER,
    blamed: {
      model: "xfs",
      clause: "open failed",
      on: "stubborn-utils@1.0.2/dist/retryify_async.js:11",
    },
  },
  {
    name: "conf",
    package: "conf@15.1.0",
    story: "Settings that atomically replaces: the old ones or the new ones",
    log: () => confStore(),
    expected: HOLDS,
  },
  {
    name: "node-json-db/sync-on-save",
    package: "node-json-db@3.0.0",
    story: "With the option that syncs: the old document or the new one",
    log: () => nodeJsonDbStore({ syncOnSave: true }),
    expected: HOLDS,
  },
  {
    name: "node-json-db",
    package: "node-json-db@3.0.0",
    story: "By default nothing is synced before the rename: the document may be empty",
    log: () => nodeJsonDbStore(),
    expected: UNLESS_IN_ORDER,
    blamed: {
      model: "xfs",
      clause: "open failed",
      on: "atomically@1.7.0/dist/utils/retryify.js:11",
    },
  },
  {
    name: "steno",
    package: "steno@4.0.2",
    story: "A rename without an fsync: the new name, and none of the bytes",
    log: () => stenoStore(),
    expected: UNLESS_IN_ORDER,
    blamed: { model: "xfs", clause: "open failed", on: "steno@4.0.2/lib/index.js:53" },
  },
  {
    name: "lowdb",
    package: "lowdb@7.0.1",
    story: "A document that steno replaces: it may be empty after a power loss",
    log: () => lowdbStore(),
    expected: UNLESS_IN_ORDER,
    blamed: { model: "xfs", clause: "open failed", on: "steno@4.0.2/lib/index.js:53" },
  },
  {
    name: "lokijs",
    package: "lokijs@1.5.12",
    story: "A rename without an fsync; an empty file passes for an empty database",
    log: () => lokiStore(),
    expected: UNLESS_IN_ORDER,
    blamed: { model: "posix-ra", clause: "open failed", on: "lokijs@1.5.12/src/lokijs.js:2438" },
  },
  {
    name: "tinybase",
    package: "tinybase@10.0.1",
    story: "A rename without an fsync: the new name, and none of the bytes",
    log: () => tinybaseStore(),
    expected: UNLESS_IN_ORDER,
    blamed: {
      model: "xfs",
      clause: "open failed",
      on: "tinybase@10.0.1/persisters/persister-file/index.js:836",
    },
  },
];

const rewriters: readonly Row[] = [
  {
    name: "keyv-file",
    package: "keyv-file@5.3.5",
    story: "The file is emptied and written again: in between, everything is gone",
    log: () => keyvFileStore(),
    expected: VIOLATES,
    blamed: { model: "xfs", clause: "acked command lost", on: NO_BARRIER },
  },
  {
    name: "node-persist",
    package: "node-persist@4.0.4",
    story: "One file that is empty keeps all keys from being read",
    log: () => nodePersistStore(),
    expected: VIOLATES,
    blamed: { model: "xfs", clause: "records failed", on: NO_BARRIER },
  },
];

const logs: readonly Row[] = [
  {
    name: "nedb",
    package: "@seald-io/nedb@4.1.2",
    story: "A torn line at the end of a short file is a tenth of it, and NeDB refuses to start",
    log: () => nedbStore(),
    expected: WHERE_HOLES_GROW,
    blamed: { model: "ext4-ordered", clause: "open failed", on: NO_BARRIER },
  },
  {
    name: "nedb/lenient",
    package: "@seald-io/nedb@4.1.2",
    story: "With the option that lets it pass: what the store held at some moment",
    log: () => nedbStore({ corruptAlertThreshold: 1 }),
    expected: HOLDS,
  },
  {
    name: "opslog",
    package: "@backloghq/opslog@0.8.1",
    story: "Every write is called durable, and none is synced",
    log: () => opslogStore(),
    expected: VIOLATES,
    blamed: { model: "ext4-ordered", clause: "acked command lost", on: NO_BARRIER },
  },
  {
    name: "event-storage",
    package: "event-storage@0.8.0",
    story: "The event is synced and acked; the index that it is found by comes later",
    log: () => eventStorageLog(),
    expected: VIOLATES,
    blamed: { model: "ext4-journal", clause: "acked record lost", on: NO_BARRIER },
  },
  {
    name: "event-storage/flushed",
    package: "event-storage@0.8.0",
    story: "With a flush, the index is durable before the event that it points to",
    log: () => eventStorageLog({ isFlushed: true }),
    expected: VIOLATES,
    blamed: { model: "ext4-journal", clause: "open failed", on: NO_BARRIER },
  },
  {
    name: "async-append-only-log",
    package: "async-append-only-log@4.3.10",
    story: "A last block of zeros is taken for a record without bytes, and the next is overwritten",
    log: () => asyncAppendOnlyLog(),
    expected: WHERE_HOLES_GROW,
    blamed: { model: "ext4-ordered", clause: "hole", on: NO_BARRIER },
  },
  {
    name: "flumelog-offset",
    package: "flumelog-offset@3.4.4",
    story: "Recovery of a file of zeros reads at a negative offset, and the log does not open",
    log: () => flumelogOffsetLog(),
    expected: WHERE_HOLES_GROW,
    blamed: { model: "ext4-ordered", clause: "open failed", on: NO_BARRIER },
  },
];

/** All of them, in the order in which they are best met. */
export const storeScenarios: readonly StoreScenario[] = [...replacers, ...rewriters, ...logs].map(
  ({ name, expected, ...rest }) => ({
    ...rest,
    name: `stores/${name}`,
    isLong: true,
    workloads: storeWorkloads(),
    checkOptions: { depth: 0, schedules: 8, budget: { recoveries: 2_000 } },
    expected: verdicts(...expected),
  }),
);
