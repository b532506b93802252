import { type FileHandle, type FileSystem, FileSystemError } from "../vfs/file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { writeFully } from "../vfs/write_fully.ts";
import { encodeMark } from "./durable_mark.ts";
import { FRAMES_OFFSET, MARK_OFFSET, segmentPath } from "./layout.ts";
import { encodeHeader, type SegmentHeader } from "./segment_header.ts";

/** How a segment is created. */
export interface CreateOptions {
  /** How far ahead of the frames the file is filled with zeros, in bytes. */
  readonly preallocateBytes: number;
  /** How many bytes of frames the segment will hold: zeros do not go beyond. */
  readonly segmentBytes: number;
  /** Whether a second barrier follows every first, for its mark. */
  readonly provenAcks: boolean;
  /**
   * A crash cut the creation of this segment short and left a file. It is replaced, never written
   * to: what did not persist of it may still lie on the media and show when the file grows again.
   */
  readonly unfinished: boolean;
}

/**
 * The newest segment, open for writing. No new frame ever goes into a file that another opening of
 * the log has written to: what a crash left behind stays behind.
 */
export class SegmentWriter {
  /** Where the next frame goes, in bytes. */
  end: number = FRAMES_OFFSET;
  readonly #file: FileHandle;
  readonly #segment: number;
  #preallocateBytes: number;
  readonly #provenAcks: boolean;
  readonly #full: number;
  /** How far the file is filled with frames or zeros. */
  #allocated = FRAMES_OFFSET;

  private constructor(file: FileHandle, segment: number, options: CreateOptions) {
    this.#file = file;
    this.#segment = segment;
    this.#preallocateBytes = options.preallocateBytes;
    this.#provenAcks = options.provenAcks;
    this.#full = FRAMES_OFFSET + options.segmentBytes;
  }

  /**
   * Creates the file of a segment, and makes header and name durable before anything else is
   * written to it. So a file with a bad header and more bytes behind it is damaged, while one that
   * ends with its header was never used.
   *
   * @param fs The disk.
   * @param dir The directory of the log.
   * @param header What the segment says about itself.
   * @param options How it is created.
   * @returns The segment, open for writing.
   */
  static create(
    fs: FileSystem,
    dir: string,
    header: SegmentHeader,
    options: CreateOptions,
  ): SegmentWriter {
    const { segment, firstLsn } = header;
    const path = segmentPath(dir, segment);
    if (options.unfinished) fs.remove(path);
    const file = fs.open(path, { write: true, createNew: true });
    const writer = new SegmentWriter(file, segment, options);
    try {
      writeFully(file, encodeHeader(header), 0);
      file.syncData();
      syncDirectory(fs, dir);
      writer.#mark(firstLsn - 1);
    } catch (error) {
      file.close();
      throw error;
    }
    return writer;
  }

  /**
   * Writes frames behind the others. Not a barrier.
   *
   * @param frames Whole frames.
   */
  write(frames: Uint8Array): void {
    writeFully(this.#file, frames, this.end);
    this.end += frames.length;
    if (this.end > this.#allocated) this.#preallocate();
  }

  /**
   * The barrier: everything written is durable when it returns. Then the mark says so; it is durable
   * itself with the next barrier.
   *
   * @param lsn LSN of the last record written.
   */
  sync(lsn: number): void {
    this.#file.syncData();
    this.#mark(lsn);
  }

  /** Makes the last mark durable, so that the next opening takes nothing for a torn tail. */
  settle(): void {
    this.#file.syncData();
  }

  /** Cuts off the zeros behind the frames. Not a barrier: whether they stay makes no difference. */
  cutZeros(): void {
    if (this.#allocated > this.end) this.#file.truncate(this.end);
    this.#allocated = this.end;
  }

  /** Gives the file back. Not a barrier. */
  close(): void {
    this.#file.close();
  }

  #mark(lsn: number): void {
    const mark = encodeMark({ segment: this.#segment, end: this.end, lsn });
    writeFully(this.#file, mark, MARK_OFFSET);
    if (this.#provenAcks) this.#file.syncData();
  }

  /**
   * Fills the file ahead with zeros. A barrier that need not record a new size is cheaper: about
   * half on ext4.
   */
  #preallocate(): void {
    const ahead = Math.min(this.end + this.#preallocateBytes, this.#full);
    this.#allocated = Math.max(this.end, ahead);
    if (ahead <= this.end) return;
    try {
      writeFully(this.#file, new Uint8Array(ahead - this.end), this.end);
    } catch (error) {
      // A disk too full for zeros may have room for frames; any other failure is one of the log.
      if (!(error instanceof FileSystemError && error.code === "ENOSPC")) throw error;
      this.#preallocateBytes = 0;
    }
  }
}
