/**
 * A log of 100-byte records with an 8-byte header (length and CRC-32) in one file, as small as can be:
 * what a campaign costs beside the search shows most here.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { type FileHandle, type LogUnderTest, writeFully } from "../../mod.ts";

const HEADER_BYTES = 8;

class SmallLog {
  readonly #file: FileHandle;
  readonly records: Uint8Array[] = [];
  #end = 0;

  constructor(file: FileHandle) {
    this.#file = file;
    const image = new Uint8Array(file.size());
    file.read(image, 0);
    const view = new DataView(image.buffer);
    while (this.#end + HEADER_BYTES <= image.length) {
      const start = this.#end + HEADER_BYTES;
      const length = view.getUint32(this.#end, true);
      if (start + length > image.length) break;
      const record = image.slice(start, start + length);
      if (length === 0 || crc32(record) !== view.getUint32(this.#end + 4, true)) break;
      this.records.push(record);
      this.#end = start + length;
    }
    if (image.length > this.#end) file.truncate(this.#end);
    file.sync();
  }

  append(record: Uint8Array): void {
    const frame = new Uint8Array(HEADER_BYTES + record.length);
    const view = new DataView(frame.buffer);
    view.setUint32(0, record.length, true);
    view.setUint32(4, crc32(record), true);
    frame.set(record, HEADER_BYTES);
    writeFully(this.#file, frame, this.#end);
    this.#end += frame.length;
    this.records.push(record);
  }

  sync(): void {
    this.#file.sync();
  }
}

const log: LogUnderTest<SmallLog> = {
  name: "W20 log",
  acks: "sync",
  open: (fs, dir) => {
    const path = `${dir}/log`;
    const file = fs.open(path, { read: true, write: true, create: true });
    const directory = fs.open(dir);
    directory.sync();
    directory.close();
    return new SmallLog(file);
  },
  append: (log, record) => log.append(record),
  sync: (log) => log.sync(),
  records: (log) => log.records,
};

export default log;
