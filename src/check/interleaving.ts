/**
 * The orders in which things may happen while a log runs.
 *
 * METHOD. First all microtasks run, until all is quiet. Then one *event* happens, and so on. These
 * are events: a caller of several concurrent ones makes its next call; a file call of the promised
 * view takes effect and returns (a barrier first takes effect, and later returns); the next timer fires, and time goes on to it. They are ready in
 * the order in which they came up, the timer last: the first of them is what happens when nobody
 * decides otherwise, so that time goes on when nothing else can. Where several are ready, that is a
 * *decision*, and the list of all decisions (0 for the first event) is the *schedule* of a life.
 * WebCrypto counts as computing: nothing is quiet before it has returned. What no schedule shows:
 * what takes real time elsewhere (compression, workers, timers of `node:timers`) is waited for where
 * nothing else can happen, but when it ends is not decided here, so that concurrent callers of such a
 * log may not do the same twice.
 *
 * @module
 */

import {
  type CompletingFileSystem,
  completion,
  type PendingCall,
} from "../vfs/promised_file_system.ts";
import type { Disk } from "../vfs/disk.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { fireTimer, hasTimer, processTime, startProcess } from "./interleaving_clock.ts";
import { whenQuiet } from "./settle.ts";

/** Decides which of several events happens: the number of the decision, and how many are ready. */
export type Decide = (decision: number, options: number) => number;

/** A decision that was made: which of how many events. */
export interface Decision {
  readonly picked: number;
  readonly options: number;
}

/** Something that can happen next. */
export interface Event {
  /** What happens, in words, once it does. */
  what(): string;
  /** Lets it happen. */
  happen(): void;
}

/** A log waits for something that nothing can bring about, or ends its process by itself. */
export class StuckError extends Error {
  /** Always `"StuckError"`. */
  override readonly name = "StuckError";
}

/** How long something that no schedule shows may take, in real milliseconds. */
const PATIENCE_MS = 500;
/** Timers that may fire in one process. */
const MOST_TIMERS = 10_000;

const realSetTimeout = setTimeout;
const realClearTimeout = clearTimeout;

/** Waits for a moment of real time. */
export function moment(): Promise<void> {
  return new Promise((resolve) => void realSetTimeout(resolve, 1));
}

/** Follows a schedule, and after its end lets the first event happen. */
export function follow(schedule: readonly number[]): Decide {
  return (decision) => schedule[decision] ?? 0;
}

/** The events of one process, and which of them happen when. */
export class Interleaving {
  /** The decisions made so far, where someone decides. */
  readonly decisions: Decision[] = [];
  /** What has happened so far, in words, where someone decides. */
  readonly story: string[] = [];
  /** Ends the wait of the run that this is about. */
  abort: (error: unknown) => void = () => {};
  /** Decides; without it, always the first event happens. */
  decide: Decide | undefined;
  /** Whether the process lives; throws when it has used up its budget. */
  readonly #mayGoOn: () => boolean;
  /** In the order in which they came up. */
  readonly #events: Event[] = [];
  /** The file calls that are under way. */
  readonly #calls = new Set<PendingCall>();
  #timersFired = 0;
  #isWatching = false;
  #patience: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts without an event.
   *
   * @param mayGoOn Whether the process lives; throws when it has used up its budget.
   * @param decide Decides; without it, always the first event happens.
   */
  constructor(mayGoOn: () => boolean, decide?: Decide) {
    this.#mayGoOn = mayGoOn;
    this.decide = decide;
  }

  /** A process starts, at that hour: what an earlier one had begun never happens. */
  begin(hour: number): void {
    this.#clear();
    startProcess(hour, this.#noticed);
  }

  /** Something can happen from now on. */
  add(event: Event): void {
    this.#events.push(event);
    this.#noticed();
  }

  /** A file call is made. */
  addCall(call: PendingCall): void {
    const { what, isBarrier } = call;
    const settle = () => {
      this.#calls.delete(call);
      call.settle();
    };
    this.#calls.add(call);
    this.add({
      what: () => `${what} ${isBarrier ? "takes effect" : "completes"}`,
      happen: () => {
        call.takeEffect();
        if (isBarrier) this.add({ what: () => `${what} returns`, happen: settle });
        else settle();
      },
    });
  }

  /** The file calls that are under way, in words. */
  get underWay(): string[] {
    return [...this.#calls].map(({ what }) => what);
  }

  /** Whether something is under way in the log. */
  get isElsewhere(): boolean {
    return this.#calls.size > 0 || hasTimer();
  }

  /** Whether anything can happen. */
  get isReady(): boolean {
    return this.#events.length > 0 || hasTimer();
  }

  /** Lets one event happen; returns `false` when there is none. All must be quiet. */
  happen(): boolean {
    const options = this.#events.length + (hasTimer() ? 1 : 0);
    if (options === 0) return false;
    const index = options === 1 ? 0 : this.#pick(options);
    const [event = this.#timer()] = this.#events.splice(index, 1);
    if (this.decide !== undefined) this.story.push(event.what());
    event.happen();
    return true;
  }

  #pick(options: number): number {
    if (this.decide === undefined) return 0;
    const picked = Math.min(this.decide(this.decisions.length, options), options - 1);
    this.decisions.push({ picked, options });
    return picked;
  }

  #timer(): Event {
    if (++this.#timersFired > MOST_TIMERS) {
      throw new StuckError(
        "The log waits for something that never happens: " +
          `its timers have fired ${MOST_TIMERS} times, and no file call is pending`,
      );
    }
    return {
      what: () => "the next timer fires",
      happen: () => {
        try {
          fireTimer();
        } catch (error) {
          // In a process that was killed meanwhile, nobody asks why.
          if (this.#mayGoOn()) throw new StuckError(`The log threw in a timer: ${error}`);
        }
        if (this.decide === undefined) return;
        this.story.push(`${this.story.pop()}, ${processTime()} ms after the start`);
      },
    };
  }

  /** The log is waited for: whenever all is quiet, an event happens. */
  watch(): void {
    this.#isWatching = true;
    whenQuiet(this.#onQuiet);
  }

  /** The log is not waited for any more. */
  unwatch(): void {
    this.#isWatching = false;
    this.#stopPatience();
  }

  #stopPatience(): void {
    if (this.#patience === undefined) return;
    realClearTimeout(this.#patience);
    this.#patience = undefined;
  }

  readonly #noticed = () => {
    if (this.#isWatching) whenQuiet(this.#onQuiet);
  };

  readonly #onQuiet = () => {
    if (!this.#isWatching) return;
    try {
      if (!this.#mayGoOn()) {
        this.#clear();
        this.abort(new Error("The process was killed"));
      } else if (this.happen()) {
        this.#stopPatience();
        whenQuiet(this.#onQuiet);
      } else this.#patience ??= realSetTimeout(() => this.abort(this.stuck()), PATIENCE_MS);
    } catch (error) {
      this.abort(error);
    }
  };

  /** What is said of a log that nothing can bring on. */
  stuck(): StuckError {
    return new StuckError(
      "The log waits for something that never happens: no timer and no file call is pending",
    );
  }

  /** Waits, where nothing can happen, for what no schedule shows. */
  *patience(isOver: () => boolean): Generator<PromiseLike<unknown>, void, unknown> {
    for (let ms = 0; ms < PATIENCE_MS; ms++) {
      yield moment();
      if (isOver() || this.isReady) return;
    }
    throw this.stuck();
  }

  #clear(): void {
    this.#events.length = 0;
    this.#calls.clear();
    this.#timersFired = 0;
  }
}

/** The simulated disk of a process whose promised calls are events. */
export class InterleavedFileSystem extends SimulatedFileSystem implements CompletingFileSystem {
  readonly #interleaving: Interleaving;

  /** Puts a file system on a disk. */
  constructor(disk: Disk, interleaving: Interleaving) {
    super(disk);
    this.#interleaving = interleaving;
  }

  /** See {@linkcode CompletingFileSystem}. */
  [completion](call: PendingCall): void {
    // What a process does once it is dead never happens.
    if (this.alive) this.#interleaving.addCall(call);
  }
}
