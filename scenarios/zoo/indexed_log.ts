/**
 * Payloads in one file, an index of them in another.
 *
 * METHOD. `data` holds payloads without checksums. `index` holds one entry of 16 bytes for each:
 * LSN, offset, length, checksum of these three. A record is in the log when its entry is. The
 * payload is durable before its entry is written, so an entry always points to what it promises.
 * `open` cuts the index behind its last valid entry; payloads that no entry points to are
 * overwritten.
 *
 * @module
 */
import {
  type FileHandle,
  type FileSystem,
  type LogUnderTest,
  syncDirectory,
  writeFully,
} from "../../mod.ts";
import { checksum, joinBytes, readBytes, readU32, u32Bytes } from "./frames.ts";
import { logUnderTest, type OpenLog } from "./open_log.ts";

const ENTRY_BYTES = 16;

class IndexedLog implements OpenLog {
  readonly #data: FileHandle;
  readonly #index: FileHandle;
  readonly #dataFirst: boolean;
  readonly #records: Uint8Array[] = [];
  #endBytes = 0;

  constructor(
    fs: FileSystem,
    { dir, dataFirst }: { readonly dir: string; readonly dataFirst: boolean },
  ) {
    this.#dataFirst = dataFirst;
    this.#data = fs.open(`${dir}/data`, { read: true, write: true, create: true });
    this.#index = fs.open(`${dir}/index`, { read: true, write: true, create: true });
    this.#readIndex();
    const indexBytes = this.#records.length * ENTRY_BYTES;
    if (this.#index.size() > indexBytes) this.#index.truncate(indexBytes);
    this.#index.sync();
    syncDirectory(fs, dir);
  }

  append(record: Uint8Array): void {
    if (this.#dataFirst) this.#writeData(record);
    this.#writeEntry(record);
    if (!this.#dataFirst) this.#writeData(record);
    this.#endBytes += record.length;
    this.#records.push(record.slice());
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  close(): void {
    this.#data.close();
    this.#index.close();
  }

  #writeData(record: Uint8Array): void {
    writeFully(this.#data, record, this.#endBytes);
    this.#data.sync();
  }

  #writeEntry(record: Uint8Array): void {
    const fields = u32Bytes(this.#records.length + 1, this.#endBytes, record.length);
    const entry = joinBytes(fields, u32Bytes(checksum(fields)));
    writeFully(this.#index, entry, this.#records.length * ENTRY_BYTES);
    this.#index.sync();
  }

  #readIndex(): void {
    for (;;) {
      const offset = this.#records.length * ENTRY_BYTES;
      const entry = readBytes(this.#index, { offset, length: ENTRY_BYTES });
      if (entry.length < ENTRY_BYTES) return;
      if (readU32(entry, 12) !== checksum(entry.subarray(0, 12))) return;
      if (readU32(entry, 0) !== this.#records.length + 1) return;
      const length = readU32(entry, 8);
      this.#records.push(readBytes(this.#data, { offset: readU32(entry, 4), length }));
      this.#endBytes = readU32(entry, 4) + length;
    }
  }
}

/**
 * The log with an index. It acks on append.
 *
 * @param name Shown in reports.
 * @param options Whether the payload is durable before its entry is. Default: it is.
 * @returns The log as the harness sees it.
 */
export function indexedLog(
  name: string,
  { dataFirst = true }: { readonly dataFirst?: boolean } = {},
): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "append",
    open: (fs, dir) => new IndexedLog(fs, { dir, dataFirst }),
  });
}
