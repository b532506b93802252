/**
 * Where a barrier could be missing: every call of a log at which something that it knows waits for a
 * barrier, in any life, at any crash.
 *
 * @module
 */
import { type SourcePlace, withPlace } from "./call_place.ts";
import { PromisedCalls } from "./promised_calls.ts";
import { dirtyTargets, inodeOf, type Insertion, type Target } from "./insertion.ts";
import {
  type CallWatcher,
  type PromiseState,
  type WatchedCall,
  type WatchedName,
  wordsOf,
} from "./watched_file_system.ts";

/** A barrier that may be missing, and a moment at which it would have been made. */
export interface Suspect extends Insertion {
  /** The life. */
  life: number;
  /** How many ops there were when it would have been made. */
  at: number;
  /** The number of the op that the call is; `undefined` where it is none. */
  op: number | undefined;
  /** The call in words. */
  call: string;
  /** The path of the target. */
  path: string;
  /** What the target is. */
  on: "file" | "directory";
  /** Where what makes the call was called. */
  callers: readonly SourcePlace[];
  /** Where the call is a promised one: what has become of it. */
  promise: PromiseState | undefined;
  /** Where the log syncs the target itself, but goes on before that is done. */
  late?: SourcePlace | undefined;
}

/** Notes suspects. Of each, the moment that counts is the last one before a crash that is known. */
export class Suspects implements CallWatcher {
  readonly seesReturns = true;
  readonly #found: Map<string, Suspect> = new Map();
  /** The same, from one of their callers only: by the caller, for each distance of it. */
  readonly #called: Map<string, Map<string, Suspect>[]> = new Map();
  /** The crash points that are known: of each life, what happened until then counts most. */
  #points: readonly number[];
  #before = 0;
  #pending: Suspect[] = [];

  /** Notes what happens before a crash, of which the points are known. */
  constructor(points: readonly number[]) {
    this.#points = points;
  }

  /** All of them. Where several callers lead to a place, each of them alone is suspect as well. */
  get found(): Suspect[] {
    const all = [...this.#found.values()];
    for (const levels of this.#called.values()) {
      const level = levels.findIndex((callers) => callers.size > 1);
      if (level < 0) continue;
      for (const suspect of levels[level]!.values()) {
        all.push({ ...suspect, from: suspect.callers[level] });
      }
    }
    return all.map((suspect) => ({ ...suspect, late: this.promised.lateSync(suspect.path) }));
  }

  /** A call with its place in the log's code, where it is known: `my_log.ts:42:5 (write …)`. */
  named(words: string): string {
    const seen = [...this.#found.values()].find(({ call }) => call === words);
    return seen === undefined ? words : withPlace(words, seen.place);
  }

  /** The promised calls that the log does not wait for, each place once. */
  get overtaken(): string[] {
    const calls = new Map<string, string>();
    for (const { promise, call, name, place } of this.#found.values()) {
      if (promise?.overtaken) calls.set(spotOf(name, place), withPlace(call, place));
    }
    return [...calls.values()];
  }

  /** The promised calls, as far as they have been made. */
  readonly promised: PromisedCalls = new PromisedCalls();

  /** All places that are known. */
  get places(): SourcePlace[] {
    const found = [...this.#found.values()].flatMap(({ place, callers }) => [place, ...callers]);
    return [...found, ...this.promised.places];
  }

  /** From now on other crashes are run: only what has not been seen yet is of interest. */
  goOn(): void {
    this.#points = [];
  }

  /** See {@linkcode CallWatcher.before}. */
  before(call: WatchedCall): void {
    this.#before = call.process.disk.life.trace.length;
    this.#pending = this.#note(call, "before");
  }

  /** See {@linkcode CallWatcher.after}. */
  after(call: WatchedCall): void {
    const isOp = call.process.disk.life.trace.length > this.#before;
    const op = isOp ? this.#before + 1 : undefined;
    for (const suspect of [...this.#pending, ...this.#note(call, "after")]) {
      suspect.op = op;
      suspect.call = wordsOf(call, this.#before);
    }
    this.#pending = [];
    this.promised.note(call, this.#before);
  }

  /** Returns what was noted or brought up to date. */
  #note(call: WatchedCall, when: Insertion["when"]): Suspect[] {
    // After a close, only another call can make the file durable: before that is then as good.
    if (when === "after" && call.name === "close") return [];
    const { disk, known } = call.process;
    const noted: Suspect[] = [];
    for (const target of dirtyTargets(call)) {
      const place = call.place();
      const inode = inodeOf(target, call);
      const suspect: Suspect = {
        when,
        name: call.name,
        place,
        target,
        life: disk.life.index,
        at: disk.life.trace.length,
        op: undefined,
        call: call.path === "" ? call.name : `${call.name} "${call.path}"`,
        path: known.get(inode)!,
        on: disk.kind(inode),
        callers: call.callers(),
        promise: call.promise,
      };
      const key = keyOf(suspect);
      if (this.#keep(this.#found, key, suspect)) noted.push(suspect);
      const levels = this.#called.get(key) ?? [];
      this.#called.set(key, levels);
      for (const [level, { file, line, column }] of suspect.callers.entries()) {
        const own = { ...suspect };
        const callers = levels[level] ??= new Map();
        if (this.#keep(callers, `${file}:${line}:${column}`, own)) noted.push(own);
      }
    }
    return noted;
  }

  /** Keeps a suspect, unless the moment of it that counts is known; tells whether it did. */
  #keep(among: Map<string, Suspect>, key: string, suspect: Suspect): boolean {
    const seen = among.get(key);
    if (seen !== undefined) {
      seen.promise ??= suspect.promise;
      if (suspect.promise?.overtaken) seen.promise = suspect.promise;
      if (suspect.at > (this.#points[suspect.life] ?? -1)) return false;
    }
    among.set(key, suspect);
    return true;
  }
}

function keyOf({ when, name, place, target }: Insertion): string {
  const of = target.is === "another" ? target.path : target.is;
  return `${when} ${spotOf(name, place)} ${of}`;
}

/** A call in the log's code, as a key. */
function spotOf(name: WatchedName, { file, line, column }: SourcePlace): string {
  return `${name} ${file}:${line}:${column}`;
}

/** Counts how often each spot is executed, and how often for each of its callers. */
export class SpotCounter implements CallWatcher {
  readonly seesReturns = true;
  readonly counts: Map<string, number> = new Map();

  /** See {@linkcode CallWatcher.before}. */
  before({ name, place, callers }: WatchedCall): void {
    const spot = spotOf(name, place());
    this.#count(spot);
    for (const caller of callers()) this.#count(spotFrom(spot, caller));
  }

  #count(spot: string): void {
    this.counts.set(spot, (this.counts.get(spot) ?? 0) + 1);
  }

  /** See {@linkcode CallWatcher.after}. */
  after(): void {}
}

function spotFrom(spot: string, { file, line, column }: SourcePlace): string {
  return `${spot} from ${file}:${line}:${column}`;
}

function spotOfSuspect({ name, place, from }: Suspect): string {
  const spot = spotOf(name, place);
  return from === undefined ? spot : spotFrom(spot, from);
}

/**
 * The likeliest first: what has a place in the log's code, or is its `sync`; fewest barriers executed;
 * what an author would write there; the latest.
 *
 * @param suspects The suspects.
 * @param counts How often each spot is executed.
 * @returns The suspects, sorted.
 */
export function likeliestFirst(
  suspects: Iterable<Suspect>,
  counts: ReadonlyMap<string, number>,
): Suspect[] {
  const ranked = [...suspects].map((suspect) => ({
    suspect,
    isVague: suspect.place.line === 0 && suspect.name !== "sync returns" ? 1 : 0,
    cost: counts.get(spotOfSuspect(suspect)) ?? 0,
    oddity: oddityOf(suspect),
  }));
  ranked.sort((a, b) =>
    a.isVague - b.isVague || a.cost - b.cost || a.oddity - b.oddity ||
    b.suspect.life - a.suspect.life || b.suspect.at - a.suspect.at
  );
  return ranked.map(({ suspect }) => suspect);
}

/** How far a barrier is from what it covers, in the eyes of a reader. */
function oddityOf({ when, name, target, place }: Insertion): number {
  // Often the end of a helper that syncs a directory.
  if (name === "close" && target.is !== "itself") return 6;
  if (target.is === "another") return place.line === 0 ? 5 : 4;
  if (target.is === "the file used last") return place.line === 0 ? 3 : 2;
  return NATURAL[`${when} ${name}`] === target.is ? 0 : 1;
}

/** What follows, or precedes, a call as a matter of course. */
const NATURAL: Readonly<Record<string, Target["is"]>> = {
  "after write": "itself",
  "after truncate": "itself",
  "after open": "its directory",
  "after mkdir": "its directory",
  "after link": "its directory",
  "after remove": "its directory",
  "after rename": "its directory",
  "before rename": "itself",
  "before close": "itself",
};
