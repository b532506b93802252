/**
 * `node:timers` and `node:timers/promises` for packages: the global timers, which the harness' clock
 * stands behind while a log runs.
 *
 * @module
 */
import realTimers from "node:timers";
import { TIMERS } from "../check/interleaving_clock.ts";

type Timer = (...args: unknown[]) => unknown;

/** What packages get for `node:timers`. */
export function packageTimers(): Record<string, unknown> {
  const timers: Record<string, unknown> = { ...realTimers, promises: packageTimerPromises() };
  for (const name of TIMERS) timers[name] = (...args: unknown[]) => globalTimer(name)(...args);
  return timers;
}

/** The global timer of this moment. */
function globalTimer(name: typeof TIMERS[number]): Timer {
  return (globalThis as unknown as Record<string, Timer>)[name]!;
}

interface Signalled {
  readonly signal?: AbortSignal;
}

/** What packages get for `node:timers/promises`. */
export function packageTimerPromises(): Record<string, unknown> {
  const wait = (start: (done: () => void) => () => void, value: unknown, options?: Signalled) =>
    new Promise((resolve, reject) => {
      const signal = options?.signal;
      const refuse = () =>
        reject(
          Object.assign(new Error("The operation was aborted", { cause: signal?.reason }), {
            name: "AbortError",
            code: "ABORT_ERR",
          }),
        );
      if (signal?.aborted) return refuse();
      const stop = start(() => resolve(value));
      signal?.addEventListener("abort", () => {
        stop();
        refuse();
      }, { once: true });
    });
  const setTimeout = (ms?: number, value?: unknown, options?: Signalled) =>
    wait(
      (done) => {
        const timer = globalTimer("setTimeout")(done, ms);
        return () => void globalTimer("clearTimeout")(timer);
      },
      value,
      options,
    );
  const setImmediate = (value?: unknown, options?: Signalled) =>
    wait(
      (done) => {
        const timer = globalTimer("setImmediate")(done);
        return () => void globalTimer("clearImmediate")(timer);
      },
      value,
      options,
    );
  async function* setInterval(ms?: number, value?: unknown, options?: Signalled) {
    for (;;) yield await setTimeout(ms, value, options);
  }
  const scheduler = {
    wait: (ms: number, options?: Signalled) => setTimeout(ms, undefined, options),
    yield: () => setImmediate(),
  };
  return { setTimeout, setImmediate, setInterval, scheduler };
}
