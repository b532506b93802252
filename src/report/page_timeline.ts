import type { Account } from "../check/history.ts";
import { jsonOf } from "../check/json.ts";
import type { Terms } from "../check/oracle.ts";
import type { LogUnderTest } from "../check/subject.ts";
import type { Told, ToldCall } from "../check/told_log.ts";
import type { PageEvent } from "./page_model.ts";
import { shortened } from "./shortened.ts";

/** What the application lane of one life is made of. */
export interface Telling {
  /** The calls of the life, in order. */
  readonly story: readonly Told[];
  /** What each session of the life owed in the end. */
  readonly accounts: readonly Account[];
  /** Which call's return promises durability. */
  readonly acks: LogUnderTest["acks"];
  /** How to speak of it. */
  readonly terms: Terms;
}

/** A call, with what only the whole story tells about it. */
interface Known {
  /** The session that it falls into: how often the log had been opened before it, less one. */
  readonly session: number;
  /** Of an append, the place of its record in the log. */
  readonly place: number | undefined;
  /** Of an append, its record in words. */
  readonly item: string;
}

/**
 * What the application did in one life, and what it was promised. Opening a log and reading its
 * records is one event, as for the oracle: what was shown is owed from then on.
 *
 * @param telling What was written down.
 * @returns The events, in the order in which they happened.
 */
export function eventsOf({ story, accounts, acks, terms }: Telling): PageEvent[] {
  const known = placesOf(story, accounts, terms);
  const promised = new Set<string>();
  const events: PageEvent[] = [];
  const add = (at: number, words: string, kind: PageEvent["kind"], isIdle = false) =>
    events.push({ at, words, kind, isIdle });
  let isClosed = true;
  for (const [i, { call, at: what }] of story.entries()) {
    const { session, item } = known.get(call)!;
    const account = accounts[session];
    if (what === "called") {
      if (call.what === "records") continue;
      if (call.what === "open" && !isClosed) {
        add(call.calledAt, "The process is killed; what it wrote stays in the page cache", "end");
      }
      isClosed = call.what === "close";
      const next = story[i + 1];
      const isAtOnce = next?.call === call && next.at === "returned" &&
        call.calledAt === call.returnedAt && call.failed === undefined;
      if (!isAtOnce) add(call.calledAt, nameOf(call, item, terms), "call");
      continue;
    }
    const at = call.returnedAt!;
    if (call.failed !== undefined) {
      const name = call.what === "records"
        ? `Reading the ${terms.content}`
        : nameOf(call, item, terms);
      add(at, `${name} fails: ${call.failed}`, "end");
      continue;
    }
    if (call.what === "open") continue;
    if (call.what === "records") {
      if (account === undefined) {
        add(at, `The ${terms.subject} is open, and what it shows is wrong`, "end");
        continue;
      }
      const words = `The ${terms.subject} is open and shows ${shownBy(account, terms)}`;
      add(at, words, account.showsNothing ? "return" : "promise");
      continue;
    }
    const isIdle = call.calledAt === at;
    const acked = mayPromise(call, acks) ? newlyOwed(account, at, { session, promised }) : [];
    const isAtOnce = isIdle && story[i - 1]?.call === call;
    const name = isAtOnce && (call.what !== "sync" || acked.length === 0)
      ? nameOf(call, item, terms)
      : `${shortNameOf(call, known.get(call)!, terms)} returns`;
    if (acked.length > 0) add(at, `${name}: ${rangeOf(acked, terms)} promised`, "promise", isIdle);
    else if (isAtOnce) add(at, name, "call", isIdle);
    else if (isWorthALine(story, i)) add(at, name, "return");
  }
  return events;
}

/** Whether the return of a call can promise that records are durable. */
function mayPromise({ what }: ToldCall, acks: LogUnderTest["acks"]): boolean {
  return (acks !== "never" && what === "sync") || (acks === "append" && what === "append");
}

/** A return that promises nothing is told only where other calls happen in between. */
function isWorthALine(story: readonly Told[], i: number): boolean {
  const { call } = story[i]!;
  const begun = story.findIndex((one) => one.call === call);
  return story.slice(begun + 1, i).some((one) => one.call !== call);
}

/** For each call: its session, and the place of its record. */
function placesOf(
  story: readonly Told[],
  accounts: readonly Account[],
  terms: Terms,
): Map<ToldCall, Known> {
  const known = new Map<ToldCall, Known>();
  let session = -1;
  let appends = 0;
  for (const { call, at } of story) {
    if (at !== "called") continue;
    // An open that fails begins no session.
    if (call.what === "records" && call.failed === undefined) {
      session++;
      appends = 0;
    }
    const records = accounts[session]?.records ?? [];
    const shown = records.filter(({ wasShown }) => wasShown).length;
    const place = call.what === "append" ? shown + appends++ : undefined;
    const record = records[place ?? -1]?.record;
    const words = record && terms.wordsOf(record);
    const item = place === undefined
      ? ""
      : `${terms.item} ${place + 1}${words === undefined ? "" : `: ${shortened(words)}`}`;
    known.set(call, { session, place, item });
  }
  return known;
}

/** The places that are owed since this moment, and were not before. */
function newlyOwed(
  account: Account | undefined,
  at: number,
  { session, promised }: { readonly session: number; readonly promised: Set<string> },
): number[] {
  const places: number[] = [];
  for (const [place, { ackedAt, wasShown }] of account?.records.entries() ?? []) {
    const key = `${session} ${place}`;
    if (wasShown || ackedAt !== at || promised.has(key)) continue;
    promised.add(key);
    places.push(place);
  }
  return places;
}

/** What a subject shows when it is opened. */
function shownBy({ showed, records }: Account, { content }: Terms): string {
  if (content === "state") return `the state ${shortened(jsonOf(showed[0]!))}`;
  const shown = records.filter(({ wasShown }) => wasShown).length;
  return shown === 0 ? "no records" : shown === 1 ? "1 record" : `${shown} records`;
}

function nameOf(call: ToldCall, item: string, terms: Terms): string {
  switch (call.what) {
    case "append":
      if (terms.content === "state") return `${terms.call} ${item}`;
      return `${terms.call} ${item} (${call.amount} ${call.amount === 1 ? "byte" : "bytes"})`;
    case "truncateFront":
      return `forget the oldest ${call.amount}`;
    default:
      return call.what;
  }
}

function shortNameOf(call: ToldCall, { place, item }: Known, terms: Terms): string {
  return place === undefined
    ? nameOf(call, item, terms)
    : `${terms.call} of ${terms.item} ${place + 1}`;
}

function rangeOf(places: readonly number[], { item }: Terms): string {
  const first = places[0]! + 1;
  const last = places.at(-1)! + 1;
  return first === last ? `${item} ${first} is` : `${item}s ${first} to ${last} are`;
}
