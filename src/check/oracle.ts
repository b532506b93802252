/**
 * What it means to keep a promise.
 *
 * @module
 */

/** Why a recovery is wrong. Of stores it is said of commands and states instead of records. */
export type Clause =
  /** An acked record is missing. */
  | "acked record lost"
  /** A record that an earlier recovery had shown is missing. */
  | "shown record lost"
  /** What an acked command did to a store is undone. */
  | "acked command lost"
  /** A store is in a state that no number of whole commands leads to. */
  | "wrong state"
  /** A record is missing, but a later one is there. */
  | "hole"
  /** A record has other bytes than were appended, or was never appended. */
  | "wrong record"
  /** A record that an earlier recovery had discarded is there again. */
  | "back from the dead"
  /** Records that were durably forgotten are there again. */
  | "forgotten record back"
  /** Opening the log failed. */
  | "open failed"
  /** Reading the records failed. */
  | "records failed";

/** A broken promise. */
export interface Breach {
  /** Which rule is broken. */
  readonly clause: Clause;
  /** The rule and the records, in words. */
  readonly message: string;
}

/** What is known of a session: the places of its records, what it showed first, then what was issued. */
export interface Known {
  /** How many records it showed when it began. */
  readonly shown: number;
  /** How many places there are. */
  readonly places: number;
  /** The record at a place. */
  at(place: number): Uint8Array;
  /** Whether the record at a place may be missing: its append failed. */
  mayMiss(place: number): boolean;
}

/** How reports speak of what is judged. */
export interface Terms {
  /** What keeps the items. */
  readonly subject: "log" | "store";
  /** What it is given, one after the other. */
  readonly item: "record" | "command";
  /** The call that gives it one. */
  readonly call: "append" | "apply";
  /** The call again, of an item that was given. */
  readonly called: "appended" | "applied";
  /** What it shows when it is opened. */
  readonly content: "records" | "state";
  /** Of a session's places, the first that is an item: what is before is what the subject showed. */
  readonly from: 0 | 1;
  /** An item in words; `undefined` where its bytes say it best. */
  wordsOf(item: Uint8Array): string | undefined;
}

/** A log and its records. */
export const ofRecords: Terms = {
  subject: "log",
  item: "record",
  call: "append",
  called: "appended",
  content: "records",
  from: 0,
  wordsOf: () => undefined,
};

/** What was recovered beside what would have been right, where that is one state. */
export interface StateComparison {
  /** The state that must be there at least: after the commands that are owed. */
  readonly least: unknown;
  /** The state that may be there at most: after the commands that were issued. */
  readonly most: unknown;
  /** What was recovered, and which state would have been right; `undefined` when nothing was. */
  readonly recovered?: {
    /** The state that came back. */
    readonly state: unknown;
    /** Of the legal states the one that is most like it. */
    readonly nearest: unknown;
    /** After how many commands the state is that came back; `undefined` when after no number. */
    readonly after: number | undefined;
  } | undefined;
}

/** Says whether what was recovered keeps a promise. */
export interface Oracle {
  /** What an empty directory shows. */
  readonly nothing: readonly Uint8Array[];
  /** How reports speak of it: as of a log and its records, where this is left out. */
  readonly terms?: Terms;
  /** Whether `recovered` keeps the promise. */
  isLegal(recovered: readonly Uint8Array[], known: Known, demands: Demands): boolean;
  /** Why it does not. */
  explain(recovered: readonly Uint8Array[], known: Known, demands: Demands): Breach;
  /**
   * Where what is recovered is one state: that beside the legal ones, for reports. Of the opening of
   * a session, `recovered` is what it showed.
   */
  compare?(
    recovered: readonly Uint8Array[] | undefined,
    known: Known,
    demands: Demands,
  ): StateComparison;
}

/** What a crash may at most have cost, and at most have kept. */
export interface Demands {
  /** Records before this place must be there, unless forgotten. */
  readonly owed: number;
  /** No record from this place on may be there. */
  readonly issued: number;
  /** Records before this place must not be there. */
  readonly frontOwed: number;
  /** Records from this place on must be there. */
  readonly frontIssued: number;
}
