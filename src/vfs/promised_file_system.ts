/**
 * The seam for logs written on asynchronous I/O: the calls of a {@linkcode FileSystem}, each
 * returning a promise.
 *
 * METHOD. A call does nothing when it is made. Later it takes effect on the disk, all at once, and
 * its promise settles. Calls that are under way together may do so in any order, as with a pool of
 * threads behind them. A barrier takes effect first and returns later: it covers the writes that
 * have taken effect before it has, and not those that come in until it returns. The harness decides
 * the order, and tries several. Elsewhere calls complete one after another, in the order in which
 * they were made.
 *
 * @module
 */

import type { FileHandle, FileInfo, FileSystem, OpenOptions } from "./file_system.ts";

/** The calls of a {@linkcode FileHandle}, each returning a promise. */
export interface AsyncFileHandle {
  /** See {@linkcode FileHandle.read}. The array is filled when the call takes effect. */
  read(into: Uint8Array, offset: number): Promise<number>;
  /**
   * See {@linkcode FileHandle.write}. The bytes are taken when the call takes effect: the
   * array must not be used for anything else before its promise settles.
   */
  write(bytes: Uint8Array, offset?: number): Promise<number>;
  /** See {@linkcode FileHandle.size}. */
  size(): Promise<number>;
  /** See {@linkcode FileHandle.truncate}. */
  truncate(size: number): Promise<void>;
  /** See {@linkcode FileHandle.sync}. */
  sync(): Promise<void>;
  /** See {@linkcode FileHandle.syncData}. */
  syncData(): Promise<void>;
  /** See {@linkcode FileHandle.close}. */
  close(): Promise<void>;
}

/** The calls of a {@linkcode FileSystem}, each returning a promise. */
export interface AsyncFileSystem {
  /** See {@linkcode FileSystem.open}. */
  open(path: string, options?: OpenOptions): Promise<AsyncFileHandle>;
  /** See {@linkcode FileSystem.mkdir}. */
  mkdir(path: string): Promise<void>;
  /** See {@linkcode FileSystem.list}. */
  list(path: string): Promise<string[]>;
  /** See {@linkcode FileSystem.stat}. */
  stat(path: string): Promise<FileInfo>;
  /** See {@linkcode FileSystem.rename}. */
  rename(from: string, to: string): Promise<void>;
  /** See {@linkcode FileSystem.link}. */
  link(existing: string, created: string): Promise<void>;
  /** See {@linkcode FileSystem.remove}. */
  remove(path: string): Promise<void>;
}

/** A call that has been made and has not completed yet. */
export interface PendingCall {
  /** The call in words, for example `syncData "/log/1"`. */
  readonly what: string;
  /** Whether it is a barrier, whose return may come later than its effect. */
  readonly isBarrier: boolean;
  /** Carries the call out. */
  takeEffect(): void;
  /** Settles its promise. */
  settle(): void;
}

/** Under this key a file system takes the promised calls that it wants to complete itself. */
export const completion: unique symbol = Symbol("plugpull completion");

/** A file system that decides itself when the calls of its promised view complete. */
export interface CompletingFileSystem extends FileSystem {
  /** Takes a call, in order to complete it later. */
  [completion](call: PendingCall): void;
}

/**
 * A file system whose calls return promises. Under the harness, calls that are under way together
 * complete in several orders, so that a log which relies on one of them is found out.
 *
 * @param fs What carries the calls out.
 * @returns The promised view of it.
 *
 * @example
 * ```ts
 * import { promised, SimulatedFileSystem } from "../../mod.ts";
 *
 * const fs = promised(new SimulatedFileSystem());
 * const file = await fs.open("/a", { write: true, create: true });
 * await file.write(new Uint8Array([1, 2, 3]), 0);
 * await file.sync();
 * console.log((await fs.stat("/a")).size); // 3
 * ```
 */
export function promised(fs: FileSystem): AsyncFileSystem {
  const call: Promising = (what, carryOut, isBarrier = false) =>
    new Promise((resolve, reject) => {
      let settle = () => {};
      const takeEffect = () => {
        try {
          const value = carryOut();
          settle = () => resolve(value);
        } catch (error) {
          settle = () => reject(error);
        }
      };
      if (completion in fs) {
        const pending = { what, isBarrier, takeEffect, settle: () => settle() };
        return (fs as CompletingFileSystem)[completion](pending);
      }
      queueMicrotask(() => {
        takeEffect();
        settle();
      });
    });
  return {
    open: (path, options) =>
      call(`open "${path}"`, () => promisedHandle(fs.open(path, options), path, call)),
    mkdir: (path) => call(`mkdir "${path}"`, () => fs.mkdir(path)),
    list: (path) => call(`list "${path}"`, () => fs.list(path)),
    stat: (path) => call(`stat "${path}"`, () => fs.stat(path)),
    rename: (from, to) => call(`rename "${from}" to "${to}"`, () => fs.rename(from, to)),
    link: (existing, created) =>
      call(`link "${existing}" as "${created}"`, () => fs.link(existing, created)),
    remove: (path) => call(`remove "${path}"`, () => fs.remove(path)),
  };
}

/** Makes a promise of a call. */
type Promising = <T>(what: string, carryOut: () => T, isBarrier?: boolean) => Promise<T>;

function promisedHandle(file: FileHandle, path: string, call: Promising): AsyncFileHandle {
  return {
    read: (into, offset) =>
      call(`read "${path}" ${into.length} bytes at ${offset}`, () => file.read(into, offset)),
    write: (bytes, offset) =>
      call(
        `write "${path}" ${bytes.length} bytes at ${offset ?? "its end"}`,
        () => file.write(bytes, offset),
      ),
    size: () => call(`size "${path}"`, () => file.size()),
    truncate: (size) => call(`truncate "${path}" to ${size} bytes`, () => file.truncate(size)),
    sync: () => call(`sync "${path}"`, () => file.sync(), true),
    syncData: () => call(`syncData "${path}"`, () => file.syncData(), true),
    close: () => call(`close "${path}"`, () => file.close()),
  };
}
