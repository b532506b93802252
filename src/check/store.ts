/**
 * Stores: whatever keeps a state that commands change. A store is checked as a log of its commands:
 * the record of a command is the command as JSON, what is recovered is one record, the state as JSON,
 * and another oracle, {@linkcode modelState}, says which states are legal.
 *
 * @module
 */
import type { ShimmedFileSystem } from "../vfs/shimmed_file_system.ts";
import { bytesOf, cut, jsonOf } from "./json.ts";
import { modelState } from "./model_state.ts";
import { ofRecords, type Oracle, type Terms } from "./oracle.ts";
import { isPromiseLike } from "./settle.ts";
import {
  type DecodedPiece,
  type LogUnderTest,
  type MaybePromise,
  requireSubject,
} from "./subject.ts";
import { recordOf } from "./workload.ts";

/**
 * A store as the harness sees it. Implement it around your own store; nothing to inherit. Everything
 * that is said of a {@linkcode LogUnderTest} holds for it: it must reach the disk through `fs` only,
 * and do the same whenever it reads the same.
 *
 * After a power loss the state must be that of the model after some number of whole commands: at
 * least those whose durability was promised, at most those that were issued. A command that threw may
 * have happened or not.
 *
 * @typeParam Store Whatever `open` returns: your own handle of an open store.
 * @typeParam Command What is applied: a JSON value.
 * @typeParam State What is observed: a JSON value. Objects are equal whatever the order of their keys.
 *
 * @example
 * ```ts
 * import { checkLog, type FileSystem, keyValues, type StoreUnderTest, writeFully } from "../../mod.ts";
 *
 * const path = "/log/state.json";
 * const read = (fs: FileSystem) => {
 *   if (!fs.list("/log").includes("state.json")) return {};
 *   const bytes = new Uint8Array(fs.stat(path).size);
 *   const file = fs.open(path);
 *   file.read(bytes, 0);
 *   file.close();
 *   return JSON.parse(new TextDecoder().decode(bytes));
 * };
 * const store: StoreUnderTest<FileSystem> = {
 *   name: "a store that overwrites its file",
 *   acks: "apply",
 *   ...keyValues,
 *   open: (fs) => fs,
 *   apply(fs, command) {
 *     const state = new TextEncoder().encode(JSON.stringify(keyValues.model.next(read(fs), command)));
 *     const file = fs.open(path, { write: true, create: true, truncate: true });
 *     writeFully(file, state, 0);
 *     file.sync();
 *     file.close();
 *   },
 *   observe: read,
 * };
 * console.log((await checkLog(store)).verdict); // violates
 * ```
 */
export interface StoreUnderTest<
  Store = unknown,
  // deno-lint-ignore no-explicit-any
  Command = any,
  // deno-lint-ignore no-explicit-any
  State = any,
> {
  /** Shown in reports. */
  readonly name: string;
  /**
   * Which call's return promises durability. `never`: none does; then what is recovered must be a
   * state that the store had at some moment.
   */
  readonly acks: "apply" | "sync" | "never";
  /**
   * The commands that it is given.
   *
   * @param number Which command of the run, from 1.
   * @param bytes About how large it shall be.
   * @returns The command, the same whenever it is asked for: a JSON value.
   */
  command(number: number, bytes: number): Command;
  /** What it should do. */
  readonly model: StoreModel<Command, State>;
  /** Opens the store in `dir`, a directory that exists, recovering whatever is there. */
  open(fs: ShimmedFileSystem, dir: string): MaybePromise<Store>;
  /** Carries out one command. */
  apply(store: Store, command: Command): MaybePromise<unknown>;
  /** Makes everything applied so far durable. Needed when `acks` is `"sync"`. */
  sync?(store: Store): MaybePromise<unknown>;
  /** The whole state: a JSON value. */
  observe(store: Store): MaybePromise<State>;
  /** Optional: gives the handles back. Promises nothing about durability. */
  close?(store: Store): MaybePromise<unknown>;
  /** Optional: takes a file apart for the pictures; see {@linkcode LogUnderTest.decode}. */
  decode?(path: string, bytes: Uint8Array): Iterable<DecodedPiece>;
}

/** What a store should do: the same thing in a few lines, without a disk. */
export interface StoreModel<Command, State> {
  /** The state of a store that nothing has been done to. */
  readonly initial: State;
  /**
   * The state after one more command.
   *
   * @param state The state before; it must not be changed.
   * @param command The command.
   * @returns The state after it.
   */
  next(state: State, command: Command): State;
}

/** Sets one key, or removes it. */
export type KeyValueCommand =
  | { readonly set: string; readonly value: string }
  | { readonly remove: string };

/**
 * The commands and the model of a store of keys and values, to be spread into a
 * {@linkcode StoreUnderTest}. Commands set one of three keys to a text, every fifth removes one.
 *
 * @example
 * ```ts
 * import { keyValues } from "../../mod.ts";
 *
 * const { command, model } = keyValues;
 * console.log(model.next(model.initial, command(1, 8))); // { k1: "1:s>IT_j" }
 * ```
 */
export const keyValues: {
  command(number: number, bytes: number): KeyValueCommand;
  readonly model: StoreModel<KeyValueCommand, Readonly<Record<string, string>>>;
} = {
  command(number, bytes) {
    if (number % 5 === 0) return { remove: `k${(number / 5) % 3}` };
    return { set: `k${number % 3}`, value: valueOf(number, bytes) };
  },
  model: {
    initial: {},
    next(state, command) {
      if ("set" in command) return { ...state, [command.set]: command.value };
      const { [command.remove]: _, ...rest } = state;
      return rest;
    },
  },
};

/** A text that tells which command it came from: letters, so that it is as many bytes long. */
function valueOf(number: number, bytes: number): string {
  const letters = [...recordOf(number, bytes)].map((byte) => String.fromCharCode(63 + byte % 63));
  return `${number}:${letters.join("")}`.slice(0, Math.max(bytes, 1));
}

/** Under this key a log says that it is a store. */
export const storeOf: unique symbol = Symbol("plugpull store");

/** A store in the shape of a log. */
export interface StoreLog extends LogUnderTest {
  readonly [storeOf]: StoreOracle;
}

/** What tells a store in the shape of a log from a log; `undefined` for a log. */
export function oracleOf(log: LogUnderTest): StoreOracle | undefined {
  return (log as Partial<StoreLog>)[storeOf];
}

/** How reports speak of a log, or of a store in the shape of one. */
export function termsOf(log: LogUnderTest): Terms {
  return oracleOf(log)?.oracle.terms ?? ofRecords;
}

/** What makes a store of what has the shape of a log. */
export interface StoreOracle {
  /** Says which states are legal. */
  readonly oracle: Oracle;
  /** The record of a command. */
  recordOf(number: number, bytes: number): Uint8Array;
  /** A command in words. */
  wordsOf(number: number, bytes: number): string;
}

/** What can be checked. */
// deno-lint-ignore no-explicit-any
export type UnderTest<Handle = any> = LogUnderTest<Handle> | StoreUnderTest<Handle>;

/**
 * What can be checked, in the shape of a log.
 *
 * @throws {TypeError} When it is neither a log nor a store under test.
 */
export function subjectOf(subject: UnderTest): LogUnderTest {
  if (
    typeof subject === "object" && subject !== null && ("apply" in subject || "observe" in subject)
  ) {
    return logOf(subject as StoreUnderTest);
  }
  requireSubject(subject as LogUnderTest);
  return subject as LogUnderTest;
}

/** A store in the shape of a log. */
function logOf(store: StoreUnderTest): StoreLog {
  requireStore(store);
  const { sync, close, decode } = store;
  const recordOf = (number: number, bytes: number) =>
    bytesOf(store.command(number, bytes), `command ${number}`);
  return {
    name: store.name,
    acks: store.acks === "apply" ? "append" : store.acks,
    open: (fs, dir) => store.open(fs, dir),
    append: (log, record) => store.apply(log, JSON.parse(jsonOf(record))),
    records(log) {
      const state = store.observe(log);
      return isPromiseLike(state) ? state.then(recovered) : recovered(state);
    },
    ...(sync && { sync: (log) => sync.call(store, log) }),
    ...(close && { close: (log) => close.call(store, log) }),
    ...(decode && { decode: (path, bytes) => decode.call(store, path, bytes) }),
    [storeOf]: {
      oracle: modelState(store.model),
      recordOf,
      wordsOf: (number, bytes) => `apply ${cut(jsonOf(recordOf(number, bytes)))}`,
    },
  };
}

/** The state as the one record of a store. */
function recovered(state: unknown): Uint8Array[] {
  return [bytesOf(state, "what observe returned")];
}

/** Refuses what is no store under test. */
function requireStore(store: StoreUnderTest): void {
  const { name, acks, model } = store;
  const refuse = (what: string): never => {
    throw new TypeError(`Cannot check the store: ${what}`);
  };
  if (typeof name !== "string") refuse("name is not a string");
  for (const method of ["open", "apply", "observe", "command"] as const) {
    if (typeof store[method] !== "function") refuse(`${method} is not a function`);
  }
  if (typeof model?.next !== "function") refuse("model.next is not a function");
  if (acks !== "apply" && acks !== "sync" && acks !== "never") {
    refuse(`acks is ${JSON.stringify(acks)}, expected "apply", "sync" or "never"`);
  }
  if (acks === "sync" && typeof store.sync !== "function") {
    refuse('acks is "sync", but sync is not a function');
  }
  for (const method of ["sync", "close", "decode"] as const) {
    if (store[method] !== undefined && typeof store[method] !== "function") {
      refuse(`${method} is neither left out nor a function`);
    }
  }
}
