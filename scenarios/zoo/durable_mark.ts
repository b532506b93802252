/**
 * What tells damage from a torn tail: a note of how many records are durable.
 *
 * METHOD. A crash can only harm what no barrier has made durable. So after each barrier on a segment
 * the LSN of the last record is written to the file `durable`, and a barrier on that file follows
 * before the record is acked: a mark is never ahead of the log, and never behind what was acked.
 * `open` reads the mark. A log that ends before it has lost durable records, which no crash explains:
 * it is refused. What does not check behind the mark was never acked: it is a torn tail.
 * The mark lies in two slots that are written in turn, each in a sector of its own, so neither a torn
 * write nor one bad sector takes both. A mark costs a second barrier for every ack.
 *
 * Not covered: media that spoil a record and the newer slot as well.
 *
 * @module
 */
import type { FileHandle, FileSystem } from "../../mod.ts";
import { readCount, SLOTS_END, writeCount } from "./count_slots.ts";

const NAME = "durable";

/** The mark of a log that is open. */
export class DurableMark {
  readonly #file: FileHandle;
  #turn: number;
  #lsn: number;

  /**
   * Reads the mark, or creates the file with no record durable. The name of the file is durable
   * when the log syncs its directory, as it does before it acks a record.
   *
   * @param fs The disk.
   * @param dir The directory of the log.
   */
  constructor(fs: FileSystem, dir: string) {
    this.#file = fs.open(`${dir}/${NAME}`, { read: true, write: true, create: true });
    const newest = this.#file.size() > 0 ? readCount(this.#file) : undefined;
    this.#turn = newest?.turn ?? 0;
    this.#lsn = newest?.count ?? 0;
  }

  /** The LSN of the last record that is known to be durable; 0 for none. */
  get lsn(): number {
    return this.#lsn;
  }

  /**
   * Notes that everything up to `lsn` is durable, durably. To be called behind the barrier.
   *
   * @param lsn The last record that a barrier covers.
   */
  advance(lsn: number): void {
    if (lsn <= this.#lsn) return;
    writeCount(this.#file, { turn: ++this.#turn, count: lsn, endBytes: SLOTS_END });
    this.#file.sync();
    this.#lsn = lsn;
  }

  /** Gives the handle back. */
  close(): void {
    this.#file.close();
  }
}
