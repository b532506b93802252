/**
 * Shows what is in a log, frame by frame, whatever state it is in. Nothing is believed and nothing
 * is changed: behind damage every byte is tried as the begin of a frame, and what recovery would not
 * reach is shown all the same.
 *
 * @module
 */

import type { FileSystem } from "../vfs/file_system.ts";
import { checksum } from "./checksum.ts";
import { decodeMark } from "./durable_mark.ts";
import { readFully } from "./frame_reader.ts";
import {
  CONTINUES,
  FRAME_HEADER_BYTES,
  FRAMES_OFFSET,
  getUint53,
  HEADER_BYTES,
  MARK_BYTES,
  MARK_OFFSET,
  parseSegmentName,
  segmentName,
  segmentPath,
} from "./layout.ts";
import { decodeHeader, type SegmentHeader } from "./segment_header.ts";

/**
 * What state a piece of a file is in.
 *
 * - `ok`: whole, and where it belongs.
 * - `forgotten`: a whole frame below the front of the log.
 * - `dead`: a whole frame behind the place where the next segment says that this one ends.
 * - `unreachable`: a whole frame behind damage, where recovery does not get.
 * - `old epoch`: a whole frame that names another segment: of an earlier life of these bytes.
 * - `bad checksum`: something that looks like a frame and is not whole.
 * - `torn`: something that looks like a frame and crosses the end of the file.
 * - `zeros`: nothing but zeros.
 * - `garbage`: bytes that mean nothing here.
 * - `bad`: a header or a mark that is none.
 * - `missing`: a segment that should be there.
 * - `ignored`: a file that is no segment.
 * - `unreadable`: the disk does not give it.
 */
export type DumpState =
  | "ok"
  | "forgotten"
  | "dead"
  | "unreachable"
  | "old epoch"
  | "bad checksum"
  | "torn"
  | "zeros"
  | "garbage"
  | "bad"
  | "missing"
  | "ignored"
  | "unreadable";

/** One piece of a file. */
export interface DumpLine {
  /** The file. */
  readonly path: string;
  /** What the piece is. */
  readonly kind: "file" | "header" | "mark" | "frame" | "bytes";
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** How long it is, in bytes. */
  readonly length: number;
  /** The LSN that a frame names. */
  readonly lsn?: number;
  /** What state it is in. */
  readonly state: DumpState;
  /** What else there is to say. */
  readonly detail: string;
}

/** Larger files are shown up to here. */
const MOST_BYTES = 2 ** 30;

/** Fewer zeros than this between other bytes are not worth a line of their own. */
const ZEROS_MIN = FRAME_HEADER_BYTES;

/**
 * Takes a log apart.
 *
 * @param fs The disk.
 * @param path A directory that holds a log, or a single file of one, under whatever name.
 * @returns One line for every frame, header, mark and stretch of other bytes.
 * @throws {FileSystemError} When there is nothing at `path`. Damage is shown, never thrown.
 *
 * @example
 * ```ts
 * import { dumpLog, SimulatedFileSystem, Wal } from "../../mod.ts";
 *
 * const fs = new SimulatedFileSystem();
 * const wal = Wal.open(fs, "/");
 * wal.append(new TextEncoder().encode("set x=1"));
 * wal.close();
 * for (const line of dumpLog(fs, "/")) {
 *   if (line.kind === "frame") console.log(line.lsn, line.offset, line.state); // 1 8192 ok
 * }
 * ```
 */
export function* dumpLog(fs: FileSystem, path: string): Generator<DumpLine> {
  if (fs.stat(path).kind === "file") {
    yield* dumpFile(fs, path, {});
    return;
  }
  const names = fs.list(path);
  for (const name of names.filter((name) => parseSegmentName(name) === undefined)) {
    const ignored = `${path.endsWith("/") ? path : `${path}/`}${name}`;
    yield { ...whole(ignored, 0), state: "ignored", detail: "not named like a segment" };
  }
  const numbers = names.map(parseSegmentName).filter((number) => number !== undefined);
  const headers = new Map(numbers.map((n) => [n, headerOf(fs, segmentPath(path, n))]));
  const front = numbers.map((n) => headers.get(n)?.front).findLast((lsn) => lsn !== undefined);
  for (const [i, number] of numbers.entries()) {
    const before = numbers[i - 1];
    if (before !== undefined && before + 1 < number) {
      const missing = `${segmentName(before + 1)} to ${segmentName(number - 1)}`;
      yield { ...whole(path, 0), state: "missing", detail: missing };
    }
    const end = headers.get(number + 1)?.previousEnd;
    yield* dumpFile(fs, segmentPath(path, number), { number, front, end });
  }
}

/**
 * Makes text of a dump.
 *
 * @param lines What {@linkcode dumpLog} yields.
 * @returns One line of text for every line, and a heading for every file.
 *
 * @example
 * ```ts
 * import { dumpLog, formatDump, SimulatedFileSystem, Wal } from "../../mod.ts";
 *
 * const fs = new SimulatedFileSystem();
 * const wal = Wal.open(fs, "/");
 * wal.append(new TextEncoder().encode("set x=1"));
 * wal.close();
 * for (const text of formatDump(dumpLog(fs, "/"))) console.log(text);
 * ```
 */
export function* formatDump(lines: Iterable<DumpLine>): Generator<string> {
  for (const { path, kind, offset, length, lsn, state, detail } of lines) {
    if (kind === "file") {
      yield `${path}: ${state === "ok" ? "" : `${state}, `}${detail}`;
      if (state === "ok") yield "      offset      length  what        LSN  state         detail";
      continue;
    }
    const columns = [
      String(offset).padStart(12),
      String(length).padStart(12),
      `  ${kind.padEnd(6)}`,
      String(lsn ?? "").padStart(9),
      `  ${state.padEnd(12)}`,
      `  ${detail}`,
    ];
    yield columns.join("").trimEnd();
  }
}

/** What is known about a segment from the rest of the log. */
interface Surroundings {
  /** Number that the name of the file gives. */
  readonly number?: number | undefined;
  /** Records below are forgotten. */
  readonly front?: number | undefined;
  /** Where the next segment says that the frames end. */
  readonly end?: number | undefined;
}

function whole(path: string, length: number): Omit<DumpLine, "state" | "detail"> {
  return { path, kind: "file", offset: 0, length };
}

/** The header of a segment, when there is a good one. */
function headerOf(fs: FileSystem, path: string): SegmentHeader | undefined {
  try {
    const found = decodeHeader(readAll(fs, path, HEADER_BYTES).bytes);
    return found.state === "good" ? found.header : undefined;
  } catch {
    return undefined; // dumpFile will show why
  }
}

function readAll(
  fs: FileSystem,
  path: string,
  most: number,
): { readonly bytes: Uint8Array; readonly size: number } {
  const file = fs.open(path);
  try {
    const size = file.size();
    const bytes = new Uint8Array(Math.min(size, most));
    return { bytes: bytes.subarray(0, readFully(file, bytes, 0)), size };
  } finally {
    file.close();
  }
}

function* dumpFile(fs: FileSystem, path: string, around: Surroundings): Generator<DumpLine> {
  let found: ReturnType<typeof readAll>;
  try {
    found = readAll(fs, path, MOST_BYTES);
  } catch (error) {
    yield { ...whole(path, 0), state: "unreadable", detail: (error as Error).message };
    return;
  }
  const { bytes, size } = found;
  const rest = size > bytes.length ? `, of which the first ${bytes.length} are shown` : "";
  yield { ...whole(path, size), state: "ok", detail: `${size} bytes${rest}` };
  const header = decodeHeader(bytes);
  const good = header.state === "good" ? header.header : undefined;
  const number = good?.segment ?? around.number;
  yield {
    path,
    kind: "header",
    offset: 0,
    length: Math.min(HEADER_BYTES, bytes.length),
    state: good !== undefined && number === (around.number ?? number) ? "ok" : "bad",
    detail: describeHeader(header, around.number),
  };
  if (bytes.length > MARK_OFFSET) yield dumpMark(path, bytes, number);
  if (bytes.length > FRAMES_OFFSET) yield* dumpFrames(path, bytes, { ...around, good, number });
}

function describeHeader(header: ReturnType<typeof decodeHeader>, named?: number): string {
  if (header.state === "bad") return header.fault;
  if (header.state === "version") return `unknown format version ${header.version}`;
  const { segment, firstLsn, front, previousEnd } = header.header;
  const other = named === undefined || named === segment ? "" : `, but named ${named}`;
  return `segment ${segment}${other}, first LSN ${firstLsn}, front LSN ${front}, ` +
    `segment before ends at ${previousEnd}`;
}

function dumpMark(path: string, bytes: Uint8Array, segment: number | undefined): DumpLine {
  const found = bytes.subarray(MARK_OFFSET, MARK_OFFSET + MARK_BYTES);
  const mark = decodeMark(found, segment ?? new Frames(found).uint32(4));
  return {
    path,
    kind: "mark",
    offset: MARK_OFFSET,
    length: found.length,
    state: mark !== undefined ? "ok" : found.every((byte) => byte === 0) ? "zeros" : "bad",
    detail: mark === undefined ? "" : `durable up to offset ${mark.end}, LSN ${mark.lsn}`,
  };
}

function* dumpFrames(
  path: string,
  bytes: Uint8Array,
  known: Surroundings & { readonly good: SegmentHeader | undefined },
): Generator<DumpLine> {
  const frames = new Frames(bytes);
  const end = known.end ?? bytes.length;
  const front = known.front ?? known.good?.front ?? 0;
  let expected = known.good?.firstLsn;
  let damaged = false;
  for (let offset = FRAMES_OFFSET; offset < bytes.length;) {
    const frame = frames.at(offset);
    if (frame === undefined) {
      const next = frames.find(offset + 1);
      if (offset < end) damaged = true;
      yield* dumpDamage(path, frames, { from: offset, to: next, known, expected });
      offset = next;
      continue;
    }
    const { lsn, length, segment, continues } = frame;
    const foreign = known.number !== undefined && segment !== known.number;
    if (!foreign && expected !== undefined && lsn !== expected && offset < end) damaged = true;
    const batch = continues ? ", the batch goes on" : "";
    yield {
      path,
      kind: "frame",
      offset,
      length,
      lsn,
      state: foreign
        ? "old epoch"
        : offset >= end
        ? "dead"
        : damaged
        ? "unreachable"
        : lsn < front
        ? "forgotten"
        : "ok",
      detail: foreign ? `segment ${segment}` : `${frames.preview(frame)}${batch}`,
    };
    offset += length;
    if (!foreign) expected = lsn + 1;
  }
}

/** Shows bytes among which no whole frame begins. */
function* dumpDamage(
  path: string,
  frames: Frames,
  stretch: {
    readonly from: number;
    readonly to: number;
    readonly known: Surroundings;
    readonly expected: number | undefined;
  },
): Generator<DumpLine> {
  const { from, to, known, expected } = stretch;
  const head = frames.headAt(from);
  const isLikely = head !== undefined && head.segment === known.number &&
    (expected === undefined || head.lsn === expected);
  if (isLikely) {
    const crosses = from + head.length > frames.length;
    const length = Math.min(head.length, to - from);
    yield {
      path,
      kind: "frame",
      offset: from,
      length,
      lsn: head.lsn,
      state: crosses ? "torn" : "bad checksum",
      detail: `says that its record has ${head.length - FRAME_HEADER_BYTES} bytes`,
    };
    if (from + length < to) yield* dumpBytes(path, frames, { from: from + length, to });
  } else yield* dumpBytes(path, frames, { from, to });
}

function* dumpBytes(
  path: string,
  frames: Frames,
  stretch: { readonly from: number; readonly to: number },
): Generator<DumpLine> {
  const { to } = stretch;
  for (let offset = stretch.from; offset < to;) {
    const zeros = frames.zerosFrom(offset, to);
    const isZeros = zeros >= ZEROS_MIN || offset + zeros === to;
    const length = isZeros ? zeros : frames.otherFrom(offset, to);
    const state = isZeros ? "zeros" : "garbage";
    yield {
      path,
      kind: "bytes",
      offset,
      length,
      state,
      detail: isZeros ? "" : frames.hex(offset, length),
    };
    offset += length;
  }
}

/** The first bytes of something that may be a frame. */
interface FrameHead {
  readonly offset: number;
  /** Length of the whole frame. */
  readonly length: number;
  readonly segment: number;
  readonly lsn: number;
  readonly continues: boolean;
}

/** The bytes of a file, looked at as frames. */
class Frames {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** A number, 0 behind the end. */
  uint32(offset: number): number {
    return offset + 4 <= this.length ? this.#view.getUint32(offset, true) : 0;
  }

  /** The head of a frame, whole or not, when there could be one. */
  headAt(offset: number): FrameHead | undefined {
    if (offset + FRAME_HEADER_BYTES > this.length) return undefined;
    const flags = this.uint32(offset + 12);
    const segment = this.uint32(offset + 8);
    const lsn = getUint53(this.#view, offset + 16);
    if (flags > CONTINUES || segment === 0 || lsn === 0 || !Number.isSafeInteger(lsn)) {
      return undefined;
    }
    const length = FRAME_HEADER_BYTES + this.uint32(offset + 4);
    return { offset, length, segment, lsn, continues: flags === CONTINUES };
  }

  /** The whole frame that begins at an offset. */
  at(offset: number): FrameHead | undefined {
    const head = this.headAt(offset);
    if (head === undefined || offset + head.length > this.length) return undefined;
    const sum = checksum(this.#bytes.subarray(offset + 4, offset + head.length));
    return sum === this.uint32(offset) ? head : undefined;
  }

  /** Where the next whole frame begins, or the end. */
  find(offset: number): number {
    for (let at = offset; at + FRAME_HEADER_BYTES <= this.length; at++) {
      if (this.at(at) !== undefined) return at;
    }
    return this.length;
  }

  zerosFrom(offset: number, to: number): number {
    let at = offset;
    while (at < to && this.#bytes[at] === 0) at++;
    return at - offset;
  }

  /** How many bytes there are before the next long stretch of zeros. */
  otherFrom(offset: number, to: number): number {
    let at = offset;
    while (at < to) {
      const zeros = this.zerosFrom(at, to);
      if (zeros >= ZEROS_MIN || at + zeros === to && zeros > 0) break;
      at += zeros + 1;
    }
    return Math.min(at, to) - offset;
  }

  /** The begin of a record as text. */
  preview(frame: FrameHead): string {
    const start = frame.offset + FRAME_HEADER_BYTES;
    const size = frame.length - FRAME_HEADER_BYTES;
    const shown = this.#bytes.subarray(start, start + Math.min(size, 32));
    const text = Array.from(shown, (byte) => {
      return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
    });
    return `${size} bytes "${text.join("")}"${size > 32 ? "…" : ""}`;
  }

  hex(offset: number, length: number): string {
    const shown = this.#bytes.subarray(offset, offset + Math.min(length, 8));
    return `${Array.from(shown, (byte) => byte.toString(16).padStart(2, "0")).join(" ")}${
      length > 8 ? " …" : ""
    }`;
  }
}
