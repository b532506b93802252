/**
 * Turso 0.7.2, a database written in Rust that is compatible with SQLite, under power loss. Its story
 * has three chapters, each a log with one more of the causes out of the way:
 *
 * 1. As it comes, page 1 of a new database is written and never synced, while commits are acked as soon
 *    as the write-ahead log is durable. The fix came later (turso pull requests 4899 and 8103).
 * 2. With a database that was durable before it got its name, the first commit after every open is
 *    acked although nothing has synced it (turso pull request 8172).
 * 3. With a commit and a checkpoint at every open as well, every crash state holds where a file system
 *    shows no stale bytes. Elsewhere the header of the log may be garbage after a crash, and the
 *    database does not open any more (turso issue 4498).
 *
 * Sectors have 4096 bytes here, so that the search is exhaustive: a frame of the log takes two of them.
 *
 * @module
 */
import {
  type LogUnderTest,
  type ModelName,
  tursoLog,
  type TursoParts,
  type Verdict,
  type Workload,
} from "../../mod.ts";

/** A chapter of the story. */
export interface TursoScenario {
  /** The name. */
  readonly name: string;
  /** What it shows, in one sentence. */
  readonly story: string;
  /** Makes the log. */
  readonly log: (parts: TursoParts) => LogUnderTest;
  /** The disk besides its model. */
  readonly disk: { readonly sectorBytes: 4096 };
  /** The workloads. */
  readonly workloads: readonly Workload[];
  /** The verdict on each model. */
  readonly expected: Readonly<Record<ModelName, Verdict>>;
}

/** One record; and one more after a power loss. */
export const tursoWorkloads: readonly Workload[] = [
  { name: "one record", lives: [[{ do: "append", bytes: 24 }]] },
  {
    name: "going on after a power loss",
    lives: [[{ do: "append", bytes: 24 }], [{ do: "append", bytes: 24 }]],
  },
];

const disk = { sectorBytes: 4096 } as const;

const everywhere: Record<ModelName, Verdict> = {
  "posix": "violates",
  "posix-ra": "violates",
  "ext4-ordered": "violates",
  "ext4-writeback": "violates",
  "ext4-journal": "violates",
  "xfs": "violates",
  "btrfs": "violates",
};

/** What raises the flag that every later commit of a connection looks at, and empties the log. */
const COMMIT_AND_CHECKPOINT = ["PRAGMA user_version = 1", "PRAGMA wal_checkpoint(TRUNCATE)"];

/** The chapters. */
export const tursoScenarios: readonly TursoScenario[] = [
  {
    name: "turso",
    story: "Page 1 of a new database is never synced: what was acked goes with it",
    log: (parts) => tursoLog(parts),
    disk,
    workloads: tursoWorkloads.slice(0, 1),
    // Where everything persists in order, page 1 comes before what needs it.
    expected: { ...everywhere, "ext4-journal": "holds" },
  },
  {
    name: "turso/durable-first",
    story: "A durable database, and yet the first commit after every open is not synced",
    log: (parts) => tursoLog(parts, { name: "Turso, durable first", isMadeAside: true }),
    disk,
    workloads: tursoWorkloads,
    expected: everywhere,
  },
  {
    name: "turso/durable-first-and-checkpointed",
    story: "A commit and a checkpoint at every open: holds, unless stale bytes show in the log",
    log: (parts) =>
      tursoLog(parts, {
        name: "Turso, durable first and checkpointed",
        isMadeAside: true,
        atOpen: COMMIT_AND_CHECKPOINT,
      }),
    disk,
    workloads: tursoWorkloads,
    expected: {
      ...everywhere,
      "ext4-ordered": "holds",
      "ext4-journal": "holds",
      "xfs": "holds",
      "btrfs": "holds",
    },
  },
];
