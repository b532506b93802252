/**
 * Three records to a file, then the next file.
 *
 * METHOD. Files `log-<number>` hold frames. Every append is synced, so a file is whole before the
 * next one is created; only the last may have a torn tail. The directory is synced when a file is
 * created.
 *
 * @module
 */
import { type FileHandle, type FileSystem, type LogUnderTest, writeFully } from "../../mod.ts";
import { encodeFrame, openFrameFile, readFrames } from "./frames.ts";
import { logUnderTest, type OpenLog } from "./open_log.ts";

const RECORDS_PER_FILE = 3;
const FILE_NAME = /^log-\d{8}$/;

/** Which handle is synced. The first choice is sound. */
export type SyncedHandle = "the one written to" | "the first one opened";

class RollingLog implements OpenLog {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #records: Uint8Array[] = [];
  readonly #synced: () => FileHandle;
  #number = 0;
  #file!: FileHandle;
  #endBytes = 0;
  #recordsInFile = 0;

  constructor(
    fs: FileSystem,
    { dir, synced }: { readonly dir: string; readonly synced: SyncedHandle },
  ) {
    this.#fs = fs;
    this.#dir = dir;
    const names = fs.list(dir).filter((name) => FILE_NAME.test(name));
    for (const name of names.slice(0, -1)) {
      const file = fs.open(`${dir}/${name}`);
      this.#records.push(...readFrames(file).payloads);
      file.close();
    }
    this.#openFile(Math.max(1, names.length));
    const first = this.#file;
    this.#synced = synced === "the first one opened" ? () => first : () => this.#file;
  }

  append(record: Uint8Array): void {
    if (this.#recordsInFile === RECORDS_PER_FILE) this.#openFile(this.#number + 1);
    const frame = encodeFrame(record);
    writeFully(this.#file, frame, this.#endBytes);
    this.#synced().sync();
    this.#endBytes += frame.length;
    this.#recordsInFile++;
    this.#records.push(record.slice());
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  close(): void {
    this.#file.close();
  }

  #openFile(number: number): void {
    const path = `${this.#dir}/log-${String(number).padStart(8, "0")}`;
    const { file, payloads, endBytes } = openFrameFile(this.#fs, path);
    this.#number = number;
    this.#file = file;
    this.#endBytes = endBytes;
    this.#recordsInFile = payloads.length;
    this.#records.push(...payloads);
  }
}

/**
 * The log with three records to a file. It acks on append.
 *
 * @param name Shown in reports.
 * @param synced Which handle is synced.
 * @returns The log as the harness sees it.
 */
export function rollingLog(
  name: string,
  synced: SyncedHandle = "the one written to",
): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "append",
    open: (fs, dir) => new RollingLog(fs, { dir, synced }),
  });
}
