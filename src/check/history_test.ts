import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { sameBytes } from "./durable_prefix.ts";
import { Session } from "./history.ts";
import type { Clause } from "./oracle.ts";
import { recordOf } from "./workload.ts";

/** Record number `number`, and a few in a row. */
const record = (number: number) => recordOf(number, 12);
const records = (...numbers: number[]) => numbers.map(record);
const EMPTY = new Uint8Array(0);

/** A session that has shown some records, and then issued others at crash points 1, 2, 3. */
function sessionOf({ shown = 0, issued = 0, acked = 0 }): Session {
  const session = new Session(records(...range(shown)), 0);
  for (let i = 0; i < issued; i++) {
    const place = session.issue(record(shown + i + 1), i + 1);
    if (i < acked) session.ack(place, i + 1);
  }
  return session;
}

/** The numbers from 1 to `end`. */
function range(end: number): number[] {
  return Array.from({ length: end }, (_, i) => i + 1);
}

function assertHolds(session: Session, recovered: readonly Uint8Array[], at: number): void {
  assertEquals(session.judge(recovered, at, at), undefined);
}

function assertBreaks(
  session: Session,
  recovered: readonly Uint8Array[],
  at: number,
  expected: { readonly clause: Clause; readonly message: RegExp },
): void {
  const judged = session.judge(recovered, at, at);
  assert(judged !== undefined, "nothing was found");
  assertEquals(judged.breach.clause, expected.clause, judged.breach.message);
  assertMatch(judged.breach.message, expected.message);
  assertEquals(judged.point, at);
}

Deno.test("judge() takes everything from what was acked to what was issued", () => {
  const session = sessionOf({ shown: 1, issued: 3, acked: 1 });
  for (const end of [2, 3, 4]) assertHolds(session, records(...range(end)), 3);
});

Deno.test("judge() finds an acked record lost", () => {
  const session = sessionOf({ shown: 1, issued: 3, acked: 2 });
  assertBreaks(session, records(1, 2), 3, {
    clause: "acked record lost",
    message: /^Record 3 was acked, and is missing \(3 records owed, 4 records issued, 2 rec/,
  });
  const nothing = sessionOf({ issued: 1, acked: 1 });
  assertBreaks(nothing, [], 1, {
    clause: "acked record lost",
    message: /^Record 1 was acked.*\(1 record owed, 1 record issued, 0 records recovered\)$/,
  });
});

Deno.test("judge() owes a record from the crash point of its ack on, and not before", () => {
  const session = new Session([], 0);
  session.ack(session.issue(record(1), 2), 5);
  for (const at of [0, 1, 2, 3, 4]) assertHolds(session, [], at);
  for (const at of [5, 6]) {
    assertBreaks(session, [], at, { clause: "acked record lost", message: /^Record 1 / });
  }
});

Deno.test("judge() owes every record before an acked one", () => {
  const session = new Session([], 0);
  session.issue(record(1), 1);
  session.ack(session.issue(record(2), 2), 3);
  assertHolds(session, records(1), 2);
  assertBreaks(session, records(1), 3, { clause: "acked record lost", message: /^Record 2 / });
  assertBreaks(session, records(2), 3, { clause: "hole", message: /^Record 1 is missing/ });
});

Deno.test("judge() finds a shown record lost, though nobody was promised it", () => {
  const session = sessionOf({ shown: 2, issued: 1 });
  assertHolds(session, records(1, 2), 0);
  assertBreaks(session, records(1), 0, {
    clause: "shown record lost",
    message: /^Record 2 had been shown by an earlier open, and is missing/,
  });
});

Deno.test("judge() finds a hole, also among records that nobody was promised", () => {
  const session = sessionOf({ shown: 1, issued: 3 });
  assertBreaks(session, records(1, 3), 3, {
    clause: "hole",
    message: /^Record 2 is missing, but record 3 is there/,
  });
  assertBreaks(session, records(2, 3), 3, { clause: "hole", message: /^Record 1 is missing/ });
});

Deno.test("judge() finds a wrong record: other bytes, fewer bytes, more bytes, another order", () => {
  const session = sessionOf({ issued: 2, acked: 2 });
  const flipped = record(2);
  flipped[5]! ^= 1;
  for (const wrong of [flipped, recordOf(2, 11), recordOf(2, 13), EMPTY, recordOf(7, 12)]) {
    assertBreaks(session, [record(1), wrong], 2, {
      clause: "wrong record",
      message: /^Record 2 should be 12 bytes \[.* …\], but is \d+ bytes/,
    });
  }
  assertBreaks(session, records(1, 1), 2, { clause: "wrong record", message: /^Record 2 should/ });
  assertBreaks(session, records(2, 1), 2, { clause: "hole", message: /^Record 1 is missing/ });
});

Deno.test("judge() finds a record back from the dead behind the last issued one", () => {
  const session = sessionOf({ shown: 1, issued: 1, acked: 1 });
  assertBreaks(session, records(1, 2, 9), 2, {
    clause: "back from the dead",
    message: /^After record 2 comes a record that was not issued at that moment.*: 12 bytes \[/,
  });
  assertHolds(session, records(1), 0);
  assertBreaks(session, records(1, 2), 0, {
    clause: "back from the dead",
    message: /^After record 1 comes/,
  });
});

Deno.test("judge() finds forgotten records back once they are durably forgotten", () => {
  const session = sessionOf({ shown: 3 });
  session.ackAll(0, session.forget(2, 1), 4);
  for (const at of [1, 3]) assertHolds(session, records(1, 2, 3), at);
  assertHolds(session, records(3), 4);
  assertBreaks(session, records(1, 2, 3), 4, {
    clause: "forgotten record back",
    message: /^Record 1 was durably forgotten, and is there again \(1 record owed/,
  });
  assertBreaks(session, records(2, 3), 4, {
    clause: "forgotten record back",
    message: /^Record 2 /,
  });
});

Deno.test("judge() lets truncateFront in flight have forgotten any number up to its count", () => {
  const session = sessionOf({ shown: 4 });
  session.forget(2, 1);
  for (const from of [1, 2, 3]) assertHolds(session, records(1, 2, 3, 4).slice(from - 1), 1);
  assertBreaks(session, records(4), 1, { clause: "hole", message: /^Record 3 is missing/ });
  assertBreaks(session, records(2, 3, 4), 0, { clause: "hole", message: /^Record 1 is missing/ });
  assertBreaks(session, [], 1, {
    clause: "shown record lost",
    message: /^Record 3 .*, 0 records recovered, 2 being forgotten\)$/,
  });
});

Deno.test("judge() adds up the counts of truncateFront, and never beyond what there is", () => {
  const session = sessionOf({ shown: 2, issued: 2 });
  session.ackAll(0, session.forget(1, 3), 3);
  session.forget(9, 4);
  session.issue(record(5), 5);
  assertHolds(session, records(2), 3);
  assertHolds(session, [], 4);
  session.ackAll(3, 2, 6);
  assertHolds(session, records(5), 6);
  assertBreaks(session, [], 6, {
    clause: "acked record lost",
    message: /^Record 5 .*, 4 records forgotten\)$/,
  });
});

Deno.test("judge() expects nothing of a call of truncateFront that failed", () => {
  const session = sessionOf({ shown: 3 });
  session.forget(2, 1);
  session.doubtForget();
  session.ackAll(0, 1, 2);
  for (const from of [1, 2, 3]) assertHolds(session, records(1, 2, 3).slice(from - 1), 2);
  session.ackAll(0, session.forget(1, 3), 3);
  for (const from of [2, 3]) assertHolds(session, records(1, 2, 3).slice(from - 1), 3);
  assertHolds(session, [], 3);
  assertBreaks(session, records(1, 2, 3), 3, {
    clause: "forgotten record back",
    message: /^Record 1 /,
  });
});

Deno.test("judge() lets an append that failed have happened or not, and nothing between", () => {
  const session = new Session([], 0);
  session.doubt(session.issue(record(1), 1));
  session.ack(session.issue(record(2), 2), 3);
  assertHolds(session, records(1, 2), 3);
  assertHolds(session, records(2), 3);
  assertBreaks(session, [recordOf(1, 11), record(2)], 3, {
    clause: "wrong record",
    message: /^Record 2 should be/,
  });
  assertBreaks(session, records(1), 3, {
    clause: "acked record lost",
    message: /^Record 2 was acked/,
  });
  assertBreaks(session, [], 3, { clause: "acked record lost", message: /^Record 2 was acked/ });
  assertBreaks(session, records(2, 1), 3, { clause: "back from the dead", message: /^After / });
});

Deno.test("judge() does not know which record is the oldest after an append that failed", () => {
  const session = new Session([], 0);
  session.doubt(session.issue(record(1), 1));
  for (const number of [2, 3]) session.ack(session.issue(record(number), number), number);
  session.ackAll(0, session.forget(1, 4), 4);
  assertHolds(session, records(2, 3), 4);
  assertHolds(session, records(3), 4);
  assertBreaks(session, [], 4, { clause: "acked record lost", message: /^Record \d was acked/ });
  assertBreaks(session, records(1, 2, 3), 4, {
    clause: "forgotten record back",
    message: /^Record 1 /,
  });
});

Deno.test("ackAll() acks what was issued before the call, and nothing that failed", () => {
  const session = sessionOf({ issued: 3 });
  const { appends, fronts } = session.counts;
  assertEquals([appends, fronts], [3, 0]);
  session.doubt(1);
  session.issue(record(4), 4);
  session.ackAll(appends, fronts, 5);
  assertEquals(session.acked, 2);
  assertHolds(session, records(1, 3), 5);
  assertBreaks(session, records(1), 5, { clause: "acked record lost", message: /^Record 3 / });
});

Deno.test("ack() is not taken back by a later one", () => {
  const session = sessionOf({ issued: 1, acked: 1 });
  session.ackAll(1, 0, 9);
  assertBreaks(session, [], 1, { clause: "acked record lost", message: /^Record 1 / });
});

Deno.test("judge() counts empty records", () => {
  const session = new Session([EMPTY], 0);
  for (const at of [1, 2]) session.ack(session.issue(EMPTY, at), at);
  assertHolds(session, [EMPTY, EMPTY, EMPTY], 2);
  assertBreaks(session, [EMPTY, EMPTY], 2, {
    clause: "acked record lost",
    message: /^Record 3 was acked/,
  });
  assertBreaks(session, [], 0, { clause: "shown record lost", message: /^Record 1 had been/ });
  assertBreaks(session, [EMPTY, EMPTY, EMPTY, EMPTY], 2, {
    clause: "back from the dead",
    message: /0 bytes$/,
  });
  assertBreaks(session, [EMPTY, record(1)], 2, {
    clause: "wrong record",
    message: /^Record 2 should be 0 bytes, but is 12 bytes/,
  });
});

Deno.test("judge() over a window asks for what every crash point in it asks for", () => {
  const session = new Session([], 0);
  session.ack(session.issue(record(1), 2), 4);
  session.ack(session.issue(record(2), 5), 7);
  assertEquals(session.judge([], 0, 3), undefined);
  assertEquals(session.judge(records(1), 2, 6), undefined);
  assertEquals(session.judge(records(1, 2), 5, 9), undefined);
  const pointOf = (recovered: Uint8Array[], lo: number, hi: number) =>
    session.judge(recovered, lo, hi)?.point;
  assertEquals(pointOf([], 0, 9), 4);
  assertEquals(pointOf([], 6, 9), 6);
  assertEquals(pointOf(records(1), 3, 9), 7);
  assertEquals(pointOf(records(1), 1, 6), 1);
  assertEquals(pointOf(records(1, 2), 2, 9), 2);
});

Deno.test("judge() over a window does not demand of one crash point what is due at another", () => {
  const session = sessionOf({ shown: 2 });
  session.ackAll(0, session.forget(1, 2), 4);
  assertEquals(session.judge(records(2), 2, 9), undefined);
  assertEquals(session.judge(records(1, 2), 0, 3), undefined);
  // At 4 the record must be gone, at 0 it must be there: nothing is legal at both.
  assertEquals(session.judge(records(1, 2), 0, 9)?.point, 4);
  assertEquals(session.judge(records(2), 0, 9)?.point, 0);
});

Deno.test("sameBytes() compares lengths and every byte", () => {
  assert(sameBytes(EMPTY, new Uint8Array(0)));
  assert(sameBytes(record(1), record(1)));
  for (let i = 0; i < 12; i++) {
    const other = record(1);
    other[i]! ^= 0x80;
    assert(!sameBytes(record(1), other));
  }
  assert(!sameBytes(record(1), record(1).subarray(0, 11)));
});

/** What happens between two showings of the records. */
type Event =
  | {
    readonly event: "append";
    readonly byte: number;
    readonly outcome: "acked" | "failed" | "open";
  }
  | {
    readonly event: "forget";
    readonly count: number;
    readonly outcome: "acked" | "failed" | "open";
  }
  | { readonly event: "sync" }
  | { readonly event: "op" };

const outcome = fc.constantFrom("acked" as const, "acked" as const, "failed", "open");
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ event: fc.constant("append" as const), byte: fc.nat(3), outcome }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      event: fc.constant("forget" as const),
      count: fc.integer({ min: 1, max: 3 }),
      outcome,
    }),
  },
  { weight: 1, arbitrary: fc.constant<Event>({ event: "sync" }) },
  { weight: 4, arbitrary: fc.constant<Event>({ event: "op" }) },
);

/** Byte 0 stands for the empty record. */
const bytesOf = (byte: number) => new Uint8Array(byte === 0 ? 0 : 1).fill(byte);

/** Tells a session what has happened; every call takes an op before it returns. */
function sessionFrom(shown: readonly number[], events: readonly Event[]): [Session, number] {
  const session = new Session(shown.map(bytesOf), 0);
  let now = 0;
  for (const it of events) {
    if (it.event === "append") {
      const place = session.issue(bytesOf(it.byte), now++);
      if (it.outcome === "acked") session.ack(place, now);
      if (it.outcome === "failed") session.doubt(place);
    } else if (it.event === "forget") {
      const fronts = session.forget(it.count, now++);
      if (it.outcome === "acked") session.ackAll(0, fronts, now);
      if (it.outcome === "failed") session.doubtForget();
    } else if (it.event === "sync") {
      const { appends, fronts } = session.counts;
      session.ackAll(appends, fronts, ++now);
    } else now++;
  }
  return [session, now];
}

/**
 * The specification, written on another idea: plays the events up to crash point `at` on a plain
 * array, in every way that they may have gone, and collects everything that recovery may return.
 */
function legalOutcomes(
  shown: readonly number[],
  events: readonly Event[],
  at: number,
): Set<string> {
  const outcomes = new Set<string>();
  const calls = events.map((it, i) => ({ ...it, startedAt: i, returnedAt: i + 1 }));
  const past = calls.filter(({ startedAt }) => startedAt <= at);
  const syncs = past.filter((it) => it.event === "sync" && it.returnedAt <= at);
  const synced = (call: { startedAt: number }) =>
    syncs.some(({ startedAt }) => startedAt > call.startedAt);
  const promised = (call: typeof past[number]) =>
    "outcome" in call && call.outcome !== "failed" &&
    ((call.outcome === "acked" && call.returnedAt <= at) || synced(call));
  const forgets = past.filter((it) => it.event === "forget");
  /** Whether a call of truncateFront is owed: it was promised itself, or one after it was. */
  const forgetIsOwed = (call: typeof past[number]) =>
    "outcome" in call && call.outcome !== "failed" &&
    forgets.some((other) => other.startedAt >= call.startedAt && promised(other));

  interface Item {
    readonly byte: number;
    readonly owed: boolean;
  }
  const play = (i: number, log: readonly Item[], forgotten: number): void => {
    const call = past[i];
    if (call === undefined) {
      const lastOwed = log.findLastIndex(({ owed }) => owed);
      for (let end = lastOwed + 1; end <= log.length; end++) {
        outcomes.add(log.slice(Math.min(forgotten, end), end).map(({ byte }) => byte).join());
      }
      return;
    }
    if (call.event === "append") {
      const item = { byte: call.byte, owed: promised(call) };
      play(i + 1, [...log, item], forgotten);
      if (call.outcome === "failed") play(i + 1, log, forgotten);
    } else if (call.event === "forget") {
      const all = Math.min(call.count, log.length - forgotten);
      const least = forgetIsOwed(call) ? all : 0;
      for (let n = least; n <= all; n++) play(i + 1, log, forgotten + n);
    } else play(i + 1, log, forgotten);
  };
  play(0, shown.map((byte) => ({ byte, owed: true })), 0);
  return outcomes;
}

Deno.test("judge() says the same as trying everything that may have happened", () => {
  let [legal, illegal] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(fc.nat(3), { maxLength: 3 }),
      fc.array(event, { maxLength: 9 }),
      fc.nat(),
      fc.nat(),
      fc.array(fc.nat(3), { maxLength: 4 }),
      fc.nat(),
      (shown, events, a, b, noise, pick) => {
        const [session, end] = sessionFrom(shown, events);
        const [lo, hi] = [a % (end + 1), b % (end + 1)].sort((a, b) => a - b) as [number, number];
        const points = Array.from({ length: hi - lo + 1 }, (_, i) => lo + i);
        const allowed = points.map((at) => legalOutcomes(shown, events, at));
        const candidates = [noise.join(), ...allowed.flatMap((set) => [...set])];
        // All of the first few, and one at random that somewhere is legal.
        for (const text of [...candidates.slice(0, 3), candidates[pick % candidates.length]!]) {
          const recovered = text === "" ? [] : text.split(",").map(Number);
          const point = points.find((_, i) => !allowed[i]!.has(text));
          if (point === undefined) legal++;
          else illegal++;
          assertEquals(session.judge(recovered.map(bytesOf), lo, hi)?.point, point);
        }
      },
    ),
    { numRuns: 4000, seed: 5 },
  );
  assert(legal > 2000 && illegal > 2000, `${legal} were legal, ${illegal} were not`);
});
