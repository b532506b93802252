import { FRAMES_OFFSET } from "./layout.ts";

/** How far apart the places are that a segment remembers, in bytes. */
const STRIDE_BYTES = 64 * 1024;

/** Where a frame is. */
export interface FramePlace {
  /** LSN of its record. */
  readonly lsn: number;
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
}

/**
 * One segment as the open log knows it: its number, its records, and a sparse index of where they
 * are, one place for every 64 KiB.
 */
export class Segment {
  /** Number of the segment. */
  readonly number: number;
  /** LSN of the first record in it, or of the first that would be. */
  readonly firstLsn: number;
  /** Where its frames end, in bytes. */
  end: number = FRAMES_OFFSET;
  /** LSN of the first record behind it. */
  nextLsn: number;
  readonly #places: FramePlace[];

  /**
   * Describes a segment without any frame.
   *
   * @param number Number of the segment.
   * @param firstLsn LSN of the first record that goes into it.
   */
  constructor(number: number, firstLsn: number) {
    this.number = number;
    this.firstLsn = firstLsn;
    this.nextLsn = firstLsn;
    this.#places = [{ lsn: firstLsn, offset: FRAMES_OFFSET }];
  }

  /**
   * Remembers where a frame begins, unless a frame close by is remembered already.
   *
   * @param lsn LSN of its record.
   * @param offset Where it begins.
   */
  note(lsn: number, offset: number): void {
    const last = this.#places[this.#places.length - 1]!;
    if (offset - last.offset >= STRIDE_BYTES) this.#places.push({ lsn, offset });
  }

  /**
   * The nearest remembered place from which reading on leads to a record.
   *
   * @param lsn A record of this segment.
   * @returns A place at or before the record.
   */
  placeBefore(lsn: number): FramePlace {
    let low = 0;
    let high = this.#places.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#places[middle]!.lsn <= lsn) low = middle;
      else high = middle - 1;
    }
    return this.#places[low]!;
  }
}
