import { NondeterminismError } from "../explore/choices.ts";
import { type Disk, StepBudgetError } from "../vfs/disk.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { type Breach, Session } from "./history.ts";
import { isPromiseLike, settle, type Waiting } from "./settle.ts";
import type { LogUnderTest, MaybePromise } from "./subject.ts";
import { type Command, recordOf } from "./workload.ts";

/** The directory that a log under test is opened in. */
export const LOG_DIRECTORY = "/log";

/** Microtask turns that a log gets to finish what it has started. */
const TURNS_AT_REST = 32;

/** A breach, and a crash that shows it: one crash point for each life before the recovery. */
export interface Violation extends Breach {
  /** The crash point of each life, in completed ops. */
  readonly crashPoints: readonly number[];
  /** What was recovered; `undefined` when nothing could be. */
  readonly recovered: readonly Uint8Array[] | undefined;
}

/** Runs a log under test through the lives of one workload, and judges what it recovers. */
export class LogRun {
  readonly #subject: LogUnderTest;
  readonly #disk: Disk;
  /** The sessions of each life. */
  readonly #lives: Session[][] = [];
  #fs: SimulatedFileSystem;
  #log: unknown;
  #number: number;
  /** Whether the log has ever returned a promise. */
  #waits = false;
  /** Everything that the log has shown, for telling two runs apart. */
  readonly shown: (readonly Uint8Array[])[] = [];

  /** Starts with the first life still to come, or after the lives of `before`. */
  constructor(subject: LogUnderTest, disk: Disk, before?: LogRun) {
    this.#subject = subject;
    this.#disk = disk;
    this.#fs = new SimulatedFileSystem(disk);
    this.#number = before === undefined ? 0 : before.#number;
    if (before !== undefined) this.#lives.push(...before.#lives);
  }

  /** How many appends have been acked so far. */
  get acked(): number {
    return this.#lives.flat().reduce((sum, session) => sum + session.acked, 0);
  }

  /** Lives one life: opens the log, judges what it shows, and carries out the commands. */
  *live(commands: readonly Command[]): Waiting<Violation | undefined> {
    this.#lives.push([]);
    this.#fs = new SimulatedFileSystem(this.#disk);
    const violation = yield* this.#open();
    if (violation !== undefined) return violation;
    for (const command of commands) {
      const violation = yield* this.#carryOut(command);
      if (violation !== undefined) return violation;
    }
    yield* this.#rest();
    return undefined;
  }

  /**
   * What a log has started and not awaited gets a few turns, then its process ends: nothing that it
   * still does may reach the disk at a moment that no trace records.
   */
  *#rest(): Waiting<void> {
    if (this.#waits) { for (let turn = 0; turn < TURNS_AT_REST; turn++) yield Promise.resolve(); }
    this.#fs.kill();
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
      case "sync":
        yield* this.#sync();
        return;
      case "truncateFront":
        yield* this.#truncateFront(command.count);
        return;
      case "reopen":
        yield* tolerating(this.#subject.close?.bind(this.#subject, this.#log));
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
    this.#fs = new SimulatedFileSystem(this.#disk);
    return yield* this.#open();
  }

  *#open(): Waiting<Violation | undefined> {
    let records: Uint8Array[] | undefined;
    let clause: "open failed" | "records failed" = "open failed";
    try {
      this.#log = yield* settle(this.#subject.open(this.#fs, LOG_DIRECTORY));
      clause = "records failed";
      records = yield* collect(this.#subject.records(this.#log));
    } catch (error) {
      refuseBroken(error);
      return this.#violation({ clause, message: describeError(error) }, records);
    }
    this.shown.push(records);
    const violation = this.#judge(records);
    if (violation !== undefined) return violation;
    this.#lives.at(-1)!.push(new Session(records, this.#now));
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
    const judged = EMPTY.judge(recovered, 0, 0);
    return judged && this.#violation(judged.breach, recovered);
  }

  #violation(
    breach: Breach,
    recovered: readonly Uint8Array[] | undefined,
    life = -1,
    point = 0,
  ): Violation {
    const ended = this.#disk.lives.slice(0, -1);
    const crashPoints = ended.map(({ lo }, i) => i === life ? point : lo);
    return { ...breach, crashPoints, recovered };
  }

  *#append(bytes: number): Waiting<void> {
    const record = recordOf(++this.#number, bytes);
    const session = this.#session;
    const place = session.issue(record, this.#now);
    try {
      const appended = this.#subject.append(this.#log, record.slice());
      this.#waits ||= isPromiseLike(appended);
      yield* settle(appended);
      this.#appended(session, place);
    } catch (error) {
      refuseBroken(error);
      session.doubt(place);
    }
  }

  /** An append has returned. What a process says once it is dead, nobody hears. */
  #appended(session: Session, place: number): void {
    if (!this.#fs.alive) session.doubt(place);
    else if (this.#subject.acks === "append") session.ack(place, this.#now);
  }

  *#burst(bytes: readonly number[], stagger: number): Waiting<void> {
    const session = this.#session;
    const pending: PromiseLike<unknown>[] = [];
    for (const length of bytes) {
      const record = recordOf(++this.#number, length);
      const place = session.issue(record, this.#now);
      const done = () => this.#appended(session, place);
      const failed = (error: unknown) => {
        refuseBroken(error);
        session.doubt(place);
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
    for (const appended of pending) yield appended;
  }

  *#sync(): Waiting<void> {
    if (this.#subject.sync === undefined) return;
    const session = this.#session;
    const { appends, fronts } = session.counts;
    try {
      yield* settle(this.#subject.sync(this.#log));
      if (this.#fs.alive) session.ackAll(appends, fronts, this.#now);
    } catch (error) {
      refuseBroken(error);
    }
  }

  *#truncateFront(count: number): Waiting<void> {
    if (this.#subject.truncateFront === undefined) return;
    const session = this.#session;
    const fronts = session.forget(count, this.#now);
    try {
      yield* settle(this.#subject.truncateFront(this.#log, count));
      if (!this.#fs.alive) session.doubtForget();
      else if (this.#subject.acks === "append") session.ackAll(0, fronts, this.#now);
    } catch (error) {
      refuseBroken(error);
      session.doubtForget();
    }
  }
}

/** What an empty directory owes: nothing, and nothing may be there. */
const EMPTY = new Session([], 0);

/** Errors that mean that the harness cannot go on, whatever the log makes of them. */
function refuseBroken(error: unknown): void {
  if (error instanceof NondeterminismError || error instanceof StepBudgetError) throw error;
}

/** Makes an optional call whose failure promises nothing. */
function* tolerating(call: (() => MaybePromise<unknown>) | undefined): Waiting<void> {
  try {
    yield* settle(call?.());
  } catch (error) {
    refuseBroken(error);
  }
}

/** Takes the records out of whatever the log hands over. */
function* collect(
  handed: MaybePromise<Iterable<Uint8Array> | AsyncIterable<Uint8Array>>,
): Waiting<Uint8Array[]> {
  const iterable = yield* settle(handed);
  if (Array.isArray(iterable)) return iterable.map((record) => requireBytes(record).slice());
  const records: Uint8Array[] = [];
  if (Symbol.iterator in iterable) {
    for (const record of iterable) records.push(requireBytes(record).slice());
    return records;
  }
  const iterator = iterable[Symbol.asyncIterator]();
  for (;;) {
    const step = (yield iterator.next()) as IteratorResult<Uint8Array>;
    if (step.done) return records;
    records.push(requireBytes(step.value).slice());
  }
}

function requireBytes(record: unknown): Uint8Array {
  if (record instanceof Uint8Array) return record;
  throw new TypeError(`Cannot judge a record that is not a Uint8Array: ${String(record)}`);
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
