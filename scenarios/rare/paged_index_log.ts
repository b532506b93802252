/**
 * A log of two files: the records one after the other, and an index in pages that says where each is.
 *
 * METHOD. An entry of the index is the offset of a record in `data`, its length, and the CRC-32 of
 * these two and of the record: 12 bytes. A page of the index has 512 bytes, and so room for 42
 * entries; the rest stays NUL. A sync makes the data durable first, then writes the entries of the new
 * records, then makes the index durable: what the index names is there. `open` reads entries up to
 * the first that does not check, and writes both files anew under other names, which take their
 * places, the data first: each record stays where it was, so that either index fits either data.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import {
  type FileHandle,
  type FileSystem,
  type LogUnderTest,
  sometimes,
  syncDirectory,
  writeFully,
} from "../../mod.ts";
import { joinBytes, readBytes, readU32, replaceFile, u32Bytes } from "../zoo/frames.ts";
import { logUnderTest, type OpenLog } from "../zoo/open_log.ts";

const PAGE_BYTES = 512;
const ENTRY_BYTES = 12;
const PAGE_ENTRIES = Math.floor(PAGE_BYTES / ENTRY_BYTES);

function placeOf(entry: number): number {
  return Math.floor(entry / PAGE_ENTRIES) * PAGE_BYTES + entry % PAGE_ENTRIES * ENTRY_BYTES;
}

class PagedIndexLog implements OpenLog {
  readonly #records: Uint8Array[] = [];
  #data!: FileHandle;
  #index!: FileHandle;
  /** Where the index goes on. */
  #next = 0;
  #endBytes = 0;
  #synced = 0;
  #failure: unknown;

  constructor(
    fs: FileSystem,
    { dir, overlooksFullPage }: { readonly dir: string; readonly overlooksFullPage: boolean },
  ) {
    const names = fs.list(dir);
    if (names.includes("data") && names.includes("index")) {
      const data = fs.open(`${dir}/data`);
      const index = fs.open(`${dir}/index`);
      try {
        this.#read(data, index);
      } finally {
        data.close();
        index.close();
      }
    }
    replaceFile(fs, `${dir}/data`, joinBytes(...this.#records));
    replaceFile(fs, `${dir}/index`, this.#encodeIndex());
    syncDirectory(fs, dir);
    this.#data = fs.open(`${dir}/data`, { read: true, write: true });
    this.#index = fs.open(`${dir}/index`, { read: true, write: true });
    this.#synced = this.#records.length;
    const last = this.#synced - 1;
    // Behind the last entry, also where that is the last of its page.
    this.#next = overlooksFullPage && last >= 0
      ? placeOf(last) + ENTRY_BYTES
      : placeOf(this.#synced);
    sometimes(this.#synced > PAGE_ENTRIES, "the index has several pages");
  }

  append(record: Uint8Array): void {
    this.#requireSound();
    this.#orFail(() => writeFully(this.#data, record, this.#endBytes));
    this.#endBytes += record.length;
    this.#records.push(record.slice());
  }

  sync(): void {
    this.#requireSound();
    this.#orFail(() => {
      this.#data.sync();
      let offset = this.#records.slice(0, this.#synced).reduce(
        (sum, { length }) => sum + length,
        0,
      );
      for (const record of this.#records.slice(this.#synced)) {
        writeFully(this.#index, entryOf(record, offset), this.#next);
        offset += record.length;
        this.#synced++;
        this.#next += ENTRY_BYTES;
        if (this.#synced % PAGE_ENTRIES === 0) this.#next = placeOf(this.#synced);
      }
      this.#index.sync();
    });
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  close(): void {
    this.#data.close();
    this.#index.close();
  }

  #requireSound(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #orFail(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #read(data: FileHandle, index: FileHandle): void {
    for (let i = 0;; i++) {
      const entry = readBytes(index, { offset: placeOf(i), length: ENTRY_BYTES });
      if (entry.length < ENTRY_BYTES || readU32(entry, 0) !== this.#endBytes) return;
      const length = readU32(entry, 4);
      if (this.#endBytes + length > data.size()) return;
      const record = readBytes(data, { offset: this.#endBytes, length });
      if (crc32(record, crc32(entry.subarray(0, 8))) !== readU32(entry, 8)) return;
      this.#records.push(record);
      this.#endBytes += length;
    }
  }

  #encodeIndex(): Uint8Array {
    const bytes = new Uint8Array(placeOf(this.#records.length));
    let offset = 0;
    for (const [i, record] of this.#records.entries()) {
      bytes.set(entryOf(record, offset), placeOf(i));
      offset += record.length;
    }
    return bytes;
  }
}

function entryOf(record: Uint8Array, offset: number): Uint8Array {
  const fields = u32Bytes(offset, record.length);
  return joinBytes(fields, u32Bytes(crc32(record, crc32(fields))));
}

/**
 * The log with an index in pages. It acks on sync.
 *
 * @param name Shown in reports.
 * @param options Whether it overlooks, as it opens, that the last page of the index is full.
 * @returns The log as the harness sees it.
 */
export function pagedIndexLog(
  name: string,
  { overlooksFullPage = false }: { readonly overlooksFullPage?: boolean } = {},
): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "sync",
    open: (fs, dir) => new PagedIndexLog(fs, { dir, overlooksFullPage }),
  });
}
