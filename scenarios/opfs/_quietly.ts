/**
 * A console that says nothing: engines complain of each torn header that they repair, thousands of
 * times in one check.
 *
 * @module
 */

const METHODS = ["warn", "error", "debug"] as const;

/** Runs something, and lets it write nothing but what it returns. */
export async function quietly<T>(run: () => Promise<T>): Promise<T> {
  const originals = METHODS.map((name) => console[name]);
  for (const name of METHODS) console[name] = () => {};
  try {
    return await run();
  } finally {
    for (const [i, name] of METHODS.entries()) console[name] = originals[i]!;
  }
}
