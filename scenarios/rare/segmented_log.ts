/**
 * A log in segments, which does by itself what logs of some age do: it rotates, forgets, numbers its
 * lives, repairs its tail, guards against crash loops. Without a mistake it is sound; each mistake
 * shows only after several rare steps.
 *
 * METHOD. Files `seg-<number>`; the format is that of `segment_format.ts`. Before a segment is
 * created, the one before it is synced, and its name; so only the last may be torn, header included. A
 * sync covers the last segment, and its name while it is new. `open` finds the first segment that
 * still counts, reads from there, and writes the last one anew under another name, which takes its
 * place: so what is shown is durable, also where a barrier had failed and left pages behind that look
 * clean. Where it marks that it is open, it does so only after an end without `close`. Forgetting
 * makes the new front durable, then removes segments. After an error whose effects are unknown, every
 * call fails until the log is opened again.
 *
 * @module
 */
import {
  type FileHandle,
  type FileSystem,
  sometimes,
  syncDirectory,
  writeFully,
} from "../../mod.ts";
import { replaceFile } from "../zoo/frames.ts";
import type { OpenLog } from "../zoo/open_log.ts";
import { type Front, ReplacedFront, TwoSlotFront } from "./front.ts";
import {
  encodeFrame,
  encodeHeader,
  frameBytes,
  type FrameFormat,
  type Frames,
  frameStart,
  readHeader,
  readSegment,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from "./segment_format.ts";

/** What can be wrong with the log. */
export type Mistake =
  | "LSN is not masked"
  | "epoch of a long frame is compared whole"
  | "frame that just fits is too long"
  | "header that just fits is skipped"
  | "rotation that fails is forgotten"
  | "header is written with one call"
  | "read error is taken for a torn header"
  | "all segments are taken for live"
  | "empty segment is not synced"
  | "numbering begins anew"
  | "draft is not cut"
  | "attempts count"
  | "last segment is set aside"
  | "mark goes before the rename";

/** How the log is kept. */
export interface SegmentedOptions {
  /** Where a segment is full. Default: 2048 */
  readonly segmentBytes?: number;
  /** No header of a frame lies across the end of such a page. Default: 65536 */
  readonly pageBytes?: number;
  /** Whether a segment is created as soon as the last one is full. Default: when it is needed */
  readonly rotatesEarly?: boolean;
  /** Whether the front is kept in two slots. Default: in a file that is replaced */
  readonly hasSlots?: boolean;
  /** After so many starts in a row without a sync, the log suspects its last segment. */
  readonly startLimit?: number;
  /** Whether it marks that it is open, and leaves the last segment as it is after a `close`. */
  readonly marks?: boolean;
  /** What is wrong with it. */
  readonly mistake?: Mistake | undefined;
}

const SEGMENT = /^seg-\d{6}$/;

/** A segment as `open` finds it. */
interface Found {
  readonly number: number;
  readonly header: SegmentHeader | undefined;
}

/** An open log. */
export class SegmentedLog implements OpenLog {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #options: SegmentedOptions;
  readonly #format: FrameFormat;
  readonly #front: Front;
  /** All that are in the segments, some forgotten ones included. */
  readonly #records: Uint8Array[] = [];
  /** The LSN of the first of them. */
  #firstLsn = 1;
  /** The live segments but for the last, oldest first. */
  #older: SegmentHeader[] = [];
  #last!: SegmentHeader;
  #file!: FileHandle;
  #endBytes = 0;
  #isNew = false;
  #isDirty = false;
  #failure: unknown;

  /** Opens it, recovering whatever is there. */
  constructor(
    fs: FileSystem,
    { dir, options }: { readonly dir: string; readonly options: SegmentedOptions },
  ) {
    this.#fs = fs;
    this.#dir = dir;
    this.#options = options;
    const { mistake, segmentBytes = 2048, pageBytes = 65_536, hasSlots = false } = options;
    this.#format = { segmentBytes, pageBytes, mistake };
    const starts = this.#countStart();
    this.#front = hasSlots
      ? new TwoSlotFront(fs, dir, { countsAttempts: mistake === "attempts count" })
      : new ReplacedFront(fs, dir, { cuts: mistake !== "draft is not cut" });
    this.#recover(starts);
  }

  append(record: Uint8Array): void {
    this.#requireSound();
    const { segmentBytes } = this.#format;
    const fits = (start: number) => start + frameBytes(record) <= segmentBytes;
    const isEmpty = this.#endBytes === SEGMENT_HEADER_BYTES;
    if (
      !isEmpty && !this.#options.rotatesEarly && !fits(frameStart(this.#endBytes, this.#format))
    ) {
      this.#rotate();
    }
    const start = frameStart(this.#endBytes, this.#format);
    const numbered = { lsn: this.#nextLsn, epoch: this.#last.epoch };
    try {
      writeFully(this.#file, encodeFrame(record, numbered, this.#format), start);
    } catch (error) {
      this.#cutBack();
      throw error;
    }
    this.#isDirty = true;
    this.#endBytes = start + frameBytes(record);
    this.#records.push(record.slice());
    sometimes(this.#records.length > 16, "the log has more than 16 records");
    sometimes(this.#records.length > 32, "the log has more than 32 records");
    if (this.#options.rotatesEarly && this.#endBytes >= segmentBytes) this.#rotate();
  }

  sync(): void {
    this.#requireSound();
    if (!this.#isDirty) return;
    this.#orFail(() => {
      this.#file.sync();
      if (this.#isNew) syncDirectory(this.#fs, this.#dir);
      this.#isNew = false;
      this.#isDirty = false;
      this.#forgetStarts();
    });
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice(Math.max(0, this.#front.lsn - this.#firstLsn));
  }

  truncateFront(count: number): void {
    this.#requireSound();
    this.sync();
    this.#front.save(Math.min(this.#front.lsn + count, this.#nextLsn));
    while (this.#older.length > 0) {
      const next = this.#older[1] ?? this.#last;
      if (next.firstLsn > this.#front.lsn) break;
      this.#fs.remove(this.#pathOf(this.#older[0]!.number));
      this.#older.shift();
    }
  }

  close(): void {
    this.#file.close();
    if (this.#failure !== undefined || this.#isDirty) return;
    this.#forgetStarts();
    if (this.#options.marks) this.#fs.remove(`${this.#dir}/is-open`);
  }

  get #nextLsn(): number {
    return this.#firstLsn + this.#records.length;
  }

  #pathOf(number: number): string {
    return `${this.#dir}/seg-${String(number).padStart(6, "0")}`;
  }

  #requireSound(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** After an error, nobody knows what is on the disk: only another open finds out. */
  #orFail(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** An append that failed leaves nothing behind. */
  #cutBack(): void {
    this.#orFail(() => {
      if (this.#file.size() > this.#endBytes) this.#file.truncate(this.#endBytes);
    });
  }

  #rotate(): void {
    this.sync();
    const { mistake } = this.#options;
    const before = this.#last;
    const next = { number: before.number + 1, firstLsn: this.#nextLsn, epoch: before.epoch };
    const create = () => {
      const path = this.#pathOf(next.number);
      const file = this.#fs.open(path, { read: true, write: true, create: true, truncate: true });
      this.#file.close();
      this.#file = file;
      this.#older.push(before);
      this.#last = next;
      this.#endBytes = SEGMENT_HEADER_BYTES;
      this.#isNew = true;
      const header = encodeHeader(next);
      if (mistake === "header is written with one call") file.write(header, 0);
      else writeFully(file, header, 0);
    };
    if (mistake === "rotation that fails is forgotten") create();
    else this.#orFail(create);
    this.#isDirty = mistake !== "empty segment is not synced";
    sometimes(this.#older.length > 1, "the log has several full segments");
  }

  #recover(starts: number): void {
    const { mistake } = this.#options;
    const found = this.#findSegments();
    const lastFound = found.at(-1);
    const live = this.#liveOf(found.slice(0, -1), lastFound?.header);
    for (const header of live) {
      this.#firstLsn = this.#records.length === 0 ? header.firstLsn : this.#firstLsn;
      if (header.firstLsn !== this.#nextLsn) {
        throw new Error(`Segment ${header.number} is not the next: expected LSN ${this.#nextLsn}`);
      }
      this.#records.push(...this.#read(header).payloads);
    }
    this.#older = live;
    const firstLsn = lastFound?.header?.firstLsn ?? this.#nextLsn;
    if (live.length === 0) this.#firstLsn = firstLsn;
    if (firstLsn !== this.#nextLsn) throw new Error(`The last segment begins with LSN ${firstLsn}`);
    const { header } = lastFound ?? {};
    const tail = header === undefined ? undefined : this.#read(header);
    const { startLimit = Infinity } = this.#options;
    const isSuspect = starts >= startLimit && live.length > 0;
    sometimes(isSuspect, "the last segment is suspected");
    if (isSuspect && mistake === "last segment is set aside") {
      this.#fs.rename(this.#pathOf(lastFound!.number), `${this.#dir}/suspect`);
    } else this.#records.push(...tail?.payloads ?? []);
    if (this.#records.length === 0 && mistake === "numbering begins anew") this.#firstLsn = 1;
    this.#takeUp({ number: lastFound?.number ?? 1, header, tail });
  }

  #findSegments(): Found[] {
    const names = this.#fs.list(this.#dir).filter((name) => SEGMENT.test(name));
    return names.map((name, i) => {
      const number = Number(name.slice(4));
      const isLast = i === names.length - 1;
      const takesErrors = isLast && i > 0 &&
        this.#options.mistake === "read error is taken for a torn header";
      const file = this.#fs.open(this.#pathOf(number));
      try {
        return { number, header: readHeader(file) };
      } catch (error) {
        if (!takesErrors) throw error;
        return { number, header: undefined };
      } finally {
        file.close();
      }
    });
  }

  /** Of the segments before the last those that are not forgotten as a whole. */
  #liveOf(found: readonly Found[], last: SegmentHeader | undefined): SegmentHeader[] {
    const headers = found.map(({ number, header }) => {
      if (header === undefined) throw new Error(`The header of segment ${number} is damaged`);
      return header;
    });
    if (this.#options.mistake === "all segments are taken for live") return headers;
    const { lsn } = this.#front;
    const first = [...headers, ...last === undefined ? [] : [last]]
      .findLastIndex(({ firstLsn }) => firstLsn <= lsn);
    return headers.slice(Math.max(0, first));
  }

  #read(header: SegmentHeader): Frames {
    const file = this.#fs.open(this.#pathOf(header.number));
    try {
      return readSegment(file, header, this.#format);
    } finally {
      file.close();
    }
  }

  /** Makes what was read durable, and goes on behind it. */
  #takeUp(
    { number, header, tail }: {
      readonly number: number;
      readonly header: SegmentHeader | undefined;
      readonly tail: Frames | undefined;
    },
  ): void {
    const path = this.#pathOf(number);
    const { marks = false } = this.#options;
    const isMarked = marks && this.#fs.list(this.#dir).includes("is-open");
    if (marks && !isMarked && header !== undefined) {
      this.#file = this.#fs.open(path, { read: true, write: true });
      if (this.#file.size() === tail!.endBytes) {
        this.#file.sync();
        this.#last = header;
        this.#endBytes = tail!.endBytes;
        this.#mark();
        syncDirectory(this.#fs, this.#dir);
        return;
      }
      this.#file.close();
    }
    this.#rewrite(path, { number, before: header });
  }

  #mark(): void {
    if (!this.#options.marks) return;
    this.#fs.open(`${this.#dir}/is-open`, { write: true, create: true }).close();
  }

  /** Writes the last segment anew, of the records that it had and that are not older. */
  #rewrite(
    path: string,
    { number, before }: { readonly number: number; readonly before: SegmentHeader | undefined },
  ): void {
    const epoch = Math.max(before?.epoch ?? 0, this.#older.at(-1)?.epoch ?? 0) + 1;
    const older = before === undefined ? this.#records.length : before.firstLsn - this.#firstLsn;
    const records = this.#records.slice(Math.max(0, older));
    const firstLsn = this.#nextLsn - records.length;
    this.#last = { number, firstLsn, epoch };
    const frames: { readonly start: number; readonly bytes: Uint8Array }[] = [];
    let endBytes = SEGMENT_HEADER_BYTES;
    for (const [i, record] of records.entries()) {
      const start = frameStart(endBytes, this.#format);
      frames.push({
        start,
        bytes: encodeFrame(record, { lsn: firstLsn + i, epoch }, this.#format),
      });
      endBytes = start + frameBytes(record);
    }
    const content = new Uint8Array(endBytes);
    content.set(encodeHeader(this.#last));
    for (const { start, bytes } of frames) content.set(bytes, start);
    const draft = `${this.#dir}/draft`;
    const file = this.#fs.open(draft, { read: true, write: true, create: true, truncate: true });
    writeFully(file, content, 0);
    file.sync();
    const { mistake, marks = false } = this.#options;
    // The draft holds all that the mark was about, but nobody looks for it there.
    if (mistake === "mark goes before the rename" && this.#fs.list(this.#dir).includes("is-open")) {
      this.#fs.remove(`${this.#dir}/is-open`);
    }
    this.#fs.rename(draft, path);
    if (marks) this.#mark();
    syncDirectory(this.#fs, this.#dir);
    this.#file = file;
    this.#endBytes = endBytes;
  }

  /** How many starts in a row there were without a sync, this one included. */
  #countStart(): number {
    if (this.#options.startLimit === undefined) return 0;
    const path = `${this.#dir}/starts`;
    const starts = this.#fs.list(this.#dir).includes("starts") ? this.#fs.stat(path).size + 1 : 1;
    for (const times of [2, 4, 8]) {
      sometimes(starts >= times, `started ${times} times in a row without a sync`);
    }
    replaceFile(this.#fs, path, new Uint8Array(starts));
    return starts;
  }

  /** The log has made progress. */
  #forgetStarts(): void {
    if (this.#options.startLimit === undefined) return;
    const path = `${this.#dir}/starts`;
    if (!this.#fs.list(this.#dir).includes("starts")) return;
    this.#fs.remove(path);
    syncDirectory(this.#fs, this.#dir);
  }
}
