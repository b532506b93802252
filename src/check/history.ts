/**
 * What a log has promised, and the oracle: after a power loss, what was recovered must begin with
 * everything that was acked and end within what was issued.
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

/** Why a recovery is wrong. */
export type Clause =
  /** An acked record is missing. */
  | "acked record lost"
  /** A record that an earlier recovery had shown is missing. */
  | "shown record lost"
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
export class Session {
  /** The crash point at which the records had been shown. */
  readonly shownAt: number;
  /** The records shown. */
  readonly shown: readonly Uint8Array[];
  readonly #issued: Issued[] = [];
  readonly #forgotten: Forgotten[] = [];

  /** Begins when `shown` has been shown at crash point `shownAt`. */
  constructor(shown: readonly Uint8Array[], shownAt: number) {
    this.shown = shown;
    this.shownAt = shownAt;
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
    const end = this.shown.length + this.#issued.length;
    const frontMin = Math.min((before?.frontMin ?? 0) + count, this.shown.length + certain);
    let frontMax = before?.frontMax ?? 0;
    for (let left = count; left > 0 && frontMax < end; frontMax++) {
      if (!this.#mayMiss(frontMax)) left--;
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
    const { shownAt, shown } = this;
    return [shownAt, shown.map(({ length }) => length), issued, forgotten].join("; ");
  }

  /** How many of the appends have been acked. */
  get acked(): number {
    return this.#issued.filter((issued) => issued.ackedAt < Infinity).length;
  }

  /** What is owed, and what may be there, after a crash at `point`. */
  accountAt(point: number): Account {
    const { owed, issued, frontOwed, frontIssued } = this.#demands(point, point);
    const places = this.shown.length + this.#issued.length;
    const records = Array.from({ length: places }, (_, place): AccountRecord => ({
      record: this.#at(place),
      wasShown: place < this.shown.length,
      mayMiss: this.#mayMiss(place),
      ackedAt: this.#issued[place - this.shown.length]?.ackedAt ?? this.shownAt,
    }));
    return { shownAt: this.shownAt, records, owed, issued, frontOwed, frontIssued };
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
    if (this.#isLegal(recovered, this.#demands(lo, hi))) return undefined;
    for (let point = lo; point <= hi; point++) {
      const demands = this.#demands(point, point);
      if (!this.#isLegal(recovered, demands)) {
        return { breach: this.#explain(recovered, demands), point };
      }
    }
    return undefined;
  }

  /** Whether `recovered` is what this session had at any moment, forgotten records included. */
  isMoment(recovered: readonly Uint8Array[]): boolean {
    const issued = this.shown.length + this.#issued.length;
    const frontIssued = this.#forgotten.at(-1)?.frontMax ?? 0;
    return this.#isLegal(recovered, { owed: 0, issued, frontOwed: 0, frontIssued });
  }

  #demands(lo: number, hi: number): Demands {
    const base = this.shown.length;
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

  #at(place: number): Uint8Array {
    return this.shown[place] ?? this.#issued[place - this.shown.length]!.record;
  }

  /** Records that may be missing: their append failed. */
  #mayMiss(place: number): boolean {
    return this.#issued[place - this.shown.length]?.uncertain === true;
  }

  #isLegal(recovered: readonly Uint8Array[], demands: Demands): boolean {
    for (let front = demands.frontOwed; front <= demands.frontIssued; front++) {
      if (this.#isRun(recovered, 0, front, demands)) return true;
    }
    return false;
  }

  /** Whether `recovered` from `i` on is the records from `place` on, up to a legal end. */
  #isRun(recovered: readonly Uint8Array[], i: number, place: number, demands: Demands): boolean {
    for (; i < recovered.length; i++, place++) {
      if (place >= demands.issued) return false;
      if (this.#mayMiss(place) && this.#isRun(recovered, i, place + 1, demands)) return true;
      if (!sameBytes(recovered[i]!, this.#at(place))) return false;
    }
    for (; place < demands.owed; place++) if (!this.#mayMiss(place)) return false;
    return true;
  }

  #explain(recovered: readonly Uint8Array[], demands: Demands): Breach {
    const { owed, issued, frontOwed, frontIssued } = demands;
    const places = recovered.map((record) => this.#placeOf(record));
    const known = `${count(owed - frontOwed)} owed, ${count(issued - frontOwed)} issued, ` +
      `${count(recovered.length)} recovered`;
    const first = places[0];
    if (first !== undefined && first >= 0 && first < frontOwed) {
      return {
        clause: "forgotten record back",
        message: `Record ${first + 1} was durably forgotten, and is there again (${known})`,
      };
    }
    let place = Math.min(Math.max(first ?? frontOwed, frontOwed), frontIssued);
    for (const [i, record] of recovered.entries()) {
      while (place < issued && this.#mayMiss(place) && !sameBytes(record, this.#at(place))) place++;
      const expected = place < issued ? this.#at(place) : undefined;
      if (expected !== undefined && sameBytes(record, expected)) {
        place++;
        continue;
      }
      const found = places[i]!;
      if (found > place && found < issued) {
        return {
          clause: "hole",
          message: `Record ${place + 1} is missing, but record ${found + 1} is there (${known})`,
        };
      }
      return {
        clause: expected === undefined ? "back from the dead" : "wrong record",
        message: expected === undefined
          ? `After record ${place} comes a record that was not issued at that moment ` +
            `(${known}): ${describe(record)}`
          : `Record ${place + 1} should be ${describe(expected)}, but is ${describe(record)} ` +
            `(${known})`,
      };
    }
    let missing = place;
    while (this.#mayMiss(missing)) missing++;
    const wasShown = missing < this.shown.length;
    return {
      clause: wasShown ? "shown record lost" : "acked record lost",
      message: wasShown
        ? `Record ${missing + 1} had been shown by an earlier open, and is missing (${known})`
        : `Record ${missing + 1} was acked, and is missing (${known})`,
    };
  }

  #placeOf(record: Uint8Array): number {
    for (let place = 0; place < this.shown.length + this.#issued.length; place++) {
      if (sameBytes(record, this.#at(place))) return place;
    }
    return -1;
  }
}

/** What a session owes at some crash point, record by record, for reports. */
export interface Account extends Demands {
  /** The crash point at which the session had shown its records. */
  readonly shownAt: number;
  /** All that the session ever had: what it showed, then what was appended. */
  readonly records: readonly AccountRecord[];
}

/** One record of an account. */
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

/** Whether two records are equal, byte for byte. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  const { length } = a;
  if (length !== b.length) return false;
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function count(records: number): string {
  return records === 1 ? "1 record" : `${records} records`;
}

function describe(record: Uint8Array): string {
  const shown = [...record.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0"));
  const rest = record.length > 8 ? " …" : "";
  return `${record.length} bytes${shown.length > 0 ? ` [${shown.join(" ")}${rest}]` : ""}`;
}
