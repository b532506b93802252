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
    const frames = (await disk.list(dir)).includes("log")
      ? await readFrames(await disk.open(`${dir}/log`))
      : [];
    // What is shown must last, and what was read may be in the page cache only: after a barrier that
    // failed it counts as clean there, and no barrier writes it any more. So it is written anew, and
    // takes the place of the log once it is durable.
    const log = new GroupLog(
      await disk.open(`${dir}/draft`, { write: true, create: true, truncate: true }),
    );
    log.records.push(...frames.map((frame) => frame.subarray(HEADER_BYTES)));
    log.#waiting.push(...frames);
    await log.#commit();
    await disk.rename(`${dir}/draft`, `${dir}/log`);
    const directory = await disk.open(dir);
    await directory.sync();
    await directory.close();
    return log;
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

/** Reads frame by frame, up to the first that is not whole: what lies behind it is never looked at. */
async function readFrames(file: AsyncFileHandle): Promise<Uint8Array[]> {
  const size = await file.size();
  const frames: Uint8Array[] = [];
  for (let end = 0; end + HEADER_BYTES <= size; end += frames.at(-1)!.length) {
    const header = await readBytes(file, new Uint8Array(HEADER_BYTES), end);
    const length = HEADER_BYTES + new DataView(header.buffer).getUint32(0);
    if (end + length > size) break;
    const frame = await readBytes(file, new Uint8Array(length), end);
    if (frameOf(frame.subarray(HEADER_BYTES)).some((byte, i) => byte !== frame[i])) break;
    frames.push(frame);
  }
  await file.close();
  return frames;
}

/** A read may give less than it was asked for; that is not the end of the file. */
async function readBytes(file: AsyncFileHandle, into: Uint8Array<ArrayBuffer>, offset: number) {
  for (let done = 0; done < into.length;) {
    const count = await file.read(into.subarray(done), offset + done);
    if (count === 0) throw new Error(`Cannot read the log at ${offset + done}`);
    done += count;
  }
  return into;
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
