/**
 * The time that files are stamped with.
 *
 * @module
 */

/** Every time that nobody has set: the year 2000, when the clock of the harness starts. */
export const EPOCH_MS: number = Date.UTC(2000, 0, 1);

const realDate = Date;

/** The harness' time while a log runs; elsewhere time stands still, so that what runs twice is the same. */
export function presentMs(): number {
  return globalThis.Date === realDate ? EPOCH_MS : Date.now();
}
