/**
 * A log as a library would have it: it knows nothing but the global `Deno`. A frame is the length of
 * the record, a checksum and the record, one behind the other in one file.
 *
 * @module
 */

/** Where the log is careless. */
export interface Mistakes {
  /** Takes `writeFile` for durable. */
  readonly noFileSync?: boolean;
  /** Takes the name of a synced file for durable. */
  readonly noDirectorySync?: boolean;
  /** Syncs through another open file, and does not wait for the write. */
  readonly syncsElsewhere?: boolean;
}

const HEADER_BYTES = 8;

/** An open log. */
export interface OpenLog {
  readonly path: string;
  readonly records: Uint8Array[];
  readonly mistakes: Mistakes;
}

/** Opens a log, and cuts off what is not whole. */
export function openSync(directory: string, mistakes: Mistakes = {}): OpenLog {
  const path = `${directory}/records`;
  using file = Deno.openSync(path, { read: true, write: true, create: true });
  const { records, end } = framesIn(Deno.readFileSync(path));
  if (file.statSync().size > end) file.truncateSync(end);
  if (!mistakes.noFileSync) file.syncSync();
  if (!mistakes.noDirectorySync) {
    using above = Deno.openSync(directory);
    above.syncSync();
  }
  return { path, records, mistakes };
}

/** Adds a record; it is durable when this returns. */
export function appendSync({ path, records, mistakes }: OpenLog, record: Uint8Array): void {
  Deno.writeFileSync(path, frameOf(record), { append: true, create: false });
  if (!mistakes.noFileSync) {
    using file = Deno.openSync(path, { write: true });
    file.syncDataSync();
  }
  records.push(record);
}

/** A log on asynchronous calls. */
export class AsyncLog {
  readonly records: Uint8Array[];
  readonly #writer: Deno.FsFile;
  readonly #syncer: Deno.FsFile;

  constructor(records: Uint8Array[], writer: Deno.FsFile, syncer: Deno.FsFile) {
    this.records = records;
    this.#writer = writer;
    this.#syncer = syncer;
  }

  /** Opens a log, and cuts off what is not whole. */
  static async open(directory: string, mistakes: Mistakes = {}): Promise<AsyncLog> {
    const path = `${directory}/records`;
    const writer = await Deno.open(path, { read: true, append: true, create: true });
    const { records, end } = framesIn(await Deno.readFile(path));
    if ((await writer.stat()).size > end) await writer.truncate(end);
    await writer.sync();
    using above = await Deno.open(directory);
    await above.sync();
    const syncer = mistakes.syncsElsewhere ? await Deno.open(path, { write: true }) : writer;
    return new AsyncLog(records, writer, syncer);
  }

  /** Adds a record; it is durable when the promise is fulfilled. */
  async append(record: Uint8Array): Promise<void> {
    // Calls on one file take effect in the order in which they were made: nobody waits in between.
    const frame = frameOf(record);
    const [written] = await Promise.all([this.#writer.write(frame), this.#syncer.syncData()]);
    if (written !== frame.length) throw new Error("Cannot append: the disk took less");
    this.records.push(record);
  }

  close(): void {
    this.#writer.close();
    if (this.#syncer !== this.#writer) this.#syncer.close();
  }
}

function frameOf(record: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + record.length);
  frame.set(record, HEADER_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint32(0, record.length);
  view.setUint32(4, checksum(record));
  return frame;
}

function framesIn(bytes: Uint8Array): { records: Uint8Array[]; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Uint8Array[] = [];
  let end = 0;
  while (end + HEADER_BYTES <= bytes.length) {
    const from = end + HEADER_BYTES;
    const to = from + view.getUint32(end);
    const record = bytes.slice(from, to);
    if (to > bytes.length || checksum(record) !== view.getUint32(end + 4)) break;
    records.push(record);
    end = to;
  }
  return { records, end };
}

/** FNV-1a, over the length and the bytes: never 0 for a record of zeros. */
function checksum(record: Uint8Array): number {
  let sum = 0x811c9dc5 ^ record.length;
  for (const byte of record) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}
