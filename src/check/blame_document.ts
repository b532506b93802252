import { z } from "zod";
import type { SourcePlace } from "./call_place.ts";

/**
 * What a finding is blamed on. `barriers`: some are missing. `format`: a single write that persists
 * in part is enough. `logic`: it is wrong even where everything persists in order, or cannot cope with what failed.
 * `unknown`: the budget ended first.
 */
export type BlameKind = "barriers" | "format" | "logic" | "unknown";

/** A barrier that is missing. */
export interface BlamedBarrier {
  /** Whether it belongs right after the call, or right before. */
  readonly when: "after" | "before";
  /** The call, in words: an op of the trace, or for example `close "/log/1"`. */
  readonly call: string;
  /** In which life of the finding that call is made. */
  readonly life: number;
  /** The number of the op that the call is in that life; left out where it is none. */
  readonly op?: number | undefined;
  /** Where the log makes the call; left out where nobody knows. */
  readonly place?: SourcePlace | undefined;
  /** Where a function of the log makes that call for several callers: the one after whose calls it belongs. */
  readonly from?: SourcePlace | undefined;
  /** `false` where the call is a promised one and the log goes on before that has settled. */
  readonly awaited?: false | undefined;
  /** Where the log syncs that itself, but goes on before it is done; left out where it does not. */
  readonly late?: SourcePlace | undefined;
  /** What has to be synced, as it is called at that moment. */
  readonly target: string;
  /** What that is. */
  readonly on: "file" | "directory";
  /** What it is to the call. */
  readonly role: "itself" | "its directory" | "the file used last" | "another";
}

/** What a finding comes from, and what has been done to make sure. */
export interface Blame {
  /** The kind of cause. */
  readonly kind: BlameKind;
  /** The fewest barriers with which the promise is kept; none where none help. */
  readonly barriers: readonly BlamedBarrier[];
  /** The cause in plain words. */
  readonly reason: string;
  /** The places that the words name, in their order: where to look; left out for none. */
  readonly places?: readonly SourcePlace[] | undefined;
  /** A fix that is cheaper than the barriers and was checked as well, in words; left out for none. */
  readonly instead?: string | undefined;
  /**
   * Whether the log with these barriers was checked: every crash state of the workload of the finding,
   * also with the calls and media that fail in it, and the other workloads that `others` tells of.
   * Without it, nothing is claimed of the barriers.
   */
  readonly verified: boolean;
  /** The workloads that were checked with the barriers besides that of the finding. */
  readonly others: {
    /** How many hold. */
    readonly hold: number;
    /** How many there are. */
    readonly of: number;
    /** Whether all crash states of all of them were covered. */
    readonly complete: boolean;
    /** The first one that breaks the promise all the same: then there are several causes. */
    readonly broken?: string | undefined;
    /** The barriers that are needed besides, for all of them to hold: left out where nobody knows. */
    readonly also?: readonly BlamedBarrier[] | undefined;
  };
}

const whole = z.number().int().nonnegative();
const placeSchema = z.strictObject({ file: z.string(), line: whole, column: whole });

const barrierSchema = z.strictObject({
  when: z.enum(["after", "before"]),
  call: z.string(),
  life: whole,
  op: whole.optional(),
  place: placeSchema.optional(),
  from: placeSchema.optional(),
  awaited: z.literal(false).optional(),
  late: placeSchema.optional(),
  target: z.string(),
  on: z.enum(["file", "directory"]),
  role: z.enum(["itself", "its directory", "the file used last", "another"]),
});

/** The blame in a document. */
export const blameSchema = z.strictObject({
  kind: z.enum(["barriers", "format", "logic", "unknown"]),
  barriers: z.array(barrierSchema),
  reason: z.string(),
  places: z.array(placeSchema).optional(),
  instead: z.string().optional(),
  verified: z.boolean(),
  others: z.strictObject({
    hold: whole,
    of: whole,
    complete: z.boolean(),
    broken: z.string().optional(),
    also: z.array(barrierSchema).optional(),
  }),
});
