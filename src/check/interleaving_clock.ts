/**
 * The time that a log lives in. While a log runs, its timers, `Date`, `performance.now` and
 * `Temporal.Now` are those of a clock that stands still until the harness lets the next timer fire:
 * a run takes no real time, and does the same whenever it is repeated.
 *
 * The globals are exchanged once for a whole check, and stand for the real ones again whenever the
 * harness, or whoever called it, goes on. Microtasks are left alone: their order is fixed anyway.
 * WebCrypto, which works on other threads, seems to work at once.
 *
 * @module
 */

// @ts-types="@types/sinonjs__fake-timers"
import { withGlobal } from "@sinonjs/fake-timers";
import { inOrder } from "./settle.ts";

/** When the first process of a run starts. */
const START = Date.UTC(2000, 0, 1);
const HOUR_MS = 3_600_000;
/** How much further `performance.now` is an hour later: a process need not be as old as its log. */
const AGE_MS = 12.347;

/** The timers that are those of the fake clock. */
export const TIMERS = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
] as const;

type Timers = Record<typeof TIMERS[number], (...args: unknown[]) => unknown>;
type Clocked = Timers & { Date: DateConstructor; Temporal?: unknown };

const world = globalThis as unknown as Clocked;
const clock = withGlobal(globalThis).createClock(START);
const fake = clock as unknown as Clocked;
const realDate = world.Date;
const realTemporal = world.Temporal;

let installed = false;
let inside = false;
let ageMs = 0;
let noticed: () => void = () => {};
/** Runs of logs, one after the other: there is one set of globals for all. */
let before: Promise<unknown> = Promise.resolve();

/**
 * Calls `run` with globals that can be switched to fake time, after every earlier `run` has ended.
 *
 * @param run What runs logs.
 * @returns What it returns; the globals are as before.
 */
export function withFakeTime<T>(run: () => Promise<T>): Promise<T> {
  const mine = before.then(async () => {
    const restore = install();
    try {
      return await run();
    } finally {
      leaveFakeTime();
      restore();
    }
  });
  before = mine.catch(() => {});
  return mine;
}

/** Puts functions in the place of the globals that ask the fake clock whenever a log runs. */
function install(): () => void {
  const originals = TIMERS.map((name) =>
    [
      name,
      Object.getOwnPropertyDescriptor(world, name),
    ] as const
  );
  for (const name of TIMERS) {
    const real = world[name];
    if (real === undefined) continue;
    const value = (...args: unknown[]) => {
      if (!inside) return real.apply(world, args);
      const timer = fake[name](...args);
      noticed();
      return timer;
    };
    Object.defineProperty(world, name, { value, configurable: true, writable: true });
  }
  const restoreCrypto = installCrypto();
  const now = performance.now;
  performance.now = () => inside ? ageMs + clock.performance.now() : now.call(performance);
  installed = true;
  return () => {
    installed = false;
    performance.now = now;
    restoreCrypto();
    for (const [name, original] of originals) {
      if (original !== undefined) Object.defineProperty(world, name, original);
    }
  };
}

/** What WebCrypto computes on other threads takes no time for a log, and is done in order. */
function installCrypto(): () => void {
  const methods = SubtleCrypto.prototype as unknown as Record<string, unknown>;
  const originals = Object.getOwnPropertyNames(methods)
    .filter((name) => name !== "constructor" && typeof methods[name] === "function")
    .map((name) => [name, methods[name] as (...args: unknown[]) => Promise<unknown>] as const);
  for (const [name, real] of originals) {
    methods[name] = function (this: SubtleCrypto, ...args: unknown[]) {
      const made = real.apply(this, args);
      return inside ? inOrder(made) : made;
    };
  }
  return () => {
    for (const [name, real] of originals) methods[name] = real;
  };
}

/** From now on it is the time of a log. */
export function enterFakeTime(): void {
  if (!installed) return;
  inside = true;
  world.Date = fake.Date;
  if (realTemporal !== undefined) world.Temporal = fake.Temporal;
}

/** From now on it is the real time again. */
export function leaveFakeTime(): void {
  inside = false;
  world.Date = realDate;
  if (realTemporal !== undefined) world.Temporal = realTemporal;
}

/**
 * A process starts: it has no timers.
 *
 * @param hour When it starts.
 * @param onTimer Called when it sets a timer.
 */
export function startProcess(hour: number, onTimer: () => void): void {
  clock.reset();
  clock.setSystemTime(START + hour * HOUR_MS);
  ageMs = hour * AGE_MS;
  noticed = onTimer;
}

/** Whether a timer is set. */
export function hasTimer(): boolean {
  return clock.countTimers() > 0;
}

/** Lets time go on to the next timer, and calls it. */
export function fireTimer(): void {
  clock.next();
}

/** How long the process has been running, in milliseconds of its own time. */
export function processTime(): number {
  return clock.performance.now();
}
