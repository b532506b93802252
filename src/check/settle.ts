import { setImmediate } from "node:timers";
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

/** Ends a wait of a computation that is driven. */
export interface Wait {
  /** Throws an error into the computation, in place of what it waits for. */
  abort(error: unknown): void;
}

/** A wait that nobody ends early. */
export function noWait(): Wait {
  return { abort: () => {} };
}

/**
 * Runs a computation to its end: at once when it never waits, else as a promise. While it waits,
 * `wait` can end that.
 */
export function drive<T>(waiting: Waiting<T>, wait: Wait = noWait()): T | Promise<T> {
  const step = waiting.next();
  return step.done ? step.value : driveOn(waiting, step.value, wait);
}

function driveOn<T>(waiting: Waiting<T>, first: PromiseLike<unknown>, wait: Wait): Promise<T> {
  return new Promise((resolve, reject) => {
    /** Which wait it is: what an aborted one waited for may still settle, and then nobody listens. */
    let turn = 0;
    const goOn = (failed: boolean, value: unknown) => {
      turn++;
      try {
        const step = failed ? waiting.throw(value) : waiting.next(value);
        if (step.done) resolve(step.value);
        else waitFor(step.value);
      } catch (error) {
        reject(error);
      }
    };
    const waitFor = (awaited: PromiseLike<unknown>) => {
      const now = turn;
      const promise = awaited instanceof Promise ? awaited : Promise.resolve(awaited);
      promise.then(
        (value) => now === turn && goOn(false, value),
        (error) => now === turn && goOn(true, error),
      );
    };
    wait.abort = (error) => goOn(true, error);
    waitFor(first);
  });
}

/** Called when all is quiet next. */
let listener: (() => void) | undefined;
let isListening = false;
/** The real one, whatever stands in its place while a log runs. */
const nextTurn = setImmediate;

/**
 * Calls `listen` when no microtask is left to run: in the next turn of the event loop. Only the last
 * one who asked is called, and asking costs nothing as long as microtasks keep running, so that logs
 * whose promises settle by themselves never wait for the event loop.
 */
export function whenQuiet(listen: () => void): void {
  listener = listen;
  if (isListening) return;
  isListening = true;
  nextTurn(look);
}

function look(): void {
  if (elsewhere > 0) return void nextTurn(look);
  isListening = false;
  const called = listener;
  listener = undefined;
  called?.();
}

/** Calls that other threads work on. */
let elsewhere = 0;
let lastElsewhere: Promise<unknown> = Promise.resolve();

/**
 * A call that another thread works on: nothing is quiet before it has returned, and such calls return
 * in the order in which they were made, however long each of them takes.
 */
export function inOrder<T>(call: Promise<T>): Promise<T> {
  elsewhere++;
  const mine = Promise.allSettled([lastElsewhere, call]).then(() => {
    elsewhere--;
    return call;
  });
  lastElsewhere = mine;
  return mine;
}

/** Waits until no microtask is left to run. */
export function quiet(): Promise<void> {
  return new Promise(whenQuiet);
}
