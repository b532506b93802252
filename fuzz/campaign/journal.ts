/**
 * What a campaign keeps on disk: a write-ahead log of its own kind. Killed at any moment, what is read
 * back is a prefix of what was written; `scenarios/campaign_journal.ts` puts it under test.
 *
 * @module
 */
import { z } from "zod";
import {
  causeOf,
  type Counterexample,
  type FileSystem,
  parseCounterexample,
  Wal,
} from "../../mod.ts";
import { type Input, inputSchema, nameOf } from "./input.ts";
import { type Point, pointSchema } from "./point.ts";

/** Version of the format. */
const VERSION = 1;

/** A journal is written anew when so much was added since the last time. */
const COMPACT_BYTES = 32 * 2 ** 20;

/** How a campaign was begun. */
export interface Begun {
  /** Seed of everything that is drawn. */
  readonly seed: number;
  /** Numbers of the lanes of this process. */
  readonly lanes: readonly number[];
  /** How many lanes there are over all shards. */
  readonly of: number;
  /** What the runs were drawn from: another one makes other runs of the same seed. */
  readonly conditions: string;
}

/** A run that led somewhere new, and the number that it had. */
export interface Kept {
  /** The run. */
  readonly input: Input;
  /** Its number. */
  readonly run: number;
}

/** What the processes of a lane have counted, in this campaign. */
export interface LaneTotals {
  /** Recoveries. */
  readonly recoveries: number;
  /** Different facts that the runs have shown. */
  readonly facts: number;
  /** Runs of the canary. */
  readonly canaryRuns: number;
  /** The run of the canary in which it was found; `undefined` until then. */
  readonly canaryFound?: number | undefined;
  /** The marks, and whether they were reached. */
  readonly marks: readonly (readonly [name: string, isReached: boolean])[];
}

/** How far a lane has come. */
export interface LaneState {
  /** What it has counted. */
  readonly totals: LaneTotals;
  /** Its number. */
  readonly lane: number;
  /** How many runs it has made. */
  readonly next: number;
  /** A digest of all its runs: the same runs, the same digest. */
  readonly digest: number;
  /** Runs that it leaves out, because they do not end. */
  readonly skipped?: readonly number[] | undefined;
  /** Of each entry that it has varied, by its name, how often, and how often that paid. */
  readonly yields: readonly (readonly [name: string, chosen: number, children: number])[];
}

/** A crash that was found. */
export interface Found {
  /** It, as it was found: neither small nor explained yet. */
  readonly found: Counterexample;
}

/** What a journal tells, as one record has it. */
export interface Whole extends Omit<Told, "begun" | "lanes"> {
  /** How the last campaign was begun. */
  readonly begun?: Begun | undefined;
  /** How far the lanes have come. */
  readonly lanes: readonly LaneState[];
}

/** One record. */
export type Line =
  | { readonly kind: "entry"; readonly entry: Kept }
  | { readonly kind: "lane"; readonly state: LaneState }
  | { readonly kind: "point"; readonly point: Point }
  | ({ readonly kind: "found" } & Found)
  /** What was found with that cause is explained. */
  | { readonly kind: "explained"; readonly cause: string }
  /** All that there is to tell; nothing before it counts. */
  | { readonly kind: "whole"; readonly version: typeof VERSION; readonly told: Whole };

const whole = z.number().int().nonnegative();

const begunSchema = z.strictObject({
  seed: whole,
  lanes: z.array(whole),
  of: whole,
  conditions: z.string(),
});
const keptSchema = z.strictObject({ input: inputSchema, run: whole });
const laneSchema = z.strictObject({
  totals: z.strictObject({
    recoveries: whole,
    facts: whole,
    canaryRuns: whole,
    canaryFound: whole.optional(),
    marks: z.array(z.tuple([z.string(), z.boolean()])),
  }),
  lane: whole,
  next: whole,
  digest: whole,
  skipped: z.array(whole).optional(),
  yields: z.array(z.tuple([z.string(), whole, whole])),
});
/** A document has its own reader, which names the field. */
const findingSchema = z.unknown().transform((found) => parseCounterexample(JSON.stringify(found)));

const lineSchema: z.ZodType<Line> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("entry"), entry: keptSchema }),
  z.strictObject({ kind: z.literal("lane"), state: laneSchema }),
  z.strictObject({ kind: z.literal("point"), point: pointSchema }),
  z.strictObject({ kind: z.literal("found"), found: findingSchema }),
  z.strictObject({ kind: z.literal("explained"), cause: z.string() }),
  z.strictObject({
    kind: z.literal("whole"),
    version: z.literal(VERSION),
    told: z.strictObject({
      begun: begunSchema.optional(),
      base: z.array(keptSchema),
      own: z.array(keptSchema),
      lanes: z.array(laneSchema),
      points: z.array(pointSchema),
      unexplained: z.array(z.strictObject({ found: findingSchema })),
    }),
  }),
]);

/** A journal that cannot be read. */
export class JournalError extends Error {
  /** Always `"JournalError"`. */
  override readonly name = "JournalError";
}

/** The journal of a campaign, open for writing. */
export class Journal implements Disposable {
  readonly #wal: Wal;
  readonly #dir: string;
  /** Bytes that were added since it was opened or written anew. */
  #added = 0;

  private constructor(wal: Wal, dir: string) {
    this.#wal = wal;
    this.#dir = dir;
  }

  /**
   * Opens the journal in a directory that exists, with what a crash has left of it.
   *
   * @throws {Error} When it cannot be opened.
   */
  static open(fs: FileSystem, dir: string): Journal {
    return new Journal(Wal.open(fs, dir, { preallocateBytes: 0 }), dir);
  }

  /** Adds a record; it is safe after the next {@linkcode sync}. */
  append(line: Line): void {
    const bytes = encode(line);
    this.#wal.append(bytes);
    this.#added += bytes.length;
  }

  /** Whether so much was added that it is time to {@linkcode replace} it. */
  get isLong(): boolean {
    return this.#added > COMPACT_BYTES;
  }

  /** Makes durable what was added. */
  sync(): void {
    this.#wal.sync();
  }

  /**
   * All records, oldest first.
   *
   * @throws {JournalError} When one was not written by this version.
   */
  *lines(): Generator<Line> {
    for (const bytes of this.#wal.records()) yield decode(bytes, this.#dir);
  }

  /** Writes it anew, durably: after a crash it tells this, or what it told before. */
  replace({ lanes, ...told }: Told): void {
    const whole: Whole = { ...told, lanes: [...lanes.values()] };
    const number = this.#wal.append(encode({ kind: "whole", version: VERSION, told: whole }));
    this.#wal.sync();
    this.#wal.truncateFront(number);
    this.#added = 0;
  }

  /** Makes everything durable and closes the files. */
  close(): void {
    this.#wal.close();
  }

  /** See {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function encode(line: Line): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(line));
}

function decode(bytes: Uint8Array, dir: string): Line {
  let line: unknown;
  try {
    line = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new JournalError(`Cannot read the campaign in "${dir}": a record is no JSON`);
  }
  const version = (line as { version?: unknown } | null)?.version;
  if (version !== undefined && version !== VERSION) {
    throw new JournalError(
      `Cannot read the campaign in "${dir}": its version is ${JSON.stringify(version)}, ` +
        `expected ${VERSION}`,
    );
  }
  const parsed = lineSchema.safeParse(line);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new JournalError(
      `Cannot read the campaign in "${dir}": ${issue!.path.join(".") || "a record"}: ${
        issue!.message
      }`,
    );
  }
  return parsed.data;
}

/** What a journal tells, put together. */
export interface Told {
  /** How the last campaign was begun; `undefined` in a new journal. */
  readonly begun: Begun | undefined;
  /** What earlier campaigns have kept, and what was merged into them. */
  readonly base: readonly Kept[];
  /** What the last campaign has kept, in its order. */
  readonly own: readonly Kept[];
  /** How far its lanes have come, by number. */
  readonly lanes: ReadonlyMap<number, LaneState>;
  /** Its curve. */
  readonly points: readonly Point[];
  /** What was found and not explained yet. */
  readonly unexplained: readonly Found[];
}

/** What a new journal tells. */
export const NOTHING_TOLD: Told = {
  begun: undefined,
  base: [],
  own: [],
  lanes: new Map(),
  points: [],
  unexplained: [],
};

/** Reads a journal from its beginning. */
export function tell(lines: Iterable<Line>): Told {
  let begun: Begun | undefined;
  let own = new Map<string, Kept>();
  let base = new Map<string, Kept>();
  let lanes = new Map<number, LaneState>();
  let points: Point[] = [];
  let unexplained = new Map<string, Found>();
  for (const line of lines) {
    switch (line.kind) {
      case "whole":
        begun = line.told.begun;
        base = byName(line.told.base);
        own = byName(line.told.own);
        lanes = new Map(line.told.lanes.map((state) => [state.lane, state]));
        points = [...line.told.points];
        unexplained = new Map(line.told.unexplained.map((one) => [causeOf(one.found), one]));
        break;
      case "entry": {
        const name = nameOf(line.entry.input);
        if (!base.has(name) && !own.has(name)) own.set(name, line.entry);
        break;
      }
      case "lane":
        lanes.set(line.state.lane, line.state);
        break;
      case "point":
        points.push(line.point);
        break;
      case "found":
        unexplained.set(causeOf(line.found), { found: line.found });
        break;
      case "explained":
        unexplained.delete(line.cause);
        break;
    }
  }
  return {
    begun,
    base: [...base.values()],
    own: [...own.values()],
    lanes,
    points,
    unexplained: [...unexplained.values()],
  };
}

function byName(entries: readonly Kept[]): Map<string, Kept> {
  return new Map(entries.map((entry) => [nameOf(entry.input), entry]));
}
