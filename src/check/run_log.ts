import { restoreDeno } from "../vfs/deno/replace_deno.ts";
import { type Disk, StepBudgetError } from "../vfs/disk.ts";
import { durablePrefix } from "./durable_prefix.ts";
import { Session } from "./history.ts";
import type { Breach, Oracle } from "./oracle.ts";
import { type Decide, InterleavedFileSystem, Interleaving } from "./interleaving.ts";
import { enterFakeTime, leaveFakeTime } from "./interleaving_clock.ts";
import { drive, isPromiseLike, noWait, quiet, type Wait, type Waiting } from "./settle.ts";
import { oracleOf, type StoreOracle } from "./store.ts";
import type { LogUnderTest, MaybePromise } from "./subject.ts";
import { type Command, formatCommand, recordOf, type SingleCall } from "./workload.ts";
import { isUnjudgeable } from "./unjudgeable.ts";

/** The directory that a log under test is opened in. */
export const LOG_DIRECTORY = "/log";

/** How often a log is opened after faults; an error that nobody has seen may come up once more. */
const ATTEMPTS = 3;

/** Microtask turns that a log gets to finish what it has started. */
const TURNS_AT_REST = 32;
/** Timers and file calls that it gets then. */
const EVENTS_AT_REST = 16;

/** A breach, and a crash that shows it: one crash point for each life before the recovery. */
export interface Violation extends Breach {
  /** The crash point of each life, in completed ops. */
  readonly crashPoints: readonly number[];
  /** What was recovered; `undefined` when nothing could be. */
  readonly recovered: readonly Uint8Array[] | undefined;
  /** The commands of the last life up to the one that showed it. */
  readonly after: readonly Command[];
}

/** Runs a log under test through the lives of one workload, and judges what it recovers. */
export class LogRun {
  readonly #subject: LogUnderTest;
  readonly #disk: Disk;
  /** Where the subject is a store in the shape of a log. */
  readonly #store: StoreOracle | undefined;
  readonly #oracle: Oracle;
  /** What an empty directory owes: nothing, and nothing may be there. */
  readonly #empty: Session;
  /** The sessions of each life. */
  readonly #lives: Session[][] = [];
  #fs: InterleavedFileSystem;
  #log: unknown;
  #number: number;
  /** When the next process starts: one starts every hour. */
  #hour: number;
  #waits = false;
  /** Whether the log would not open over media that are not what they were. */
  #refused = false;
  /** Whether the log cannot be opened any more in this life, because calls fail. */
  #isOver = false;
  /** The commands of the present life that have been begun. */
  #begun: readonly Command[] = [];
  /** Whether concurrent callers are at work. */
  #isShared = false;
  /** The calls of the present session that have not returned: appends, and those of truncateFront. */
  readonly #appending = new Set<number>();
  readonly #forgetting = new Set<number>();
  /** Everything that the log has shown, for telling two runs apart. */
  readonly shown: (readonly Uint8Array[])[] = [];
  /** What can happen next. */
  readonly interleaving: Interleaving;

  /**
   * Starts with the first life still to come, or after the lives of `before`. Of the first life,
   * `decide` says what happens when; later, always the first event happens. What comes after
   * `before` comes `hoursLater`: what a recovery does must not depend on the time of day.
   */
  constructor(
    subject: LogUnderTest,
    disk: Disk,
    { before, hoursLater = 0, decide }: {
      readonly before?: LogRun;
      readonly hoursLater?: number;
      readonly decide?: Decide | undefined;
    } = {},
  ) {
    this.#subject = subject;
    this.#disk = disk;
    this.#store = oracleOf(subject);
    this.#oracle = this.#store?.oracle ?? durablePrefix;
    this.#empty = new Session(this.#oracle.nothing, 0, this.#oracle);
    this.interleaving = new Interleaving(() => this.#mayGoOn(), decide);
    this.#fs = new InterleavedFileSystem(disk, this.interleaving);
    this.#number = before === undefined ? 0 : before.#number;
    this.#hour = before === undefined ? 0 : before.#hour + hoursLater;
    if (before !== undefined) this.#lives.push(...before.#lives);
  }

  /** Whether the log has ever returned a promise. */
  get waits(): boolean {
    return this.#waits;
  }

  /** What an empty directory owes. */
  get empty(): Session {
    return this.#empty;
  }

  /** The sessions of each life so far, for reports. */
  get sessions(): readonly (readonly Session[])[] {
    return this.#lives;
  }

  /** What was shown, issued and acked when, for telling two runs apart. */
  get timeline(): string {
    return this.#lives.flat().map(({ timeline }) => timeline).join("\n");
  }

  /** How many appends have been acked so far. */
  get acked(): number {
    return this.#lives.flat().reduce((sum, session) => sum + session.acked, 0);
  }

  /** Lives one life: opens the log, judges what it shows, and carries out the commands. */
  *live(commands: readonly Command[]): Waiting<Violation | undefined> {
    this.#lives.push([]);
    this.#isOver = false;
    this.#begun = [];
    if (this.#lives.length > 1) this.interleaving.decide = undefined;
    enterFakeTime();
    try {
      this.#startProcess();
      const violation = yield* this.#open();
      if (violation !== undefined || this.#refused || this.#isOver) return violation;
      for (const [i, command] of commands.entries()) {
        this.#begun = commands.slice(0, i + 1);
        const violation = yield* this.#carryOut(command);
        if (violation !== undefined || this.#refused || this.#isOver) return violation;
      }
      yield* this.#rest();
      return undefined;
    } finally {
      this.#fs.kill();
      leaveFakeTime();
      restoreDeno();
    }
  }

  #startProcess(): void {
    this.#fs = new InterleavedFileSystem(this.#disk, this.interleaving);
    this.interleaving.begin(this.#hour++);
  }

  /** Whether the process lives; throws when it has used up its budget. */
  #mayGoOn(): boolean {
    const { steps, stepLimit } = this.#disk;
    if (steps > stepLimit) throw new StepBudgetError(stepLimit);
    return this.#fs.alive;
  }

  /**
   * What a log has started and not awaited gets a few turns, then its process ends: nothing that it
   * still does may reach the disk at a moment that no trace records.
   */
  *#rest(): Waiting<void> {
    if (this.#waits) { for (let turn = 0; turn < TURNS_AT_REST; turn++) yield Promise.resolve(); }
    const { interleaving } = this;
    for (let event = 0; event < EVENTS_AT_REST && interleaving.isReady; event++) {
      yield quiet();
      if (!this.#mayGoOn() || !interleaving.happen()) break;
      yield quiet();
    }
  }

  /** Waits for what the log has returned, when it is a promise, and lets happen what it waits for. */
  *#settle<T>(value: MaybePromise<T>): Waiting<T> {
    if (!isPromiseLike(value)) return value;
    this.#waits = true;
    // Among concurrent callers, none of them decides what happens next.
    if (this.#isShared) return (yield value) as T;
    this.interleaving.watch();
    try {
      return (yield value) as T;
    } finally {
      this.interleaving.unwatch();
    }
  }

  get #now(): number {
    return this.#disk.life.trace.length;
  }

  get #session(): Session {
    return this.#lives.at(-1)!.at(-1)!;
  }

  *#carryOut(command: Command): Waiting<Violation | undefined> {
    switch (command.do) {
      case "append":
        yield* this.#append(command.bytes);
        return;
      case "burst":
        yield* this.#burst(command.bytes, command.stagger);
        return;
      case "concurrent":
        yield* this.#share(command.callers);
        return;
      case "sync":
        yield* this.#sync();
        return;
      case "truncateFront":
        yield* this.#truncateFront(command.count);
        return;
      case "reopen":
        yield* this.#close();
        return yield* this.#reopen();
      case "kill":
        return yield* this.#reopen();
      case "killDuring":
        this.#fs.killAfter(command.ops);
        for (const call of command.calls) yield* this.#carryOut(call);
        return yield* this.#reopen();
    }
  }

  /** A new process opens the log over the same page cache. */
  *#reopen(): Waiting<Violation | undefined> {
    this.#fs.kill();
    this.#startProcess();
    return yield* this.#open();
  }

  /**
   * Opens the log. Where a call that failed keeps it from opening, that is right; but on the same page
   * cache, and with no further fault, it must then open. Where nothing helps (the file system is
   * read-only by now, the disk is full), the life is over.
   */
  *#open(): Waiting<Violation | undefined> {
    const disk = this.#disk;
    const { faults } = disk;
    for (let attempt = 1;; attempt++) {
      const before = disk.failures;
      const violation = yield* this.#openOnce();
      const isExcused = disk.failures > before &&
        (violation?.clause === "open failed" || violation?.clause === "records failed");
      if (!isExcused) {
        disk.faults = faults;
        return violation;
      }
      this.#fs.kill();
      this.#isOver = attempt === ATTEMPTS || disk.mount !== "read-write";
      if (this.#isOver) return undefined;
      this.#startProcess();
      disk.faults = undefined;
    }
  }

  *#openOnce(): Waiting<Violation | undefined> {
    let records: Uint8Array[] | undefined;
    let clause: "open failed" | "records failed" = "open failed";
    try {
      this.#log = yield* this.#settle(this.#subject.open(this.#fs, LOG_DIRECTORY));
      clause = "records failed";
      records = yield* this.#collect(this.#subject.records(this.#log));
    } catch (error) {
      refuseBroken(error);
      // Where the media are not what they were, a log that says so is right.
      this.#refused = this.#mayRefuse;
      if (this.#refused) return undefined;
      return this.#violation({ clause, message: describeError(error) }, records);
    }
    this.shown.push(records);
    const violation = this.#judge(records);
    if (violation !== undefined) return violation;
    this.#lives.at(-1)!.push(new Session(records, this.#now, this.#oracle));
    this.#appending.clear();
    this.#forgetting.clear();
    return undefined;
  }

  /** Judges what was recovered, for every crash point that is still possible. */
  #judge(recovered: readonly Uint8Array[]): Violation | undefined {
    const { lives } = this.#disk;
    const sessions = this.#lives.at(-1)!;
    if (sessions.length > 0) {
      // No power was lost: the page cache is as the last session left it.
      const judged = sessions.at(-1)!.judge(recovered, this.#now, this.#now);
      return judged && this.#violation(judged.breach, recovered);
    }
    if (lives.length > 1 && this.#owesNothing) return this.#judgeMoment(recovered);
    let life = lives.length - 2;
    for (; life >= 0; life--) {
      const { lo, hi } = lives[life]!;
      const sessions = this.#lives[life]!;
      for (const [i, session] of sessions.entries()) {
        const from = Math.max(lo, session.shownAt);
        const to = Math.min(hi, (sessions[i + 1]?.shownAt ?? Infinity) - 1);
        const judged = from <= to ? session.judge(recovered, from, to) : undefined;
        if (judged) return this.#violation(judged.breach, recovered, life, judged.point);
      }
      // The power may have gone before this life had shown anything: then the life before counts.
      if (sessions.length > 0 && lo >= sessions[0]!.shownAt) return undefined;
    }
    const judged = this.#empty.judge(recovered, 0, 0);
    return judged && this.#violation(judged.breach, recovered);
  }

  /** Over a device that lies about barriers, or without a promise, only what it once had is asked for. */
  get #owesNothing(): boolean {
    return this.#disk.options.lyingBarriers === true || this.#subject.acks === "never";
  }

  #judgeMoment(recovered: readonly Uint8Array[]): Violation | undefined {
    const sessions = [this.#empty, ...this.#lives.flat()];
    if (sessions.some((session) => session.isMoment(recovered))) return undefined;
    const last = sessions.at(-1)!;
    const judged = last.judge(recovered, this.#now, this.#now) ??
      this.#empty.judge(recovered, 0, 0);
    return judged && this.#violation(judged.breach, recovered);
  }

  /** Whether the media may be other than the barriers have made them. */
  get #mayRefuse(): boolean {
    const { media, lives, options } = this.#disk;
    return media?.struck === true || (lives.length > 1 && options.lyingBarriers === true);
  }

  #violation(
    breach: Breach,
    recovered: readonly Uint8Array[] | undefined,
    life = -1,
    point = 0,
  ): Violation {
    const ended = this.#disk.lives.slice(0, -1);
    const crashPoints = ended.map(({ lo }, i) => i === life ? point : lo);
    return { ...breach, crashPoints, recovered, after: this.#begun };
  }

  #nextRecord(bytes: number): Uint8Array {
    const number = ++this.#number;
    return this.#store?.recordOf(number, bytes) ?? recordOf(number, bytes);
  }

  *#append(bytes: number): Waiting<void> {
    const record = this.#nextRecord(bytes);
    const session = this.#session;
    const place = session.issue(record, this.#now);
    const fs = this.#fs;
    this.#appending.add(place);
    try {
      yield* this.#settle(this.#subject.append(this.#log, record.slice()));
      this.#appended(session, place, fs);
    } catch (error) {
      refuseBroken(error);
      this.#failed(session, place);
    }
  }

  /** An append has returned. What a process says once it is dead, nobody hears. */
  #appended(session: Session, place: number, fs: InterleavedFileSystem): void {
    if (session === this.#session) this.#appending.delete(place);
    if (!fs.alive) session.doubt(place);
    else if (this.#subject.acks === "append") session.ack(place, this.#now);
  }

  #failed(session: Session, place: number): void {
    if (session === this.#session) this.#appending.delete(place);
    session.doubt(place);
  }

  *#burst(bytes: readonly number[], stagger: number): Waiting<void> {
    const session = this.#session;
    const fs = this.#fs;
    const pending: PromiseLike<unknown>[] = [];
    for (const length of bytes) {
      const record = this.#nextRecord(length);
      const place = session.issue(record, this.#now);
      this.#appending.add(place);
      const done = () => this.#appended(session, place, fs);
      const failed = (error: unknown) => {
        refuseBroken(error);
        this.#failed(session, place);
      };
      try {
        const appended = this.#subject.append(this.#log, record.slice());
        this.#waits ||= isPromiseLike(appended);
        if (isPromiseLike(appended)) pending.push(appended.then(done, failed));
        else done();
      } catch (error) {
        failed(error);
      }
      for (let turn = 0; turn < stagger; turn++) yield Promise.resolve();
    }
    try {
      for (const appended of pending) yield* this.#settle(appended);
    } catch (error) {
      refuseBroken(error);
      for (const place of this.#appending) this.#failed(session, place);
    }
  }

  *#sync(): Waiting<void> {
    if (this.#subject.sync === undefined) return;
    const session = this.#session;
    // Of the calls that have not returned yet, nobody knows whether they come before it or after.
    const { appends, fronts } = session.counts;
    const [returned, forgotten] = [
      endOf(appends, (place) => !this.#appending.has(place)),
      endOf(fronts, (front) => !this.#forgetting.has(front + 1)),
    ];
    try {
      yield* this.#settle(this.#subject.sync(this.#log));
      if (this.#fs.alive && this.#subject.acks !== "never") {
        session.ackAll(returned, forgotten, this.#now);
      }
    } catch (error) {
      refuseBroken(error);
    }
  }

  *#truncateFront(count: number): Waiting<void> {
    if (this.#subject.truncateFront === undefined) return;
    const session = this.#session;
    const certain = Math.min(session.counts.appends, ...this.#appending);
    const fronts = session.forget(count, this.#now, certain);
    this.#forgetting.add(fronts);
    try {
      yield* this.#settle(this.#subject.truncateFront(this.#log, count));
      if (!this.#fs.alive) session.doubtForget(fronts);
      else if (this.#subject.acks === "append") session.ackAll(0, fronts, this.#now);
    } catch (error) {
      refuseBroken(error);
      session.doubtForget(fronts);
    } finally {
      this.#forgetting.delete(fronts);
    }
  }

  /** Makes the call whose failure promises nothing. */
  *#close(): Waiting<void> {
    try {
      yield* this.#settle(this.#subject.close?.(this.#log));
    } catch (error) {
      refuseBroken(error);
    }
  }

  /** Several callers make their calls, each waiting for its own; who goes on when is decided. */
  *#share(callers: readonly (readonly SingleCall[])[]): Waiting<void> {
    const { interleaving } = this;
    const atWork = new Map<number, { readonly call: SingleCall; readonly wait: Wait }>();
    let unfinished = 0;
    const failures: unknown[] = [];
    const isOver = () => unfinished === 0 || failures.length > 0;
    const offer = (caller: number, at: number) => {
      const call = callers[caller]![at];
      if (call === undefined) return void unfinished--;
      const next = () => {
        atWork.delete(caller);
        offer(caller, at + 1);
      };
      interleaving.add({
        what: () => {
          const others = [...atWork].map(([other, { call }]) =>
            `caller ${other + 1} waits for ${formatCommand(call)}`
          );
          const meanwhile = [
            ...others,
            ...interleaving.underWay.map((what) => `${what} is under way`),
          ];
          return `caller ${caller + 1} calls ${formatCommand(call)}` +
            (meanwhile.length > 0 ? `, while ${meanwhile.join(" and ")}` : "");
        },
        happen: () => {
          const wait = noWait();
          atWork.set(caller, { call, wait });
          const made = drive(this.#carryOut(call), wait);
          if (made instanceof Promise) made.then(next, (error) => void failures.push(error));
          else next();
        },
      });
    };
    for (const caller of callers.keys()) {
      unfinished++;
      offer(caller, 0);
    }
    this.#isShared = true;
    try {
      while (!isOver()) {
        // A log that never waits has nothing under way that might come in between.
        if (this.#waits || interleaving.isElsewhere) yield quiet();
        if (isOver() || !this.#mayGoOn()) break;
        if (!interleaving.happen()) yield* interleaving.patience(isOver);
      }
      if (!this.#fs.alive && this.#waits) {
        yield quiet();
        for (const { wait } of atWork.values()) wait.abort(new Error("The process was killed"));
        yield quiet();
      }
    } finally {
      this.#isShared = false;
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Takes the records out of whatever the log hands over. */
  *#collect(
    handed: MaybePromise<Iterable<Uint8Array> | AsyncIterable<Uint8Array>>,
  ): Waiting<Uint8Array[]> {
    const iterable = yield* this.#settle(handed);
    if (Array.isArray(iterable)) return iterable.map((record) => requireBytes(record).slice());
    const records: Uint8Array[] = [];
    if (Symbol.iterator in iterable) {
      for (const record of iterable) records.push(requireBytes(record).slice());
      return records;
    }
    const iterator = iterable[Symbol.asyncIterator]();
    for (;;) {
      const step = yield* this.#settle(iterator.next());
      if (step.done) return records;
      records.push(requireBytes(step.value).slice());
    }
  }
}

/** Errors that mean that the harness cannot go on, whatever the log makes of them. */
function refuseBroken(error: unknown): void {
  if (isUnjudgeable(error)) throw error;
}

/** Where the last one of so many ends that is as it should be. */
function endOf(count: number, isSo: (index: number) => boolean): number {
  while (count > 0 && !isSo(count - 1)) count--;
  return count;
}

function requireBytes(record: unknown): Uint8Array {
  if (record instanceof Uint8Array) return record;
  throw new TypeError(`Cannot judge a record that is not a Uint8Array: ${String(record)}`);
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
