/**
 * The streams of `node:fs`, over any object that has its `open`, `read`, `write` and `close`.
 *
 * METHOD. Node's own streams do the work: they take the object that they call as an option. They are
 * functions and not classes here, so that packages may call them without `new`, as with Node's. A call
 * comes from where the stream was written to, ended or made ({@linkcode StreamOrigins}), which may be
 * long before.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import * as real from "node:fs";
import type { Readable, Writable } from "node:stream";
import { invalidType } from "./argument_error.ts";
import { calledFrom, type CallOrigin } from "../call_origin.ts";
import { FileHandle } from "./file_handle.ts";
import type { Host } from "./operations.ts";
import { StreamOrigins } from "./stream_origins.ts";
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
export function streamsOver(host: Host, fs: () => object): Streams {
  return {
    ReadStream: streamClass<Readable>(real.ReadStream, { name: "ReadStream", host, fs }),
    WriteStream: noting(
      streamClass<Writable>(real.WriteStream, { name: "WriteStream", host, fs }),
    ),
  };
}

/** Of each stream, where its calls come from. */
const origins = new WeakMap<object, StreamOrigins>();

function streamClass<T extends object>(
  base: unknown,
  { name, host, fs }: {
    readonly name: "ReadStream" | "WriteStream";
    readonly host: Host;
    readonly fs: () => object;
  },
) {
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
      const called = (isHandle ? fd.streamed() : settings.fs ?? fs()) as Called;
      const from = new StreamOrigins(host.current.fs);
      origins.set(this, from);
      parent.call(this, path, {
        ...settings,
        ...(isHandle && { fd: fd.fd }),
        fs: name === "WriteStream" ? whole(called, from) : placed(called, from),
      });
    },
  }[name]! as unknown as StreamClass<T>;
  Object.setPrototypeOf(made, parent);
  made.prototype = Object.create(parent.prototype, {
    constructor: { value: made, writable: true, configurable: true },
  });
  return made;
}

/** Lets a stream take down where it is written to, and where it is ended. */
function noting(made: StreamClass<Writable>): StreamClass<Writable> {
  const { write, end } = made.prototype as unknown as Record<"write" | "end", Method>;
  const isOpen = (stream: Writable) => !stream.writableEnded && !stream.destroyed;
  const methods: Record<"write" | "end", Method> = {
    write(...args) {
      const from = origins.get(this);
      const go = () => write.apply(this, args);
      return from !== undefined && isOpen(this) ? from.chunk(go) : go();
    },
    end(...args) {
      const from = origins.get(this);
      const go = () => end.apply(this, args);
      if (from === undefined || !isOpen(this)) return go();
      from.end();
      const [chunk] = args;
      const hasChunk = chunk !== undefined && chunk !== null && typeof chunk !== "function";
      return hasChunk ? from.chunk(go) : go();
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(made.prototype, name, { value, writable: true, configurable: true });
  }
  return made;
}

type Method = (this: Writable, ...args: unknown[]) => unknown;

type Done = (error: unknown, count: number, buffer?: unknown) => void;

type Rest = [offset: number, length: number, position: number | null, done: Done];

/** What a stream calls. */
interface Called {
  open(...args: unknown[]): void;
  write(fd: number, bytes: Uint8Array, ...rest: Rest): void;
  fsync(fd: number, done: Done): void;
  close(fd: number, done: Done): void;
}

/** The same, with calls that come from where the stream was made and ended. */
function placed(fs: Called, from: StreamOrigins): Called {
  const open = (...args: unknown[]) => calledFrom(from.made, () => fs.open(...args));
  const fsync = (fd: number, done: Done) => calledFrom(from.ended, () => fs.fsync(fd, done));
  const close = (fd: number, done: Done) => calledFrom(from.ended, () => fs.close(fd, done));
  return Object.create(fs, {
    open: { value: open },
    fsync: { value: fsync },
    close: { value: close },
  });
}

/**
 * The same, with writes that come from where the stream was written to, and that go on until all is
 * written, as the streams of Node do. Those of Deno take a short write for a whole one.
 */
function whole(fs: Called, from: StreamOrigins): Called {
  const write = (origin: CallOrigin | undefined) =>
  (
    fd: number,
    bytes: Uint8Array,
    ...[offset, length, position, done]: Rest
  ): void => {
    const written: Done = (error, count) => {
      if (error || count === length) return done(error, length, bytes);
      const next = typeof position === "number" ? position + count : position;
      const rest: Done = (error) => done(error, length, bytes);
      write(origin)(fd, bytes, offset + count, length - count, next, rest);
    };
    calledFrom(origin, () => fs.write(fd, bytes, offset, length, position, written));
  };
  const writev = (fd: number, buffers: Uint8Array[], position: number | null, done: Done) => {
    const bytes = Buffer.concat(buffers);
    const written: Done = (error) => done(error, bytes.length, buffers);
    write(from.take(buffers.length))(fd, bytes, 0, bytes.length, position, written);
  };
  return Object.create(placed(fs, from), {
    write: {
      value: (fd: number, bytes: Uint8Array, ...rest: Rest) =>
        write(from.take(1))(fd, bytes, ...rest),
    },
    writev: { value: writev },
  });
}
