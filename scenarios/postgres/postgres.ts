/**
 * PostgreSQL 18 under power loss, as PGlite compiles it: with the settings that promise durability, with
 * the one that PGlite has by default, and without full-page writes.
 *
 * A recovery takes a quarter of a second, so this is a sample of well-chosen crash states, not a search.
 *
 * @module
 */
import { type PgliteParts, PostgresImage, type PostgresOptions, type Verdict } from "../../mod.ts";
import {
  type CrashRule,
  drawn,
  everything,
  filesKept,
  onlySynced,
  tornPages,
} from "./crash_sample.ts";
import {
  POSTGRES_TABLE,
  type PostgresCommand,
  type PostgresOutcome,
  type PostgresRun,
  runPostgres,
} from "./postgres_run.ts";

/** A server with its settings, and what is expected of it. */
export interface PostgresScenario {
  /** The name. */
  readonly name: string;
  /** What it shows, in one sentence. */
  readonly story: string;
  /** The settings. */
  readonly options: PostgresOptions;
  /** The verdict. */
  readonly expected: Verdict;
  /** The most crash points. */
  readonly points: number;
}

/** The scenarios. */
export const postgresScenarios: readonly PostgresScenario[] = [
  {
    name: "postgres",
    story: "fsync and full-page writes on, as PostgreSQL has them: torn pages and all, it holds",
    options: {},
    expected: "holds",
    points: 24,
  },
  {
    name: "postgres/fsync-off",
    story: "fsync off, as PGlite has it: what was acked is lost, or the server does not start",
    options: { fsync: false },
    expected: "violates",
    points: 12,
  },
  {
    name: "postgres/full-page-writes-off",
    story: "Without full-page writes, a page that is torn in a checkpoint cannot be repaired",
    options: { settings: { full_page_writes: "off" } },
    expected: "violates",
    points: 12,
  },
];

/** Pages that a checkpoint has made durable are changed, and written once more. */
const COMMANDS: readonly PostgresCommand[] = [
  ...Array<PostgresCommand>(3).fill("append"),
  "checkpoint",
  ...Array<PostgresCommand>(3).fill("append"),
  "checkpoint",
  "append",
];

/** What the media keep at every crash point. */
const rulesOf: PostgresRun["rules"] = ({ inodesIn }): CrashRule[] => {
  const log = inodesIn("/pg_wal/");
  return [
    everything,
    onlySynced,
    tornPages("first"),
    tornPages("second"),
    filesKept("nothing but the log", (inode) => log.has(inode)),
    filesKept("everything but the log", (inode) => !log.has(inode)),
    drawn(1),
    drawn(2),
  ];
};

/** Free memory that it takes, in bytes. */
const MEMORY_BYTES = 2 * 2 ** 30;

/** A scenario that was run. */
export interface PostgresRow extends Omit<PostgresScenario, "options" | "points"> {
  /** The verdict; of a sample, "holds" means as far as was tried. */
  readonly found: Verdict;
  /** What was seen. */
  readonly outcome: PostgresOutcome;
  /** How long it took. */
  readonly milliseconds: number;
}

/** How the scenarios are run. */
export interface PostgresRunOptions {
  /** Those to run. Default: all. */
  readonly scenarios?: readonly PostgresScenario[];
  /** Called with every row as soon as it is there. */
  readonly onRow?: (row: PostgresRow) => void;
  /** Called after every crash state: a sign of life. */
  readonly onState?: PostgresRun["onState"];
}

/**
 * Why the scenarios cannot be run here.
 *
 * @returns The reason, or `undefined` when they can.
 *
 * @example
 * ```ts
 * import { whyNoPostgres } from "./postgres.ts";
 *
 * console.log(whyNoPostgres() ?? "go ahead");
 * ```
 */
export function whyNoPostgres(): string | undefined {
  const { available } = Deno.systemMemoryInfo();
  if (available >= MEMORY_BYTES) return undefined;
  const [has, needs] = [available, MEMORY_BYTES].map((bytes) => (bytes / 2 ** 30).toFixed(1));
  return `PostgreSQL was skipped: ${has} GiB of memory are available, expected ${needs} GiB`;
}

/**
 * Runs the scenarios, one after the other. The database is made once.
 *
 * @param parts PGlite.
 * @param options Which, and who is told.
 * @returns A row for each.
 * @throws {PostgresError} When the database cannot be made, or the server fails before the power does.
 */
export async function runPostgresScenarios(
  parts: PgliteParts,
  { scenarios = postgresScenarios, onRow, onState }: PostgresRunOptions = {},
): Promise<PostgresRow[]> {
  const image = await PostgresImage.make(parts, POSTGRES_TABLE);
  const rows: PostgresRow[] = [];
  for (const { options, points, ...scenario } of scenarios) {
    const started = performance.now();
    const settings = { options, points, commands: COMMANDS, rules: rulesOf };
    const outcome = await runPostgres({ parts, image, ...settings, onState });
    const found = outcome.failures.length > 0 ? "violates" : "holds";
    const row = { ...scenario, found, outcome, milliseconds: performance.now() - started } as const;
    rows.push(row);
    onRow?.(row);
  }
  return rows;
}

/**
 * A row in words: the verdict, how many crash states were tried, and what broke the promise, by kind.
 *
 * @param row The row.
 * @returns Some lines of text.
 */
export function formatPostgresRow({ name, story, expected, found, ...row }: PostgresRow): string {
  const { outcome: { ops, barriers, states, failures }, milliseconds } = row;
  const seconds = (milliseconds / 1000).toFixed(1);
  const lines = [
    `${found}  ${name}${found === expected ? "" : ` (NOT as expected: ${expected})`}`,
    `  ${story}`,
    `  ${ops} ops, ${barriers} barriers; the promise was broken in ${failures.length} of ${states} ` +
    `crash states, a sample; ${seconds} s`,
  ];
  for (const [clause, some] of Map.groupBy(failures, ({ clause }) => clause)) {
    const [first] = some;
    lines.push(
      `  ${some.length} x ${clause}, for example ${first?.state}`,
      `      ${first?.message}`,
    );
  }
  return lines.join("\n");
}

if (import.meta.main) {
  const reason = whyNoPostgres();
  if (reason !== undefined) console.log(reason);
  else {
    const { loadPglite } = await import("./postgres_parts.ts");
    await runPostgresScenarios(loadPglite(), {
      onRow: (row) => console.log(formatPostgresRow(row)),
    });
  }
}
