import type { FileSystem } from "../vfs/file_system.ts";
import { FrameBuffer } from "./frame_buffer.ts";
import { FrameReader } from "./frame_reader.ts";
import { GroupCommit } from "./group_commit.ts";
import { FRAME_HEADER_BYTES, FRAMES_OFFSET, SEGMENT_NUMBER_MAX, segmentPath } from "./layout.ts";
import { READ_AHEAD_BYTES, recover } from "./recovery.ts";
import { Segment } from "./segment.ts";
import { SegmentWriter } from "./segment_writer.ts";
import { WalCorruptionError, WalPoisonedError } from "./wal_errors.ts";
import { completeOptions, requireInteger, type WalOptions } from "./wal_options.ts";

/** How much is read to find a single record, in bytes. */
const LOOKUP_BYTES = 16 * 1024;

/**
 * A write-ahead log in one directory: records go in at the end, come out in order, and are forgotten
 * from the front. What {@linkcode Wal.sync} or {@linkcode Wal.appendDurable} has acknowledged is
 * there after any crash, and after it comes a prefix of what was appended since.
 *
 * Records are numbered by LSN: dense, from 1, never used twice. (An LSN of PostgreSQL is a byte
 * position; this one is a number.)
 *
 * One process may have a log open, once. The directory must exist, and its own name must be durable.
 *
 * @example
 * ```ts
 * import { SimulatedFileSystem, Wal } from "../../mod.ts";
 *
 * const fs = new SimulatedFileSystem(); // or new RealFileSystem()
 * const wal = Wal.open(fs, "/");
 * wal.append(new TextEncoder().encode("set x=1"));
 * wal.sync(); // now it is durable
 * for (const record of wal.records()) console.log(new TextDecoder().decode(record)); // set x=1
 * wal.close();
 * ```
 */
export class Wal implements Disposable {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #options: Required<WalOptions>;
  readonly #group: GroupCommit;
  /** Frames that the file system has not been given yet. */
  readonly #buffer = new FrameBuffer();
  /** The segments that hold records, oldest first. */
  readonly #segments: Segment[];
  /** The newest segment, once this life of the log has put a frame into it. */
  #current: Segment | undefined;
  /** The file of `#current`, once it exists. */
  #writer: SegmentWriter | undefined;
  /** Number of a segment whose file is there, but was never finished. */
  #unfinished: number | undefined;
  /** Numbers of segments that hold forgotten records only. */
  #leftovers: number[];
  #front: number;
  #nextLsn: number;
  #durableLsn: number;
  #failure: { readonly cause: unknown } | undefined;
  #closed = false;

  private constructor(fs: FileSystem, dir: string, options: Required<WalOptions>) {
    const found = recover(fs, dir, options);
    this.#fs = fs;
    this.#dir = dir;
    this.#options = options;
    this.#segments = found.segments;
    this.#unfinished = found.unfinished;
    this.#leftovers = found.leftovers;
    this.#front = found.front;
    this.#nextLsn = found.nextLsn;
    this.#durableLsn = found.nextLsn - 1;
    this.#group = new GroupCommit(() => this.sync(), options.schedule);
  }

  /**
   * Opens a log, new or old. Every record that it then shows is durable. Reads the log whole.
   *
   * @param fs The disk.
   * @param dir A directory that exists. Files in it that are not named like a segment are ignored.
   * @param options How the log is kept.
   * @returns The log.
   * @throws {WalCorruptionError} When something that was durable is damaged.
   * @throws {WalVersionError} When the log was written in another format version.
   * @throws {FileSystemError} When the directory does not exist, or a read or barrier fails.
   * @throws {RangeError} When an option has no meaning.
   *
   * @example
   * ```ts
   * import { SimulatedFileSystem, Wal } from "../../mod.ts";
   *
   * const wal = Wal.open(new SimulatedFileSystem(), "/", { segmentBytes: 4096 });
   * console.log(wal.firstLsn, wal.lastLsn); // 1 0
   * ```
   */
  static open(fs: FileSystem, dir: string, options: WalOptions = {}): Wal {
    return new Wal(fs, dir, completeOptions(options));
  }

  /** LSN of the oldest record; one more than `lastLsn` when there is none. */
  get firstLsn(): number {
    return this.#front;
  }

  /** LSN of the newest record, durable or not; 0 when there never was one. */
  get lastLsn(): number {
    return this.#nextLsn - 1;
  }

  /** LSN of the newest record that is known to be durable. */
  get durableLsn(): number {
    return this.#durableLsn;
  }

  /**
   * Adds one record. It is durable only once a later {@linkcode Wal.sync} has returned; until then
   * it may be in this process only.
   *
   * @param record Its bytes, from none to `maxRecordBytes`. Copied.
   * @returns Its LSN.
   * @throws {RangeError} When it is too long.
   * @throws {WalPoisonedError} When an earlier write or barrier failed.
   *
   * @example
   * ```ts
   * import { SimulatedFileSystem, Wal } from "../../mod.ts";
   *
   * const wal = Wal.open(new SimulatedFileSystem(), "/");
   * console.log(wal.append(new Uint8Array(5)), wal.append(new Uint8Array(0))); // 1 2
   * ```
   */
  append(record: Uint8Array): number {
    this.#requireUsable("append");
    this.#requireLength(record);
    this.#attempt(() => {
      this.#makeRoom(FRAME_HEADER_BYTES + record.length);
      this.#push(record, false);
      if (this.#buffer.length >= this.#options.bufferBytes) this.#write();
    });
    return this.lastLsn;
  }

  /**
   * Adds several records that a crash keeps or loses together.
   *
   * @param records Their bytes. Copied.
   * @returns The LSN of the last one, or of the newest record of the log when there are none.
   * @throws {RangeError} When one is too long; then none is added.
   * @throws {WalPoisonedError} When an earlier write or barrier failed.
   *
   * @example
   * ```ts
   * import { SimulatedFileSystem, Wal } from "../../mod.ts";
   *
   * const wal = Wal.open(new SimulatedFileSystem(), "/");
   * console.log(wal.appendBatch([new Uint8Array(5), new Uint8Array(7)])); // 2
   * ```
   */
  appendBatch(records: readonly Uint8Array[]): number {
    this.#requireUsable("append");
    let bytes = 0;
    for (const record of records) {
      this.#requireLength(record);
      bytes += FRAME_HEADER_BYTES + record.length;
    }
    if (records.length === 0) return this.lastLsn;
    this.#attempt(() => {
      this.#makeRoom(bytes);
      for (const [i, record] of records.entries()) this.#push(record, i + 1 < records.length);
      if (this.#buffer.length >= this.#options.bufferBytes) this.#write();
    });
    return this.lastLsn;
  }

  /**
   * Makes every record appended so far durable.
   *
   * @throws {WalPoisonedError} When an earlier write or barrier failed.
   * @throws {FileSystemError} When this one fails. Whether the records survive is then unknown.
   *
   * @example
   * ```ts
   * import { SimulatedFileSystem, Wal } from "../../mod.ts";
   *
   * const wal = Wal.open(new SimulatedFileSystem(), "/");
   * wal.append(new Uint8Array(5));
   * wal.sync();
   * console.log(wal.durableLsn); // 1
   * ```
   */
  sync(): void {
    this.#requireUsable("sync");
    if (this.#durableLsn === this.lastLsn) return;
    this.#attempt(() => this.#barrier());
  }

  /**
   * Adds one record and waits until it is durable. Many may wait at once: one barrier serves all
   * that were appended before it began.
   *
   * @param record Its bytes. Copied before the call returns.
   * @returns A promise of its LSN; rejected when the record is refused or the barrier fails.
   *
   * @example
   * ```ts
   * import { SimulatedFileSystem, Wal } from "../../mod.ts";
   *
   * const wal = Wal.open(new SimulatedFileSystem(), "/");
   * const records = [new Uint8Array(1), new Uint8Array(2), new Uint8Array(3)];
   * console.log(await Promise.all(records.map((r) => wal.appendDurable(r)))); // [ 1, 2, 3 ]
   * ```
   */
  appendDurable(record: Uint8Array): Promise<number> {
    try {
      return this.#group.join(this.append(record));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Waits until a record is durable, sharing a barrier with whoever else waits.
   *
   * @param lsn The record. Default: the newest.
   * @returns A promise of `lsn`; rejected when there is no such record or the barrier fails.
   *
   * @example
   * ```ts
   * import { SimulatedFileSystem, Wal } from "../../mod.ts";
   *
   * const wal = Wal.open(new SimulatedFileSystem(), "/");
   * wal.appendBatch([new Uint8Array(5), new Uint8Array(7)]);
   * console.log(await wal.whenDurable()); // 2
   * ```
   */
  whenDurable(lsn: number = this.lastLsn): Promise<number> {
    try {
      this.#requireUsable("wait");
      requireInteger("lsn", lsn, { from: 0, to: this.lastLsn });
    } catch (error) {
      return Promise.reject(error);
    }
    return lsn <= this.#durableLsn ? Promise.resolve(lsn) : this.#group.join(lsn);
  }

  /**
   * The records, oldest first, as far as they have been appended when the call is made. Memory is
   * bounded by 256 KiB and the longest record. Records that are forgotten meanwhile are left out.
   *
   * @param from LSN of the first record wanted. Default: the oldest.
   * @returns The records; each is the caller's to keep.
   * @throws {WalPoisonedError} When an earlier write or barrier failed.
   * @throws {WalCorruptionError} While iterating, when a record was damaged since the log was opened.
   *
   * @example
   * ```ts
   * import { SimulatedFileSystem, Wal } from "../../mod.ts";
   *
   * const wal = Wal.open(new SimulatedFileSystem(), "/");
   * wal.append(new Uint8Array(5));
   * console.log([...wal.records()].length); // 1
   * ```
   */
  records(from: number = this.#front): IterableIterator<Uint8Array> {
    this.#requireUsable("read");
    requireInteger("from", from, { from: 0, to: Number.MAX_SAFE_INTEGER });
    return this.#iterate(from, this.lastLsn);
  }

  /**
   * One record.
   *
   * @param lsn Its LSN.
   * @returns Its bytes, or `undefined` when it is forgotten or was never appended.
   * @throws {WalPoisonedError} When an earlier write or barrier failed.
   * @throws {WalCorruptionError} When it was damaged since the log was opened.
   *
   * @example
   * ```ts
   * import { SimulatedFileSystem, Wal } from "../../mod.ts";
   *
   * const wal = Wal.open(new SimulatedFileSystem(), "/");
   * const lsn = wal.append(new Uint8Array(5));
   * console.log(wal.read(lsn)?.length, wal.read(lsn + 1)); // 5 undefined
   * ```
   */
  read(lsn: number): Uint8Array | undefined {
    this.#requireUsable("read");
    if (!Number.isInteger(lsn) || lsn < this.#front || lsn > this.lastLsn) return undefined;
    this.#attempt(() => this.#write());
    const frames = this.#frames(this.#segmentOf(lsn), { from: lsn, readAhead: LOOKUP_BYTES });
    const { value } = frames.next();
    frames.return(undefined); // closes the file
    return value;
  }

  /**
   * Forgets all records below an LSN, durably: they do not come back, whatever happens. Everything
   * appended so far becomes durable, too. Files that hold forgotten records only are removed.
   *
   * @param lsn The oldest record to keep; one more than `lastLsn` forgets all.
   * @throws {RangeError} When `lsn` lies beyond that.
   * @throws {WalPoisonedError} When an earlier write or barrier failed.
   * @throws {FileSystemError} When this one fails. Whether they are forgotten is then unknown.
   *
   * @example
   * ```ts
   * import { SimulatedFileSystem, Wal } from "../../mod.ts";
   *
   * const wal = Wal.open(new SimulatedFileSystem(), "/");
   * wal.appendBatch([new Uint8Array(5), new Uint8Array(7)]);
   * wal.truncateFront(2);
   * console.log(wal.firstLsn, [...wal.records()].length); // 2 1
   * ```
   */
  truncateFront(lsn: number): void {
    this.#requireUsable("truncate");
    requireInteger("lsn", lsn, { from: 0, to: this.#nextLsn });
    if (lsn <= this.#front) return;
    this.#attempt(() => {
      this.#seal();
      this.#create(lsn);
    });
  }

  /**
   * Makes every record durable and gives the files back. After a failure it only gives them back. A
   * log that was closed is opened again without a barrier.
   *
   * @throws {FileSystemError} When that fails. The log is closed all the same.
   *
   * @example
   * ```ts
   * import { SimulatedFileSystem, Wal } from "../../mod.ts";
   *
   * const wal = Wal.open(new SimulatedFileSystem(), "/");
   * wal.close();
   * ```
   */
  close(): void {
    if (this.#closed) return;
    try {
      if (this.#failure === undefined) {
        this.#attempt(() => {
          this.#barrier();
          this.#writer?.cutZeros();
          this.#writer?.settle();
        });
      }
    } finally {
      this.#closed = true;
      this.#writer?.close();
    }
  }

  /** Closes the log at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  #requireUsable(action: string): void {
    if (this.#closed) throw new Error(`Cannot ${action}: the log is closed`);
    if (this.#failure !== undefined) throw new WalPoisonedError(action, this.#failure.cause);
  }

  #requireLength(record: Uint8Array): void {
    const { maxRecordBytes } = this.#options;
    if (record.length <= maxRecordBytes) return;
    throw new RangeError(
      `Cannot append ${record.length} bytes: a record has at most ${maxRecordBytes}`,
    );
  }

  /** Does what changes the disk; when it fails, nothing else will be tried. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.#failure = { cause };
      this.#group.fail(cause);
      throw cause;
    }
  }

  /** Ends the present segment when so many bytes do not fit in. */
  #makeRoom(bytes: number): void {
    if (this.#current === undefined) return;
    const used = this.#current.end - FRAMES_OFFSET;
    if (used > 0 && used + bytes > this.#options.segmentBytes) this.#seal();
  }

  #push(record: Uint8Array, continues: boolean): void {
    const segment = this.#current ??= this.#begin();
    const lsn = this.#nextLsn++;
    segment.note(lsn, segment.end);
    segment.end += FRAME_HEADER_BYTES + record.length;
    segment.nextLsn = this.#nextLsn;
    this.#buffer.push(record, { segment: segment.number, lsn, continues });
  }

  /** Begins the next segment in memory; its file is created when there is something to write. */
  #begin(): Segment {
    const number = (this.#segments.at(-1)?.number ?? 0) + 1;
    if (number > SEGMENT_NUMBER_MAX) throw new Error(`Cannot begin segment ${number}: too many`);
    const segment = new Segment(number, this.#nextLsn);
    this.#segments.push(segment);
    return segment;
  }

  /** Hands everything appended to the file system. Not a barrier for it. */
  #write(): void {
    if (this.#buffer.length === 0) return;
    if (this.#writer === undefined) this.#create(this.#front);
    this.#writer!.write(this.#buffer.bytes);
    this.#buffer.clear();
  }

  #barrier(): void {
    const lsn = this.lastLsn;
    this.#write();
    if (this.#durableLsn < lsn) this.#writer!.sync(lsn);
    this.#durableLsn = lsn;
    this.#group.settle(lsn);
  }

  /** Makes the present segment durable and ends it. */
  #seal(): void {
    this.#barrier();
    this.#writer?.cutZeros();
    this.#writer?.close();
    this.#writer = undefined;
    this.#current = undefined;
  }

  /**
   * Creates the file of the present segment. Its header makes two things durable: where the segment
   * before ends, and which records are forgotten. Only then may files be removed; that needs no
   * barrier, because a file that comes back holds forgotten records only, and recovery ignores it.
   */
  #create(front: number): void {
    const { number: segment, firstLsn } = this.#current ??= this.#begin();
    const previousEnd = this.#segments.at(-2)?.end ?? 0;
    this.#writer = SegmentWriter.create(
      this.#fs,
      this.#dir,
      { segment, firstLsn, front, previousEnd },
      { ...this.#options, unfinished: this.#unfinished === segment },
    );
    this.#unfinished = undefined;
    this.#front = front;
    while (this.#segments.length > 1 && this.#segments[1]!.firstLsn <= front) {
      this.#leftovers.push(this.#segments.shift()!.number);
    }
    for (const leftover of this.#leftovers) this.#fs.remove(segmentPath(this.#dir, leftover));
    this.#leftovers = [];
  }

  *#iterate(from: number, to: number): Generator<Uint8Array> {
    let next = from;
    while ((next = Math.max(next, this.#front)) <= to) {
      this.#requireUsable("read");
      this.#attempt(() => this.#write());
      const segment = this.#segmentOf(next);
      for (const record of this.#frames(segment, { from: next, readAhead: READ_AHEAD_BYTES })) {
        if (next >= this.#front) yield record;
        if (++next > to) return;
      }
    }
  }

  #segmentOf(lsn: number): Segment {
    return this.#segments.findLast(({ firstLsn }) => firstLsn <= lsn)!;
  }

  /** The records that a segment holds at this moment, from one on. */
  *#frames(
    segment: Segment,
    options: { readonly from: number; readonly readAhead: number },
  ): Generator<Uint8Array> {
    const { from, readAhead } = options;
    const path = segmentPath(this.#dir, segment.number);
    const last = segment.nextLsn - 1;
    const file = this.#fs.open(path);
    try {
      const place = segment.placeBefore(from);
      const reader = new FrameReader(file, { segment: segment.number, ...place });
      reader.limit = segment.end;
      reader.readAhead = readAhead;
      while (reader.lsn <= last) {
        if (reader.inspect() !== "good") {
          const { offset, lsn, fault } = reader;
          const reason = `${fault}, but it was whole when the log was opened or it was written`;
          throw new WalCorruptionError({
            path,
            segment: segment.number,
            offset,
            lsn,
            row: "K",
            reason,
          });
        }
        if (reader.lsn >= from) yield reader.record.slice();
        reader.advance();
      }
    } finally {
      file.close();
    }
  }
}
