/**
 * Conditions that a campaign must reach now and then, or it was dull.
 *
 * @module
 */

const reached = new Map<string, boolean>();

/**
 * Marks a place in a log that tests ought to reach sometimes: a record that spans two segments, a
 * tail that was cut, a retry. A campaign takes it as a hint: what reaches a mark for the first time is
 * kept and varied, and a mark that was passed but never reached is told at the end. Costs a look-up;
 * outside of a campaign it does nothing else.
 *
 * The idea is that of the "sometimes assertions" of Antithesis
 * (https://antithesis.com/docs/best_practices/sometimes_assertions/).
 *
 * @param condition Whether it is reached now.
 * @param name What it is about, in a few words; the same words are the same mark.
 *
 * @example
 * ```ts
 * import { sometimes, takeMarks } from "../../mod.ts";
 *
 * const segments = 3;
 * sometimes(segments > 2, "the log has several segments");
 * sometimes(segments > 9, "the log has many segments");
 * console.log(takeMarks());
 * // Map(2) { "the log has several segments" => true, "the log has many segments" => false }
 * ```
 */
export function sometimes(condition: boolean, name: string): void {
  if (reached.get(name) !== true) reached.set(name, condition);
}

/**
 * The marks that were passed since the last call, each with whether it was reached; forgets them.
 *
 * @returns The marks, in the order in which they were first passed.
 */
export function takeMarks(): Map<string, boolean> {
  const marks = new Map(reached);
  reached.clear();
  return marks;
}
