/**
 * The words for what no barrier fixes: which call it is about, and what must be done instead.
 *
 * @module
 */

/** What is said where the budget has ended. */
export const UNKNOWN = "The cause was not found within the budget.";
/** What is said where barriers do nothing. */
export const LYING = "No barrier fixes this: on this disk barriers do nothing.";

/** What is said where the log has to wait for its promised calls, and for nothing else. */
export function unawaited(calls: readonly string[], isChecked: boolean): string {
  const [first = "a promised call", ...more] = calls;
  const others = more.length === 0 ? "" : `, nor for ${more.length} more`;
  const checked = isChecked
    ? "Checked: where it does, the promise is kept, as far as searched."
    : "Not proven: with that, not all workloads hold.";
  return `The log does not wait for ${first}${others}: it returns before that has been done. Await ` +
    `it before anything is acked. ${checked}`;
}

/**
 * What is said where the promise is broken although nothing is lost.
 *
 * @param last The last op of each life before the power goes, where there is one.
 */
export function wrongOrder(last: readonly (string | undefined)[]): string {
  const [first, ...later] = last;
  // The ends of later lives tell little, and nothing at all where the first one is not cut short.
  const where = first === undefined ? "before any op" : `at ${first}`;
  const again = later.some((op) => op !== undefined) ? ", and again in a recovery" : "";
  return "No barrier fixes this. Even a disk on which everything persists, whole and in the order in " +
    `which it was written, breaks the promise when the power goes ${where}${again}: change the order ` +
    "of the calls, the format, or what recovery makes of them.";
}

/** What is said where a rename must persist whole, and does not on this disk. */
export function tornRename(rename: string | undefined): string {
  return "No barrier fixes this: on this disk a rename is not atomic, and a power loss may leave " +
    `both names or neither${
      rename === undefined ? "" : ` of ${rename}`
    }. Where renames are atomic ` +
    "the promise is kept. Replace nothing that recovery needs: give the new file a name of its own, " +
    "sync it and its directory, and only then remove the old one.";
}

/** A write that may persist in part. */
interface TornWrite {
  /** The write, in words. */
  readonly torn: string | undefined;
  /** The clause that is broken. */
  readonly clause: string;
  /** Whether the log has gone on after the recovery that met it. */
  readonly isLater: boolean;
}

/** What is said where a write must persist whole. */
export function tornWrite({ torn = "a write", clause, isLater }: TornWrite): string {
  return `No barrier fixes this: ${torn} may persist in part, ${remedy(clause, isLater)}. ` +
    "One write that does breaks the promise; with every write whole, it is kept.";
}

/** What follows from a torn write, and what must be done about it. */
function remedy(clause: string, isLater: boolean): string {
  if (clause === "open failed") {
    return "and open refuses what is left of it. Recovery must end at the first record that does not " +
      "check, and cut it off";
  }
  if (clause === "wrong record") {
    return "and the format cannot tell a torn record. Give every record a checksum over its length " +
      "and all of its bytes, and let recovery end at the first one that does not check";
  }
  if (isLater) {
    return "and recovery leaves a torn record in the way of those that are appended behind it. " +
      "Recovery must cut it off, and sync that, before anything is appended";
  }
  return "and takes along what was there before it or behind it. Write such bytes beside the old ones " +
    "and not over them, so that recovery still finds those";
}
