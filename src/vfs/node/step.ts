/**
 * What a call of `node:fs` does, as steps: each is one call on the disk. The three forms of a call
 * are three ways to run the same steps.
 *
 * METHOD. The synchronous form runs every step at once. The callback and promise forms hand each
 * step to whoever decides about the order of calls ({@linkcode completion}), and go on with the next
 * one when it has returned. So do the threads of Node: `writeFile` is an open, some writes and a
 * close, and calls on the same file may come in between. Every step comes from where the call was
 * made.
 *
 * @module
 */
import type { FileSystem } from "../file_system.ts";
import { type CallOrigin, namedOrigin, originOn, type PlacedCall } from "../call_origin.ts";
import { type CompletingFileSystem, completion } from "../promised_file_system.ts";

/** One call on the disk. */
export class Step<T> {
  /** The call in words. */
  readonly what: () => string;
  /** Carries it out. */
  readonly run: () => T;
  /** Whether it is a barrier, whose return may come later than its effect. */
  readonly isBarrier: boolean;

  /** Describes a call; nothing happens yet. */
  constructor(what: () => string, run: () => T, isBarrier = false) {
    this.what = what;
    this.run = run;
    this.isBarrier = isBarrier;
  }

  /** Makes `yield*` of a step give its result. */
  *[Symbol.iterator](): Generator<Step<unknown>, T, unknown> {
    return (yield this) as T;
  }
}

/** Several calls on the disk, one after the other. */
export type Steps<T> = Generator<Step<unknown>, T, unknown>;

/** What a call of `node:fs` does. */
export type Operation<T> = Step<T> | Steps<T>;

/** Runs an operation at once. */
export function runNow<T>(operation: Operation<T>): T {
  if (operation instanceof Step) return operation.run();
  let next = operation.next();
  while (!next.done) {
    let value: unknown;
    try {
      value = next.value.run();
    } catch (error) {
      next = operation.throw(error);
      continue;
    }
    next = operation.next(value);
  }
  return next.value;
}

/** Called once, when an operation has ended. */
export type Done<T> = (error: unknown, value?: T) => void;

/** Runs an operation later, each step when its turn comes. */
export function runLater<T>(fs: FileSystem, operation: Operation<T>, done: Done<T>): void {
  if (operation instanceof Step) {
    return schedule(fs, operation, { done, origin: namedOrigin() });
  }
  const origin = originOn(fs);
  const goOn = (error: unknown, value?: unknown) => {
    let next: IteratorResult<Step<unknown>, T>;
    try {
      next = error === undefined ? operation.next(value) : operation.throw(error);
    } catch (failure) {
      return done(failure);
    }
    if (next.done) done(undefined, next.value);
    else schedule(fs, next.value, { done: goOn, origin });
  };
  goOn(undefined);
}

/** Runs an operation later, as a promise. */
export function promiseOf<T>(fs: FileSystem, operation: Operation<T>): Promise<T> {
  return new Promise((resolve, reject) =>
    runLater(
      fs,
      operation,
      (error, value) => error === undefined ? resolve(value as T) : reject(error),
    )
  );
}

function schedule<T>(
  fs: FileSystem,
  step: Step<T>,
  { done, origin }: { readonly done: Done<T>; readonly origin: CallOrigin | undefined },
): void {
  let error: unknown;
  let value: T | undefined;
  const takeEffect = () => {
    try {
      value = step.run();
    } catch (failure) {
      error = failure;
    }
  };
  const settle = () => done(error, value);
  if (completion in fs) {
    const { isBarrier } = step;
    const call: PlacedCall = { what: step.what(), isBarrier, takeEffect, settle, origin };
    return (fs as CompletingFileSystem)[completion](call);
  }
  queueMicrotask(() => {
    takeEffect();
    settle();
  });
}
