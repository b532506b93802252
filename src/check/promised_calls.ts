/**
 * What becomes of the promised calls of a log: which of them it does not wait for, and which take
 * effect after later ones.
 *
 * @module
 */
import { folderAndName, type SourcePlace, withPlace } from "./call_place.ts";
import { type PromiseState, type WatchedCall, wordsOf } from "./watched_file_system.ts";

/** A promised call that was made. */
interface PromisedCall {
  readonly words: string;
  readonly name: WatchedCall["name"];
  readonly path: string;
  readonly place: SourcePlace;
  readonly callers: readonly SourcePlace[];
  readonly state: PromiseState;
}

/** Calls of one place that are kept. */
const MOST = 64;

/** Notes promised calls; what becomes of them shows later. */
export class PromisedCalls {
  readonly #byPlace: Map<string, PromisedCall[]> = new Map();

  /** Notes a call that has been made, and before which there were so many ops. */
  note(call: WatchedCall, before: number): void {
    const { promise: state, name, path } = call;
    if (state === undefined) return;
    const place = call.place();
    const key = `${name} ${place.file}:${place.line}:${place.column}`;
    const same = this.#byPlace.get(key) ?? [];
    this.#byPlace.set(key, same);
    if (same.length === MOST) return;
    same.push({ words: wordsOf(call, before), name, path, place, callers: call.callers(), state });
  }

  /** Every place that is known. */
  get places(): SourcePlace[] {
    return this.#all.flatMap(({ place, callers }) => [place, ...callers]);
  }

  get #all(): PromisedCall[] {
    return [...this.#byPlace.values()].flat();
  }

  /**
   * The calls under way when the log returns from a call of its own, each place once and in words,
   * barriers first. Where a call is made by what nobody waits for, it is said where that begins.
   */
  get open(): string[] {
    const open = [...this.#byPlace.values()].flatMap((calls) =>
      calls.find(({ state }) => state.open) ?? []
    );
    const begun = open.find(({ callers }) => callers.length > 0)?.callers[0];
    return open
      .filter(({ name, words }) => CHANGING.includes(name) && !words.startsWith("open "))
      .toSorted((a, b) => CHANGING.indexOf(a.name) - CHANGING.indexOf(b.name))
      .map(({ words, place, callers }) => {
        const from = callers[0] ?? begun;
        return withPlace(words, place) + (from === undefined ? "" : beginning(from));
      });
  }

  /** The first write that takes effect after a call that was made later, in words. */
  get passed(): string | undefined {
    const call = this.#all.find(({ name, state }) => name === "write" && state.passed);
    return call && withPlace(call.words, call.place);
  }

  /** Where the log syncs a file or directory itself, and goes on before that is done. */
  lateSync(of: string): SourcePlace | undefined {
    const isLate = ({ name, path, state }: PromisedCall) =>
      (name === "sync" || name === "syncData") && path === of && (state.open || state.overtaken);
    return this.#all.find(isLate)?.place;
  }
}

/** Where what makes a call is called. */
function beginning({ file, line, column }: SourcePlace): string {
  return `, begun at ${folderAndName(file)}:${line}:${column}`;
}

/** Calls that change what is durable, those first that somebody relies on. */
const CHANGING: readonly WatchedCall["name"][] = [
  "sync",
  "syncData",
  "write",
  "truncate",
  "rename",
  "open",
  "mkdir",
  "link",
  "remove",
];
