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
import { type LogUnderTest, tursoLog, type TursoLogOptions, type Workload } from "../../mod.ts";
import { everywhere, type Scenario } from "../scenario.ts";

/** One record; and one more after a power loss. */
export const tursoWorkloads: readonly Workload[] = [
  { name: "one record", lives: [[{ do: "append", bytes: 24 }]] },
  {
    name: "going on after a power loss",
    lives: [[{ do: "append", bytes: 24 }], [{ do: "append", bytes: 24 }]],
  },
];

/** A power loss in recovery is another story. */
const checkOptions = { sectorBytes: 4096, depth: 0 } as const;

/** Loads Turso, and makes the log. */
async function turso(options?: TursoLogOptions): Promise<LogUnderTest> {
  const { loadTurso } = await import("./turso_parts.ts");
  return tursoLog(loadTurso(), options) as LogUnderTest;
}

/** What raises the flag that every later commit of a connection looks at, and empties the log. */
const COMMIT_AND_CHECKPOINT = ["PRAGMA user_version = 1", "PRAGMA wal_checkpoint(TRUNCATE)"];

/** The chapters. */
export const tursoScenarios: readonly Scenario[] = [
  {
    name: "turso",
    story: "Page 1 of a new database is never synced: what was acked goes with it",
    log: () => turso(),
    checkOptions,
    workloads: tursoWorkloads.slice(0, 1),
    // Where everything persists in order, page 1 comes before what needs it.
    expected: { ...everywhere("violates"), "ext4-journal": "holds" },
  },
  {
    name: "turso/durable-first",
    story: "A durable database, and yet the first commit after every open is not synced",
    log: () => turso({ name: "Turso, durable first", isMadeAside: true }),
    checkOptions,
    workloads: tursoWorkloads,
    expected: everywhere("violates"),
  },
  {
    name: "turso/durable-first-and-checkpointed",
    story: "A commit and a checkpoint at every open: holds, unless stale bytes show in the log",
    log: () =>
      turso({
        name: "Turso, durable first and checkpointed",
        isMadeAside: true,
        atOpen: COMMIT_AND_CHECKPOINT,
      }),
    checkOptions,
    workloads: tursoWorkloads,
    expected: {
      ...everywhere("violates"),
      "ext4-ordered": "holds",
      "ext4-journal": "holds",
      "xfs": "holds",
      "btrfs": "holds",
    },
  },
];
