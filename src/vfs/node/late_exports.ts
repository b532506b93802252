/**
 * A module whose exports are made when they are first asked for: a shim is made for every simulated
 * process, and most of them use a few calls.
 *
 * @module
 */
import type { Exports } from "./operations.ts";

/** What makes an export, out of what the module is made for. */
export type Maker<T> = (over: T) => unknown;

/**
 * An object that behaves as if it had all exports from the start: they can be listed, copied, replaced
 * and removed.
 *
 * @param makers What makes each.
 * @param over What the module is made for.
 */
export function lateExports<T>(
  makers: ReadonlyMap<string, Maker<T>>,
  over: T,
): Exports {
  let isWhole = false;
  const make = (target: Exports, key: string | symbol): void => {
    if (isWhole || Object.hasOwn(target, key)) return;
    const maker = makers.get(key as string);
    if (maker !== undefined) target[key as string] = maker(over);
  };
  /** From now on the object itself says what there is. */
  const makeAll = (target: Exports): void => {
    if (isWhole) return;
    for (const key of makers.keys()) make(target, key);
    isWhole = true;
  };
  return new Proxy<Exports>({}, {
    get(target, key) {
      make(target, key);
      return target[key as string];
    },
    has(target, key) {
      make(target, key);
      return key in target;
    },
    getOwnPropertyDescriptor(target, key) {
      make(target, key);
      return Object.getOwnPropertyDescriptor(target, key);
    },
    defineProperty(target, key, descriptor) {
      make(target, key);
      return Reflect.defineProperty(target, key, descriptor);
    },
    deleteProperty(target, key) {
      makeAll(target);
      return Reflect.deleteProperty(target, key);
    },
    ownKeys(target) {
      makeAll(target);
      return Reflect.ownKeys(target);
    },
    preventExtensions(target) {
      makeAll(target);
      return Reflect.preventExtensions(target);
    },
  });
}
