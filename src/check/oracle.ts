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

/** Says whether what was recovered keeps a promise. */
export interface Oracle {
  /** What an empty directory shows. */
  readonly nothing: readonly Uint8Array[];
  /** Whether `recovered` keeps the promise. */
  isLegal(recovered: readonly Uint8Array[], known: Known, demands: Demands): boolean;
  /** Why it does not. */
  explain(recovered: readonly Uint8Array[], known: Known, demands: Demands): Breach;
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
