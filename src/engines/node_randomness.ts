/**
 * Randomness that is the same in every simulated process: a log does the same whenever it reads the
 * same.
 *
 * METHOD. One generator (xoroshiro128+ of pure-rand, with a fixed seed) is behind all of it, and begins anew when a process
 * starts. Packages get it as `node:crypto`. The globals `Math.random` and `crypto` give it while a log
 * runs, which is when `Date` is the harness' clock, and else what they always gave.
 *
 * @module
 */
import realCrypto from "node:crypto";
import { Buffer } from "node:buffer";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

const SEED = 20_000_101;

let generator = xoroshiro128plus(SEED);

/** A process starts. */
export function restart(): void {
  generator = xoroshiro128plus(SEED);
}

function uint32(): number {
  return generator.next() >>> 0;
}

/** A number from 0 to 1, without 1. */
function random(): number {
  return (uint32() * 2 ** 21 + (uint32() >>> 11)) / 2 ** 53;
}

function fill<T extends ArrayBufferView>(view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = uint32();
  return view;
}

function uuid(): string {
  const bytes = fill(Buffer.alloc(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

type Called<T> = (error: null, value: T) => void;

function randomBytes(size: number, callback?: Called<Buffer>): Buffer | void {
  const bytes = fill(Buffer.alloc(size));
  if (callback === undefined) return bytes;
  queueMicrotask(() => callback(null, bytes));
}

function randomFillSync<T extends ArrayBufferView>(view: T, offset = 0, size?: number): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  fill(bytes.subarray(offset, size === undefined ? undefined : offset + size));
  return view;
}

function randomFill<T extends ArrayBufferView>(view: T, ...rest: unknown[]): void {
  const callback = rest.pop() as Called<T>;
  const [offset, size] = rest as [number?, number?];
  randomFillSync(view, offset, size);
  queueMicrotask(() => callback(null, view));
}

function randomInt(...args: unknown[]): number | void {
  const callback = typeof args.at(-1) === "function" ? args.pop() as Called<number> : undefined;
  const [min, max] = args.length === 1 ? [0, args[0] as number] : args as [number, number];
  const value = min + Math.floor(random() * (max - min));
  if (callback === undefined) return value;
  queueMicrotask(() => callback(null, value));
}

/** What packages get for `node:crypto`: the real one, but for randomness. */
export function packageCrypto(): Record<string, unknown> {
  return {
    ...realCrypto,
    randomBytes,
    pseudoRandomBytes: randomBytes,
    randomFill,
    randomFillSync,
    randomInt,
    randomUUID: uuid,
    getRandomValues: fill,
  };
}

const realDate = Date;

/** Whether a log runs: then it is the harness' time. */
export function isLogRunning(): boolean {
  return globalThis.Date !== realDate;
}

/** Puts seeded randomness in the place of the globals, for while a log runs. */
export function seedGlobals(): void {
  const { random: realRandom } = Math;
  Math.random = () => isLogRunning() ? random() : realRandom();
  const { getRandomValues, randomUUID } = crypto;
  crypto.getRandomValues =
    ((view: ArrayBufferView<ArrayBuffer>) =>
      isLogRunning() ? fill(view) : getRandomValues.call(crypto, view)) as typeof getRandomValues;
  crypto.randomUUID = () =>
    (isLogRunning() ? uuid() : randomUUID.call(crypto)) as ReturnType<
      typeof randomUUID
    >;
}
