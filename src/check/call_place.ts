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

/** How many frames are captured: formatting them is what a stack costs, and few are needed. */
const DEPTHS = [2, 16];

/** The stacks that were seen before: a log has few places that ask for a barrier. */
const seen = new Map<string, SourcePlace | undefined>();

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
    const key = stackBelow(callee, depth, keyOf);
    if (!seen.has(key)) seen.set(key, placeIn(stackBelow(callee, depth)));
    const place = seen.get(key);
    if (place !== undefined) return place;
  }
  return { file: "unknown", line: 0, column: 0 };
}

/** Formats a stack, in place of V8. */
type Format = NonNullable<typeof Error.prepareStackTrace>;

/** Tells stacks apart, at a third of what it costs to write them out. */
const keyOf: Format = (_error, frames) =>
  frames.map((frame) =>
    `${frame.getFileName()}:${frame.getLineNumber()}:${frame.getColumnNumber()}`
  ).join();

function stackBelow(
  callee: (...args: never[]) => unknown,
  depth: number,
  format?: Format,
): string {
  const [limit, before] = [Error.stackTraceLimit, Error.prepareStackTrace];
  const captured: { stack?: string } = {};
  Error.stackTraceLimit = depth;
  if (format !== undefined) Error.prepareStackTrace = format;
  Error.captureStackTrace(captured, callee);
  // Formatted on access, under the limit at the time of the capture.
  const stack = captured.stack ?? "";
  Error.prepareStackTrace = before;
  Error.stackTraceLimit = limit;
  return stack;
}

/** The innermost frame in a log's own code; `undefined` when there is none this deep. */
function placeIn(stack: string): SourcePlace | undefined {
  for (const line of stack.split("\n")) {
    const frame = /(?:at (?:async )?|\()([a-z]+:\S+):(\d+):(\d+)\)?$/.exec(line);
    if (frame === null) continue;
    const [, file = "", row, column] = frame;
    if (/^(ext|node):/.test(file) || isOwn(file, "vfs")) continue;
    if (isOwn(file, "check")) return undefined;
    return { file: packaged(file), line: Number(row), column: Number(column) };
  }
  return undefined;
}

/** A module of an npm package by its package, wherever it is kept: `npm:steno@4.0.2/lib/index.js`. */
function packaged(file: string): string {
  const kept = /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/@]+)\/(\d[^/]*)\/(.+)$/.exec(file);
  return kept === null ? file : `npm:${kept[1]}@${kept[2]}/${kept[3]}`;
}

function isOwn(file: string, folder: string): boolean {
  return file.startsWith(`${SOURCES}${folder}/`) && !file.endsWith("_test.ts");
}
