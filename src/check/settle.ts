import type { MaybePromise } from "./subject.ts";

/** A computation that may have to wait for promises, and hands them to whoever drives it. */
export type Waiting<T> = Generator<PromiseLike<unknown>, T, unknown>;

/** Whether a value has to be waited for. */
export function isPromiseLike<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === "function";
}

/** Waits for `value` only when it is a promise, so that a synchronous log never waits. */
export function* settle<T>(value: MaybePromise<T>): Waiting<T> {
  return isPromiseLike(value) ? (yield value) as T : value;
}

/** Runs a computation to its end: at once when it never waits, else as a promise. */
export function drive<T>(waiting: Waiting<T>): T | Promise<T> {
  const step = waiting.next();
  return step.done ? step.value : driveOn(waiting, step.value);
}

async function driveOn<T>(waiting: Waiting<T>, first: PromiseLike<unknown>): Promise<T> {
  let awaited = first;
  for (;;) {
    let step: IteratorResult<PromiseLike<unknown>, T>;
    try {
      step = waiting.next(await awaited);
    } catch (error) {
      step = waiting.throw(error);
    }
    if (step.done) return step.value;
    awaited = step.value;
  }
}
