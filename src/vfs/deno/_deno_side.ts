/**
 * One of two `Deno` namespaces that are compared, with its open files.
 *
 * @module
 */
import type { Call, FileCall, Form, PathName } from "./_random_deno_calls.ts";
import type { DenoFs } from "./deno_fs.ts";

/** What is said when there is nothing to compare. */
export const SKIPPED = "skipped";

/** What an error looks like. */
export interface Failure {
  readonly type: string;
  readonly message: string;
  readonly name: string;
  readonly code?: unknown;
}

/** Whether a call has ended with an error. */
export function isFailure(answer: unknown): answer is Failure {
  return typeof answer === "object" && answer !== null && "message" in answer;
}

/** An open file, and what calls on it may be compared. */
interface Slot {
  readonly file: Deno.FsFile;
  readonly isDirectory: boolean;
  readonly isAppendOnly: boolean;
}

/** Makes calls on a namespace, and tells what came of them. */
export class DenoSide {
  readonly #deno: DenoFs;
  readonly #slots: (Slot | undefined)[] = [];

  constructor(deno: DenoFs) {
    this.#deno = deno;
  }

  /** Makes one call; returns its answer, or what its error looks like. */
  async run(call: Call): Promise<unknown> {
    try {
      return described(await this.#make(call));
    } catch (error) {
      return describedError(error);
    }
  }

  /** Whether a path leads to nothing. */
  isWrong(path: string): boolean {
    try {
      this.#deno.statSync(path);
      return false;
    } catch {
      return true;
    }
  }

  /** Closes all files. */
  close(): void {
    for (const slot of this.#slots) slot?.file[Symbol.dispose]();
  }

  /** Every path from a root on: kind, bytes, and which of them are names of one inode. */
  tree(root: string): unknown[] {
    const inodes: (number | null)[] = [];
    const found: unknown[] = [];
    const visit = (path: string) => {
      const { isDirectory, ino } = this.#deno.statSync(path);
      if (!inodes.includes(ino)) inodes.push(ino);
      const content = isDirectory ? undefined : this.#deno.readFileSync(path);
      found.push({ path, isDirectory, inode: inodes.indexOf(ino), content });
      if (!isDirectory) return;
      const names = Array.from(this.#deno.readDirSync(path), ({ name }) => name).toSorted();
      for (const name of names) visit(`${path}/${name}`);
    };
    if (!this.isWrong(root)) visit(root);
    return found;
  }

  #make(call: Call): unknown {
    if ("slot" in call) return this.#onFile(call);
    const deno = this.#deno;
    switch (call.call) {
      case "stream":
        return deno.writeFile(call.path, streamOf(call.chunks), call.options);
      case "writeFile":
        return this.#call(call, call.path, pattern(call.length, call.fill), call.options);
      case "writeTextFile": {
        const text = String.fromCharCode(call.fill, 0xd800, 0x20ac).repeat(call.length % 50);
        return this.#call(call, call.path, text, call.options);
      }
      case "mkdir":
      case "remove":
        return this.#call(call, call.path, { recursive: call.recursive });
      case "truncate":
        return this.#call(call, call.path, call.length);
      case "rename":
      case "link":
      case "copyFile":
        return this.#call(call, call.path, call.to);
      default:
        return this.#onPath(call);
    }
  }

  #onPath(call: Extract<Call, { call: PathName }>): unknown {
    const path = call.isUrl && call.path !== "" ? urlOf(call.path) : call.path;
    if (call.call === "readDir") return this.#readDir(path, call.form);
    return this.#call(call, path, 0, 0);
  }

  async #readDir(path: string | URL, form: Form): Promise<unknown> {
    const entries = form === "sync"
      ? Array.from(this.#deno.readDirSync(path))
      : await Array.fromAsync(this.#deno.readDir(path));
    return entries.toSorted((a, b) => a.name < b.name ? -1 : 1)
      .map((entry) => [Object.getPrototypeOf(entry), { ...entry }]);
  }

  #call({ call, form }: { call: string; form: Form }, ...args: unknown[]): unknown {
    const member = Reflect.get(this.#deno, form === "sync" ? `${call}Sync` : call);
    return (member as (...args: unknown[]) => unknown)(...args);
  }

  async #onFile(call: Extract<Call, { slot: number }>): Promise<unknown> {
    if (call.call === "open" || call.call === "create") {
      const options = call.call === "open" ? call.options : { read: true };
      const file = await this.#call(call, call.path, options) as Deno.FsFile;
      this.#slots[call.slot]?.file[Symbol.dispose]();
      const { isDirectory } = file.statSync();
      const isAppendOnly = options?.append === true && !options.read;
      this.#slots[call.slot] = { file, isDirectory, isAppendOnly };
      return file instanceof Deno.FsFile;
    }
    const slot = this.#slots[call.slot];
    if (slot === undefined) return SKIPPED;
    const { file } = slot;
    switch (call.call) {
      case "close":
        return file.close();
      case "dispose":
        return file[Symbol.dispose]();
      case "file":
        return isComparable(slot, call.on) ? onFile(file, call.on, call.form) : SKIPPED;
      case "at once": {
        if (!call.on.every((on) => isComparable(slot, on))) return SKIPPED;
        const settled = await Promise.allSettled(call.on.map((on) => onFile(file, on, "async")));
        return settled.map((one) =>
          one.status === "fulfilled" ? described(one.value) : describedError(one.reason)
        );
      }
      case "readable":
        return slot.isDirectory ? SKIPPED : Array.fromAsync(file.readable);
      case "writable":
        return slot.isDirectory ? SKIPPED : writeAll(file, call);
    }
  }
}

/** Where a directory is read from, and where an appending file was written, is no matter of files. */
function isComparable({ isDirectory, isAppendOnly }: Slot, on: FileCall): boolean {
  return on.call !== "seek" || !isDirectory && !(isAppendOnly && on.whence === 1);
}

async function onFile(file: Deno.FsFile, on: FileCall, form: Form): Promise<unknown> {
  const isSync = form === "sync";
  switch (on.call) {
    case "write": {
      const bytes = pattern(on.length, on.fill);
      return isSync ? file.writeSync(bytes) : await file.write(bytes);
    }
    case "read": {
      const into = new Uint8Array(on.length).fill(on.fill);
      const got = isSync ? file.readSync(into) : await file.read(into);
      return { got, into };
    }
    case "seek":
      return isSync ? file.seekSync(on.offset, on.whence) : await file.seek(on.offset, on.whence);
    case "truncate":
      return isSync ? file.truncateSync(on.length) : await file.truncate(on.length);
    case "utime":
      return isSync ? file.utimeSync(1, 2) : await file.utime(1, 2);
    default:
      return isSync ? file[`${on.call}Sync`]() : await file[on.call]();
  }
}

async function writeAll(
  file: Deno.FsFile,
  { chunks, end }: { chunks: readonly number[]; end: "close" | "abort" },
): Promise<unknown> {
  const writer = file.writable.getWriter();
  const sizes: number[] = [];
  for (const [i, chunk] of chunks.entries()) {
    await writer.write(pattern(chunk, i));
    sizes.push(file.statSync().size);
  }
  await writer[end]();
  return sizes;
}

function streamOf(chunks: readonly number[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks.map(pattern));
}

function urlOf(path: string): URL {
  const url = new URL("file:///");
  // A URL has no room for "..", and escapes what it must.
  url.pathname = path.split("/").map(encodeURIComponent).join("/");
  return url;
}

function pattern(length: number, fill: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (fill + i) % 251 + 1);
}

/** What there is to compare of an answer. Where nothing is returned, some calls of Deno say `null`. */
function described(answer: unknown): unknown {
  if (answer === null || answer === undefined) return "nothing";
  if (typeof answer !== "object" || !("isFile" in answer)) return answer;
  const { isFile, isDirectory, isSymlink, size } = answer as Deno.FileInfo;
  return {
    fields: Object.keys(answer).toSorted(),
    kind: [isFile, isDirectory, isSymlink],
    ...(isFile && { size }),
  };
}

function describedError(error: unknown): Failure {
  if (!(error instanceof Error)) throw error;
  const { message, name, constructor } = error;
  const isOwn = Object.hasOwn(error, "code");
  return {
    type: constructor.name,
    message,
    name,
    ...(isOwn && { code: Reflect.get(error, "code") }),
  };
}
