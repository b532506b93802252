import type { FileHandle } from "../../vfs/file_system.ts";
import { writeFully } from "../../vfs/write_fully.ts";
import type { Bucket, OpfsPath } from "./_bucket.ts";
import { domError } from "./_dom_error.ts";
import { bytesOf, offsetOf } from "./sync_access_handle.ts";

/** A command to a {@linkcode OpfsWritableFileStream}. */
export interface WriteParams {
  /** What to do. */
  readonly type: "write" | "seek" | "truncate";
  /** The new length in bytes, for `truncate`. */
  readonly size?: number | undefined;
  /** Where, in bytes from the start of the file, for `seek` and `write`. */
  readonly position?: number | undefined;
  /** What to write. */
  readonly data?: BufferSource | Blob | string | undefined;
}

/** What can be written to a {@linkcode OpfsWritableFileStream}. */
export type WriteChunk = BufferSource | Blob | string | WriteParams;

/** The most swap files of one file, as in Chromium. */
const SWAP_FILES = 100;

/**
 * Where a stream writes to: a swap file beside the file, which takes its name when the stream is
 * closed. Neither is a barrier.
 */
class SwapFile {
  readonly #bucket: Bucket;
  readonly #target: OpfsPath;
  readonly #swap: OpfsPath;
  readonly #file: FileHandle;
  readonly #release: () => void;
  #cursor = 0;
  #isOver = false;

  /** Creates it, empty or as a copy. */
  constructor(
    bucket: Bucket,
    target: OpfsPath,
    { keepExistingData, release }: {
      readonly keepExistingData: boolean;
      readonly release: () => void;
    },
  ) {
    this.#bucket = bucket;
    this.#target = target;
    this.#release = release;
    this.#swap = freeSwapName(bucket, target);
    this.#file = bucket.fs.open(bucket.place(this.#swap), { write: true, createNew: true });
    bucket.renamed(this.#swap.slice(0, -1));
    if (!keepExistingData) return;
    const existing = readWhole(bucket, target);
    if (existing.length > 0) writeFully(this.#file, existing, 0);
  }

  /** Carries out one chunk ("write a chunk"); when it fails, the stream is over. */
  async write(chunk: WriteChunk): Promise<void> {
    try {
      const command = await commandOf(chunk);
      await this.#bucket.later(
        `${command.type} of a stream to "${this.#bucket.place(this.#target)}"`,
        () => this.#carryOut(command),
      );
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  /** Puts the swap file in the place of the file. */
  async close(): Promise<void> {
    const bucket = this.#bucket;
    const [from, to] = [bucket.place(this.#swap), bucket.place(this.#target)];
    try {
      await bucket.later(`close of a stream to "${to}"`, () => {
        this.#file.close();
        bucket.fs.rename(from, to);
        bucket.renamed(this.#target.slice(0, -1));
      });
    } finally {
      this.#isOver = true;
      this.#release();
    }
  }

  /** Forgets what was written. */
  async abort(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const bucket = this.#bucket;
    try {
      await bucket.later(`abort of a stream to "${bucket.place(this.#target)}"`, () => {
        this.#file.close();
        bucket.fs.remove(bucket.place(this.#swap));
        bucket.renamed(this.#swap.slice(0, -1));
      });
    } finally {
      this.#release();
    }
  }

  #carryOut({ type, size, position, data }: Command): void {
    if (type === "truncate") {
      if (size === undefined) throw domError("SyntaxError", "truncate requires a size");
      this.#file.truncate(size);
      this.#cursor = Math.min(this.#cursor, size);
      return;
    }
    if (type === "seek") {
      if (position === undefined) throw domError("SyntaxError", "seek requires a position");
      this.#cursor = position;
      return;
    }
    if (data === undefined) throw domError("SyntaxError", "write requires data");
    const at = position ?? this.#cursor;
    if (data.length > 0) writeFully(this.#file, data, at);
    this.#cursor = at + data.length;
  }
}

/** A command with its bytes. */
interface Command {
  readonly type: WriteParams["type"];
  readonly size?: number | undefined;
  readonly position?: number | undefined;
  readonly data?: Uint8Array | undefined;
}

/**
 * A stream that replaces a file when it is closed: `FileSystemWritableFileStream` (section 2.5). Until
 * then, what is written goes to a swap file beside it, `name.crswap`, as in Chromium. Nothing here is
 * a barrier: after a power loss the file may have its new name and not yet its bytes.
 *
 * @example
 * ```ts
 * import { opfs, SimulatedFileSystem } from "../../../mod.ts";
 *
 * const file = await opfs(new SimulatedFileSystem()).getFileHandle("data", { create: true });
 * const stream = await file.createWritable();
 * await stream.write("hello");
 * console.log((await file.getFile()).size); // 0
 * await stream.close();
 * console.log(await (await file.getFile()).text()); // hello
 * ```
 */
export class OpfsWritableFileStream extends WritableStream<WriteChunk> {
  /**
   * Opens a stream to a file that is locked for it.
   *
   * @internal
   */
  constructor(
    bucket: Bucket,
    target: OpfsPath,
    options: { readonly keepExistingData: boolean; readonly release: () => void },
  ) {
    const swap = new SwapFile(bucket, target, options);
    super({
      write: (chunk) => swap.write(chunk),
      close: () => swap.close(),
      abort: () => swap.abort(),
    });
  }

  /**
   * Writes at the cursor, or carries out a command (section 2.5.1).
   *
   * @param data What to write, or the command.
   * @throws {DOMException} `QuotaExceededError` when the disk is full, `SyntaxError` when the command
   * lacks what it needs, as in Chromium; the standard has a `TypeError` there.
   */
  async write(data: WriteChunk): Promise<void> {
    const writer = this.getWriter();
    const written = writer.write(data);
    writer.releaseLock();
    await written;
  }

  /**
   * Moves the cursor (section 2.5.2).
   *
   * @param position Bytes from the start of the file.
   */
  async seek(position: number): Promise<void> {
    await this.write({ type: "seek", position });
  }

  /**
   * Cuts what will be the file, or grows it with zeros (section 2.5.3).
   *
   * @param size The new length in bytes.
   */
  async truncate(size: number): Promise<void> {
    await this.write({ type: "truncate", size });
  }
}

/** All bytes of a file. */
export function readWhole(bucket: Bucket, path: OpfsPath): Uint8Array<ArrayBuffer> {
  const file = bucket.fs.open(bucket.place(path));
  try {
    const bytes = new Uint8Array(file.size());
    let done = 0;
    while (done < bytes.length) {
      const got = file.read(bytes.subarray(done), done);
      if (got === 0) break;
      done += got;
    }
    return bytes.subarray(0, done);
  } finally {
    file.close();
  }
}

/** A swap name that is not taken: one may be left from before a crash, or of another stream. */
function freeSwapName(bucket: Bucket, target: OpfsPath): OpfsPath {
  const [name, directory] = [target.at(-1)!, target.slice(0, -1)];
  for (let number = 0; number < SWAP_FILES; number++) {
    const swap = [...directory, `${name}${number === 0 ? "" : `.${number}`}.crswap`];
    if (bucket.kindOf(swap) === undefined) return swap;
  }
  throw domError("InvalidStateError", `"${name}" has ${SWAP_FILES} swap files`);
}

/** Takes a chunk apart, as WebIDL does. */
async function commandOf(chunk: WriteChunk): Promise<Command> {
  if (!isParams(chunk)) return { type: "write", data: await dataOf(chunk) };
  const { type, size, position, data } = chunk;
  if (type !== "write" && type !== "seek" && type !== "truncate") {
    throw new TypeError(`The command is ${JSON.stringify(type)}, expected write, seek or truncate`);
  }
  return {
    type,
    size: offsetOf(size),
    position: offsetOf(position),
    data: data === undefined ? undefined : await dataOf(data),
  };
}

function isParams(chunk: WriteChunk): chunk is WriteParams {
  return typeof chunk === "object" && !(chunk instanceof Blob) && !ArrayBuffer.isView(chunk) &&
    !(chunk instanceof ArrayBuffer);
}

/** A copy of the bytes, so that the caller may reuse its buffer. */
async function dataOf(data: BufferSource | Blob | string): Promise<Uint8Array> {
  if (data instanceof Blob) return new Uint8Array(await data.arrayBuffer());
  if (typeof data === "object") return bytesOf(data).slice();
  return new TextEncoder().encode(String(data));
}
