/**
 * Payloads without checksums, and a count that says how many of them are in the log. The count
 * stands at the head of the same file, or in a file of its own.
 *
 * METHOD. A record is length and bytes at the end of the payloads. It is in the log when the count
 * says so. The count is trusted, so the payload is durable before the count is written, and the
 * count before the record is acked. `open` reads the count and then exactly so many payloads;
 * whatever is behind them is overwritten.
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
import { type Count, readCount, SLOTS_END, writeCount } from "./count_slots.ts";
import { joinBytes, readBytes, readU32, u32Bytes } from "./frames.ts";
import { logUnderTest, type OpenLog } from "./open_log.ts";

/** Which barriers an append makes. The first choice is sound. */
export type Barriers = "payload, then count" | "payload only" | "both at the end";

interface CountedLogOptions {
  readonly dir: string;
  readonly barriers: Barriers;
  readonly files: 1 | 2;
}

class CountedLog implements OpenLog {
  readonly #payloads: FileHandle;
  readonly #head: FileHandle;
  readonly #barriers: Barriers;
  readonly #records: Uint8Array[] = [];
  #count: Count;

  constructor(fs: FileSystem, { dir, barriers, files }: CountedLogOptions) {
    const options = { read: true, write: true, create: true };
    this.#payloads = fs.open(`${dir}/payloads`, options);
    this.#head = files === 1 ? this.#payloads : fs.open(`${dir}/count`, options);
    this.#barriers = barriers;
    this.#count = readCount(this.#head) ?? { turn: 0, count: 0, endBytes: SLOTS_END };
    this.#readPayloads();
    this.#head.sync();
    syncDirectory(fs, dir);
  }

  append(record: Uint8Array): void {
    const bytes = joinBytes(u32Bytes(record.length), record);
    const { turn, count, endBytes } = this.#count;
    this.#count = { turn: turn + 1, count: count + 1, endBytes: endBytes + bytes.length };
    this.#records.push(record.slice());
    writeFully(this.#payloads, bytes, endBytes);
    if (this.#barriers !== "both at the end") this.#payloads.sync();
    writeCount(this.#head, this.#count);
    if (this.#barriers === "both at the end") this.#payloads.sync();
    if (this.#barriers !== "payload only") this.#head.sync();
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  close(): void {
    this.#payloads.close();
    if (this.#head !== this.#payloads) this.#head.close();
  }

  #readPayloads(): void {
    let offset = SLOTS_END;
    while (this.#records.length < this.#count.count) {
      const prefix = readBytes(this.#payloads, { offset, length: 4 });
      const length = prefix.length < 4 ? 0 : readU32(prefix, 0);
      const fits = Math.min(length, Math.max(0, this.#payloads.size() - offset - 4));
      this.#records.push(readBytes(this.#payloads, { offset: offset + 4, length: fits }));
      offset += 4 + fits;
    }
  }
}

/**
 * The log that counts its records. It acks on append.
 *
 * @param name Shown in reports.
 * @param options The number of files, and the barriers of an append. Default: the sound ones.
 * @returns The log as the harness sees it.
 */
export function countedLog(
  name: string,
  { files, barriers = "payload, then count" }: {
    readonly files: 1 | 2;
    readonly barriers?: Barriers;
  },
): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "append",
    open: (fs, dir) => new CountedLog(fs, { dir, files, barriers }),
  });
}
