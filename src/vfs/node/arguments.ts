/**
 * The arguments of `node:fs`: checked as Node checks them, and turned into what the disk takes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { aborted, invalidType, invalidValue, outOfRange } from "./argument_error.ts";

const MAX_INT32 = 2 ** 31 - 1;
const MAX_UINT32 = 2 ** 32 - 1;

/** A path as it was given, as a string: what errors name. */
export function pathOf(path: unknown, name = "path"): string {
  let string: string;
  if (typeof path === "string") string = path;
  else if (path instanceof URL) string = fileURLToPath(path);
  else if (path instanceof Uint8Array) string = Buffer.from(path).toString();
  else throw invalidType(name, "of type string or an instance of Buffer or URL", path);
  if (string.includes("\0")) {
    const must = "must be a string, Uint8Array, or URL without null bytes";
    throw invalidValue(name, must, path);
  }
  return string;
}

/** The path as the disk takes it: a relative one begins at the root. */
export function diskPath(path: string): string {
  return path === "" || path.startsWith("/") ? path : `/${path}`;
}

/** The number of an open file. */
export function fdOf(fd: unknown): number {
  if (Object.is(fd, -0)) return 0;
  return requireInteger(fd, "fd", { min: 0, max: MAX_INT32 });
}

/** Refuses what is no whole number in a range. */
export function requireInteger(
  value: unknown,
  name: string,
  { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = {},
): number {
  if (typeof value !== "number") throw invalidType(name, "of type number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
  return value;
}

/** A mode: a number, or a string of octal digits. */
export function modeOf(mode: unknown, fallback: number, name = "mode"): number {
  if (mode === undefined || mode === null) return fallback;
  if (typeof mode === "string") {
    if (!/^[0-7]+$/.test(mode)) {
      throw invalidValue(name, "must be a 32-bit unsigned integer or an octal string", mode);
    }
    return parseInt(mode, 8);
  }
  return requireInteger(mode, name, { min: 0, max: MAX_UINT32 });
}

/** An owner or group. */
export function ownerOf(id: unknown, name: string): number {
  return requireInteger(id, name, { min: -1, max: MAX_UINT32 });
}

/** A moment, in seconds, as milliseconds. */
export function timeOf(time: unknown): number {
  if (typeof time === "string" && time !== "" && Number.isFinite(+time)) return +time * 1000;
  if (typeof time === "number" && Number.isFinite(time)) return time * 1000;
  if (time instanceof Date) return time.getTime();
  // Dates of another realm, or of a clock that stands still.
  if (Object.prototype.toString.call(time) === "[object Date]") return Number(time);
  throw invalidType("time", "an instance of Date or an Time in seconds", time);
}

/** What the last argument of many calls may be. */
export interface CallOptions {
  readonly encoding?: unknown;
  readonly flag?: unknown;
  readonly flush?: unknown;
  readonly mode?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly [name: string]: unknown;
}

/** The options of a call: an object, or the name of an encoding. */
export function optionsOf(options: unknown): CallOptions {
  if (options === null || options === undefined || typeof options === "function") return {};
  if (typeof options === "string") return { encoding: requireEncoding(options) };
  if (typeof options !== "object") {
    throw invalidType("options", "one of type string or object", options);
  }
  const { encoding, signal } = options as CallOptions;
  if (encoding !== undefined && encoding !== null && encoding !== "buffer") {
    requireEncoding(encoding);
  }
  if (signal !== undefined) requireSignal(signal);
  return options as CallOptions;
}

/** An object of options, where nothing else will do. */
export function objectOf(options: unknown, name = "options"): CallOptions {
  if (options === undefined || options === null || typeof options === "function") return {};
  if (typeof options === "object") return options as CallOptions;
  throw invalidType(name, "of type object", options);
}

function requireEncoding(encoding: unknown): BufferEncoding | "buffer" {
  if (encoding === "buffer") return encoding;
  if (typeof encoding === "string" && Buffer.isEncoding(encoding)) return encoding;
  throw invalidValue("encoding", "is invalid encoding", encoding);
}

function requireSignal(signal: unknown): void {
  if (typeof signal === "object" && signal !== null && "aborted" in signal) return;
  throw invalidType("options.signal", "an instance of AbortSignal", signal);
}

/** Refuses to go on once a signal says so. */
export function goOnUnless(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

/** A switch among the options. */
export function booleanOf(value: unknown, name: string, fallback = false): boolean {
  if (value === undefined) return fallback;
  if (typeof value === "boolean") return value;
  throw invalidType(name, "of type boolean", value);
}

/** The bytes of any view on a buffer. */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  if (view instanceof Uint8Array && !Buffer.isBuffer(view)) return view;
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** What is written to a file as a whole. */
export function dataOf(data: unknown, encoding: unknown): Uint8Array {
  if (typeof data === "string") {
    return bytesOf(Buffer.from(data, encodingOf(encoding)));
  }
  if (ArrayBuffer.isView(data)) return bytesOf(data);
  throw invalidType(
    "data",
    "of type string or an instance of Buffer, TypedArray, or DataView",
    data,
  );
}

function encodingOf(encoding: unknown): BufferEncoding {
  return encoding === undefined || encoding === null || encoding === "buffer"
    ? "utf8"
    : requireEncoding(encoding) as BufferEncoding;
}

/** Bytes, or the string that an encoding makes of them. */
export function decoded(bytes: Buffer, encoding: unknown): Buffer | string {
  return encoding && encoding !== "buffer" ? bytes.toString(encoding as BufferEncoding) : bytes;
}

/** A name, or the bytes of it. */
export function named(name: string, encoding: unknown): string | Buffer {
  if (encoding === "buffer") return Buffer.from(name);
  return encoding && encoding !== "utf8" && encoding !== "utf-8"
    ? Buffer.from(name).toString(encoding as BufferEncoding)
    : name;
}

/** A list of views on buffers. */
export function viewsOf(views: unknown): ArrayBufferView[] {
  if (Array.isArray(views) && views.every((view) => ArrayBuffer.isView(view))) return views;
  throw invalidType("buffers", "an ArrayBufferView[]", views);
}

/** Where to read or write; `undefined` for the cursor. */
export type Position = number | undefined;

/** What part of a buffer is to be read into, and from where. */
export interface ReadPart {
  readonly buffer: ArrayBufferView;
  readonly part: Uint8Array;
  readonly position: Position;
}

/** The arguments of `read` after the number of the file, and what makes a position of the last. */
export function readPart(
  args: readonly unknown[],
  placeOf: (position: unknown) => Position = positionOf,
): ReadPart {
  let [buffer, offset, length, position] = args;
  const isOptions = buffer === undefined ||
    (buffer !== null && typeof buffer === "object" && !ArrayBuffer.isView(buffer));
  if (isOptions) ({ buffer = Buffer.alloc(16384), ...offset as object } = objectOf(buffer));
  if (isOptions) offset = args[0] ?? {};
  if (!ArrayBuffer.isView(buffer)) {
    throw invalidType("buffer", "an instance of Buffer, TypedArray, or DataView", buffer);
  }
  if (offset !== null && typeof offset === "object") {
    ({ offset = 0, length, position = null } = offset as Record<string, unknown>);
  }
  const start = offset === undefined || offset === null
    ? 0
    : requireInteger(offset, "offset", { min: 0 });
  const bytes = bytesOf(buffer);
  const count = length === undefined || length === null ? bytes.length - start : Number(length) | 0;
  if (count === 0) return { buffer, part: bytes.subarray(0, 0), position: undefined };
  if (bytes.length === 0) {
    throw invalidValue("buffer", "is empty and cannot be written", buffer);
  }
  if (count < 0) throw outOfRange("length", ">= 0", count);
  if (start + count > bytes.length) {
    throw outOfRange("length", `<= ${bytes.length - start}`, count);
  }
  return { buffer, part: bytes.subarray(start, start + count), position: placeOf(position) };
}

/** A position that must be right where it is given. */
function positionOf(position: unknown): Position {
  if (position === undefined || position === null) return undefined;
  if (typeof position === "bigint") return position < 0n ? undefined : Number(position);
  if (typeof position !== "number") {
    throw invalidType("position", "an integer or of type bigint", position);
  }
  requireInteger(position, "position", { min: -1 });
  return position < 0 ? undefined : position;
}

/** What is to be written, and where. */
export interface WritePart {
  /** What was given. */
  readonly buffer: unknown;
  readonly part: Uint8Array;
  readonly position: Position;
}

/** The arguments of `write` after the number of the file. */
export function writePart(args: readonly unknown[]): WritePart {
  const [buffer] = args;
  if (typeof buffer === "string") {
    const [, position, encoding] = args;
    return { buffer, part: dataOf(buffer, encoding), position: loosePosition(position) };
  }
  if (!ArrayBuffer.isView(buffer)) {
    throw invalidType(
      "buffer",
      "of type string or an instance of Buffer, TypedArray, or DataView",
      buffer,
    );
  }
  let [, offset, length, position] = args;
  if (offset !== null && typeof offset === "object") {
    ({ offset = 0, length, position = null } = offset as Record<string, unknown>);
  }
  const bytes = bytesOf(buffer);
  const start = offset === undefined || offset === null
    ? 0
    : requireInteger(offset, "offset", { min: 0 });
  const count = typeof length === "number" ? length : bytes.length - start;
  if (start > bytes.length) throw outOfRange("offset", `<= ${bytes.length}`, start);
  if (count > bytes.length - start) {
    throw outOfRange("length", `<= ${bytes.length - start}`, count);
  }
  requireInteger(count, "length", { min: 0, max: MAX_INT32 });
  const part = bytes.subarray(start, start + count);
  return { buffer, part, position: loosePosition(position) };
}

/** A position; for Node, all that is no exact number from 0 on stands for the cursor. */
export function loosePosition(position: unknown): Position {
  return Number.isSafeInteger(position) && (position as number) >= 0
    ? position as number
    : undefined;
}
