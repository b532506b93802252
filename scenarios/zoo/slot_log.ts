/**
 * One file of slots of 512 bytes, behind two headers.
 *
 * METHOD. A record takes as many slots as it needs. A slot holds a checksum, the LSN, the run, the
 * number of this part and of all parts, and up to 488 bytes. A run is the time from one opening to
 * the next; `open` makes its number and its first LSN durable before it returns. From that LSN on,
 * only slots of that run count, so what an earlier run left behind the end stays dead, and nothing
 * needs to be cut. The headers hold the run, its first LSN, and the LSN of the oldest record; they
 * are written in turn, so that one of them is whole at any moment. The room of forgotten records is
 * not used again.
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
import { checksum, joinBytes, readBytes, readU32, u32Bytes } from "./frames.ts";
import { logUnderTest, type OpenLog } from "./open_log.ts";

const SLOT_BYTES = 512;
const SLOT_HEAD_BYTES = 24;
const PART_BYTES = SLOT_BYTES - SLOT_HEAD_BYTES;
const HEADER_BYTES = 1024;
const HEADER_OFFSETS = [0, 4096] as const;
const SLOTS_START = 8192;

/** How the headers are written. The first way is sound. */
export type HeaderWrites = "in turn" | "both at once";

interface Header {
  readonly turn: number;
  readonly run: number;
  readonly runLsn: number;
  readonly front: number;
}

interface Slot {
  readonly lsn: number;
  readonly run: number;
  readonly part: number;
  readonly parts: number;
  readonly payload: Uint8Array;
}

function encodeHeader({ turn, run, runLsn, front }: Header): Uint8Array {
  const room = new Uint8Array(HEADER_BYTES - 20);
  const body = joinBytes(u32Bytes(turn, run, runLsn, front), room);
  return joinBytes(body, u32Bytes(checksum(body)));
}

function readHeader(file: FileHandle, offset: number): Header | undefined {
  const bytes = readBytes(file, { offset, length: HEADER_BYTES });
  if (bytes.length < HEADER_BYTES) return undefined;
  const body = bytes.subarray(0, HEADER_BYTES - 4);
  if (readU32(bytes, HEADER_BYTES - 4) !== checksum(body)) return undefined;
  return {
    turn: readU32(bytes, 0),
    run: readU32(bytes, 4),
    runLsn: readU32(bytes, 8),
    front: readU32(bytes, 12),
  };
}

function encodeSlot({ lsn, run, part, parts, payload }: Slot): Uint8Array {
  const body = joinBytes(u32Bytes(lsn, run, part, parts, payload.length), payload);
  const slot = new Uint8Array(SLOT_BYTES);
  slot.set(joinBytes(u32Bytes(checksum(body)), body));
  return slot;
}

function readSlot(file: FileHandle, offset: number): Slot | undefined {
  const bytes = readBytes(file, { offset, length: SLOT_BYTES });
  if (bytes.length < SLOT_BYTES) return undefined;
  const usedBytes = readU32(bytes, 20);
  if (usedBytes > PART_BYTES) return undefined;
  const body = bytes.subarray(4, SLOT_HEAD_BYTES + usedBytes);
  if (readU32(bytes, 0) !== checksum(body)) return undefined;
  return {
    lsn: readU32(bytes, 4),
    run: readU32(bytes, 8),
    part: readU32(bytes, 12),
    parts: readU32(bytes, 16),
    payload: body.subarray(20),
  };
}

class SlotLog implements OpenLog {
  readonly #file: FileHandle;
  readonly #headerWrites: HeaderWrites;
  readonly #records: Uint8Array[] = [];
  #header: Header;
  #nextLsn = 1;
  #endBytes = SLOTS_START;

  constructor(
    fs: FileSystem,
    { dir, headerWrites }: { readonly dir: string; readonly headerWrites: HeaderWrites },
  ) {
    this.#headerWrites = headerWrites;
    this.#file = fs.open(`${dir}/slots`, { read: true, write: true, create: true });
    const headers = HEADER_OFFSETS.flatMap((offset) => readHeader(this.#file, offset) ?? []);
    this.#header = headers.sort((a, b) => b.turn - a.turn)[0] ??
      { turn: 0, run: 0, runLsn: 1, front: 1 };
    this.#readSlots();
    // After a kill the header just read may lie in the page cache only, and the next one overwrites
    // the other: the disk must hold this one first.
    this.#file.sync();
    this.#writeHeader({
      ...this.#header,
      run: this.#header.run + 1,
      runLsn: this.#nextLsn,
    });
    syncDirectory(fs, dir);
  }

  append(record: Uint8Array): void {
    const parts = Math.max(1, Math.ceil(record.length / PART_BYTES));
    const slots = Array.from({ length: parts }, (_, part) => {
      const payload = record.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
      return encodeSlot({ lsn: this.#nextLsn, run: this.#header.run, part, parts, payload });
    });
    writeFully(this.#file, joinBytes(...slots), this.#endBytes);
    this.#file.sync();
    this.#endBytes += parts * SLOT_BYTES;
    this.#nextLsn++;
    this.#records.push(record.slice());
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  truncateFront(count: number): void {
    const forgotten = this.#records.splice(0, count).length;
    this.#writeHeader({ ...this.#header, front: this.#header.front + forgotten });
  }

  close(): void {
    this.#file.close();
  }

  #writeHeader(header: Header): void {
    this.#header = { ...header, turn: header.turn + 1 };
    const bytes = encodeHeader(this.#header);
    for (const [i, offset] of HEADER_OFFSETS.entries()) {
      const isTurn = this.#header.turn % 2 === i;
      if (isTurn || this.#headerWrites === "both at once") writeFully(this.#file, bytes, offset);
    }
    this.#file.sync();
  }

  #readSlots(): void {
    for (;;) {
      const payloads = this.#readRecord();
      if (payloads === undefined) return;
      if (this.#nextLsn >= this.#header.front) this.#records.push(joinBytes(...payloads));
      this.#endBytes += payloads.length * SLOT_BYTES;
      this.#nextLsn++;
    }
  }

  /** Reads the parts of the record at the end, if all its slots are there. */
  #readRecord(): Uint8Array[] | undefined {
    const { run, runLsn } = this.#header;
    const payloads: Uint8Array[] = [];
    for (let parts = 1; payloads.length < parts;) {
      const part = payloads.length;
      const slot = readSlot(this.#file, this.#endBytes + part * SLOT_BYTES);
      if (slot === undefined || slot.lsn !== this.#nextLsn || slot.part !== part) return undefined;
      if (this.#nextLsn >= runLsn && slot.run !== run) return undefined;
      payloads.push(slot.payload);
      parts = slot.parts;
    }
    return payloads;
  }
}

/**
 * The log of slots. It acks on append.
 *
 * @param name Shown in reports.
 * @param headerWrites How the headers are written.
 * @returns The log as the harness sees it.
 */
export function slotLog(
  name: string,
  headerWrites: HeaderWrites = "in turn",
): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "append",
    truncatesFront: true,
    open: (fs, dir) => new SlotLog(fs, { dir, headerWrites }),
  });
}
