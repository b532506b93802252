/**
 * An open file of `fs.promises`.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { calledFrom, originOn } from "../call_origin.ts";
import { close, fchmod, fchown, fdatasync, fstat } from "./descriptor_operations.ts";
import {
  fsync,
  ftruncate,
  futimes,
  readLoosely,
  readv,
  write,
  writev,
} from "./descriptor_operations.ts";
import { notSimulated } from "./argument_error.ts";
import type { NodeProcess } from "./node_process.ts";
import type { BigIntStats, Stats } from "./stats.ts";
import { type Operation, promiseOf, Step } from "./step.ts";
import { readFile, streamOptions, writeFile } from "./whole_file_operations.ts";
import { isIterable, writeFileFrom } from "./written_chunks.ts";

/** Makes the streams of a file handle. */
export interface StreamMaker {
  /** A stream that reads. */
  read(path: undefined, options: object): Readable;
  /** A stream that writes. */
  write(path: undefined, options: object): NodeJS.WritableStream;
}

const CLOSED = -1;

/** An open file of `fs.promises`. */
export class FileHandle extends EventEmitter {
  readonly #process: NodeProcess;
  readonly #streams: StreamMaker;
  #fd: number;
  #underWay = 0;
  /** Called when nothing is under way any more, once the handle is being closed. */
  #onIdle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** Stands for an open file. */
  constructor(process: NodeProcess, fd: number, streams: StreamMaker) {
    super();
    this.#process = process;
    this.#fd = fd;
    this.#streams = streams;
  }

  /** Its number; -1 once it is closed. */
  get fd(): number {
    return this.#fd;
  }

  /** Makes a call; the handle is not closed before it has returned. */
  async #call<T>(syscall: string, operation: () => Operation<T>): Promise<T> {
    if (this.#fd === CLOSED) {
      throw Object.assign(new Error("file closed"), { code: "EBADF", syscall });
    }
    this.#underWay++;
    try {
      return await promiseOf(this.#process.fs, operation());
    } finally {
      if (--this.#underWay === 0) this.#onIdle?.();
    }
  }

  /** See `node:fs/promises`. */
  read(...args: unknown[]): Promise<{ bytesRead: number; buffer: ArrayBufferView }> {
    return this.#call("read", () => readLoosely(this.#process, this.#fd, ...args));
  }

  /** See `node:fs/promises`. */
  readv(
    buffers: unknown,
    position?: unknown,
  ): Promise<{ bytesRead: number; buffers: ArrayBufferView[] }> {
    return this.#call("readv", () => readv(this.#process, this.#fd, buffers, position));
  }

  /** See `node:fs/promises`. */
  write(...args: unknown[]): Promise<{ bytesWritten: number; buffer: unknown }> {
    const [buffer] = args;
    return this.#call(
      "write",
      () =>
        ArrayBuffer.isView(buffer) && buffer.byteLength === 0
          ? new Step(() => "write nothing", () => ({ bytesWritten: 0, buffer }))
          : write(this.#process, this.#fd, ...args),
    );
  }

  /** See `node:fs/promises`. */
  writev(
    buffers: unknown,
    position?: unknown,
  ): Promise<{ bytesWritten: number; buffers: ArrayBufferView[] }> {
    return this.#call("writev", () => writev(this.#process, this.#fd, buffers, position));
  }

  /** See `node:fs/promises`. */
  readFile(options?: unknown): Promise<Buffer | string> {
    return this.#call("readFile", () => readFile(this.#process, this.#fd, options));
  }

  /** See `node:fs/promises`. */
  writeFile(data: unknown, options?: unknown): Promise<void> {
    if (isIterable(data)) {
      return writeFileFrom({ file: this, data, options, origin: originOn(this.#process.fs) });
    }
    return this.#call("writeFile", () => writeFile(this.#process, this.#fd, data, options));
  }

  /** See `node:fs/promises`. */
  appendFile(data: unknown, options?: unknown): Promise<void> {
    return this.writeFile(data, options);
  }

  /** See `node:fs/promises`. */
  truncate(length?: unknown): Promise<void> {
    return this.#call("ftruncate", () => ftruncate(this.#process, this.#fd, length));
  }

  /** See `node:fs/promises`. */
  sync(): Promise<void> {
    return this.#call("fsync", () => fsync(this.#process, this.#fd));
  }

  /** See `node:fs/promises`. */
  datasync(): Promise<void> {
    return this.#call("fdatasync", () => fdatasync(this.#process, this.#fd));
  }

  /** See `node:fs/promises`. */
  stat(options?: unknown): Promise<Stats | BigIntStats> {
    return this.#call("fstat", () => fstat(this.#process, this.#fd, options));
  }

  /** See `node:fs/promises`. */
  chmod(mode: unknown): Promise<void> {
    return this.#call("fchmod", () => fchmod(this.#process, this.#fd, mode));
  }

  /** See `node:fs/promises`. */
  chown(uid: unknown, gid: unknown): Promise<void> {
    return this.#call("fchown", () => fchown(this.#process, this.#fd, uid, gid));
  }

  /** See `node:fs/promises`. */
  utimes(atime: unknown, mtime: unknown): Promise<void> {
    return this.#call("futimes", () => futimes(this.#process, this.#fd, atime, mtime));
  }

  /** See `node:fs/promises`. */
  createReadStream(options?: unknown): Readable {
    return this.#streams.read(undefined, { ...streamOptions(options), fd: this });
  }

  /** See `node:fs/promises`. */
  createWriteStream(options?: unknown): NodeJS.WritableStream {
    return this.#streams.write(undefined, { ...streamOptions(options), fd: this });
  }

  /** See `node:fs/promises`. */
  readLines(options?: unknown): ReturnType<typeof createInterface> {
    const input = this.createReadStream(options);
    return createInterface({ input, crlfDelay: Infinity });
  }

  /** Refused: it is not simulated. */
  readableWebStream(): never {
    throw notSimulated("FileHandle.readableWebStream");
  }

  /** What a stream of this handle calls: the handle, so that it knows what is under way. */
  streamed(): object {
    type Called = (error: unknown, count?: number, buffer?: unknown) => void;
    const failed = (callback: Called) => (error: unknown) => callback(error);
    return {
      open: () => {},
      close: (_fd: number, callback: Called) =>
        void this.close().then(() => callback(null), failed(callback)),
      fsync: (_fd: number, callback: Called) =>
        void this.sync().then(() => callback(null), failed(callback)),
      read: (_fd: number, ...rest: unknown[]) => {
        const callback = rest.pop() as Called;
        this.read(...rest).then(
          ({ bytesRead, buffer }) => callback(null, bytesRead, buffer),
          failed(callback),
        );
      },
      write: (_fd: number, ...rest: unknown[]) => {
        const callback = rest.pop() as Called;
        this.write(...rest).then(
          ({ bytesWritten, buffer }) => callback(null, bytesWritten, buffer),
          failed(callback),
        );
      },
      writev: (_fd: number, buffers: unknown, position: unknown, callback: Called) =>
        void this.writev(buffers, position).then(
          ({ bytesWritten }) => callback(null, bytesWritten, buffers),
          failed(callback),
        ),
    };
  }

  /** See `node:fs/promises`: waits for what is under way. */
  close(): Promise<void> {
    this.#closing ??= this.#fd === CLOSED ? Promise.resolve() : this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const from = originOn(this.#process.fs);
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#onIdle = resolve);
    const fd = this.#fd;
    this.#fd = CLOSED;
    await calledFrom(from, () => promiseOf(this.#process.fs, close(this.#process, fd)));
    this.emit("close");
  }

  /** Closes the handle. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
