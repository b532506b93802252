/**
 * A log whose records move to a data file: every fourth append copies them there and empties the
 * log (a checkpoint).
 *
 * METHOD. A frame of the log holds the LSN of its record, the place of the record in the data file,
 * and the record. The data file begins with a header (number of records, where they end, checksum)
 * and then holds length and bytes of each record, without checksums: it is trusted, because every
 * write to it can be done again from the log. For that the log must be durable before the data file
 * is touched, and the data file before an empty log takes its place. `open` does the writes of the whole log
 * again. A header torn in a crash is rebuilt from the first frame of the log, which is there
 * whenever the header is being written.
 *
 * @module
 */
import { type FileHandle, type FileSystem, type LogUnderTest, writeFully } from "../../mod.ts";
import {
  checksum,
  encodeFrame,
  type FrameFile,
  joinBytes,
  openFrameFile,
  readBytes,
  readU32,
  replaceFile,
  u32Bytes,
} from "./frames.ts";
import { logUnderTest, type OpenLog } from "./open_log.ts";

const DATA_START = 4096;
const CHECKPOINT_APPENDS = 4;

interface Header {
  readonly count: number;
  readonly endBytes: number;
}

/** A record on its way from the log to the data file. */
interface Move {
  readonly lsn: number;
  readonly offset: number;
  readonly record: Uint8Array;
}

function readHeader(data: FileHandle): Header | undefined {
  const bytes = readBytes(data, { offset: 0, length: 12 });
  if (bytes.length < 12 || readU32(bytes, 8) !== checksum(bytes.subarray(0, 8))) return undefined;
  return { count: readU32(bytes, 0), endBytes: readU32(bytes, 4) };
}

function decodeMove(payload: Uint8Array): Move {
  return {
    lsn: readU32(payload, 0),
    offset: readU32(payload, 4),
    record: payload.subarray(8),
  };
}

class CheckpointedLog implements OpenLog {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #data: FileHandle;
  #log: FileHandle;
  readonly #logFirst: boolean;
  readonly #records: Uint8Array[] = [];
  #logEndBytes: number;
  #moves: Move[];
  #dataEndBytes = DATA_START;

  constructor(
    fs: FileSystem,
    { dir, logFirst }: { readonly dir: string; readonly logFirst: boolean },
  ) {
    this.#fs = fs;
    this.#dir = dir;
    this.#logFirst = logFirst;
    this.#data = fs.open(`${dir}/data`, { read: true, write: true, create: true });
    // Makes both names durable: the directory is synced after both files exist.
    const log: FrameFile = openFrameFile(fs, `${dir}/log`);
    this.#log = log.file;
    this.#logEndBytes = log.endBytes;
    this.#moves = log.payloads.map(decodeMove);
    this.#recover();
  }

  append(record: Uint8Array): void {
    const move = {
      lsn: this.#records.length + 1,
      offset: this.#dataEndBytes,
      record: record.slice(),
    };
    const frame = encodeFrame(joinBytes(u32Bytes(move.lsn, move.offset), record));
    writeFully(this.#log, frame, this.#logEndBytes);
    this.#logEndBytes += frame.length;
    this.#dataEndBytes += 4 + record.length;
    this.#moves.push(move);
    this.#records.push(move.record);
    if (this.#moves.length >= CHECKPOINT_APPENDS) this.#checkpoint();
  }

  sync(): void {
    this.#log.sync();
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  close(): void {
    this.#log.close();
    this.#data.close();
  }

  #recover(): void {
    const first = this.#moves[0];
    const start = readHeader(this.#data) ??
      { count: first === undefined ? 0 : first.lsn - 1, endBytes: first?.offset ?? DATA_START };
    const last = this.#moves.at(-1);
    const redone = last === undefined || last.lsn <= start.count
      ? start
      : { count: last.lsn, endBytes: last.offset + 4 + last.record.length };
    this.#dataEndBytes = redone.endBytes;
    // Where the log has all that the header counts, it is written anew, and not read before.
    const from = last === undefined || last.lsn < start.count ? Infinity : first!.offset;
    if (this.#data.size() > from) this.#data.truncate(from);
    if (this.#moves.length > 0) this.#moveToData(redone);
    let offset = DATA_START;
    for (let lsn = 1; lsn <= redone.count; lsn++) {
      const prefix = readBytes(this.#data, { offset, length: 4 });
      const room = Math.max(0, this.#data.size() - offset - 4);
      const length = prefix.length < 4 ? 0 : Math.min(readU32(prefix, 0), room);
      this.#records.push(readBytes(this.#data, { offset: offset + 4, length }));
      offset += 4 + length;
    }
  }

  #checkpoint(): void {
    if (this.#logFirst) this.#log.sync();
    this.#moveToData({ count: this.#records.length, endBytes: this.#dataEndBytes });
  }

  #moveToData(header: Header): void {
    const parts = this.#moves.flatMap(({ record }) => [u32Bytes(record.length), record]);
    writeFully(this.#data, joinBytes(...parts), this.#moves[0]?.offset ?? DATA_START);
    const fields = u32Bytes(header.count, header.endBytes);
    writeFully(this.#data, joinBytes(fields, u32Bytes(checksum(fields))), 0);
    this.#data.sync();
    this.#log.close();
    replaceFile(this.#fs, `${this.#dir}/log`, new Uint8Array());
    this.#log = this.#fs.open(`${this.#dir}/log`, { read: true, write: true });
    this.#logEndBytes = 0;
    this.#moves = [];
  }
}

/**
 * The log with checkpoints to a data file. It acks on sync.
 *
 * @param name Shown in reports.
 * @param options Whether the log is synced before the data file is touched. Default: it is.
 * @returns The log as the harness sees it.
 */
export function checkpointedLog(
  name: string,
  { logFirst = true }: { readonly logFirst?: boolean } = {},
): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "sync",
    open: (fs, dir) => new CheckpointedLog(fs, { dir, logFirst }),
  });
}
