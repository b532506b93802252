import type { Disk } from "../vfs/disk.ts";
import { isPromiseLike } from "./settle.ts";
import { oracleOf, storeOf } from "./store.ts";
import type { LogUnderTest, MaybePromise } from "./subject.ts";

/** One call that the harness made of a log, and between which ops it fell. */
export interface ToldCall {
  /** Number of the life. */
  readonly life: number;
  /** Which call. */
  readonly what: "open" | "records" | "append" | "sync" | "truncateFront" | "close";
  /** The bytes of an append, or how many records are forgotten. */
  readonly amount: number | undefined;
  /** How many ops the life had when it was made. */
  readonly calledAt: number;
  /** How many it had when the call returned or failed; `undefined` when it never did. */
  returnedAt: number | undefined;
  /** Why it failed. */
  failed: string | undefined;
}

/** A call was made, or it has returned: in the order in which that happened. */
export interface Told {
  /** The call. */
  readonly call: ToldCall;
  /** Which of the two. */
  readonly at: "called" | "returned";
}

/**
 * A log that does the same as another, and writes down when it was called. A promise is handed on as
 * it is: who waits for it must not wait a turn longer than before.
 *
 * @param log The log.
 * @param disk The disk that it runs on.
 * @param story Where the calls are written down.
 * @returns The log that tells.
 */
export function toldLog(log: LogUnderTest, disk: Disk, story: Told[]): LogUnderTest {
  const tell = <T>(
    what: ToldCall["what"],
    amount: number | undefined,
    make: () => MaybePromise<T>,
  ): MaybePromise<T> => {
    const { life } = disk;
    const calledAt = life.trace.length;
    const call: ToldCall = {
      life: life.index,
      what,
      amount,
      calledAt,
      returnedAt: undefined,
      failed: undefined,
    };
    story.push({ call, at: "called" });
    const returned = () => {
      if (disk.life !== life) return;
      call.returnedAt = life.trace.length;
      story.push({ call, at: "returned" });
    };
    const failed = (error: unknown) => {
      call.failed = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      returned();
    };
    let made: MaybePromise<T>;
    try {
      made = make();
    } catch (error) {
      failed(error);
      throw error;
    }
    // Other thenables may begin their work only when they are asked, and again when asked again.
    if (made instanceof Promise) made.then(returned, failed);
    else if (!isPromiseLike(made)) returned();
    return made;
  };
  const { sync, truncateFront, close } = log;
  const store = oracleOf(log);
  return {
    name: log.name,
    acks: log.acks,
    open: (fs, dir) => tell("open", undefined, () => log.open(fs, dir)),
    append: (one, record) => tell("append", record.length, () => log.append(one, record)),
    records: (one) => tell("records", undefined, () => log.records(one)),
    ...(sync && { sync: (one) => tell("sync", undefined, () => sync.call(log, one)) }),
    ...(truncateFront && {
      truncateFront: (one, count) =>
        tell("truncateFront", count, () => truncateFront.call(log, one, count)),
    }),
    ...(store && { [storeOf]: store }),
    ...(close && { close: (one) => tell("close", undefined, () => close.call(log, one)) }),
  };
}
