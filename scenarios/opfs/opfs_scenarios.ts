/**
 * Storage engines for the browser on a simulated origin private file system, each with the verdict that
 * it must have. What they promise is in the modules of the logs, what was found in `docs/opfs.md`.
 *
 * @module
 */
import type { CheckOptions, LogUnderTest, ModelName, Verdict, Workload } from "../../mod.ts";

/** A scenario whose engine is loaded when it is run. */
export interface OpfsScenario {
  /** The name, with `/` between a group and its member. */
  readonly name: string;
  /** What it shows, in one sentence. */
  readonly story: string;
  /** Loads the engine, and makes the log. */
  readonly load: () => Promise<LogUnderTest>;
  /** The workloads: small, since a recovery starts SQLite three times. */
  readonly workloads: readonly Workload[];
  /** How far the search goes. One order of calls under way together is enough: see `docs/opfs.md`. */
  readonly options: Pick<CheckOptions, "budget" | "schedules">;
  /** The verdict on each model. */
  readonly expected: Partial<Record<ModelName, Verdict>>;
}

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

/** Enough for what is expected to be found, and for what is not a few minutes. */
const FEW = { budget: { recoveries: 300 }, schedules: 1 };
const MANY = { budget: { recoveries: 2000 }, schedules: 1 };

/** The same verdict on some models. */
function on(verdict: Verdict, ...names: ModelName[]): Partial<Record<ModelName, Verdict>> {
  return Object.fromEntries(names.map((name) => [name, verdict]));
}

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
export const opfsScenarios: readonly OpfsScenario[] = [
  {
    name: "opfs/sahpool-names",
    story: "A new pool: no call makes the names of its files durable, so all of it may go",
    load: () => sahPool("TRUNCATE", "unsynced", false),
    workloads: [ONE],
    options: FEW,
    expected: on("violates", "posix-ra", "posix"),
  },
  {
    name: "opfs/sahpool-delete",
    story: "A file that was a journal is cut after its flush: the next header brings it back",
    load: () => sahPool("DELETE", "unsynced"),
    workloads: [TWO],
    options: FEW,
    expected: {
      ...on("violates", "posix-ra", "posix", "ext4-ordered", "ext4-writeback", "xfs", "btrfs"),
      ...on("holds", "ext4-journal"),
    },
  },
  {
    name: "opfs/sahpool-truncate",
    story: "The journal is cut and flushed while it has its name",
    load: () => sahPool("TRUNCATE", "unsynced"),
    workloads: [ONE, TWO],
    options: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
  {
    name: "opfs/sahpool-persist",
    story: "The header of the journal is cleared and flushed",
    load: () => sahPool("PERSIST", "unsynced"),
    workloads: [ONE, TWO],
    options: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
  {
    name: "opfs/sahpool-wal",
    story: "SQLite's own write-ahead log, which one connection may use alone",
    load: () => sahPool("WAL", "unsynced"),
    workloads: [ONE, TWO],
    options: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
  {
    name: "opfs/access-handle-pool-delete",
    story: "The same mistake where the pool comes from, in the order of six files",
    load: () => accessHandlePool("DELETE"),
    workloads: [{ name: "six records", lives: [[24, 40, 24, 40, 24, 40].map(append)] }],
    options: FEW,
    expected: on("violates", "posix-ra", "posix", "btrfs"),
  },
  {
    name: "opfs/access-handle-pool-truncate",
    story: "The journal is cut and flushed while it has its name",
    load: () => accessHandlePool("TRUNCATE"),
    workloads: [ONE, TWO],
    options: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
  {
    name: "opfs/write-ahead",
    story: "A write-ahead log in the VFS, as long as nothing is cut off",
    load: () => writeAhead("FULL"),
    workloads: [ONE],
    options: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
  {
    name: "opfs/write-ahead-change",
    story: "The transaction that ends a file is not flushed: the flush goes to the next file",
    load: () => writeAhead("FULL", 4),
    workloads: [ONE],
    options: FEW,
    expected: {
      ...on("violates", "posix-ra", "posix", "ext4-ordered", "ext4-writeback", "xfs", "btrfs"),
      ...on("holds", "ext4-journal"),
    },
  },
  {
    name: "opfs/write-ahead-old-frames",
    story: "Frames of a transaction that was cut off pass for those of the next one",
    load: () => writeAhead("FULL"),
    workloads: [KILLED],
    options: FEW,
    expected: on("violates", "posix-ra", "posix", "ext4-ordered", "ext4-writeback"),
  },
  {
    name: "opfs/write-ahead-normal",
    story: "With synchronous=NORMAL the end may go, and nothing may be torn",
    load: () => writeAhead("NORMAL"),
    workloads: [ONE, LATER],
    options: MANY,
    expected: on("holds", "posix-ra", "ext4-journal", "btrfs"),
  },
];
