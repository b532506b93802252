/**
 * Where a log keeps the LSN of its oldest record that is not forgotten.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { type FileSystem, sometimes, syncDirectory, writeFully } from "../../mod.ts";
import { joinBytes, readBytes, readU32, u32Bytes } from "../zoo/frames.ts";

/** Keeps the front of a log. */
export interface Front {
  /** The LSN of the oldest record that is not forgotten. */
  readonly lsn: number;
  /** Makes a new front durable; where that fails, the old one or the new one counts. */
  save(lsn: number): void;
}

function readWhole(fs: FileSystem, path: string): Uint8Array {
  const file = fs.open(path);
  try {
    return readBytes(file, { offset: 0, length: file.size() });
  } finally {
    file.close();
  }
}

/** The front as digits of base 32 in one file, which is replaced: new file, barrier, rename, barrier. */
export class ReplacedFront implements Front {
  lsn: number;
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #cuts: boolean;

  /** Reads it. `cuts` tells whether a draft that was left over is cut before it is written again. */
  constructor(fs: FileSystem, dir: string, { cuts }: { readonly cuts: boolean }) {
    this.#fs = fs;
    this.#dir = dir;
    this.#cuts = cuts;
    const names = fs.list(dir);
    sometimes(names.includes("front.new"), "a draft of the front was left over");
    this.lsn = names.includes("front")
      ? parseInt(new TextDecoder().decode(readWhole(fs, `${dir}/front`)), 32)
      : 1;
    // What was read may be in the page cache only.
    if (this.lsn > 1) this.save(this.lsn);
  }

  save(lsn: number): void {
    sometimes(lsn >= 32, "the front has two digits");
    const path = `${this.#dir}/front.new`;
    const draft = this.#fs.open(path, { write: true, create: true, truncate: this.#cuts });
    try {
      writeFully(draft, new TextEncoder().encode(lsn.toString(32)), 0);
      draft.sync();
    } finally {
      draft.close();
    }
    this.#fs.rename(path, `${this.#dir}/front`);
    syncDirectory(this.#fs, this.#dir);
    this.lsn = lsn;
  }
}

/** The front in two files in turn, each with a generation and a checksum: the newer one counts. */
export class TwoSlotFront implements Front {
  lsn = 1;
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #countsAttempts: boolean;
  #generation = 0;

  /**
   * Reads it. `countsAttempts` tells whether an attempt that has failed counts, too, so that the
   * next one goes to the other slot.
   */
  constructor(
    fs: FileSystem,
    dir: string,
    { countsAttempts }: { readonly countsAttempts: boolean },
  ) {
    this.#fs = fs;
    this.#dir = dir;
    this.#countsAttempts = countsAttempts;
    const names = fs.list(dir);
    for (const slot of [0, 1]) {
      if (!names.includes(`front-${slot}`)) continue;
      const bytes = readWhole(fs, `${dir}/front-${slot}`);
      if (bytes.length !== 12 || crc32(bytes.subarray(0, 8)) !== readU32(bytes, 8)) continue;
      if (readU32(bytes, 0) <= this.#generation) continue;
      this.#generation = readU32(bytes, 0);
      this.lsn = readU32(bytes, 4);
    }
    // What was read may be in the page cache only. Written over in place, no crash can empty it.
    if (this.#generation > 0) this.#write(this.#generation, { lsn: this.lsn, truncate: false });
  }

  save(lsn: number): void {
    const generation = this.#generation + 1;
    if (this.#countsAttempts) this.#generation = generation;
    sometimes(generation > 2, "both slots of the front were used");
    try {
      this.#write(generation, { lsn, truncate: true });
    } catch (error) {
      sometimes(generation > 1, "the front could not be saved again");
      throw error;
    }
    this.#generation = generation;
    this.lsn = lsn;
  }

  #write(
    generation: number,
    { lsn, truncate }: { readonly lsn: number; readonly truncate: boolean },
  ): void {
    const path = `${this.#dir}/front-${generation % 2}`;
    const slot = this.#fs.open(path, { write: true, create: true, truncate });
    try {
      const fields = u32Bytes(generation, lsn);
      writeFully(slot, joinBytes(fields, u32Bytes(crc32(fields))), 0);
      slot.sync();
    } finally {
      slot.close();
    }
    syncDirectory(this.#fs, this.#dir);
  }
}
