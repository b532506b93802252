/**
 * Storage engines for the browser on a simulated origin private file system, each with the verdict that
 * it must have. What they promise is in the modules of the logs, what was found in `docs/opfs.md`.
 *
 * @module
 */
import type { LogUnderTest, Workload } from "../../mod.ts";
import { on, type Scenario } from "../scenario.ts";

const append = (bytes: number) => ({ do: "append", bytes }) as const;

const ONE: Workload = { name: "one record", lives: [[append(24)]] };
const TWO: Workload = { name: "two records", lives: [[append(24), append(40)]] };
const LATER: Workload = {
  name: "going on after a power loss",
  lives: [[append(24)], [append(40)]],
};
const KILLED: Workload = {
  name: "killed in the first append after a power loss",
  lives: [[append(24)], [{ do: "killDuring", calls: [append(40)], ops: 2 }]],
};

/**
 * Enough for what is expected to be found, and for what is not a few minutes. One order of calls under
 * way together is enough: see `docs/opfs.md`.
 */
const FEW = { budget: { recoveries: 300 }, schedules: 1 };
const MANY = { budget: { recoveries: 2000 }, schedules: 1 };

type Journal = "DELETE" | "TRUNCATE" | "PERSIST" | "WAL";

async function sahPool(journal: Journal, names: "unsynced" | "durable", prepared = true) {
  const { sahPoolLog } = await import("./sahpool_log.ts");
  return sahPoolLog({ journal, synchronous: "FULL", names, prepared }) as LogUnderTest;
}

async function accessHandlePool(journal: Journal) {
  const { accessHandlePoolLog } = await import("./access_handle_pool_log.ts");
  const options = { journal, synchronous: "FULL", names: "durable", prepared: true } as const;
  return accessHandlePoolLog(options) as LogUnderTest;
}

async function writeAhead(synchronous: "NORMAL" | "FULL", filePages?: number) {
  const { writeAheadLog } = await import("./write_ahead_log.ts");
  const pages = filePages === undefined ? {} : { filePages };
  const options = { synchronous, names: "durable", prepared: true, ...pages } as const;
  return writeAheadLog(options) as LogUnderTest;
}

/** All scenarios, in the order in which they are best met. */
export const opfsScenarios: readonly Scenario[] = [
  {
    name: "opfs/sahpool-names",
    story: "A new pool: no call makes the names of its files durable, so all of it may go",
    log: () => sahPool("TRUNCATE", "unsynced", false),
    workloads: [ONE],
    checkOptions: FEW,
    expected: on("violates", "posix-ra", "posix"),
  },
  {
    name: "opfs/sahpool-delete",
    story: "A file that was a journal is cut after its flush: the next header brings it back",
    log: () => sahPool("DELETE", "unsynced"),
    workloads: [TWO],
    checkOptions: FEW,
    expected: {
      ...on("violates", "posix-ra", "posix", "ext4-ordered", "ext4-writeback", "xfs", "btrfs"),
      ...on("holds", "ext4-journal"),
    },
  },
  {
    name: "opfs/sahpool-truncate",
    story: "The journal is cut and flushed while it has its name",
    log: () => sahPool("TRUNCATE", "unsynced"),
    workloads: [ONE, TWO],
    checkOptions: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
  {
    name: "opfs/sahpool-persist",
    story: "The header of the journal is cleared and flushed",
    log: () => sahPool("PERSIST", "unsynced"),
    workloads: [ONE, TWO],
    checkOptions: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
  {
    name: "opfs/sahpool-wal",
    story: "SQLite's own write-ahead log, which one connection may use alone",
    log: () => sahPool("WAL", "unsynced"),
    workloads: [ONE, TWO],
    checkOptions: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
  {
    name: "opfs/access-handle-pool-delete",
    story: "The same mistake where the pool comes from, in the order of six files",
    log: () => accessHandlePool("DELETE"),
    workloads: [{ name: "six records", lives: [[24, 40, 24, 40, 24, 40].map(append)] }],
    checkOptions: FEW,
    expected: on("violates", "posix-ra", "posix", "btrfs"),
  },
  {
    name: "opfs/access-handle-pool-truncate",
    story: "The journal is cut and flushed while it has its name",
    log: () => accessHandlePool("TRUNCATE"),
    workloads: [ONE, TWO],
    checkOptions: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
  {
    name: "opfs/write-ahead",
    story: "A write-ahead log in the VFS, as long as nothing is cut off",
    log: () => writeAhead("FULL"),
    workloads: [ONE],
    checkOptions: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
  {
    name: "opfs/write-ahead-change",
    story: "The transaction that ends a file is not flushed: the flush goes to the next file",
    log: () => writeAhead("FULL", 4),
    workloads: [ONE],
    checkOptions: FEW,
    expected: {
      ...on("violates", "posix-ra", "posix", "ext4-ordered", "ext4-writeback", "xfs", "btrfs"),
      ...on("holds", "ext4-journal"),
    },
  },
  {
    name: "opfs/write-ahead-old-frames",
    story: "Frames of a transaction that was cut off pass for those of the next one",
    log: () => writeAhead("FULL"),
    workloads: [KILLED],
    checkOptions: FEW,
    expected: on("violates", "posix-ra", "posix", "ext4-ordered", "ext4-writeback"),
  },
  {
    name: "opfs/write-ahead-normal",
    story: "With synchronous=NORMAL the end may go, and nothing may be torn",
    log: () => writeAhead("NORMAL"),
    workloads: [ONE, LATER],
    checkOptions: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
];
