import { type FileHandle, type FileSystem, FileSystemError } from "../vfs/file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { writeFully } from "../vfs/write_fully.ts";
import type { LogUnderTest } from "./subject.ts";

/** How a log treats calls that fail; each of them is a mistake. */
export interface Carelessness {
  /** A barrier that fails is called once more, and then it succeeds. */
  readonly retriesBarriers?: boolean;
  /** After a failure it goes on as if nothing had happened. */
  readonly goesOn?: boolean;
  /** A write is taken to be whole. */
  readonly ignoresShortWrites?: boolean;
  /** A read is taken to be whole. */
  readonly ignoresShortReads?: boolean;
  /** A write that fails for want of space is nothing to worry about. */
  readonly ignoresFullDisk?: boolean;
  /** What cannot be read is not there. */
  readonly ignoresUnreadable?: boolean;
  /** A barrier that fails while it recovers is nothing to worry about. */
  readonly ignoresRecovery?: boolean;
  /** A barrier that fails while it recovers makes it write everything anew, but only once. */
  readonly ignoresSecondFailure?: boolean;
  /** What is in the page cache is taken to be durable once a barrier has returned. */
  readonly trustsCache?: boolean;
}

interface Careful {
  readonly file: FileHandle;
  readonly records: readonly Uint8Array[];
  end: number;
  broken: boolean;
}

/** Length and check sum of a record. */
const HEADER_BYTES = 8;

/**
 * A log for tests of call faults: one file, which every opening writes anew, so that nothing depends
 * on what the page cache holds. After a failure it takes nothing more until it is opened again.
 */
export function carefulLog(name: string, careless: Carelessness = {}): LogUnderTest<Careful> {
  return {
    name,
    acks: "sync",
    open: (fs, dir) => open(fs, dir, careless),
    append(log, record) {
      const frame = new Uint8Array(HEADER_BYTES + record.length);
      const view = new DataView(frame.buffer);
      view.setUint32(0, record.length + 1);
      view.setUint32(4, sumOf(record));
      frame.set(record, HEADER_BYTES);
      attempt(log, careless, () => write(log.file, frame, log.end, careless));
      log.end += frame.length;
    },
    sync: (log) => attempt(log, careless, () => barrier(log.file, careless)),
    records: (log) => log.records,
    close: (log) => log.file.close(),
  };
}

function open(fs: FileSystem, dir: string, careless: Carelessness): Careful {
  const names = fs.list(dir);
  const isThere = names.includes("log");
  const records = isThere ? read(fs, `${dir}/log`, careless) : [];
  if (careless.trustsCache && isThere) {
    const file = fs.open(`${dir}/log`, { read: true, write: true });
    const end = records.reduce((total, { length }) => total + HEADER_BYTES + length, 0);
    file.truncate(end);
    file.sync();
    syncDirectory(fs, dir);
    return { file, records, end, broken: false };
  }
  const file = fs.open(`${dir}/new`, { write: true, create: true, truncate: true });
  const log: Careful = { file, records, end: 0, broken: false };
  writeAll(log, careless);
  try {
    barrier(file, careless);
  } catch (error) {
    if (careless.ignoresSecondFailure) {
      writeAll(log, careless);
      try {
        barrier(file, careless);
      } catch { /* that was enough */ }
    } else if (!careless.ignoresRecovery) throw error;
  }
  fs.rename(`${dir}/new`, `${dir}/log`);
  syncDirectory(fs, dir);
  return log;
}

function writeAll(log: Careful, careless: Carelessness): void {
  log.end = 0;
  const self = carefulLog("", careless);
  for (const record of log.records) void self.append(log, record);
}

function read(fs: FileSystem, path: string, careless: Carelessness): Uint8Array[] {
  const file = fs.open(path);
  const bytes = new Uint8Array(file.size());
  try {
    for (let at = 0; at < bytes.length;) {
      const got = file.read(bytes.subarray(at), at);
      if (got === 0) throw new Error("The file has become shorter");
      at += careless.ignoresShortReads ? bytes.length : got;
    }
  } catch (error) {
    if (!careless.ignoresUnreadable) throw error;
  } finally {
    file.close();
  }
  const records: Uint8Array[] = [];
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const length = view.getUint32(at) - 1;
    const record = bytes.slice(at + HEADER_BYTES, at + HEADER_BYTES + length);
    if (length < 0 || record.length < length || view.getUint32(at + 4) !== sumOf(record)) break;
    records.push(record);
    at += HEADER_BYTES + length;
  }
  return records;
}

function attempt(log: Careful, careless: Carelessness, action: () => void): void {
  if (log.broken && !careless.goesOn) throw new Error("The log is broken: open it again");
  try {
    action();
  } catch (error) {
    log.broken = true;
    throw error;
  }
}

function write(file: FileHandle, bytes: Uint8Array, at: number, careless: Carelessness): void {
  try {
    if (careless.ignoresShortWrites) file.write(bytes, at);
    else writeFully(file, bytes, at);
  } catch (error) {
    const isFull = error instanceof FileSystemError && error.code === "ENOSPC";
    if (!isFull || !careless.ignoresFullDisk) throw error;
  }
}

function barrier(file: FileHandle, careless: Carelessness): void {
  try {
    file.sync();
  } catch (error) {
    if (!careless.retriesBarriers) throw error;
    file.sync();
  }
}

function sumOf(record: Uint8Array): number {
  let sum = 0x811c9dc5 ^ record.length;
  for (const byte of record) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}
