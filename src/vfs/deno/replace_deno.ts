/**
 * Programs that use the global `Deno`.
 *
 * METHOD. The global is replaced by a shim, and put back. In between, every module that names `Deno`
 * gets the shim, whoever called it: also timers and continuations, and also code that has nothing to
 * do with the program. A module that has taken something out of the namespace when it was loaded
 * (`const { openSync } = Deno`) keeps it: it must be loaded while the global is replaced. Calls of
 * `node:fs` go to the real disk all the same.
 *
 * @module
 */
import type { DenoFs } from "./deno_fs.ts";

/** What stood behind the global before each replacement that is in force, the oldest first. */
const replaced: { readonly before: PropertyDescriptor }[] = [];

/**
 * Puts a shim in the place of the global `Deno`, until what is returned is disposed.
 *
 * A log under test calls it first thing in `open`, with `fs.deno`, and need not dispose anything.
 *
 * @param deno The shim.
 * @returns Puts back what was there before. Must be disposed before what was replaced earlier is.
 *
 * @example
 * ```ts
 * import { denoFs, replaceDeno, SimulatedFileSystem } from "../../../mod.ts";
 *
 * const fs = new SimulatedFileSystem();
 * {
 *   using _replaced = replaceDeno(denoFs(fs));
 *   Deno.writeTextFileSync("/greeting", "hello");
 * }
 * console.log(fs.stat("/greeting").size); // 5
 * ```
 */
export function replaceDeno(deno: DenoFs): Disposable {
  const before = Object.getOwnPropertyDescriptor(globalThis, "Deno")!;
  const replacement = { before };
  Object.defineProperty(globalThis, "Deno", { ...before, value: deno });
  replaced.push(replacement);
  return {
    [Symbol.dispose]() {
      if (!replaced.includes(replacement)) return;
      if (replaced.at(-1) !== replacement) {
        throw new Error("Cannot put Deno back: something else has replaced it since");
      }
      putBack();
    },
  };
}

/**
 * Puts the real `Deno` back, whatever has replaced it: for whoever runs programs that are killed, and
 * so put nothing back.
 */
export function restoreDeno(): void {
  while (replaced.length > 0) putBack();
}

function putBack(): void {
  Object.defineProperty(globalThis, "Deno", replaced.pop()!.before);
}

/**
 * Calls a function while a shim is in the place of the global `Deno`. When the function returns a
 * promise, the global stays replaced until it settles; a second call may begin only after that.
 *
 * @param deno The shim.
 * @param body What uses the global `Deno`.
 * @returns What the function returns.
 *
 * @example
 * ```ts
 * import { denoFs, SimulatedFileSystem, withDeno } from "../../../mod.ts";
 *
 * const deno = denoFs(new SimulatedFileSystem());
 * const size = await withDeno(deno, async () => {
 *   await Deno.writeTextFile("greeting", "hello");
 *   return (await Deno.stat("greeting")).size;
 * });
 * console.log(size); // 5
 * ```
 */
export function withDeno<T>(deno: DenoFs, body: () => T): T {
  const replaced = replaceDeno(deno);
  let isUnderWay = false;
  try {
    const value = body();
    if (!(value instanceof Promise)) return value;
    isUnderWay = true;
    return value.finally(() => replaced[Symbol.dispose]()) as T;
  } finally {
    if (!isUnderWay) replaced[Symbol.dispose]();
  }
}
