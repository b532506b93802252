/**
 * A log on asynchronous I/O: appends that come in while a barrier is under way share the next one
 * (group commit). File calls that are under way together complete in several orders, and callers
 * overtake one another: the order that breaks a log is part of the finding.
 *
 *   deno task check MODULE                     every crash, in up to 128 orders of each workload
 *   deno task check MODULE --schedules 1000
 */
import crc32 from "crc-32";
import { type AsyncFileHandle, type FileSystem, type LogUnderTest, promised } from "../../mod.ts";

const HEADER_BYTES = 8;

/** Each frame is the length of its record (4 bytes), a checksum (4 bytes) and the record. */
class GroupLog {
  readonly records: Uint8Array[] = [];
  readonly #file: AsyncFileHandle;
  #end = 0;
  readonly #waiting: Uint8Array[] = [];
  /** The group that is under way, and the one that can still be joined. */
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(file: AsyncFileHandle) {
    this.#file = file;
  }

  static async open(fs: FileSystem, dir: string): Promise<GroupLog> {
    const disk = promised(fs);
    const file = await disk.open(`${dir}/log`, { read: true, write: true, create: true });
    const directory = await disk.open(dir);
    await directory.sync();
    await directory.close();
    const log = new GroupLog(file);
    await log.#recover();
    return log;
  }

  /** Reads frame by frame: what lies behind a torn frame is never looked at. */
  async #recover(): Promise<void> {
    const size = await this.#file.size();
    for (let frame; (frame = await this.#readFrame(size)) !== undefined;) {
      this.records.push(frame.subarray(HEADER_BYTES));
      this.#end += frame.length;
    }
    if (this.#end < size) await this.#file.truncate(this.#end);
    // What is shown must last.
    await this.#file.sync();
  }

  /** The frame at the end of what is recovered so far; `undefined` when there is no whole one. */
  async #readFrame(size: number): Promise<Uint8Array | undefined> {
    if (this.#end + HEADER_BYTES > size) return undefined;
    const header = new Uint8Array(HEADER_BYTES);
    await this.#file.read(header, this.#end);
    const length = HEADER_BYTES + new DataView(header.buffer).getUint32(0);
    if (this.#end + length > size) return undefined;
    const frame = new Uint8Array(length);
    await this.#file.read(frame, this.#end);
    const isWhole = frameOf(frame.subarray(HEADER_BYTES)).every((byte, i) => byte === frame[i]);
    return isWhole ? frame : undefined;
  }

  /** Resolves when the record is durable: one barrier serves all that came in during the last one. */
  append(record: Uint8Array): Promise<void> {
    this.#waiting.push(frameOf(record));
    this.records.push(record);
    return this.#next ??= this.#last = this.#last.then(() => this.#commit());
  }

  async #commit(): Promise<void> {
    this.#next = undefined;
    for (const frame of this.#waiting.splice(0)) {
      for (let done = 0; done < frame.length;) {
        done += await this.#file.write(frame.subarray(done), this.#end + done);
      }
      this.#end += frame.length;
    }
    // After the writes have returned: a barrier covers no write that is still under way.
    await this.#file.sync();
  }
}

/** The checksum is never 0, so that zeros are not a frame of an empty record. */
function frameOf(record: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + record.length);
  const header = new DataView(frame.buffer);
  header.setUint32(0, record.length);
  header.setUint32(4, ~crc32.buf(record) >>> 0 || 1);
  frame.set(record, HEADER_BYTES);
  return frame;
}

const log: LogUnderTest<GroupLog> = {
  name: "my asynchronous log",
  acks: "append",
  open: (fs, dir) => GroupLog.open(fs, dir),
  append: (log, record) => log.append(record),
  records: ({ records }) => records,
};

export default log;
