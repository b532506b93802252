/**
 * The canary: a log that fails on purpose, and seldom. A campaign that does not find its mistake
 * would not find others.
 *
 * METHOD. One file of frames. A sync is left out when the last frame ends with a sector, as if a full
 * sector were on its way to the media by itself.
 *
 * @module
 */
import { type FileSystem, type LogUnderTest, writeFully } from "../mod.ts";
import { encodeFrame, type FrameFile, openFrameFile } from "./zoo/frames.ts";
import { logUnderTest, type OpenLog } from "./zoo/open_log.ts";

const SECTOR_BYTES = 512;

class Canary implements OpenLog {
  readonly #frames: FrameFile;
  readonly #records: Uint8Array[];
  #endBytes: number;

  constructor(fs: FileSystem, dir: string) {
    this.#frames = openFrameFile(fs, `${dir}/log`);
    this.#records = this.#frames.payloads;
    this.#endBytes = this.#frames.endBytes;
  }

  append(record: Uint8Array): void {
    const frame = encodeFrame(record);
    writeFully(this.#frames.file, frame, this.#endBytes);
    this.#endBytes += frame.length;
    this.#records.push(record.slice());
  }

  sync(): void {
    if (this.#endBytes === 0 || this.#endBytes % SECTOR_BYTES !== 0) this.#frames.file.sync();
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  close(): void {
    this.#frames.file.close();
  }
}

const canary: LogUnderTest<OpenLog> = logUnderTest({
  name: "canary",
  acks: "sync",
  open: (fs, dir) => new Canary(fs, dir),
});

export default canary;
