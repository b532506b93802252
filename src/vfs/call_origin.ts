/**
 * Where a call comes from that takes effect as several, or long after it was made.
 *
 * METHOD. A file system that wants to know where a call is made looks at the stack when the call
 * reaches it. Of the second step of `writeFile`, or of what a stream has gathered, the stack no longer
 * leads to the caller. So whoever carries out such a call asks the file system for an *origin* when
 * the call is made, and hands it back with every step. What an origin holds is known to the file
 * system alone.
 *
 * @module
 */
import type { FileSystem } from "./file_system.ts";
import type { PendingCall } from "./promised_file_system.ts";

/** Under this key a file system takes down where a call is made. */
export const origin: unique symbol = Symbol("plugpull origin");

/** Where a call is made: nothing but the file system that took it down can read it. */
export type CallOrigin = object;

/** A file system that wants to know where calls are made. */
export interface OriginFileSystem extends FileSystem {
  /** Takes it down; `otherwise` counts where the present stack leads nowhere. */
  [origin](otherwise?: CallOrigin): CallOrigin;
}

/** A call that says where it comes from. */
export interface PlacedCall extends PendingCall {
  /** Where; without it, where the stack leads that hands the call over. */
  readonly origin?: CallOrigin | undefined;
}

/** That of the call that is being made right now, where somebody knows it better than the stack. */
let present: CallOrigin | undefined;

/**
 * Where the present call is made.
 *
 * @param fs The file system that it will reach.
 * @param otherwise What counts where the stack leads nowhere.
 * @returns The origin; nothing where the file system does not want to know.
 */
export function originOn(fs: FileSystem, otherwise?: CallOrigin): CallOrigin | undefined {
  if (present !== undefined) return present;
  return origin in fs ? (fs as OriginFileSystem)[origin](otherwise) : undefined;
}

/** The origin that {@linkcode calledFrom} has named, if it is on the stack. */
export function namedOrigin(): CallOrigin | undefined {
  return present;
}

/**
 * Makes a call as from somewhere else.
 *
 * @param from Where it comes from; nothing leaves it to the stack.
 * @param make Makes the call.
 * @returns What the call returns.
 */
export function calledFrom<T>(from: CallOrigin | undefined, make: () => T): T {
  const before = present;
  present = from ?? before;
  try {
    return make();
  } finally {
    present = before;
  }
}
