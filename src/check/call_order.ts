/**
 * A fix that is no barrier: the log's own calls keep their order.
 *
 * METHOD. No source is changed: what the log returns is held back. With `"acks"`, a call returns only
 * when those that were called earlier have; with `"calls"`, it begins only then. A new process knows
 * nothing of the calls of the one before.
 *
 * @module
 */
import type { ShimmedFileSystem } from "../vfs/shimmed_file_system.ts";
import { isPromiseLike } from "./settle.ts";
import type { LogUnderTest } from "./subject.ts";

/** What keeps the order in which it was asked for. */
export type CallOrder = "acks" | "calls";

/** The calls of a log that change it. */
const CALLS: readonly (keyof LogUnderTest)[] = ["append", "sync", "truncateFront"];

/**
 * The log, with its calls in order.
 *
 * @param subject The log.
 * @param order What keeps the order.
 * @returns The log as the harness sees it.
 */
export function inOrder(subject: LogUnderTest, order: CallOrder): LogUnderTest {
  let before: PromiseLike<unknown> | undefined;
  const open = (fs: ShimmedFileSystem, dir: string) => {
    before = undefined;
    return subject.open(fs, dir);
  };
  const inTurn = (call: () => unknown): unknown => {
    const earlier = before;
    if (order === "calls") {
      if (earlier === undefined) return remembered(call());
      return remembered(earlier.then(call));
    }
    const made = call();
    if (earlier === undefined || !isPromiseLike(made)) return remembered(made);
    // Whether the earlier call has failed is no matter of this one.
    return remembered(made.then((value) => earlier.then(() => value)));
  };
  const remembered = (made: unknown): unknown => {
    if (isPromiseLike(made)) before = made.then(() => {}, () => {});
    return made;
  };
  // Methods are called on the log itself: it may be an object with private state.
  return new Proxy({} as LogUnderTest, {
    get(_, name: keyof LogUnderTest) {
      const value: unknown = name === "open" ? open : subject[name];
      if (typeof value !== "function" || name === "open") return value;
      const call = value.bind(subject) as (...args: unknown[]) => unknown;
      return CALLS.includes(name) ? (...args: unknown[]) => inTurn(() => call(...args)) : call;
    },
  });
}
