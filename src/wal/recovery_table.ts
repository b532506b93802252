/**
 * Recovery as two decision tables. Every combination of facts matches exactly one row; a test
 * enumerates them all. The letter of the row is in every {@linkcode WalCorruptionError}.
 *
 * METHOD. What a crash can do to the log follows from four rules that writing obeys:
 *
 * 1. A segment is created only when every frame of the one before is durable; its header says where
 *    those frames end.
 * 2. A segment holds no byte beside its header until header and name are durable.
 * 3. A mark says "durable up to here" only after a barrier has returned for what lies below.
 * 4. No life of the log writes frames into a segment of an earlier life.
 *
 * So a crash can damage only (1) the header of the newest segment while nothing else is in it, and
 * (2) frames of the newest segment at or behind its durable end, in any order and to any extent: a
 * bad frame there may be followed by good ones. Everything else that is damaged was durable once.
 *
 * @module
 */

/** One row: which facts it is about, what is done, and why. */
export interface Row<Facts, Decision> {
  /** The letter that names the row. */
  readonly row: string;
  /** The values that match, for each fact; a fact that is left out may have any value. */
  readonly when: { readonly [Fact in keyof Facts]?: readonly Facts[Fact][] };
  /** What is done. */
  readonly decision: Decision;
  /** Why. */
  readonly reason: string;
}

/** The facts about one segment file, going from the newest to the oldest that is needed. */
export interface SegmentFacts {
  /** The newest file of the log, or one that a newer segment relies on. */
  readonly place: "newest" | "needed";
  /** What its first bytes are; "other" is a good header of another segment. */
  readonly header: "good" | "bad" | "version" | "other" | "no file";
  /** Whether the file holds more than a header. */
  readonly content: "header only" | "more";
}

/** What is done with a segment file. */
export type SegmentDecision = "use" | "drop" | "refuse" | "refuse version" | "new log";

/** What is done with a segment file. */
export const SEGMENT_TABLE: readonly Row<SegmentFacts, SegmentDecision>[] = [
  {
    row: "A",
    when: { header: ["good"] },
    decision: "use",
    reason: "the header is whole",
  },
  {
    row: "B",
    when: { place: ["newest"], header: ["bad"], content: ["header only"] },
    decision: "drop",
    reason: "a crash cut its creation short: nothing else was ever written to it",
  },
  {
    row: "C",
    when: { place: ["newest"], header: ["bad"], content: ["more"] },
    decision: "refuse",
    reason: "the header was durable before anything else was written",
  },
  {
    row: "D",
    when: { place: ["needed"], header: ["bad"] },
    decision: "refuse",
    reason: "the header was durable before a newer segment was created",
  },
  {
    row: "E",
    when: { place: ["needed"], header: ["no file"] },
    decision: "refuse",
    reason: "the segment is missing, and a newer one relies on it",
  },
  {
    row: "F",
    when: { header: ["version"] },
    decision: "refuse version",
    reason: "the header is whole and names another format version",
  },
  {
    row: "G",
    when: { header: ["other"] },
    decision: "refuse",
    reason: "the header is that of another segment",
  },
  {
    row: "H",
    when: { place: ["newest"], header: ["no file"] },
    decision: "new log",
    reason: "there is no segment at all",
  },
];

/** The facts about the place in a segment at which reading has arrived. */
export interface FrameFacts {
  /** The newest segment, or one that a newer one relies on. */
  readonly segment: "newest" | "needed";
  /**
   * Where, seen from the durable end: that of the newest segment is what its mark says, that of any
   * other what the header of the next one says (there, "at the end" means with the LSN that the next
   * one begins with, too).
   */
  readonly place: "before the end" | "at the end" | "behind the end";
  /** Whether a batch has begun and not ended. */
  readonly batch: "whole" | "open";
  /** What is there. */
  readonly frame: "good" | "bad" | "nothing";
}

/**
 * What is done at a place in a segment. To "end" is to end behind the last whole batch; what lies
 * there is left as it is, and the header of the next segment will say that it is dead.
 */
export type FrameDecision = "take" | "end" | "refuse";

/** What is done at a place in a segment. */
export const FRAME_TABLE: readonly Row<FrameFacts, FrameDecision>[] = [
  {
    row: "J",
    when: { place: ["before the end"], frame: ["good"] },
    decision: "take",
    reason: "a durable frame",
  },
  {
    row: "K",
    when: { place: ["before the end"], frame: ["bad", "nothing"] },
    decision: "refuse",
    reason: "it was durable once",
  },
  {
    row: "L",
    when: { segment: ["needed"], place: ["at the end"], batch: ["whole"] },
    decision: "end",
    reason: "the next segment goes on here; what lies behind is dead",
  },
  {
    row: "M",
    when: { place: ["at the end"], batch: ["open"] },
    decision: "refuse",
    reason: "a batch is open where a durable end is, and barriers never divide a batch",
  },
  {
    row: "N",
    when: { segment: ["needed"], place: ["behind the end"] },
    decision: "refuse",
    reason: "the frames do not add up to what the next segment says",
  },
  {
    row: "P",
    when: {
      segment: ["newest"],
      place: ["at the end", "behind the end"],
      batch: ["whole"],
      frame: ["good"],
    },
    decision: "take",
    reason: "a frame that persisted, whether or not its barrier returned",
  },
  {
    row: "Q",
    when: { segment: ["newest"], place: ["behind the end"], batch: ["open"], frame: ["good"] },
    decision: "take",
    reason: "one more frame of a batch; it counts once the batch is whole",
  },
  {
    row: "R",
    when: {
      segment: ["newest"],
      place: ["at the end", "behind the end"],
      batch: ["whole"],
      frame: ["nothing"],
    },
    decision: "end",
    reason: "the log ends here",
  },
  {
    row: "S",
    when: {
      segment: ["newest"],
      place: ["at the end", "behind the end"],
      batch: ["whole"],
      frame: ["bad"],
    },
    decision: "end",
    reason: "a torn tail: no barrier is known to have covered it",
  },
  {
    row: "T",
    when: {
      segment: ["newest"],
      place: ["behind the end"],
      batch: ["open"],
      frame: ["bad", "nothing"],
    },
    decision: "end",
    reason: "a batch that is not there to its end goes as a whole",
  },
];

/**
 * Finds the row of a table.
 *
 * @param table One of the tables.
 * @param facts What is known.
 * @returns The row that matches.
 * @throws {Error} When none does: a mistake in the table.
 *
 * @example
 * ```ts
 * import { matchRow, SEGMENT_TABLE } from "./recovery_table.ts";
 *
 * const facts = { place: "newest", header: "bad", content: "header only" } as const;
 * console.log(matchRow(SEGMENT_TABLE, facts).decision); // drop
 * ```
 */
export function matchRow<Facts extends object, Decision>(
  table: readonly Row<Facts, Decision>[],
  facts: Facts,
): Row<Facts, Decision> {
  const row = table.find((row) => isMatch(row, facts));
  if (row === undefined) throw new Error(`No row of the table matches ${JSON.stringify(facts)}`);
  return row;
}

/**
 * Whether a row is about these facts.
 *
 * @param row The row.
 * @param facts What is known.
 * @returns Whether every fact has one of the values that the row names for it.
 *
 * @example
 * ```ts
 * import { isMatch, SEGMENT_TABLE } from "./recovery_table.ts";
 *
 * const facts = { place: "newest", header: "good", content: "more" } as const;
 * console.log(SEGMENT_TABLE.filter((row) => isMatch(row, facts)).length); // 1
 * ```
 */
export function isMatch<Facts extends object, Decision>(
  row: Row<Facts, Decision>,
  facts: Facts,
): boolean {
  for (const fact in row.when) {
    if (!row.when[fact]?.includes(facts[fact])) return false;
  }
  return true;
}
