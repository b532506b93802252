/**
 * A log of one file. Each frame is the length of its record (4 bytes), a checksum (4 bytes) and the
 * record. Change it into your own log, or wrap your own log in the object at the end.
 *
 *   deno task check MODULE                     every crash of some fifty workloads
 *   deno task check MODULE --html page.html    the smallest crash that breaks it, drawn
 *   deno task mutants MODULE                   which of its barriers would be missed
 */
import crc32 from "crc-32";
import {
  type DecodedPiece,
  type FileHandle,
  type FileSystem,
  type LogUnderTest,
  syncDirectory,
  writeFully,
} from "../../mod.ts";

const HEADER_BYTES = 8;

/** An open log. */
interface Log {
  readonly file: FileHandle;
  readonly records: Uint8Array[];
  /** Where the next frame goes, in bytes. */
  end: number;
}

/** Recovers what is there: whole frames from the start, up to the first that is not whole. */
function open(fs: FileSystem, dir: string): Log {
  const bytes = fs.list(dir).includes("log") ? readAll(fs, `${dir}/log`) : new Uint8Array();
  const records: Uint8Array[] = [];
  let end = 0;
  for (const { record, offset, length } of framesOf(bytes)) {
    records.push(record);
    end = offset + length;
  }
  // What is shown must last, and what was read may be in the page cache only: after a barrier that
  // failed it counts as clean there, and no barrier writes it any more. So it is written anew, without
  // a torn end, and takes the place of the log once it is durable.
  const file = fs.open(`${dir}/draft`, { write: true, create: true, truncate: true });
  writeFully(file, bytes.subarray(0, end), 0);
  file.sync();
  fs.rename(`${dir}/draft`, `${dir}/log`);
  // A new name is durable only when its directory has been synced.
  syncDirectory(fs, dir);
  return { file, records, end };
}

/** A read may give less than it was asked for; that is not the end of the file. */
function readAll(fs: FileSystem, path: string): Uint8Array<ArrayBuffer> {
  const file = fs.open(path);
  const bytes = new Uint8Array(file.size());
  for (let done = 0; done < bytes.length;) {
    const count = file.read(bytes.subarray(done), done);
    if (count === 0) throw new Error(`"${path}" ends after ${done} of ${bytes.length} bytes`);
    done += count;
  }
  file.close();
  return bytes;
}

/** Writes one frame; after the barrier, and not before, the record is durable. */
function append(log: Log, record: Uint8Array): void {
  const frame = new Uint8Array(HEADER_BYTES + record.length);
  const header = new DataView(frame.buffer);
  header.setUint32(0, record.length);
  header.setUint32(4, checksumOf(record));
  frame.set(record, HEADER_BYTES);
  writeFully(log.file, frame, log.end);
  log.file.sync();
  log.end += frame.length;
  log.records.push(record);
}

function* framesOf(bytes: Uint8Array) {
  const header = new DataView(bytes.buffer);
  for (let offset = 0; offset + HEADER_BYTES <= bytes.length;) {
    const length = HEADER_BYTES + header.getUint32(offset);
    const record = bytes.slice(offset + HEADER_BYTES, offset + length);
    const isWhole = offset + length <= bytes.length &&
      header.getUint32(offset + 4) === checksumOf(record);
    if (!isWhole) return;
    yield { record, offset, length };
    offset += length;
  }
}

/** Never 0, so that zeros are not a frame of an empty record. */
function checksumOf(record: Uint8Array): number {
  return ~crc32.buf(record) >>> 0 || 1;
}

/** For the pictures: what the bytes of the file mean. */
function decode(_path: string, bytes: Uint8Array): DecodedPiece[] {
  return Array.from(framesOf(bytes), ({ record, offset, length }) => ({
    offset,
    length,
    label: `record of ${record.length} bytes`,
    ok: true,
  }));
}

const log: LogUnderTest<Log> = {
  name: "my log",
  acks: "append",
  open,
  append,
  records: ({ records }) => records,
  close: ({ file }) => file.close(),
  decode,
};

export default log;
