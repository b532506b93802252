/**
 * Generations of one file, and a pointer to the one that counts.
 *
 * METHOD. The file `current` holds the number of the generation (u32). Forgetting records writes
 * the others to the file of the next generation, makes it durable, name included, and then moves
 * the pointer: a new file, synced, renamed over `current`, directory synced. Only then is the old
 * generation removed. Without a pointer the first generation counts.
 *
 * @module
 */
import {
  type FileHandle,
  type FileSystem,
  type LogUnderTest,
  syncDirectory,
  writeFully,
} from "../../mod.ts";
import {
  encodeFrame,
  joinBytes,
  openFrameFile,
  readBytes,
  readU32,
  replaceFile,
  u32Bytes,
} from "./frames.ts";
import { logUnderTest, type OpenLog } from "./open_log.ts";

/** How the pointer moves. The first way is sound. */
export type PointerWrite = "by rename" | "in place";

class PointerLog implements OpenLog {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #pointerWrite: PointerWrite;
  #generation: number;
  #file: FileHandle;
  #records: Uint8Array[];
  #endBytes: number;

  constructor(
    fs: FileSystem,
    { dir, pointerWrite }: { readonly dir: string; readonly pointerWrite: PointerWrite },
  ) {
    this.#fs = fs;
    this.#dir = dir;
    this.#pointerWrite = pointerWrite;
    this.#generation = this.#readPointer();
    const { file, payloads, endBytes } = openFrameFile(fs, this.#path(this.#generation));
    this.#file = file;
    this.#records = payloads;
    this.#endBytes = endBytes;
  }

  append(record: Uint8Array): void {
    const frame = encodeFrame(record);
    writeFully(this.#file, frame, this.#endBytes);
    this.#file.sync();
    this.#endBytes += frame.length;
    this.#records.push(record.slice());
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  truncateFront(count: number): void {
    this.#records = this.#records.slice(count);
    const next = this.#generation + 1;
    const bytes = joinBytes(...this.#records.map(encodeFrame));
    const options = { read: true, write: true, create: true, truncate: true };
    const file = this.#fs.open(this.#path(next), options);
    writeFully(file, bytes, 0);
    file.sync();
    syncDirectory(this.#fs, this.#dir);
    this.#writePointer(next);
    this.#file.close();
    this.#fs.remove(this.#path(this.#generation));
    this.#generation = next;
    this.#file = file;
    this.#endBytes = bytes.length;
  }

  close(): void {
    this.#file.close();
  }

  #path(generation: number): string {
    return `${this.#dir}/generation-${generation}`;
  }

  #readPointer(): number {
    if (!this.#fs.list(this.#dir).includes("current")) return 1;
    const file = this.#fs.open(`${this.#dir}/current`);
    const bytes = readBytes(file, { offset: 0, length: 4 });
    file.close();
    return bytes.length < 4 ? 1 : readU32(bytes, 0);
  }

  #writePointer(generation: number): void {
    const path = `${this.#dir}/current`;
    if (this.#pointerWrite === "by rename") {
      replaceFile(this.#fs, path, u32Bytes(generation));
      return;
    }
    const file = this.#fs.open(path, { write: true, create: true, truncate: true });
    writeFully(file, u32Bytes(generation), 0);
    file.sync();
    file.close();
    syncDirectory(this.#fs, this.#dir);
  }
}

/**
 * The log with generations. It acks on append.
 *
 * @param name Shown in reports.
 * @param pointerWrite How the pointer moves.
 * @returns The log as the harness sees it.
 */
export function pointerLog(
  name: string,
  pointerWrite: PointerWrite = "by rename",
): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "append",
    truncatesFront: true,
    open: (fs, dir) => new PointerLog(fs, { dir, pointerWrite }),
  });
}
