/**
 * A console that says nothing: some packages complain of each damaged file that they open,
 * thousands of times in one check.
 *
 * @module
 */

const REAL = console.error;

/**
 * Opens something, and lets it print no errors meanwhile.
 *
 * @param open Opens it.
 * @returns What `open` gives.
 */
export async function quietly<T>(open: () => T | Promise<T>): Promise<T> {
  console.error = () => {};
  try {
    return await open();
  } finally {
    console.error = REAL;
  }
}
