/**
 * PostgreSQL 18 under power loss, as PGlite compiles it: with the settings that promise durability, with
 * the one that PGlite has by default, and without full-page writes.
 *
 * A recovery takes a quarter of a second, so this is a sample of well-chosen crash states, not a search.
 *
 * @module
 */
import { type PgliteParts, PostgresImage, type PostgresOptions, type Verdict } from "../../mod.ts";
import { on, type SampledScenario } from "../scenario.ts";
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
interface ServerStory extends Pick<SampledScenario, "name" | "story"> {
  /** The settings. */
  readonly options: PostgresOptions;
  /** The verdict. */
  readonly expected: Verdict;
  /** The most crash points. */
  readonly points: number;
}

const STORIES: readonly ServerStory[] = [
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
  return `${has} GiB of memory are available, expected ${needs} GiB`;
}

/** PGlite, and a database: it is made once, for all scenarios. */
interface Prepared {
  readonly parts: PgliteParts;
  readonly image: PostgresImage;
}

let preparing: Promise<Prepared> | undefined;

async function prepare(): Promise<Prepared> {
  // Only now: whoever looks at the catalogue does not load PostgreSQL.
  const { loadPglite } = await import("./postgres_parts.ts");
  const parts = loadPglite();
  return { parts, image: await PostgresImage.make(parts, POSTGRES_TABLE) };
}

/** The scenarios. */
export const postgresScenarios: readonly SampledScenario[] = STORIES.map(
  ({ name, story, options, expected, points }): SampledScenario => ({
    name,
    story,
    isLong: true,
    expected: on(expected, "posix-ra"),
    whyNot: whyNoPostgres,
    async sample(model, onState) {
      const prepared = await (preparing ??= prepare());
      const settings = { options, points, commands: COMMANDS, rules: rulesOf };
      const outcome = await runPostgres({ ...prepared, ...settings, model, onState });
      return {
        verdict: outcome.failures.length > 0 ? "violates" : "holds",
        states: outcome.states,
        details: formatPostgres(story, outcome),
      };
    },
  }),
);

/**
 * An outcome in words: how many crash states were tried, and what broke the promise, by kind.
 *
 * @param story What the scenario shows.
 * @param outcome What was seen.
 * @returns Some lines of text.
 */
export function formatPostgres(
  story: string,
  { ops, barriers, states, failures }: PostgresOutcome,
): string {
  const lines = [
    story,
    `${ops} ops, ${barriers} barriers; the promise was broken in ${failures.length} of ${states} ` +
    "crash states, a sample",
  ];
  for (const [clause, some] of Map.groupBy(failures, ({ clause }) => clause)) {
    const [first] = some;
    lines.push(`${some.length} x ${clause}, for example ${first?.state}`, `    ${first?.message}`);
  }
  return lines.join("\n");
}
