/**
 * Logs whose mistakes, if any, show only when things happen in a certain order. Each keeps frames in
 * one file, and comes in a sound version too.
 *
 * @module
 */
import { encodeFrame, openFrameFile } from "./frames.ts";
import { type FileHandle, type FileSystem, type LogUnderTest, promised } from "../../mod.ts";

/** What all of them keep. */
interface Open {
  readonly records: Uint8Array[];
  append(record: Uint8Array): Promise<void>;
}

function logOf(
  name: string,
  open: (fs: FileSystem, path: string) => Open | Promise<Open>,
): LogUnderTest {
  return {
    name,
    acks: "append",
    open: (fs, dir) => open(fs, `${dir}/log`),
    append: (log, record) => (log as Open).append(record),
    records: (log) => (log as Open).records.slice(),
  };
}

/** Carries out one after the other, in the order of the calls. */
class Queue {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}

/**
 * Group commit on promised calls. An append has written its record when it joins the waiters. The
 * sound version acks those who had joined when the barrier began; the other one those who wait when
 * it returns.
 */
export function promisedGroupCommit(acks: "joined before" | "waiting after"): LogUnderTest {
  return logOf(`promised group commit, acks who ${acks}`, async (fs, path) => {
    const { payloads: records, endBytes } = openFrameFile(fs, path);
    const file = await promised(fs).open(path, { write: true });
    const writes = new Queue();
    let end = endBytes;
    let waiters: PromiseWithResolvers<void>[] = [];
    let isFlushing = false;
    const flush = async () => {
      isFlushing = true;
      while (waiters.length > 0) {
        // Who comes right behind shall share the barrier.
        for (let turn = 0; turn < 4; turn++) await Promise.resolve();
        let acked = waiters;
        if (acks === "joined before") waiters = [];
        await file.syncData();
        if (acks === "waiting after") {
          acked = waiters;
          waiters = [];
        }
        for (const { resolve } of acked) resolve();
      }
      isFlushing = false;
    };
    return {
      records,
      async append(record) {
        await writes.run(async () => {
          const frame = encodeFrame(record);
          await file.write(frame, end);
          end += frame.length;
        });
        const waiter = Promise.withResolvers<void>();
        waiters.push(waiter);
        if (!isFlushing) void flush();
        await waiter.promise;
      },
    };
  });
}

/** A flusher on a timer, which acks before or after its barrier. */
export function timedFlusher(acks: "before the barrier" | "after the barrier"): LogUnderTest {
  return logOf(`timed flusher, acks ${acks}`, (fs, path) => {
    const { file, payloads: records, endBytes } = openFrameFile(fs, path);
    let end = endBytes;
    let waiters: (() => void)[] = [];
    const flush = async () => {
      const told = waiters;
      waiters = [];
      if (acks === "before the barrier") {
        for (const tell of told) tell();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      file.syncData();
      if (acks === "after the barrier") { for (const tell of told) tell(); }
    };
    return {
      records,
      append(record) {
        const frame = encodeFrame(record);
        file.write(frame, end);
        end += frame.length;
        return new Promise((resolve) => {
          if (waiters.push(resolve) === 1) setTimeout(() => void flush(), 5);
        });
      },
    };
  });
}

/** Asks for the size, waits, and writes there: one after the other, or all at once. */
export function offsetReader(appends: "one by one" | "at once"): LogUnderTest {
  return logOf(`reads the offset, appends ${appends}`, async (fs, path) => {
    const { payloads: records } = openFrameFile(fs, path);
    const file = await promised(fs).open(path, { read: true, write: true });
    const queue = new Queue();
    const append = async (record: Uint8Array) => {
      await file.write(encodeFrame(record), await file.size());
      await file.sync();
    };
    return {
      records,
      append: (record) =>
        appends === "one by one" ? queue.run(() => append(record)) : append(record),
    };
  });
}

/** A log on synchronous calls, in which `during` happens after every write. */
export function synchronousLog(
  name: string,
  during: (file: FileHandle) => Promise<unknown>,
): LogUnderTest {
  return logOf(name, (fs, path) => {
    const { file, payloads: records, endBytes } = openFrameFile(fs, path);
    let end = endBytes;
    return {
      records,
      async append(record) {
        const frame = encodeFrame(record);
        file.write(frame, end);
        end += frame.length;
        await during(file);
      },
    };
  });
}
