/**
 * flumelog-offset 3.4.4 is an append-only log: each record lies between its lengths, and the
 * length of the file closes it. It makes no barrier.
 *
 * It promises: "If your system crashes while an append is in progress, it's unlikely but possible
 * to have a partially written state. `flumelog-offset` will rewind to the last good state on the
 * next start up" (README.md, Recovery). No durability is promised. Judged is that: the records of
 * some moment, whole.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { installHooks, type LogUnderTest, useDisk } from "../../mod.ts";

type Done = (error: Error | null, value: unknown) => void;

interface Flumelog {
  readonly since: { once(seen: (offset: number) => void): void };
  append(record: Buffer, done: Done): void;
  stream(options: object): { pipe(sink: object): void };
}

type Open = (path: string, options: object) => Flumelog;

/**
 * A log in a file of flumelog-offset.
 *
 * @returns The log.
 */
export async function flumelogOffsetLog(): Promise<LogUnderTest<Flumelog>> {
  installHooks();
  const { default: open } = await import("flumelog-offset") as unknown as { default: Open };
  return {
    name: "flumelog-offset 3.4.4",
    acks: "never",
    async open(fs, dir) {
      useDisk(fs);
      const log = open(`${dir}/log`, { blockSize: 1024 });
      await new Promise<void>((resolve) => log.since.once(() => resolve()));
      return log;
    },
    append: (log, record) =>
      new Promise<void>((resolve, reject) =>
        log.append(Buffer.from(record), (error) => error ? reject(error) : resolve())
      ),
    records: (log) => {
      const records: Uint8Array[] = [];
      return new Promise((resolve, reject) => {
        const source = log.stream({ seqs: false }) as unknown as Source;
        const next = () =>
          source(null, (end, record) => {
            if (end === true) return resolve(records);
            if (end) return reject(end);
            records.push(new Uint8Array(record!));
            next();
          });
        next();
      });
    },
  };
}

/** A source of pull-stream. */
type Source = (
  abort: null,
  read: (end: true | Error | null, record?: Buffer) => void,
) => void;
