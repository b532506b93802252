/**
 * The streams of `node:fs`, over any object that has its `open`, `read`, `write` and `close`.
 *
 * METHOD. Node's own streams do the work: they take the object that they call as an option. They are
 * functions and not classes here, so that packages may call them without `new`, as with Node's.
 *
 * @module
 */
import * as real from "node:fs";
import type { Readable, Writable } from "node:stream";
import { invalidType } from "./argument_error.ts";
import { streamOptions } from "./whole_file_operations.ts";

/** A constructor that can be called without `new`. */
export interface StreamClass<T> {
  new (path: unknown, options?: unknown): T;
  (path: unknown, options?: unknown): T;
  prototype: T;
}

/** The streams that call `fs`, whatever its functions are by then. */
export function streamsOver(fs: () => object): {
  readonly ReadStream: StreamClass<Readable>;
  readonly WriteStream: StreamClass<Writable>;
} {
  return {
    ReadStream: streamClass<Readable>(real.ReadStream, "ReadStream", fs),
    WriteStream: streamClass<Writable>(real.WriteStream, "WriteStream", fs),
  };
}

function streamClass<T extends object>(base: unknown, name: string, fs: () => object) {
  const parent = base as { prototype: object } & ((...args: unknown[]) => void);
  const made = {
    [name]: function (this: T, path: unknown, options?: unknown): T | void {
      if (!(this instanceof made)) return Reflect.construct(made, [path, options]) as T;
      const settings = streamOptions(options);
      if (settings.fd !== undefined && settings.fd !== null && typeof settings.fd !== "number") {
        if (settings.fs === undefined) {
          throw invalidType("options.fd", "of type number or a FileHandle", settings.fd);
        }
      }
      parent.call(this, path, { fs: fs(), ...settings });
    },
  }[name]! as unknown as StreamClass<T>;
  Object.setPrototypeOf(made, parent);
  made.prototype = Object.create(parent.prototype, {
    constructor: { value: made, writable: true, configurable: true },
  });
  return made;
}
