import type { PlacedCall } from "../vfs/call_origin.ts";

/** A place in source code. */
export interface SourcePlace {
  /** The URL of the module, that of an npm package by its name; `"unknown"` without a stack. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** The column, from 1. */
  readonly column: number;
}

/** Code of this folder calls logs; that of `vfs` is called by them. */
const SOURCES = new URL("../", import.meta.url).href;

const DEEPEST = 16;

/** How many frames are captured: formatting them is what a stack costs, and few are needed. */
const DEPTHS = [2, DEEPEST];

/** How many callers of a place are told apart. */
const CALLERS = 4;

/** The stacks that were seen before: a log has few places that ask for a barrier. */
const seen = new Map<string, readonly SourcePlace[]>();

/**
 * The place in a log's own code that a call came from: helpers of the file system, such as
 * `syncDirectory`, are passed over, and so is what has no source.
 *
 * @param callee The method that was called, which must be on the stack.
 * @returns The place; its file is `"unknown"` where the harness made the call itself, as
 * with a method that was bound and handed over.
 */
export function placeOfCall(callee: (...args: never[]) => unknown): SourcePlace {
  for (const depth of DEPTHS) {
    const [place] = placesIn(capture(callee, depth));
    if (place !== undefined) return place;
  }
  return NOWHERE;
}

/** Where nobody knows the place. */
export const NOWHERE: SourcePlace = { file: "unknown", line: 0, column: 0 };

/**
 * A call with its place, for people: no path that only one machine knows.
 *
 * @param words The call.
 * @param place Where it is made.
 * @returns For example `src/my_log.ts:42:5 (write "/log/1" 24 bytes at 0)`.
 */
export function withPlace(words: string, { file, line, column }: SourcePlace): string {
  return line === 0 ? words : `${folderAndName(file)}:${line}:${column} (${words})`;
}

/** The end of a URL that a reader knows a file by; a path, or a file of a package, as it is. */
export function folderAndName(file: string): string {
  return /^[a-z]+:\/\//.test(file) ? file.split("/").slice(-2).join("/") : file;
}

/**
 * The places that words name as {@linkcode withPlace} does.
 *
 * @param words The words.
 * @param places Places that they may name.
 * @returns Those that they do, in the order of the words, each once.
 */
export function placesNamed(words: string, places: Iterable<SourcePlace>): SourcePlace[] {
  const found = new Map<number, SourcePlace>();
  for (const place of places) {
    const { file, line, column } = place;
    const name = `${folderAndName(file)}:${line}:${column}`;
    const at = words.indexOf(name);
    // The beginning of a longer number is another place.
    if (line > 0 && at >= 0 && !/^\d/.test(words.slice(at + name.length))) found.set(at, place);
  }
  return [...found].toSorted(([a], [b]) => a - b).map(([, { file, line, column }]) => ({
    file,
    line,
    column,
  }));
}

/** A stack that is kept, and read only when somebody asks: reading it is what costs. */
export class KeptStack {
  readonly #captured: Captured;
  readonly #otherwise: KeptStack | undefined;
  #places: readonly SourcePlace[] | undefined;

  /** Keeps the stack below a method that is on it; where it leads nowhere, `otherwise` counts. */
  constructor(callee: (...args: never[]) => unknown, otherwise?: KeptStack) {
    this.#captured = capture(callee, DEEPEST);
    this.#otherwise = otherwise;
  }

  /** The stack that was kept when the call was made that this one is a part of, or else this one. */
  static of(call: PlacedCall, callee: (...args: never[]) => unknown): KeptStack {
    return call.origin instanceof KeptStack ? call.origin : new KeptStack(callee);
  }

  /** As {@linkcode placeOfCall}. */
  get place(): SourcePlace {
    return this.#read()[0] ?? NOWHERE;
  }

  /** Where the log's own code has called what made the call, the innermost first. */
  get callers(): readonly SourcePlace[] {
    return this.#read().slice(1);
  }

  #read(): readonly SourcePlace[] {
    if (this.#places !== undefined) return this.#places;
    const places = placesIn(this.#captured);
    const otherwise = this.#otherwise;
    return this.#places = places.length > 0 || otherwise === undefined ? places : otherwise.#read();
  }
}

/** Formats a stack, in place of V8. */
type Format = NonNullable<typeof Error.prepareStackTrace>;

/** Tells stacks apart, at a third of what it costs to write them out. */
const keyOf: Format = (_error, frames) =>
  frames.map((frame) =>
    `${frame.getFileName()}:${frame.getLineNumber()}:${frame.getColumnNumber()}`
  ).join();

/** Two of the same stack: one to tell it apart from others, one to be written out. */
interface Captured {
  readonly key: { readonly stack?: string };
  readonly text: { readonly stack?: string };
}

/** Captures so many frames below a method. They are formatted on access. */
function capture(callee: (...args: never[]) => unknown, depth: number): Captured {
  const limit = Error.stackTraceLimit;
  const captured = { key: {}, text: {} };
  Error.stackTraceLimit = depth;
  Error.captureStackTrace(captured.key, callee);
  Error.captureStackTrace(captured.text, callee);
  Error.stackTraceLimit = limit;
  return captured;
}

/** The places in a log's own code that a stack leads through, the innermost first. */
function placesIn({ key, text }: Captured): readonly SourcePlace[] {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = keyOf;
  const known = key.stack ?? "";
  Error.prepareStackTrace = before;
  let places = seen.get(known);
  if (places === undefined) seen.set(known, places = ownPlaces(text.stack ?? ""));
  return places;
}

/** The frames in a log's own code, as far as they are of interest. */
function ownPlaces(stack: string): readonly SourcePlace[] {
  const places: SourcePlace[] = [];
  for (const line of stack.split("\n")) {
    const frame = /(?:at (?:async )?|\()([a-z]+:\S+):(\d+):(\d+)\)?$/.exec(line);
    if (frame === null) continue;
    const [, file = "", row, column] = frame;
    if (/^(ext|node):/.test(file) || isOwn(file, "vfs")) continue;
    if (isOwn(file, "check") || places.length > CALLERS) break;
    places.push({ file: packaged(file), line: Number(row), column: Number(column) });
  }
  return places;
}

/**
 * A module of an npm package by its package, wherever it is kept: `npm:steno@4.0.2/lib/index.js`. Which
 * loading of it that was, where it was loaded anew, does not count.
 */
function packaged(file: string): string {
  const kept = /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/@]+)\/(\d[^/]*)\/([^?]+)(?:\?.*)?$/.exec(file);
  return kept === null ? file : `npm:${kept[1]}@${kept[2]}/${kept[3]}`;
}

function isOwn(file: string, folder: string): boolean {
  return file.startsWith(`${SOURCES}${folder}/`) && !file.endsWith("_test.ts");
}
