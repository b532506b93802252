/**
 * The log that most of the zoo is made of: small, correct, and not the reference log. One rule of
 * {@linkcode Rules} at a time is broken to make a variant.
 *
 * METHOD. A log is a directory of segments named `<number>-<first LSN>.log`. A record becomes one
 * frame at the end of the last segment and is followed by a barrier before it is acked. When the
 * segment is full, it is synced, the next one is created, and the directory is synced. `open` reads
 * the segments in order; each must begin with the LSN that the one before it ended with. What
 * follows the last valid frame was never acked: it is cut. `open` syncs the last segment and the
 * directory before it returns, so that what it shows stays. `truncateFront` first replaces the file
 * `front`, which holds the LSN of the oldest record, and then removes the segments below it.
 * A call that fails: a write that stores less is gone on with, a frame for which there is no space is
 * cut back, and any other failure ends appending until the log is opened again, because nobody knows
 * what a barrier that failed has left of the writes before it. `open` passes a failed read on. It does
 * believe its page cache; where barriers fail, rewrite at every opening (`rewrites-at-opening`).
 * On a disk that shows stale tails a cut is not enough; there, begin a segment at every opening (the
 * sound variant `segment-per-opening`).
 * Damage in the middle of the log is refused only where it breaks the order of LSNs between segments;
 * in the last one it is not told from a torn tail, unless a {@linkcode DurableMark} is kept.
 *
 * @module
 */
import {
  type FileHandle,
  type FileSystem,
  FileSystemError,
  type LogUnderTest,
  syncDirectory,
  writeFully,
} from "../../mod.ts";
import {
  encodeCompactFrame,
  HEADER_BYTES,
  type Place,
  readCompactFrame,
  type Source,
} from "./compact_frame.ts";
import { DurableMark } from "./durable_mark.ts";
import { checksum, readBytes, readU32, replaceFile, u32Bytes } from "./frames.ts";
import { logUnderTest, type OpenLog } from "./open_log.ts";
import { type Rules, soundRules } from "./rules.ts";

const SEGMENT_BYTES = 1000;
/** How far a reader that skips goes on from one look for a frame to the next. */
const SKIPPED_BYTES = 4;
const SEGMENT_NAME = /^(\d{8})-(\d{8})\.log$/;
const FRONT = "front";
const SPARE = "spare";

interface Segment {
  readonly name: string;
  readonly number: number;
  readonly firstLsn: number;
}

function listSegments(fs: FileSystem, dir: string): Segment[] {
  return fs.list(dir).flatMap((name) => {
    const match = SEGMENT_NAME.exec(name);
    return match === null ? [] : [{ name, number: Number(match[1]), firstLsn: Number(match[2]) }];
  });
}

function segmentName(number: number, firstLsn: number): string {
  return `${String(number).padStart(8, "0")}-${String(firstLsn).padStart(8, "0")}.log`;
}

class CompactLog implements OpenLog {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #rules: Rules;
  readonly #records: Uint8Array[] = [];
  readonly #batch: Uint8Array[] = [];
  #front: number;
  #nextLsn: number;
  #segment: Segment = { name: "", number: 0, firstLsn: 1 };
  #file!: FileHandle;
  #endBytes = 0;
  #unsynced = 0;
  #failure: unknown;
  readonly #mark: DurableMark | undefined;

  constructor(fs: FileSystem, { dir, rules }: { readonly dir: string; readonly rules: Rules }) {
    this.#fs = fs;
    this.#dir = dir;
    this.#rules = rules;
    this.#front = this.#readFront();
    this.#nextLsn = this.#front;
    if (rules.mark !== "none") this.#mark = new DurableMark(fs, dir);
    const segments = this.#liveSegments();
    const last = segments.at(-1);
    if (last !== undefined) this.#recover(segments, last);
    else {
      this.#refuseLoss();
      this.#createSegment(this.#rules.syncDirectoryOnCreate);
    }
  }

  append(record: Uint8Array): void {
    this.#changing(() => {
      if (this.#rules.batch) this.#batch.push(record.slice());
      else this.#write(record);
      this.#records.push(record.slice());
      if (this.#rules.acks === "append") this.#barrier();
    });
  }

  sync(): void {
    this.#changing(() => {
      this.#writeBatch();
      this.#barrier();
    });
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  truncateFront(count: number): void {
    this.#changing(() => this.#forget(Math.min(count, this.#records.length)));
  }

  #forget(forgotten: number): void {
    if (forgotten === 0) return;
    if (this.#rules.acks === "sync" && this.#rules.syncBeforeFront) this.sync();
    this.#front += forgotten;
    this.#records.splice(0, forgotten);
    const front = u32Bytes(this.#front);
    replaceFile(
      this.#fs,
      this.#path(FRONT),
      new Uint8Array([...front, ...u32Bytes(checksum(front))]),
    );
    this.#dropSegmentsBelowFront();
  }

  close(): void {
    if (this.#failure === undefined) this.#writeBatch();
    this.#file.close();
    this.#mark?.close();
  }

  /** Makes changes, unless changes before them have failed. */
  #changing(change: () => void): void {
    if (this.#failure !== undefined) {
      throw new Error(`Cannot change log "${this.#dir}": an earlier call failed`, {
        cause: this.#failure,
      });
    }
    try {
      change();
    } catch (error) {
      const again = this.#rules.failedSync === "is tried again";
      if (!again && !(error instanceof NoSpaceError)) this.#failure = error;
      throw error;
    }
  }

  #path(name: string): string {
    return `${this.#dir}/${name}`;
  }

  #openSegment(segment: Segment): FileHandle {
    const sync = this.#rules.barrier === "synchronous descriptor";
    return this.#fs.open(this.#path(segment.name), { read: true, write: true, sync });
  }

  // Appending.

  #write(record: Uint8Array): void {
    const bytes = HEADER_BYTES + record.length;
    if (this.#endBytes > 0 && this.#endBytes + bytes > SEGMENT_BYTES) this.#rotate();
    const place = { lsn: this.#nextLsn, segment: this.#segment.number };
    const frame = encodeCompactFrame(record, { place, rules: this.#rules });
    if (this.#rules.barrier === "before the write") this.#file.sync();
    this.#store(frame);
    this.#endBytes += frame.length;
    this.#nextLsn++;
  }

  /** Writes a frame behind the last one, all of it or nothing. */
  #store(frame: Uint8Array): void {
    try {
      if (this.#rules.shortWrite === "is finished") writeFully(this.#file, frame, this.#endBytes);
      else this.#file.write(frame, this.#endBytes);
    } catch (error) {
      if (!(error instanceof FileSystemError && error.code === "ENOSPC")) throw error;
      if (this.#rules.noSpace === "is acked") return;
      if (this.#rules.noSpace === "is left behind") this.#endBytes = this.#file.size();
      else this.#file.truncate(this.#endBytes);
      throw new NoSpaceError(`Cannot append to log "${this.#dir}": no space`, { cause: error });
    }
  }

  #writeBatch(): void {
    for (let record = this.#batch[0]; record !== undefined; record = this.#batch[0]) {
      this.#write(record);
      this.#batch.shift();
    }
  }

  #barrier(): void {
    const barrier = this.#rules.barrier;
    if (barrier === "fsync") this.#file.sync();
    if (barrier === "fdatasync") this.#file.syncData();
    if (barrier === "every third append" && ++this.#unsynced % 3 === 0) this.#file.sync();
    if (barrier === "other descriptor") {
      const other = this.#openSegment(this.#segment);
      other.sync();
      other.close();
    }
    if (barrier === "close") {
      this.#file.close();
      this.#file = this.#openSegment(this.#segment);
    }
    this.#mark?.advance(this.#nextLsn - 1);
  }

  #rotate(): void {
    if (this.#rules.syncBeforeRotation) this.#file.sync();
    this.#file.close();
    this.#createSegment(this.#rules.syncDirectoryOnRotation);
  }

  #createSegment(durableName: boolean): void {
    const number = this.#segment.number + 1;
    const segment = {
      name: segmentName(number, this.#nextLsn),
      number,
      firstLsn: this.#nextLsn,
    };
    if (this.#rules.recycle && this.#fs.list(this.#dir).includes(SPARE)) {
      this.#fs.rename(this.#path(SPARE), this.#path(segment.name));
    } else {
      this.#fs.open(this.#path(segment.name), { write: true, createNew: true }).close();
    }
    this.#segment = segment;
    this.#file = this.#openSegment(segment);
    if (this.#rules.preallocate) this.#file.truncate(SEGMENT_BYTES);
    this.#endBytes = 0;
    if (durableName) syncDirectory(this.#fs, this.#dir);
  }

  // Forgetting.

  #readFront(): number {
    if (!this.#fs.list(this.#dir).includes(FRONT)) return 1;
    const file = this.#fs.open(this.#path(FRONT));
    const bytes = readBytes(file, { offset: 0, length: 8 });
    file.close();
    if (bytes.length < 8 || checksum(bytes.subarray(0, 4)) !== readU32(bytes, 4)) {
      throw new Error(`Cannot open log "${this.#dir}": the file "${FRONT}" is damaged`);
    }
    return readU32(bytes, 0);
  }

  #liveSegments(): Segment[] {
    const all = listSegments(this.#fs, this.#dir);
    return all.filter((_, i) => (all[i + 1]?.firstLsn ?? Infinity) > this.#front);
  }

  #dropSegmentsBelowFront(): void {
    const live = new Set(this.#liveSegments().map(({ name }) => name));
    const dead = listSegments(this.#fs, this.#dir).filter(({ name }) => !live.has(name));
    let wantsSpare = this.#rules.recycle && !this.#fs.list(this.#dir).includes(SPARE);
    for (const { name } of dead) {
      if (wantsSpare) this.#fs.rename(this.#path(name), this.#path(SPARE));
      else this.#fs.remove(this.#path(name));
      wantsSpare = false;
    }
    if (dead.length > 0) syncDirectory(this.#fs, this.#dir);
  }

  // Recovery.

  #recover(segments: Segment[], newest: Segment): void {
    this.#segment = newest;
    this.#nextLsn = Math.min(segments[0]?.firstLsn ?? 1, this.#front);
    const counted = this.#rules.keepBeforeEmpty || this.#sizeOf(newest) > 0
      ? segments
      : segments.slice(0, -2);
    for (const segment of counted) {
      if (segment.firstLsn !== this.#nextLsn) {
        throw new Error(
          `Cannot open log "${this.#dir}": segment "${segment.name}" follows LSN ${
            this.#nextLsn - 1
          }, wanted ${segment.firstLsn - 1}`,
        );
      }
      const torn = this.#readSegment(segment);
      if (torn && !this.#rules.readBehindTornTail) break;
    }
    if (!counted.includes(newest)) this.#endBytes = 0;
    this.#refuseLoss();
    this.#settleTail(newest);
    syncDirectory(this.#fs, this.#dir);
    this.#mark?.advance(this.#nextLsn - 1);
  }

  /** Refuses a log that ends before a record that was durable. */
  #refuseLoss(): void {
    const durable = this.#mark?.lsn ?? 0;
    if (this.#nextLsn > durable) return;
    if (this.#rules.mark === "counts only behind a first record" && this.#records.length === 0) {
      return;
    }
    throw new Error(
      `Cannot open log "${this.#dir}": damaged, it ends at LSN ${
        this.#nextLsn - 1
      }, wanted at least ${durable}`,
    );
  }

  #sizeOf(segment: Segment): number {
    return this.#fs.stat(this.#path(segment.name)).size;
  }

  /** Adds the records of a segment and tells if bytes follow its last valid frame. */
  #readSegment(segment: Segment): boolean {
    const file = this.#openSegment(segment);
    const sizeBytes = file.size();
    const source = this.#source(file, sizeBytes);
    let offset = 0;
    let endBytes = 0;
    while (true) {
      const place: Place = { lsn: this.#nextLsn, segment: segment.number };
      const reading = readCompactFrame(source, { offset, place, sizeBytes, rules: this.#rules });
      if (reading.kind === "frame") {
        offset += HEADER_BYTES + reading.payload.length;
        endBytes = offset;
        this.#nextLsn = reading.place.lsn + 1;
        if (reading.place.lsn >= this.#front) this.#records.push(reading.payload);
      } else if (this.#isPassed(reading.kind)) {
        if (this.#rules.badFrame === "is skipped") offset += SKIPPED_BYTES;
      } else break;
    }
    file.close();
    this.#endBytes = endBytes;
    return sizeBytes > endBytes;
  }

  #source(file: FileHandle, sizeBytes: number): Source {
    if (this.#rules.reads === "frame") {
      return (offset, length) => this.#tolerating(() => readBytes(file, { offset, length }));
    }
    const bytes = readBytes(file, { offset: 0, length: sizeBytes });
    return (offset, length) => bytes.slice(offset, offset + length);
  }

  #tolerating(read: () => Uint8Array): Uint8Array {
    try {
      return read();
    } catch (error) {
      const tolerated = this.#rules.failedRead === "ends the log" &&
        error instanceof FileSystemError && error.code === "EIO";
      if (!tolerated) throw error;
      return new Uint8Array(0);
    }
  }

  /** Tells if reading goes on at something that is not a frame. */
  #isPassed(kind: "end" | "bad header" | "bad body"): boolean {
    const badFrame = this.#rules.badFrame;
    if (kind === "end") return false;
    if (badFrame === `throws when its ${kind === "bad body" ? "body" : "header"} is bad`) {
      throw new Error(`Cannot open log "${this.#dir}": LSN ${this.#nextLsn} has a ${kind}`);
    }
    return badFrame === "is skipped" || badFrame === "is read again";
  }

  /** Decides what becomes of the bytes behind the last valid frame of the newest segment. */
  #settleTail(newest: Segment): void {
    const { tail, preallocate, syncShown } = this.#rules;
    this.#file = this.#openSegment(newest);
    const sizeBytes = this.#file.size();
    const torn = sizeBytes > this.#endBytes;
    if (tail === "rewrite always" || (torn && tail === "rewrite")) this.#rewrite(newest, true);
    if (torn && tail === "rewrite without a barrier") this.#rewrite(newest, false);
    if (torn && tail === "append behind") this.#endBytes = sizeBytes;
    if (torn && tail === "cut") {
      this.#file.truncate(this.#endBytes);
      if (preallocate) this.#file.truncate(Math.max(SEGMENT_BYTES, this.#endBytes));
    }
    if (syncShown || (torn && tail === "cut")) this.#file.sync();
    if (tail === "new segment") {
      this.#file.close();
      this.#createSegment(true);
    }
  }

  #rewrite(segment: Segment, synced: boolean): void {
    const path = this.#path(segment.name);
    const bytes = readBytes(this.#file, { offset: 0, length: this.#endBytes });
    const draft = this.#fs.open(`${path}.tmp`, { write: true, create: true, truncate: true });
    writeFully(draft, bytes, 0);
    if (synced) draft.sync();
    draft.close();
    this.#fs.rename(`${path}.tmp`, path);
    syncDirectory(this.#fs, this.#dir);
    this.#file.close();
    this.#file = this.#openSegment(segment);
  }
}

/** A record was not appended, and nothing is left of it: others may be. */
class NoSpaceError extends Error {}

/**
 * The compact log, keeping all rules or breaking one.
 *
 * @param name Shown in reports.
 * @param changed The rules that differ from {@linkcode soundRules}.
 * @returns The log as the harness sees it.
 */
export function compactLog(name: string, changed: Partial<Rules> = {}): LogUnderTest<OpenLog> {
  const rules = { ...soundRules, ...changed };
  return logUnderTest({
    name,
    acks: rules.acks,
    truncatesFront: true,
    open: (fs, dir) => new CompactLog(fs, { dir, rules }),
  });
}
