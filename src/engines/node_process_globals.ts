/**
 * What of `process` would tell one simulated process from another: its number, its clock, and a back
 * door to the real `node:fs`.
 *
 * @module
 */
import process from "node:process";
import { notSimulated } from "../vfs/node/argument_error.ts";
import { isLogRunning } from "./node_randomness.ts";

/** The number of every simulated process. */
const PID = 4321;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;

/**
 * Puts the simulated in the place of the real, for good: packages may take it down when they are
 * loaded.
 *
 * @param shims The modules that packages get, by name.
 * @returns What packages get for `node:process`; the global `process` is the same from now on.
 */
export function simulateProcess(shims: ReadonlyMap<string, unknown>): object {
  simulateClock();
  const own = process as unknown as Record<string, unknown>;
  const builtin = own.getBuiltinModule as ((name: string) => unknown) | undefined;
  own.getBuiltinModule = (name: string) =>
    shims.get(name.replace(/^node:/, "")) ?? builtin?.call(process, name);
  own.dlopen = () => {
    throw new Error("Cannot load a native addon: it would write to the real disk");
  };
  // Its own `pid` cannot be replaced.
  const simulated = new Proxy(process, {
    get: (target, key) => {
      if (key === "pid") return PID;
      // Paths of a simulated disk begin at its root, whatever the directory of the real process is.
      if (key === "chdir" && isLogRunning()) return refuseToMove;
      return ADDING.has(key) ? adder(key) : Reflect.get(target, key);
    },
    set: (target, key, value) => {
      if (!replaced.has(key)) replaced.set(key, Reflect.get(target, key));
      return Reflect.set(target, key, value);
    },
  });
  Object.defineProperty(globalThis, "process", {
    value: simulated,
    configurable: true,
    writable: true,
    enumerable: false,
  });
  return simulated;
}

function refuseToMove(): never {
  throw notSimulated("process.chdir");
}

/** While a log runs, `hrtime` and `uptime` go by the harness' clock. */
function simulateClock(): void {
  const { hrtime, uptime } = process;
  const nanoseconds = () => BigInt(Math.round(performance.now() * NS_PER_MS));
  const simulated = (since?: [number, number]): [number, number] => {
    if (!isLogRunning()) return hrtime.call(process, since);
    const earlier = since === undefined ? 0n : BigInt(since[0] * NS_PER_S + since[1]);
    const passed = nanoseconds() - earlier;
    return [Number(passed / BigInt(NS_PER_S)), Number(passed % BigInt(NS_PER_S))];
  };
  const bigint = () => isLogRunning() ? nanoseconds() : hrtime.bigint();
  process.hrtime = Object.assign(simulated, { bigint });
  process.uptime = () => isLogRunning() ? performance.now() / 1000 : uptime.call(process);
}

/** The methods that add a listener. */
const ADDING: ReadonlySet<PropertyKey> = new Set([
  "addListener",
  "on",
  "once",
  "prependListener",
  "prependOnceListener",
]);

type Listener = (...args: unknown[]) => void;

/** What was added to the real process through the simulated one, and what it had before. */
const added: [event: string, listener: Listener][] = [];
const replaced = new Map<PropertyKey, unknown>();

/** A method that adds a listener to the real process, and remembers it. */
function adder(key: PropertyKey) {
  return (event: string, listener: Listener): unknown => {
    added.push([event, listener]);
    (process as unknown as Record<PropertyKey, (event: string, listener: Listener) => void>)[key]!(
      event,
      listener,
    );
    return globalThis.process;
  };
}

/** A simulated process has gone: what packages have done to the real one is undone. */
export function forgetListeners(): void {
  for (const [event, listener] of added) process.off(event, listener);
  added.length = 0;
  for (const [key, value] of replaced) Reflect.set(process, key, value);
  replaced.clear();
}
