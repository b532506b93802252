/**
 * Opening a log: what is there is read, judged by the tables of `recovery_table.ts`, and made
 * durable before it is shown.
 *
 * METHOD. Recovery repairs nothing. It cuts a torn tail by leaving it behind: new frames go into a
 * new segment, whose header says where the old frames end. So there is nothing that a crash in the
 * middle of recovery could break, and nothing that was cut can come back.
 *
 * What no mark proves to be durable may be in the page cache only: the process before this one may
 * have been killed, or its `fsync` may have failed, after which the kernel calls pages clean that
 * the media never got. So recovery writes what it read there once more, the same bytes to the same
 * place, and only then calls the barrier. A log that was closed well needs no write and no barrier.
 *
 * @module
 */

import type { FileHandle, FileSystem } from "../vfs/file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { writeFully } from "../vfs/write_fully.ts";
import { decodeMark, type DurableMark, encodeMark } from "./durable_mark.ts";
import { FrameReader, type FrameState, readFully } from "./frame_reader.ts";
import {
  FRAMES_OFFSET,
  HEADER_BYTES,
  MARK_BYTES,
  MARK_OFFSET,
  parseSegmentName,
  segmentPath,
} from "./layout.ts";
import {
  FRAME_TABLE,
  type FrameFacts,
  matchRow,
  SEGMENT_TABLE,
  type SegmentFacts,
} from "./recovery_table.ts";
import { Segment } from "./segment.ts";
import { decodeHeader, encodeHeader, type SegmentHeader } from "./segment_header.ts";
import { WalCorruptionError, WalVersionError } from "./wal_errors.ts";

/** How much of what is known to be durable is read at a time. */
export const READ_AHEAD_BYTES: number = 256 * 1024;

/** How what recovery shows is made durable. */
export interface RecoverOptions {
  /** Whether a second barrier follows the first, for its mark. Default: `false`. */
  readonly provenAcks?: boolean;
}

/** A log as recovery found it. */
export interface RecoveredLog {
  /** The segments that hold its records, oldest first. */
  readonly segments: Segment[];
  /** LSN of the oldest record that is not forgotten, or would be. */
  readonly front: number;
  /** The LSN that the next record gets. */
  readonly nextLsn: number;
  /** Number of a segment whose creation a crash cut short. */
  readonly unfinished: number | undefined;
  /** Numbers of files that hold forgotten records only: a crash undid, or forestalled, their removal. */
  readonly leftovers: number[];
}

/**
 * Finds out what a log holds, and makes it durable.
 *
 * @param fs The disk.
 * @param dir The directory of the log. Files in it that are not named like a segment are ignored.
 * @param options How it is made durable.
 * @returns What was found.
 * @throws {WalCorruptionError} When something that was durable is damaged.
 * @throws {WalVersionError} When the log was written in another format version.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem } from "../../mod.ts";
 * import { recover } from "./recovery.ts";
 *
 * console.log(recover(new SimulatedFileSystem(), "/").nextLsn); // 1
 * ```
 */
export function recover(
  fs: FileSystem,
  dir: string,
  options: RecoverOptions = {},
): RecoveredLog {
  const numbers = listSegments(fs, dir);
  const { header, unfinished } = newestHeader(fs, dir, numbers.at(-1));
  if (header === undefined) {
    return { segments: [], front: 1, nextLsn: 1, unfinished, leftovers: [] };
  }
  const { front } = header;
  const headers = [header];
  while (headers[0]!.firstLsn > front) {
    headers.unshift(readHeader(fs, dir, headers[0]!.segment - 1, "needed")!);
  }
  const segments: Segment[] = [];
  for (const [i, header] of headers.entries()) {
    const next = headers[i + 1];
    segments.push(
      next === undefined ? readNewest(fs, dir, header, options) : readNeeded(fs, dir, header, next),
    );
  }
  const leftovers = numbers.filter((number) => number < headers[0]!.segment);
  return { segments, front, nextLsn: segments.at(-1)!.nextLsn, unfinished, leftovers };
}

/**
 * The numbers of the segments in a directory.
 *
 * @param fs The disk.
 * @param dir The directory.
 * @returns The numbers, in increasing order.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem } from "../../mod.ts";
 * import { listSegments } from "./recovery.ts";
 *
 * console.log(listSegments(new SimulatedFileSystem(), "/")); // []
 * ```
 */
export function listSegments(fs: FileSystem, dir: string): number[] {
  return fs.list(dir).map(parseSegmentName).filter((number) => number !== undefined).sort((a, b) =>
    a - b
  );
}

/** The header that has the last word, and the number of a newer file whose creation was cut short. */
function newestHeader(
  fs: FileSystem,
  dir: string,
  newest: number | undefined,
): { header: SegmentHeader | undefined; unfinished: number | undefined } {
  const header = newest === undefined
    ? judgeHeader(undefined, 0, dir, "newest")
    : readHeader(fs, dir, newest, "newest");
  if (header !== undefined || newest === undefined) return { header, unfinished: undefined };
  const before = newest === 1 ? undefined : readHeader(fs, dir, newest - 1, "needed");
  return { header: before, unfinished: newest };
}

/** Reads and judges the header of a segment; `undefined` when the segment is to be dropped. */
function readHeader(
  fs: FileSystem,
  dir: string,
  segment: number,
  place: SegmentFacts["place"],
): SegmentHeader | undefined {
  let file: FileHandle;
  try {
    file = fs.open(segmentPath(dir, segment));
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    return judgeHeader(undefined, segment, dir, place);
  }
  try {
    return judgeHeader(file, segment, dir, place);
  } finally {
    file.close();
  }
}

function judgeHeader(
  file: FileHandle | undefined,
  segment: number,
  dir: string,
  place: SegmentFacts["place"],
): SegmentHeader | undefined {
  const path = segmentPath(dir, segment);
  const bytes = new Uint8Array(HEADER_BYTES);
  const found = file === undefined
    ? undefined
    : decodeHeader(bytes.subarray(0, readFully(file, bytes, 0)));
  const other = found?.state === "good" && found.header.segment !== segment;
  const facts: SegmentFacts = {
    place,
    header: found === undefined ? "no file" : other ? "other" : found.state,
    // The size is asked for only when it matters: a good header is good whatever follows.
    content: found?.state === "bad" && file!.size() <= HEADER_BYTES ? "header only" : "more",
  };
  const { row, decision, reason } = matchRow(SEGMENT_TABLE, facts);
  if (decision === "refuse version" && found?.state === "version") {
    throw new WalVersionError(path, found.version);
  }
  if (decision === "refuse") {
    const fault = found?.state === "bad" ? `${found.fault}, and ${reason}` : reason;
    throw new WalCorruptionError({
      path,
      segment,
      offset: 0,
      lsn: undefined,
      row,
      reason: fault,
    });
  }
  return decision === "use" && found?.state === "good" ? found.header : undefined;
}

/** Reads a segment that a newer one relies on: all of its frames were durable before that one. */
function readNeeded(
  fs: FileSystem,
  dir: string,
  header: SegmentHeader,
  next: SegmentHeader,
): Segment {
  const file = fs.open(segmentPath(dir, header.segment));
  try {
    const scan = new Scan(file, dir, header);
    scan.readTo(next.previousEnd, next.firstLsn);
    return scan.segment;
  } finally {
    file.close();
  }
}

/** Reads the newest segment, and makes durable what no mark proves to be so. */
function readNewest(
  fs: FileSystem,
  dir: string,
  header: SegmentHeader,
  options: RecoverOptions,
): Segment {
  const { segment } = header;
  const file = fs.open(segmentPath(dir, segment), { read: true, write: true });
  try {
    const bytes = new Uint8Array(MARK_BYTES);
    const found = readFully(file, bytes, MARK_OFFSET);
    const mark = decodeMark(bytes.subarray(0, found), segment);
    const scan = new Scan(file, dir, header);
    scan.readTo(mark?.end ?? FRAMES_OFFSET);
    const unproven = scan.readTail();
    if (mark === undefined || unproven.length > 0) {
      if (mark === undefined) writeFully(file, encodeHeader(header), 0);
      if (unproven.length > 0) writeFully(file, unproven, scan.durableEnd);
      file.syncData();
      // A mark is written after the name is durable, so where there is one there is no need.
      if (mark === undefined) syncDirectory(fs, dir);
      const { end, nextLsn } = scan.segment;
      const proven: DurableMark = { segment, end, lsn: nextLsn - 1 };
      writeFully(file, encodeMark(proven), MARK_OFFSET);
      if (options.provenAcks) file.syncData();
    }
    return scan.segment;
  } finally {
    file.close();
  }
}

/** Reading one segment from its first frame on. */
class Scan {
  readonly segment: Segment;
  /** Where what is known to be durable ends. */
  durableEnd = FRAMES_OFFSET;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #reader: FrameReader;
  /** Whether a batch has begun and not ended. */
  #open = false;

  constructor(file: FileHandle, dir: string, header: SegmentHeader) {
    this.segment = new Segment(header.segment, header.firstLsn);
    this.#file = file;
    this.#path = segmentPath(dir, header.segment);
    this.#reader = new FrameReader(file, { segment: header.segment, lsn: header.firstLsn });
  }

  /**
   * Reads what is known to be durable.
   *
   * @param end Where it ends.
   * @param nextLsn The LSN with which the next segment begins, when there is one.
   */
  readTo(end: number, nextLsn?: number): void {
    const reader = this.#reader;
    this.durableEnd = end;
    reader.limit = end;
    reader.readAhead = READ_AHEAD_BYTES;
    let frame: FrameState = "nothing";
    while (reader.offset < end && (frame = reader.inspect()) === "good") this.#take();
    const arrived = reader.offset === end;
    const complete = arrived && (nextLsn === undefined || reader.lsn === nextLsn);
    this.#judge({
      segment: nextLsn === undefined ? "newest" : "needed",
      place: complete ? "at the end" : arrived ? "behind the end" : "before the end",
      batch: this.#open ? "open" : "whole",
      frame: arrived ? "nothing" : frame,
    });
  }

  /**
   * Reads on behind the durable end, as far as there are good frames and whole batches.
   *
   * @returns The bytes of these frames.
   */
  readTail(): Uint8Array {
    const reader = this.#reader;
    reader.limit = this.#file.size();
    reader.readAhead = 0;
    const frames: Uint8Array[] = [];
    let frame: FrameState;
    while ((frame = reader.inspect()) === "good") {
      frames.push(reader.frame.slice());
      this.#take();
    }
    this.#judge({
      segment: "newest",
      place: reader.offset === this.durableEnd ? "at the end" : "behind the end",
      batch: this.#open ? "open" : "whole",
      frame,
    });
    const bytes = new Uint8Array(reader.offset - this.durableEnd);
    let length = 0;
    for (const frame of frames) {
      bytes.set(frame, length);
      length += frame.length;
    }
    return bytes.subarray(0, this.segment.end - this.durableEnd);
  }

  /** Takes a good frame: rows J, P and Q, without the way through the table. */
  #take(): void {
    const reader = this.#reader;
    this.segment.note(reader.lsn, reader.offset);
    this.#open = reader.continues;
    reader.advance();
    if (this.#open) return;
    this.segment.end = reader.offset;
    this.segment.nextLsn = reader.lsn;
  }

  /** Looks up what is done where reading stopped. */
  #judge(facts: FrameFacts): void {
    const { row, decision, reason } = matchRow(FRAME_TABLE, facts);
    if (decision !== "refuse") return;
    const { offset, lsn, fault } = this.#reader;
    throw new WalCorruptionError({
      path: this.#path,
      segment: this.segment.number,
      offset,
      lsn,
      row,
      reason: fault === "" ? reason : `${fault}, and ${reason}`,
    });
  }
}
