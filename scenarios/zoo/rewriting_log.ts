/**
 * One file of frames. Forgetting its oldest records means writing the others to a new file, which
 * then takes the place of the old one.
 *
 * METHOD. The new file is written and synced under another name, renamed over the old one, and the
 * directory is synced. A crash at any moment leaves the old file or the new one. What was acked
 * into the new file is found after a crash only because its name is durable by then.
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
import { encodeFrame, joinBytes, openFrameFile } from "./frames.ts";
import { logUnderTest, type OpenLog } from "./open_log.ts";

const LOG = "log";
const DRAFT = "log.tmp";

/** How the new file takes the place of the old one. The first way is sound. */
export type Replacement =
  | "sync, rename, sync directory"
  | "unlink, then rename"
  | "rename without sync"
  | "rename without directory sync";

class RewritingLog implements OpenLog {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #replacement: Replacement;
  #file: FileHandle;
  #records: Uint8Array[];
  #endBytes: number;

  constructor(
    fs: FileSystem,
    { dir, replacement }: { readonly dir: string; readonly replacement: Replacement },
  ) {
    this.#fs = fs;
    this.#dir = dir;
    this.#replacement = replacement;
    const { file, payloads, endBytes } = openFrameFile(fs, `${dir}/${LOG}`);
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
    const [log, draft] = [`${this.#dir}/${LOG}`, `${this.#dir}/${DRAFT}`];
    this.#records = this.#records.slice(count);
    const bytes = joinBytes(...this.#records.map(encodeFrame));
    const file = this.#fs.open(draft, { read: true, write: true, create: true, truncate: true });
    writeFully(file, bytes, 0);
    if (this.#replacement !== "rename without sync") file.sync();
    if (this.#replacement === "unlink, then rename") this.#fs.remove(log);
    this.#fs.rename(draft, log);
    if (this.#replacement !== "rename without directory sync") syncDirectory(this.#fs, this.#dir);
    this.#file.close();
    this.#file = file;
    this.#endBytes = bytes.length;
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * The log that forgets by rewriting.
 *
 * @param name Shown in reports.
 * @param replacement How the new file takes the place of the old one.
 * @returns The log as the harness sees it.
 */
export function rewritingLog(
  name: string,
  replacement: Replacement = "sync, rename, sync directory",
): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "append",
    truncatesFront: true,
    open: (fs, dir) => new RewritingLog(fs, { dir, replacement }),
  });
}
