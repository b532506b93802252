/**
 * SQLite under power loss: the real engine, with every verdict as its documentation has it. There is a
 * scenario for each row of {@linkcode sqlitePromises}, and some that show one thing in particular.
 *
 * Nothing here loads SQLite before a log is asked for.
 *
 * @module
 */
import {
  checkLog,
  type CheckOptions,
  type CheckResult,
  type LogUnderTest,
  type ModelName,
  models,
  type SqliteConnection,
  type Verdict,
  type Workload,
} from "../../mod.ts";
import type { Scenario } from "../scenario.ts";
import { loadSqlite } from "./load_sqlite.ts";
import type { SqliteLogOptions } from "./sqlite_log.ts";
import { type SqlitePromise, sqlitePromises } from "./sqlite_promises.ts";

/** A database and what is done to it, with the verdicts that it must have. */
export interface SqliteScenario extends Scenario {
  /** Where SQLite's documentation says so. */
  readonly source: string;
  /** How the database is kept. */
  readonly database: SqliteLogOptions;
  /** The workloads. */
  readonly workloads: readonly Workload[];
  /** How it is checked, besides the model. */
  readonly checkOptions: NonNullable<Scenario["checkOptions"]>;
}

const append = (bytes: number) => ({ do: "append", bytes }) as const;
const forget = (count: number) => ({ do: "truncateFront", count }) as const;

/** Pages that are new, that are overwritten, and that are freed and used again. */
const three: Workload = { name: "three", lives: [[append(24), append(200), append(24)]] };
const freed: Workload = {
  name: "freed pages",
  lives: [[append(200), append(200), forget(1), append(24)]],
};

/** Recoveries for each workload: where it is not enough for all crash states, the result says so. */
const BUDGET = { recoveries: 2_000 };
/** A checkpoint after every transaction: each adds more pages than that to the log. */
const CHECKPOINT_PAGES = 4;

/** Everything but the name of the log follows from how the database is kept. */
function scenario(
  parts: Omit<SqliteScenario, "log" | "checkOptions"> & Pick<CheckOptions, "powersafeOverwrite">,
): SqliteScenario {
  const { powersafeOverwrite, ...rest } = parts;
  return {
    ...rest,
    checkOptions: {
      budget: BUDGET,
      ...(powersafeOverwrite !== undefined && { powersafeOverwrite }),
    },
    log: async (): Promise<LogUnderTest> => {
      const { sqliteLog } = await import("./sqlite_log.ts");
      const log: LogUnderTest<SqliteConnection> = sqliteLog(await loadSqlite(), parts.database);
      return log as LogUnderTest;
    },
  };
}

/** Names a row, for example `sqlite/wal/full/checkpoints/durable`. */
function nameOf({ journalMode, synchronous, acks, checkpoints }: SqlitePromise): string {
  return [
    "sqlite",
    journalMode.toLowerCase(),
    synchronous.toLowerCase(),
    ...(checkpoints ? ["checkpoints"] : []),
    acks === "append" ? "durable" : "consistent",
  ].join("/");
}

const rows = sqlitePromises.map((promise): SqliteScenario => {
  const { journalMode, synchronous, acks, checkpoints, says, source, expected } = promise;
  return scenario({
    name: nameOf(promise),
    story: says,
    source,
    database: {
      journalMode,
      synchronous,
      acks,
      ...(checkpoints && { checkpointPages: CHECKPOINT_PAGES }),
    },
    workloads: [three, freed],
    expected,
  });
});

/** The same verdict on some models. */
function on(verdict: Verdict, names: readonly ModelName[]): Partial<Record<ModelName, Verdict>> {
  return Object.fromEntries(names.map((name) => [name, verdict]));
}

const all = Object.keys(models) as ModelName[];
const ATOMIC = "sqlite.org/atomiccommit.html";

/** Larger pages than the sectors that they are written in. */
const pages = ([1024, 4096] as const).flatMap((pageBytes) =>
  ([["DELETE", "EXTRA"], ["PERSIST", "FULL"], ["WAL", "FULL"]] as const).map((
    [journalMode, synchronous],
  ) =>
    scenario({
      name:
        `sqlite/${journalMode.toLowerCase()}/${synchronous.toLowerCase()}/pages-of-${pageBytes}`,
      story: `A page of ${pageBytes} bytes may tear, and is put together again`,
      source: `${ATOMIC}, Hardware Assumptions`,
      database: { journalMode, synchronous, pageBytes },
      workloads: [three],
      expected: on("holds", ["posix-ra", "ext4-ordered", "xfs"]),
    })
  )
);

/** What the rows do not show. */
const particular: readonly SqliteScenario[] = [
  scenario({
    name: "sqlite/hot-journal",
    story: "A journal is played back, the power goes again in the middle of it, and SQLite goes on",
    source: `${ATOMIC}#section_4_2, sqlite.org/lockingv3.html#hot_journals`,
    database: { journalMode: "DELETE", synchronous: "EXTRA" },
    workloads: [{ name: "cut twice", lives: [[append(24), append(200)], [append(24)], []] }],
    expected: on("holds", all),
  }),
  scenario({
    name: "sqlite/checkpoint-and-reopen",
    story: "A checkpoint, a close that removes the log, and a new log under the same name",
    source: "sqlite.org/wal.html, Checkpointing",
    database: { journalMode: "WAL", synchronous: "FULL", checkpointPages: CHECKPOINT_PAGES },
    workloads: [{ name: "reopened", lives: [[append(24), { do: "reopen" }, append(24)]] }],
    expected: on("holds", all),
  }),
  scenario({
    name: "sqlite/switch-to-wal",
    story: "A database is made, and switched to WAL, with FULL only",
    source: `${ATOMIC}#section_3_11, sqlite.org/wal.html`,
    database: { journalMode: "WAL", synchronous: "FULL", setUpSynchronous: "FULL" },
    workloads: [three],
    expected: on("holds", all),
  }),
  scenario({
    name: "sqlite/powersafe-overwrite/not-claimed",
    story: "A power loss may damage what lies beside a write: SQLite pads its log to whole sectors",
    source: "sqlite.org/psow.html",
    database: { journalMode: "WAL", synchronous: "FULL" },
    powersafeOverwrite: false,
    workloads: [{ name: "two", lives: [[append(24), append(24)]] }],
    expected: on("holds", ["posix-ra", "xfs"]),
  }),
  scenario({
    name: "sqlite/powersafe-overwrite/claimed",
    story: "The same, but SQLite was told that it cannot happen",
    source: "sqlite.org/psow.html",
    database: {
      journalMode: "WAL",
      synchronous: "FULL",
      device: { powersafeOverwrite: true },
    },
    powersafeOverwrite: false,
    workloads: [{ name: "two", lives: [[append(24), append(24)]] }],
    expected: on("violates", ["posix-ra", "xfs"]),
  }),
  scenario({
    name: "sqlite/killed-before-the-barrier",
    story: "A process is killed between its commit and the barrier; another one sees the commit, " +
      "and then the power goes. SQLite promises durability to who committed, not to who looks on",
    source: "sqlite.org/pragma.html#pragma_synchronous",
    database: { journalMode: "WAL", synchronous: "FULL" },
    workloads: [{
      name: "seen, then gone",
      lives: [[append(24), { do: "killDuring", calls: [append(24)], ops: 8 }]],
    }],
    expected: on("violates", all),
  }),
];

/** All scenarios, in the order in which they are best met. */
export const sqliteScenarios: readonly SqliteScenario[] = [...rows, ...pages, ...particular];

/** One scenario on one model. */
export interface SqliteMatrixRow {
  /** The scenario. */
  readonly scenario: SqliteScenario;
  /** The persistence model. */
  readonly model: ModelName;
  /** The verdict that it must have. */
  readonly expected: Verdict;
  /** What the check found. */
  readonly result: CheckResult;
}

/** Which part of the matrix is run, and how. */
export interface SqliteMatrixOptions {
  /** The scenarios. Default: all. */
  readonly scenarios?: readonly SqliteScenario[];
  /** The models. Default: all for which a scenario has a verdict. */
  readonly models?: readonly ModelName[];
  /** Recoveries for each workload. Default: as the scenario has it. */
  readonly recoveries?: number;
}

/**
 * Runs scenarios on models, one after the other.
 *
 * @param options Which ones, and how far.
 * @yields What each of them showed.
 */
export async function* sqliteMatrix(
  { scenarios = sqliteScenarios, models, recoveries }: SqliteMatrixOptions = {},
): AsyncGenerator<SqliteMatrixRow> {
  for (const scenario of scenarios) {
    for (const [model, expected] of Object.entries(scenario.expected) as [ModelName, Verdict][]) {
      if (models !== undefined && !models.includes(model)) continue;
      const { log, workloads, checkOptions } = scenario;
      const result = await checkLog(await log(), {
        ...checkOptions,
        model,
        workloads,
        ...(recoveries !== undefined && { budget: { recoveries } }),
      });
      yield { scenario, model, expected, result };
    }
  }
}
