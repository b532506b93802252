/**
 * async-append-only-log 4.3.10 is a log of blocks; the last one is written again for each batch of
 * appends, and synced.
 *
 * It promises that `onDrain` waits "for all ongoing appends to be flushed to disk" (README.md,
 * API). A record that is damaged is for `validateRecord` to tell (README.md, Open the log);
 * without it, all records are taken for valid. So a record is acked when `onDrain` calls back,
 * records carry a checksum that `validateRecord` looks at, and judged is durability.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { Buffer } from "node:buffer";
import { installHooks, type LogUnderTest, useDisk } from "../../mod.ts";
import { asInNode } from "./_as_in_node.ts";

type Done<T = void> = (error: Error | null, value: T) => void;

interface AppendOnlyLog {
  append(item: Buffer, done: Done<number>): void;
  onDrain(done: () => void): void;
  stream(options: object): { pipe(sink: object): void };
  close(done: Done): void;
}

type Open = (path: string, options: object) => AppendOnlyLog;

/** The option `blockSize`: one sector, so that a block is never torn. */
const BLOCK_BYTES = 512;

/** Waits for a call with a callback. */
function called<T>(call: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    call((error, value) => error ? reject(error) : resolve(value))
  );
}

/** A record behind its checksum. */
function sealed(record: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + record.length);
  bytes.writeUInt32LE(crc32(record));
  bytes.set(record, 4);
  return bytes;
}

/**
 * A log in a file of async-append-only-log.
 *
 * @returns The log.
 */
export async function asyncAppendOnlyLog(): Promise<LogUnderTest<AppendOnlyLog>> {
  installHooks();
  const { default: open } = await asInNode(() => import("async-append-only-log")) as unknown as {
    default: Open;
  };
  return {
    name: "async-append-only-log 4.3.10",
    acks: "sync",
    async open(fs, dir) {
      useDisk(fs);
      const validateRecord = (bytes: Buffer) =>
        bytes.length >= 4 && bytes.readUInt32LE() === crc32(bytes.subarray(4));
      const log = open(`${dir}/log`, { blockSize: BLOCK_BYTES, validateRecord });
      await new Promise<void>((resolve) => log.onDrain(resolve));
      return log;
    },
    append: (log, record) => called<number>((done) => log.append(sealed(record), done)),
    sync: (log) => new Promise<void>((resolve) => log.onDrain(resolve)),
    records: (log) => {
      const records: Uint8Array[] = [];
      return new Promise((resolve, reject) =>
        log.stream({ offsets: false }).pipe({
          paused: false,
          // A record that was deleted comes as null; none was, but zeros are taken for one.
          write: (bytes: Buffer | null) => {
            if (bytes !== null) records.push(new Uint8Array(bytes.subarray(4)));
          },
          end: (error?: unknown) => error ? reject(error) : resolve(records),
        })
      );
    },
    close: (log) => called<void>((done) => log.close(done)),
  };
}
