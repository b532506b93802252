/**
 * The log that everybody writes first: a length, the bytes, again and again; read back from the
 * start. It has six faults. Each can be fixed alone, so that each can be seen alone.
 *
 * METHOD. `append` writes the length of the record and then the record to the end of one file.
 * `sync` should make both durable. `open` reads record after record until the file ends.
 *
 * ```text
 *   append ──▶ page cache ──▶ media
 *              a reader sees   a power loss
 *              this            leaves this
 * ```
 *
 * With no fix the log passes every test that only opens it again ({@linkcode reopens} in
 * `reopens.ts` is such a test). With all six it loses nothing that it has promised.
 *
 * @module
 */
import CRC32 from "crc-32";
import {
  type DecodedPiece,
  type FileHandle,
  type FileSystem,
  type LogUnderTest,
  syncDirectory,
  writeFully,
} from "../mod.ts";

/** The six repairs. One that is left out is not made. */
export interface NaiveFixes {
  /** `sync` calls `fsync`. Without: the write is taken for durable once it has been "flushed". */
  readonly fsync?: boolean;
  /** A checksum over length and bytes stands before each record. Without: any bytes are a record. */
  readonly checksum?: boolean;
  /** What follows the last whole record is cut, durably. Without: appends go behind it. */
  readonly cutTail?: boolean;
  /** A length that the file does not have room for ends the log. Without: it is trusted. */
  readonly checkLength?: boolean;
  /** The directory is synced when the log is opened. Without: the file may lose its name. */
  readonly syncDirectory?: boolean;
  /** Records are durable before `open` shows them. Without: what was read is taken for durable. */
  readonly syncShown?: boolean;
}

/** All six repairs. */
export const allFixes: Required<NaiveFixes> = {
  fsync: true,
  checksum: true,
  cutTail: true,
  checkLength: true,
  syncDirectory: true,
  syncShown: true,
};

class NaiveLog {
  readonly #file: FileHandle;
  readonly #fixes: NaiveFixes;
  readonly #headerBytes: 4 | 8;
  readonly #records: Uint8Array[] = [];
  #endBytes = 0;

  constructor(
    fs: FileSystem,
    { dir, fixes }: { readonly dir: string; readonly fixes: NaiveFixes },
  ) {
    this.#fixes = fixes;
    this.#headerBytes = fixes.checksum ? 8 : 4;
    this.#file = fs.open(`${dir}/log`, { read: true, write: true, create: true });
    const sizeBytes = this.#file.size();
    this.#read(sizeBytes);
    if (this.#endBytes < sizeBytes) this.#settleTail(sizeBytes);
    if (fixes.syncShown) this.#file.sync();
    if (fixes.syncDirectory) syncDirectory(fs, dir);
  }

  append(record: Uint8Array): void {
    const header = this.#header(record);
    writeFully(this.#file, header, this.#endBytes);
    writeFully(this.#file, record, this.#endBytes + header.length);
    this.#endBytes += header.length + record.length;
    this.#records.push(record.slice());
  }

  sync(): void {
    if (this.#fixes.fsync) this.#file.sync();
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  close(): void {
    this.#file.close();
  }

  #header(record: Uint8Array): Uint8Array {
    const header = new Uint8Array(this.#headerBytes);
    const view = new DataView(header.buffer);
    view.setUint32(0, record.length, true);
    if (this.#fixes.checksum) {
      view.setInt32(4, CRC32.buf(record, CRC32.buf(header.subarray(0, 4))), true);
    }
    return header;
  }

  #read(sizeBytes: number): void {
    const bytes = new ArrayBuffer(sizeBytes);
    while (this.#endBytes + this.#headerBytes <= sizeBytes) {
      const header = new Uint8Array(bytes, this.#endBytes, this.#headerBytes);
      this.#fill(header, this.#endBytes);
      const length = new DataView(bytes).getUint32(this.#endBytes, true);
      const start = this.#endBytes + this.#headerBytes;
      if (this.#fixes.checkLength && start + length > sizeBytes) return;
      const record = new Uint8Array(bytes, start, length);
      this.#fill(record, start);
      if (this.#fixes.checksum && !equals(header, this.#header(record))) return;
      this.#records.push(record.slice());
      this.#endBytes = start + length;
    }
  }

  #fill(into: Uint8Array, offset: number): void {
    for (let done = 0; done < into.length;) {
      const more = this.#file.read(into.subarray(done), offset + done);
      if (more === 0) return;
      done += more;
    }
  }

  /** Decides where the next record goes, when bytes follow the last whole one. */
  #settleTail(sizeBytes: number): void {
    if (this.#fixes.cutTail) {
      this.#file.truncate(this.#endBytes);
      this.#file.sync();
    } else {
      this.#endBytes = sizeBytes;
    }
  }
}

function equals(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}

/**
 * The naive log with some of its faults fixed.
 *
 * @param fixes The repairs. With none it is the naive log, with {@linkcode allFixes} it holds.
 * @param name Shown in reports. Default: `"naive log"`.
 * @returns The log as the harness sees it. It acks on sync.
 *
 * @example
 * ```ts
 * import { naiveLog } from "./naive_log.ts";
 *
 * console.log(naiveLog({ fsync: true, checksum: true }).acks); // sync
 * ```
 */
export function naiveLog(fixes: NaiveFixes, name = "naive log"): LogUnderTest<NaiveLog> {
  return {
    name,
    acks: "sync",
    open: (fs, dir) => new NaiveLog(fs, { dir, fixes }),
    append: (log, record) => log.append(record),
    sync: (log) => log.sync(),
    records: (log) => log.records(),
    close: (log) => log.close(),
    decode: (_path, bytes) => pieces(bytes, fixes),
  };
}

/** What the log makes of the bytes of its file. It believes every length, and so does this. */
function* pieces(bytes: Uint8Array, { checksum }: NaiveFixes): Generator<DecodedPiece> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerBytes = checksum ? 8 : 4;
  let number = 1;
  for (let offset = 0; offset < bytes.length; number++) {
    if (offset + headerBytes > bytes.length) {
      yield { offset, length: bytes.length - offset, label: "half a length", ok: false };
      return;
    }
    const length = view.getUint32(offset, true);
    const start = offset + headerBytes;
    const found = bytes.subarray(start, start + length);
    const isWhole = found.length === length;
    const sum = checksum ? CRC32.buf(found, CRC32.buf(bytes.subarray(offset, offset + 4))) : 0;
    const isSound = isWhole && (!checksum || sum === view.getInt32(offset + 4, true));
    const label = `length ${length}${checksum ? " and checksum" : ""}`;
    yield { offset, length: headerBytes, label, ok: isSound };
    if (found.length > 0) {
      const start = found.subarray(0, 4).toHex().replaceAll(/..(?=.)/g, "$& ");
      const label = `record ${number}: ${start}${found.length > 4 ? " …" : ""}`;
      yield { offset: offset + headerBytes, length: found.length, label, ok: isSound };
    }
    offset = start + length;
  }
}

/** The naive log with all six faults. */
const naive: LogUnderTest = naiveLog({});
export default naive;
