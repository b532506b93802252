/**
 * The streams of `node:fs`, over any object that has its `open`, `read`, `write` and `close`.
 *
 * METHOD. Node's own streams do the work: they take the object that they call as an option. They are
 * functions and not classes here, so that packages may call them without `new`, as with Node's.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import * as real from "node:fs";
import type { Readable, Writable } from "node:stream";
import { invalidType } from "./argument_error.ts";
import { FileHandle } from "./file_handle.ts";
import { streamOptions } from "./whole_file_operations.ts";

/** A constructor that can be called without `new`. */
export interface StreamClass<T> {
  new (path: unknown, options?: unknown): T;
  (path: unknown, options?: unknown): T;
  prototype: T;
}

/** Both kinds of streams. */
export interface Streams {
  readonly ReadStream: StreamClass<Readable>;
  readonly WriteStream: StreamClass<Writable>;
}

/** The streams that call `fs`, whatever its functions are by then. */
export function streamsOver(fs: () => object): Streams {
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
      const { fd } = settings;
      const isHandle = fd instanceof FileHandle;
      if (!isHandle && fd !== undefined && fd !== null && typeof fd !== "number") {
        throw invalidType("options.fd", "of type number or an instance of FileHandle", fd);
      }
      const called = (isHandle ? fd.streamed() : settings.fs ?? fs()) as Written;
      parent.call(this, path, {
        ...settings,
        ...(isHandle && { fd: fd.fd }),
        fs: name === "WriteStream" ? whole(called) : called,
      });
    },
  }[name]! as unknown as StreamClass<T>;
  Object.setPrototypeOf(made, parent);
  made.prototype = Object.create(parent.prototype, {
    constructor: { value: made, writable: true, configurable: true },
  });
  return made;
}

type Called = (error: unknown, count: number, buffer?: unknown) => void;

type Rest = [offset: number, length: number, position: number | null, done: Called];

/** What a stream that writes calls. */
interface Written {
  write(
    fd: number,
    bytes: Uint8Array,
    ...rest: Rest
  ): void;
}

/**
 * The same, with writes that go on until all is written, as the streams of Node do. Those of Deno take
 * a short write for a whole one.
 */
function whole(fs: Written): object {
  const write = (
    fd: number,
    bytes: Uint8Array,
    ...[offset, length, position, done]: Rest
  ): void => {
    fs.write(fd, bytes, offset, length, position, (error, count) => {
      if (error || count === length) return done(error, length, bytes);
      const next = typeof position === "number" ? position + count : position;
      write(fd, bytes, offset + count, length - count, next, (error) => done(error, length, bytes));
    });
  };
  const writev = (fd: number, buffers: Uint8Array[], position: number | null, done: Called) => {
    const bytes = Buffer.concat(buffers);
    write(fd, bytes, 0, bytes.length, position, (error) => done(error, bytes.length, buffers));
  };
  return Object.create(fs, { write: { value: write }, writev: { value: writev } });
}
