/**
 * The words for what no barrier fixes: which call it is about, and what must be done instead.
 *
 * @module
 */
import type { CallOrder } from "./call_order.ts";

/** What is said where the budget has ended. */
export const UNKNOWN = "The cause was not found within the budget.";
/** What is said where barriers do nothing. */
export const LYING = "No barrier fixes this: on this disk barriers do nothing.";

/** What is said where barriers help in the order of the finding, and nothing that was tried in all. */
export const NO_SET = "No set of barriers that was tried holds in every order of what happens. A " +
  "barrier after every call mends this crash; that none is enough elsewhere hints at the order of " +
  "the calls.";

/**
 * What is said where calls of the log overlap, and it is enough that they keep their order.
 *
 * @param order What has to keep it.
 * @param passed The write that was overtaken, where one was.
 */
export function outOfOrder(order: CallOrder, passed: string | undefined): string {
  const because = passed === undefined
    ? ""
    : `: here ${passed} takes effect after what was called later`;
  const [found, rule] = order === "acks"
    ? [
      "a later call returns before an earlier one is on the disk",
      "Let no call return before those that were made earlier have",
    ]
    : [
      "the calls on the disk of one get in the way of those of another",
      "Let a call begin only when the one before has returned, or let one barrier, begun after all of " +
      "their writes have returned, stand for all of them",
    ];
  return `Barriers alone do not mend it: calls of the log overlap, and ${found}${because}. ${rule}. ` +
    `Checked: ${
      order === "acks" ? "with that" : "one call at a time"
    }, the promise is kept, as far as searched.`;
}

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
  /** Whether it writes the only copy of everything anew. */
  readonly isOnlyCopy: boolean;
}

/** What is said where a write must persist whole. */
export function tornWrite({ torn = "a write", ...write }: TornWrite): string {
  return `No barrier fixes this: ${torn} may persist in part, ${remedy(write)}. With a disk that ` +
    "writes all of it or nothing, the promise is kept.";
}

/** What follows from a torn write, and what must be done about it. */
function remedy({ clause, isLater, isOnlyCopy }: Omit<TornWrite, "torn">): string {
  if (isOnlyCopy) {
    return "and it writes over the only copy: what was there is gone, and the new bytes are not whole. " +
      "Write them to another file, sync that, rename it over the old one, and sync the directory";
  }
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
