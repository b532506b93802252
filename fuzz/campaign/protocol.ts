/**
 * What the process of a lane is told, and what it tells: JSON, one message a line.
 *
 * @module
 */
import type { Counterexample } from "../../mod.ts";
import type { Input } from "./input.ts";
import type { Kept, LaneState } from "./journal.ts";
import type { Mode } from "./lane.ts";
import type { Bounds } from "./swarm.ts";

/** What a lane is started with: the first line of its input. A second one, of any kind, ends it. */
export interface LaneTask {
  /** The module of the log. */
  readonly module: string;
  /** Seed of the campaign. */
  readonly seed: number;
  /** Number of the lane. */
  readonly lane: number;
  /** How many lanes there are over all shards. */
  readonly lanes: number;
  /** How runs are drawn. */
  readonly mode: Mode;
  /** What the user has settled; the log itself says what it can do. */
  readonly bounds: Omit<Bounds, "syncs" | "forgets">;
  /** What earlier campaigns have kept, then what this lane has. */
  readonly entries: readonly (Kept & { readonly chosen: number; readonly children: number })[];
  /** How many runs it has made. */
  readonly next: number;
  /** Runs that it leaves out. */
  readonly skipped: readonly number[];
  /** A digest of these. */
  readonly digest: number;
  /** How many runs it shall have made at its end; without, it goes on until it is told. */
  readonly most: number | undefined;
  /** Whether it also looks for the canary. */
  readonly canary: boolean;
  /** Memory at which it asks for a new process, in bytes. */
  readonly memoryMax: number;
}

/** What a lane counts. */
export interface LaneCount {
  /** Runs it has made, those before a resumption included. */
  readonly runs: number;
  /** Recoveries since its process was started. */
  readonly recoveries: number;
  /** Different facts that its runs have shown. */
  readonly facts: number;
  /** Runs that broke the promise, since its process was started. */
  readonly violations: number;
  /** Marks of the harness and of the log, and whether they were reached. */
  readonly marks: readonly (readonly [name: string, isReached: boolean])[];
  /** Memory in use, in bytes. */
  readonly memory: number;
  /** Runs of the canary, and the one at which it was found. */
  readonly canary: { readonly runs: number; readonly foundAt: number | undefined };
  /** A digest of all its runs: the same runs, the same digest. */
  readonly digest: string;
}

/** What the process of a lane tells. */
export type LaneMessage =
  /** A run is about to begin. */
  | {
    readonly kind: "run";
    readonly run: number;
    readonly input: Input;
    /** Whether it is an entry of the corpus, run again to begin with. */
    readonly isEntry?: true;
  }
  /** So many entries of the corpus were run again: a sign of life. */
  | { readonly kind: "learnt"; readonly entries: number }
  /** A run led somewhere new. */
  | { readonly kind: "entry"; readonly entry: Kept }
  /** How far it has come; everything before it was told. */
  | {
    readonly kind: "count";
    readonly count: LaneCount;
    readonly state: Omit<LaneState, "totals"> | undefined;
  }
  /** A crash breaks the promise. */
  | { readonly kind: "finding"; readonly run: number; readonly found: Counterexample }
  /** The log cannot be judged: it does not repeat itself, or does not end. */
  | {
    readonly kind: "broken";
    readonly run: number;
    readonly input: Input;
    readonly reason: string;
  }
  /** It cannot begin, because of what it was given. */
  | { readonly kind: "refused"; readonly message: string }
  /** It ends: all runs are made, it was told to, or it needs a new process. */
  | { readonly kind: "end"; readonly why: "done" | "told" | "memory" };
