/**
 * One file of records that each fill whole blocks of 4,096 bytes and end with a commit mark.
 *
 * METHOD. A record begins at a block with its length, its LSN and a checksum over these and the
 * payload. The last eight bytes of its last block are the mark: the LSN and the checksum once more.
 * A record whose mark or checksum is wrong ends the log; the file is cut there, and the cut is
 * synced.
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

const BLOCK_BYTES = 4096;
const HEAD_BYTES = 12;
const MARK_BYTES = 8;

/** Which rule is left out. Without one the log is sound. */
export interface BlockLogOptions {
  /** The cut is followed by a barrier. Default: `true`. */
  readonly syncCut?: boolean;
  /** The checksum is compared with the payload. Default: `true`. */
  readonly checked?: boolean;
}

function blocksBytes(payloadBytes: number): number {
  return Math.ceil((HEAD_BYTES + payloadBytes + MARK_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
}

class BlockLog implements OpenLog {
  readonly #file: FileHandle;
  readonly #checked: boolean;
  readonly #records: Uint8Array[] = [];
  #endBytes = 0;

  constructor(
    fs: FileSystem,
    { dir, syncCut = true, checked = true }: BlockLogOptions & { readonly dir: string },
  ) {
    this.#checked = checked;
    this.#file = fs.open(`${dir}/blocks`, { read: true, write: true, create: true });
    this.#read();
    this.#file.sync();
    if (this.#file.size() > this.#endBytes) {
      this.#file.truncate(this.#endBytes);
      if (syncCut) this.#file.sync();
    }
    syncDirectory(fs, dir);
  }

  append(record: Uint8Array): void {
    const lsn = this.#records.length + 1;
    const sum = checksum(u32Bytes(record.length, lsn), record);
    const head = u32Bytes(record.length, lsn, sum);
    const nextBytes = this.#endBytes + blocksBytes(record.length);
    writeFully(this.#file, joinBytes(head, record), this.#endBytes);
    writeFully(this.#file, u32Bytes(lsn, sum), nextBytes - MARK_BYTES);
    this.#endBytes = nextBytes;
    this.#records.push(record.slice());
  }

  sync(): void {
    this.#file.sync();
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  close(): void {
    this.#file.close();
  }

  #read(): void {
    const sizeBytes = this.#file.size();
    while (this.#endBytes + BLOCK_BYTES <= sizeBytes) {
      const head = readBytes(this.#file, { offset: this.#endBytes, length: HEAD_BYTES });
      const [length, lsn, sum] = [readU32(head, 0), readU32(head, 4), readU32(head, 8)];
      const nextBytes = this.#endBytes + blocksBytes(length);
      if (lsn !== this.#records.length + 1 || nextBytes > sizeBytes) return;
      const mark = readBytes(this.#file, { offset: nextBytes - MARK_BYTES, length: MARK_BYTES });
      if (readU32(mark, 0) !== lsn || readU32(mark, 4) !== sum) return;
      const payload = readBytes(this.#file, { offset: this.#endBytes + HEAD_BYTES, length });
      if (this.#checked && checksum(head.subarray(0, 8), payload) !== sum) return;
      this.#records.push(payload);
      this.#endBytes = nextBytes;
    }
  }
}

/**
 * The log of blocks. It acks on sync.
 *
 * @param name Shown in reports.
 * @param options Which rule is left out.
 * @returns The log as the harness sees it.
 */
export function blockLog(name: string, options: BlockLogOptions = {}): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "sync",
    open: (fs, dir) => new BlockLog(fs, { dir, ...options }),
  });
}
