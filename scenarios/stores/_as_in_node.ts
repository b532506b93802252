/**
 * Some modules ask, when they are loaded, whether they are in a browser.
 *
 * @module
 */

/**
 * Imports modules that take whatever has `localStorage` for a browser, as Deno does and Node does
 * not.
 *
 * @param load Imports them, for the first time.
 * @returns What `load` gives.
 */
export async function asInNode<T>(load: () => Promise<T>): Promise<T> {
  const storage = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  if (storage === undefined) return await load();
  delete (globalThis as { localStorage?: unknown }).localStorage;
  try {
    return await load();
  } finally {
    Object.defineProperty(globalThis, "localStorage", storage);
  }
}
