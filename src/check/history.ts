/**
 * What a log has promised, when. An {@linkcode Oracle} says whether what was recovered keeps it.
 *
 * METHOD. A life is a row of sessions, one for each time that the log was opened and has shown its
 * records. Records that a session has shown are owed from then on. A record is issued when its
 * append is called, acked when the call that promises durability has returned. A crash point within
 * a session is judged by that session; one before the first session of a life (a crash in recovery)
 * by the life before. An append that failed may or may not have happened: both are legal. So may a
 * call of truncateFront that failed, in part or whole.
 *
 * @module
 */
import { durablePrefix, sameBytes } from "./durable_prefix.ts";
import {
  type Breach,
  type Demands,
  type Known,
  ofRecords,
  type Oracle,
  type StateComparison,
} from "./oracle.ts";

/** One appended record. */
interface Issued {
  readonly record: Uint8Array;
  readonly issuedAt: number;
  /** Crash point from which the record is owed. */
  ackedAt: number;
  /** The append failed: the record may be there or not. */
  uncertain: boolean;
}

/** One call of truncateFront. */
interface Forgotten {
  readonly issuedAt: number;
  ackedAt: number;
  /** How many records of the session, shown ones included, it and those before it must forget. */
  frontMin: number;
  /** How many they may forget: records whose append failed may not count. */
  readonly frontMax: number;
}

/** From one showing of the records to the next. */
export class Session implements Known {
  /** The crash point at which the records had been shown. */
  readonly shownAt: number;
  readonly #shown: readonly Uint8Array[];
  readonly #oracle: Oracle;
  readonly #issued: Issued[] = [];
  readonly #forgotten: Forgotten[] = [];

  /** Begins when `shown` has been shown at crash point `shownAt`. */
  constructor(shown: readonly Uint8Array[], shownAt: number, oracle: Oracle = durablePrefix) {
    this.#shown = shown;
    this.shownAt = shownAt;
    this.#oracle = oracle;
  }

  /** How many records it showed when it began. */
  get shown(): number {
    return this.#shown.length;
  }

  /** How many records there are: those shown, then those appended. */
  get places(): number {
    return this.#shown.length + this.#issued.length;
  }

  /** The record at a place. */
  at(place: number): Uint8Array {
    return this.#shown[place] ?? this.#issued[place - this.#shown.length]!.record;
  }

  /** Whether a record may be missing: its append failed. */
  mayMiss(place: number): boolean {
    return this.#issued[place - this.#shown.length]?.uncertain === true;
  }

  /** An append is called; returns its place, for {@linkcode ack} and {@linkcode doubt}. */
  issue(record: Uint8Array, at: number): number {
    return this.#issued.push({ record, issuedAt: at, ackedAt: Infinity, uncertain: false }) - 1;
  }

  /** The durability of an append is promised. */
  ack(place: number, at: number): void {
    const issued = this.#issued[place]!;
    issued.ackedAt = Math.min(issued.ackedAt, at);
  }

  /** The durability of everything before `places` and `fronts` is promised. */
  ackAll(places: number, fronts: number, at: number): void {
    for (let i = 0; i < places; i++) if (!this.#issued[i]!.uncertain) this.ack(i, at);
    for (let i = 0; i < fronts; i++) {
      const forgotten = this.#forgotten[i]!;
      forgotten.ackedAt = Math.min(forgotten.ackedAt, at);
    }
  }

  /** An append has failed. */
  doubt(place: number): void {
    this.#issued[place]!.uncertain = true;
  }

  /**
   * The oldest records are to be forgotten; returns the number of such calls so far. Of the appends,
   * the first `certain` ones have returned: the others may come after it.
   */
  forget(count: number, at: number, certain = this.#issued.length): number {
    const before = this.#forgotten.at(-1);
    const end = this.places;
    const frontMin = Math.min((before?.frontMin ?? 0) + count, this.shown + certain);
    let frontMax = before?.frontMax ?? 0;
    for (let left = count; left > 0 && frontMax < end; frontMax++) {
      if (!this.mayMiss(frontMax)) left--;
    }
    return this.#forgotten.push({ issuedAt: at, ackedAt: Infinity, frontMin, frontMax });
  }

  /** A call of truncateFront has failed, the last one unless its number is given. */
  doubtForget(number: number = this.#forgotten.length): void {
    const certain = this.#forgotten[number - 2]?.frontMin ?? 0;
    for (let i = number - 1; i < this.#forgotten.length; i++) {
      this.#forgotten[i]!.frontMin = certain;
    }
  }

  /** How many appends and how many calls of truncateFront there were. */
  get counts(): { readonly appends: number; readonly fronts: number } {
    return { appends: this.#issued.length, fronts: this.#forgotten.length };
  }

  /** What was shown, issued and acked when, for telling two runs apart. */
  get timeline(): string {
    const issued = this.#issued.map(({ record, issuedAt, ackedAt, uncertain }) =>
      [record.length, issuedAt, ackedAt, uncertain].join(" ")
    );
    const forgotten = this.#forgotten.map((call) => Object.values(call).join(" "));
    const shown = this.#shown.map(({ length }) => length);
    return [this.shownAt, shown, issued, forgotten].join("; ");
  }

  /** How many of the appends have been acked. */
  get acked(): number {
    return this.#issued.filter((issued) => issued.ackedAt < Infinity).length;
  }

  /** What is owed, and what may be there, after a crash at `point`. */
  accountAt(point: number): Account {
    const demands = this.#demands(point, point);
    const { from } = this.#oracle.terms ?? ofRecords;
    const records = Array.from({ length: this.places }, (_, place): AccountRecord => ({
      record: this.at(place),
      wasShown: place < this.shown,
      mayMiss: this.mayMiss(place),
      ackedAt: this.#issued[place - this.shown]?.ackedAt ?? this.shownAt,
    }));
    return {
      shownAt: this.shownAt,
      showed: this.#shown,
      showsNothing: areSame(this.#shown, this.#oracle.nothing),
      records: records.slice(from),
      owed: demands.owed - from,
      issued: demands.issued - from,
      frontOwed: Math.max(demands.frontOwed - from, 0),
      frontIssued: Math.max(demands.frontIssued - from, 0),
      compare: (recovered) => this.#oracle.compare?.(recovered, this, demands),
    };
  }

  /**
   * Judges what was recovered after a crash at any point of a window within this session.
   *
   * @param recovered What was recovered.
   * @param lo The earliest crash point.
   * @param hi The latest crash point.
   * @returns The breach and the earliest crash point that shows it, or `undefined`.
   */
  judge(
    recovered: readonly Uint8Array[],
    lo: number,
    hi: number,
  ): { readonly breach: Breach; readonly point: number } | undefined {
    // The narrowest demands of the whole window; where even they are met, every point is.
    if (this.#oracle.isLegal(recovered, this, this.#demands(lo, hi))) return undefined;
    for (let point = lo; point <= hi; point++) {
      const demands = this.#demands(point, point);
      if (!this.#oracle.isLegal(recovered, this, demands)) {
        return { breach: this.#oracle.explain(recovered, this, demands), point };
      }
    }
    return undefined;
  }

  /** Whether `recovered` is what this session had at any moment, forgotten records included. */
  isMoment(recovered: readonly Uint8Array[]): boolean {
    const frontIssued = this.#forgotten.at(-1)?.frontMax ?? 0;
    const demands = { owed: 0, issued: this.places, frontOwed: 0, frontIssued };
    return this.#oracle.isLegal(recovered, this, demands);
  }

  #demands(lo: number, hi: number): Demands {
    const base = this.shown;
    let owed = base;
    let issued = base;
    for (const [i, append] of this.#issued.entries()) {
      if (append.issuedAt <= lo) issued = base + i + 1;
      if (append.ackedAt <= hi) owed = base + i + 1;
    }
    let frontOwed = 0;
    let frontIssued = 0;
    for (const forgotten of this.#forgotten) {
      if (forgotten.issuedAt <= lo) frontIssued = forgotten.frontMax;
      if (forgotten.ackedAt <= hi) frontOwed = forgotten.frontMin;
    }
    return { owed, issued, frontOwed, frontIssued };
  }
}

function areSame(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((record, i) => sameBytes(record, b[i]!));
}

/**
 * What a session owes at some crash point, record by record, for reports. Of a store these are its
 * commands: the state that it showed first is none of them, and the demands do not count it.
 */
export interface Account extends Demands {
  /** The crash point at which the session had shown its records. */
  readonly shownAt: number;
  /** What the session showed when it began. */
  readonly showed: readonly Uint8Array[];
  /** Whether that is what an empty directory shows. */
  readonly showsNothing: boolean;
  /** All that the session ever had: what it showed, then what was appended. */
  readonly records: readonly AccountRecord[];
  /** Of a store: what was recovered beside what would have been right. */
  compare(recovered: readonly Uint8Array[] | undefined): StateComparison | undefined;
}

/** One record of an account, or one command. */
export interface AccountRecord {
  /** Its bytes. */
  readonly record: Uint8Array;
  /** Whether it was there when the log was opened. */
  readonly wasShown: boolean;
  /** Whether its append failed, so that it may be there or not. */
  readonly mayMiss: boolean;
  /** The crash point from which it is owed; `Infinity` when that never came. */
  readonly ackedAt: number;
}
