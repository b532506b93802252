/**
 * A console that says nothing: engines complain of each torn header that they repair, thousands of
 * times in one check.
 *
 * @module
 */

const METHODS = ["warn", "error", "debug"] as const;
const REAL = METHODS.map((name) => console[name]);

/**
 * Runs something, and lets it write nothing but what it returns. What a process that was killed has
 * begun may never end: then the next one brings the console back.
 */
export async function quietly<T>(run: () => Promise<T>): Promise<T> {
  for (const name of METHODS) console[name] = () => {};
  try {
    return await run();
  } finally {
    for (const [i, name] of METHODS.entries()) console[name] = REAL[i]!;
  }
}
