/**
 * What a campaign keeps on disk: a write-ahead log of its own kind. Killed at any moment, what is read
 * back is a prefix of what was written; `scenarios/campaign_journal.ts` puts it under test.
 *
 * @module
 */
import { z } from "zod";
import { type Counterexample, type FileSystem, parseCounterexample, Wal } from "../../mod.ts";
import { type Input, inputSchema, nameOf } from "./input.ts";
import { type Point, pointSchema } from "./point.ts";

/** Version of the format. */
const VERSION = 1;

/** Journals with more forgotten bytes than that are written anew when they are opened. */
export const COMPACT_BYTES = 8 * 2 ** 20;

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
  /** Of each entry that it has varied, by its name, how often, and how often that paid. */
  readonly yields: readonly (readonly [name: string, chosen: number, children: number])[];
}

/** A crash that was found. */
export interface Found {
  /** It, as it was found: neither small nor explained yet. */
  readonly found: Counterexample;
}

/** One record. */
export type Line =
  | { readonly kind: "begin"; readonly version: typeof VERSION; readonly begun: Begun }
  | { readonly kind: "entry"; readonly entry: Kept }
  | { readonly kind: "lane"; readonly state: LaneState }
  | { readonly kind: "point"; readonly point: Point }
  | ({ readonly kind: "found" } & Found)
  | { readonly kind: "explained"; readonly number: number };

const whole = z.number().int().nonnegative();

const lineSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("begin"),
    version: z.literal(VERSION),
    begun: z.strictObject({
      seed: whole,
      lanes: z.array(whole),
      of: whole,
      conditions: z.string(),
    }),
  }),
  z.strictObject({
    kind: z.literal("entry"),
    entry: z.strictObject({ input: inputSchema, run: whole }),
  }),
  z.strictObject({
    kind: z.literal("lane"),
    state: z.strictObject({
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
      yields: z.array(z.tuple([z.string(), whole, whole])),
    }),
  }),
  z.strictObject({ kind: z.literal("point"), point: pointSchema }),
  z.strictObject({ kind: z.literal("found"), found: z.unknown() }),
  z.strictObject({ kind: z.literal("explained"), number: whole }),
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
    this.#wal.append(encode(line));
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

  /** Puts other records in the place of all, durably: after a crash there are these or those before. */
  replace(lines: readonly Line[]): void {
    const first = this.#wal.appendBatch(lines.map(encode)) - lines.length + 1;
    this.#wal.sync();
    this.#wal.truncateFront(first);
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
  const { data } = parsed;
  return data.kind === "found"
    ? { kind: "found", found: parseCounterexample(JSON.stringify(data.found)) }
    : data;
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

/** Reads a journal from its beginning. */
export function tell(lines: Iterable<Line>): Told {
  let begun: Begun | undefined;
  let base = new Map<string, Kept>();
  let own = new Map<string, Kept>();
  let points: Point[] = [];
  const lanes = new Map<number, LaneState>();
  const found: (Found | undefined)[] = [];
  for (const line of lines) {
    switch (line.kind) {
      case "begin":
        begun = line.begun;
        base = new Map([...base, ...own]);
        own = new Map();
        lanes.clear();
        points = [];
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
        found.push({ found: line.found });
        break;
      case "explained":
        found[line.number] = undefined;
        break;
    }
  }
  return {
    begun,
    base: [...base.values()],
    own: [...own.values()],
    lanes,
    points,
    unexplained: found.filter((some) => some !== undefined),
  };
}
