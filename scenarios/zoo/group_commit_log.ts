/**
 * One file of frames and asynchronous appends that share barriers (group commit).
 *
 * METHOD. `append` writes its frame to the page cache and joins the waiting group. One barrier at
 * a time is under way. It covers the frames written before it began: exactly the group that had
 * joined by then is acked when it ends. Whoever joins meanwhile waits for the next barrier. The
 * file system answers at once, so the time that a barrier takes is modelled by a few turns of the
 * microtask queue between the barrier and its acks.
 *
 * @module
 */
import { type FileHandle, type FileSystem, type LogUnderTest, writeFully } from "../../mod.ts";
import { encodeFrame, openFrameFile } from "./frames.ts";
import { logUnderTest, type OpenLog } from "./open_log.ts";

/** Who is acked when. The first way is sound. */
export type Acking = "joined before the barrier" | "waiting after the barrier" | "once written";

const BARRIER_TURNS = 4;

type Waiter = PromiseWithResolvers<void>;

async function barrierEnds(): Promise<void> {
  for (let turn = 0; turn < BARRIER_TURNS; turn++) await Promise.resolve();
}

class GroupCommitLog implements OpenLog {
  readonly #file: FileHandle;
  readonly #records: Uint8Array[];
  readonly #acking: Acking;
  readonly #waiters: Waiter[] = [];
  #endBytes: number;
  #flushing: Promise<void> | undefined;

  constructor(fs: FileSystem, { dir, acking }: { readonly dir: string; readonly acking: Acking }) {
    const { file, payloads, endBytes } = openFrameFile(fs, `${dir}/log`);
    this.#file = file;
    this.#records = payloads;
    this.#endBytes = endBytes;
    this.#acking = acking;
  }

  append(record: Uint8Array): Promise<void> {
    const frame = encodeFrame(record);
    writeFully(this.#file, frame, this.#endBytes);
    this.#endBytes += frame.length;
    this.#records.push(record.slice());
    const waiter = Promise.withResolvers<void>();
    this.#waiters.push(waiter);
    this.#flushing ??= this.#flush();
    return waiter.promise;
  }

  records(): readonly Uint8Array[] {
    return this.#records.slice();
  }

  async close(): Promise<void> {
    await this.#flushing;
    this.#file.close();
  }

  async #flush(): Promise<void> {
    let joined: Waiter[] = [];
    try {
      while (this.#waiters.length > 0) {
        joined = this.#waiters.splice(0);
        if (this.#acking === "once written") {
          for (const waiter of joined) waiter.resolve();
          await barrierEnds();
        }
        this.#file.syncData();
        await barrierEnds();
        if (this.#acking === "waiting after the barrier") joined.push(...this.#waiters.splice(0));
        for (const waiter of joined) waiter.resolve();
      }
    } catch (error) {
      for (const waiter of [...joined, ...this.#waiters.splice(0)]) waiter.reject(error);
    }
    this.#flushing = undefined;
  }
}

/**
 * The log with group commit.
 *
 * @param name Shown in reports.
 * @param acking Who is acked when.
 * @returns The log as the harness sees it.
 */
export function groupCommitLog(
  name: string,
  acking: Acking = "joined before the barrier",
): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "append",
    open: (fs, dir) => new GroupCommitLog(fs, { dir, acking }),
  });
}
