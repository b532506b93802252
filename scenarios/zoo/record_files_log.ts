/**
 * A file for every record.
 *
 * METHOD. A record is written to `draft`, synced, and renamed to its LSN; then the directory is
 * synced. A name is only ever given to a file that is whole, so files need no checksums. Forgetting
 * creates an empty file `front-<LSN>`, syncs the directory, and removes what is older. The highest
 * front counts; records below it are ignored, removed or not.
 *
 * @module
 */
import { type FileSystem, type LogUnderTest, syncDirectory, writeFully } from "../../mod.ts";
import { readBytes } from "./frames.ts";
import { logUnderTest, type OpenLog } from "./open_log.ts";

const RECORD_NAME = /^record-(\d{8})$/;
const FRONT_NAME = /^front-(\d{8})$/;

/** The barriers of an append, in order. The first choice is sound. */
export type AppendOrder =
  | "sync, rename, sync directory"
  | "sync, sync directory, rename"
  | "rename, sync directory";

function numbered(kind: "record" | "front", lsn: number): string {
  return `${kind}-${String(lsn).padStart(8, "0")}`;
}

class RecordFilesLog implements OpenLog {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #order: AppendOrder;
  readonly #records: Uint8Array[] = [];
  #front: number;

  constructor(
    fs: FileSystem,
    { dir, order }: { readonly dir: string; readonly order: AppendOrder },
  ) {
    this.#fs = fs;
    this.#dir = dir;
    this.#order = order;
    this.#front = Math.max(1, ...this.#numbers(FRONT_NAME));
    const lsns = new Set(this.#numbers(RECORD_NAME));
    for (let lsn = this.#front; lsns.has(lsn); lsn++) this.#records.push(this.#readRecord(lsn));
    syncDirectory(fs, dir);
  }

  append(record: Uint8Array): void {
    const draft = this.#path("draft");
    const name = numbered("record", this.#front + this.#records.length);
    const file = this.#fs.open(draft, { write: true, create: true, truncate: true });
    writeFully(file, record, 0);
    if (this.#order !== "rename, sync directory") file.sync();
    file.close();
    if (this.#order === "sync, sync directory, rename") syncDirectory(this.#fs, this.#dir);
    this.#fs.rename(draft, this.#path(name));
    if (this.#order !== "sync, sync directory, rename") syncDirectory(this.#fs, this.#dir);
    this.#records.push(record.slice());
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  truncateFront(count: number): void {
    const forgotten = this.#records.splice(0, count).length;
    if (forgotten === 0) return;
    this.#front += forgotten;
    const front = numbered("front", this.#front);
    this.#fs.open(this.#path(front), { write: true, createNew: true }).close();
    syncDirectory(this.#fs, this.#dir);
    for (const kind of ["record", "front"] as const) {
      for (const lsn of this.#numbers(kind === "record" ? RECORD_NAME : FRONT_NAME)) {
        if (lsn < this.#front) this.#fs.remove(this.#path(numbered(kind, lsn)));
      }
    }
  }

  close(): void {}

  #path(name: string): string {
    return `${this.#dir}/${name}`;
  }

  #numbers(kind: RegExp): number[] {
    return this.#fs.list(this.#dir).flatMap((name) => {
      const match = kind.exec(name);
      return match === null ? [] : [Number(match[1])];
    });
  }

  #readRecord(lsn: number): Uint8Array {
    const file = this.#fs.open(this.#path(numbered("record", lsn)));
    const record = readBytes(file, { offset: 0, length: file.size() });
    file.close();
    return record;
  }
}

/**
 * The log with a file for every record. It acks on append.
 *
 * @param name Shown in reports.
 * @param order The barriers of an append.
 * @returns The log as the harness sees it.
 */
export function recordFilesLog(
  name: string,
  order: AppendOrder = "sync, rename, sync directory",
): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "append",
    truncatesFront: true,
    open: (fs, dir) => new RecordFilesLog(fs, { dir, order }),
  });
}
