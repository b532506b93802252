/**
 * How the asynchronous forms of calls come about: each step of an operation waits for its turn.
 *
 * METHOD. A file system that completes calls itself ({@linkcode completion}) decides when a step
 * takes effect; elsewhere steps take effect in the order in which they were made. Steps follow one
 * another in an `async` function, so that the stack of the later ones still leads to whoever made
 * the call.
 *
 * @module
 */
import type { FileSystem } from "../file_system.ts";
import { type Operation, Step } from "../node/step.ts";
import { type CompletingFileSystem, completion } from "../promised_file_system.ts";

/**
 * Carries out one step when its turn comes.
 *
 * @param fs Who decides when that is.
 * @param step The step.
 * @returns Its result.
 */
export function completed<T>(fs: FileSystem, step: Step<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let settle = () => {};
    const takeEffect = () => {
      try {
        const value = step.run();
        settle = () => resolve(value);
      } catch (error) {
        settle = () => reject(error);
      }
    };
    if (completion in fs) {
      const { isBarrier } = step;
      const call = { what: step.what(), isBarrier, takeEffect, settle: () => settle() };
      return (fs as CompletingFileSystem)[completion](call);
    }
    queueMicrotask(() => {
      takeEffect();
      settle();
    });
  });
}

/**
 * Carries out an operation, each step when its turn comes.
 *
 * @param fs Who decides when that is.
 * @param operation The operation.
 * @returns Its result.
 */
export async function later<T>(fs: FileSystem, operation: Operation<T>): Promise<T> {
  if (operation instanceof Step) return await completed(fs, operation);
  let next = operation.next();
  while (!next.done) {
    let value: unknown;
    try {
      value = await completed(fs, next.value);
    } catch (error) {
      next = operation.throw(error);
      continue;
    }
    next = operation.next(value);
  }
  return next.value;
}

/**
 * Makes an asynchronous call that a signal may give up on. What it does goes on all the same; only
 * nobody waits for it any more.
 *
 * @param signal Gives up.
 * @param start Makes the call.
 * @returns What the call returns.
 * @throws The reason of the signal.
 */
export async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  start: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return await start();
  signal.throwIfAborted();
  let giveUp = () => {};
  const aborted = new Promise<never>((_, reject) => giveUp = () => reject(signal.reason));
  signal.addEventListener("abort", giveUp);
  try {
    return await Promise.race([start(), aborted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
