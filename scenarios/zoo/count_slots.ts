/**
 * A count that changes in place and is never lost: two slots, written in turn.
 *
 * METHOD. Each slot lies in a sector of its own and holds a number that grows by one with every
 * write, the count, where the counted records end, and a checksum. A write goes to the slot that
 * does not hold the current count, so a crash in it leaves the current count alone. The reader
 * takes the valid slot with the higher number.
 *
 * @module
 */
import { type FileHandle, writeFully } from "../../mod.ts";
import { checksum, joinBytes, readBytes, readU32, u32Bytes } from "./frames.ts";

const SLOT_OFFSETS = [0, 4096] as const;
const SLOT_BYTES = 16;

/** The first offset behind both slots. */
export const SLOTS_END = 8192;

/** How many records there are. */
export interface Count {
  /** Grows by one with every write. */
  readonly turn: number;
  /** The number of records. */
  readonly count: number;
  /** Where they end, in bytes. */
  readonly endBytes: number;
}

/**
 * Reads the current count.
 *
 * @param file The file that begins with the slots.
 * @returns The count, or `undefined` when none was ever written.
 */
export function readCount(file: FileHandle): Count | undefined {
  let newest: Count | undefined;
  for (const offset of SLOT_OFFSETS) {
    const bytes = readBytes(file, { offset, length: SLOT_BYTES });
    if (bytes.length < SLOT_BYTES) continue;
    if (readU32(bytes, 12) !== checksum(bytes.subarray(0, 12))) continue;
    const turn = readU32(bytes, 0);
    if (newest === undefined || turn > newest.turn) {
      newest = { turn, count: readU32(bytes, 4), endBytes: readU32(bytes, 8) };
    }
  }
  return newest;
}

/**
 * Writes a count to the slot whose turn it is. Not a barrier.
 *
 * @param file The file that begins with the slots.
 * @param count The count; its `turn` is one more than that of the current one.
 */
export function writeCount(file: FileHandle, count: Count): void {
  const fields = u32Bytes(count.turn, count.count, count.endBytes);
  const offset = SLOT_OFFSETS[count.turn % 2] ?? 0;
  writeFully(file, joinBytes(fields, u32Bytes(checksum(fields))), offset);
}
