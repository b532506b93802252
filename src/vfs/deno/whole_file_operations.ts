/**
 * The calls of the `Deno` namespace on whole files. As in the runtime, each is several calls on the
 * disk: a crash, and calls on other threads, may come in between.
 *
 * METHOD. `writeFile` opens, writes until everything is written, and closes; nothing in it is a
 * barrier. A write that a signal interrupts is made again, and so is a read.
 *
 * @module
 */
import { type FileHandle, FileSystemError, type OpenOptions } from "../file_system.ts";
import { Step, type Steps } from "../node/step.ts";
import { type About, attempt, invalidInput, persist } from "./deno_error.ts";
import { type DenoProcess, type Place, requirePaths } from "./deno_process.ts";
import { closeQuietly, readToEnd } from "./handles.ts";
import type { Path } from "./path_operations.ts";

/** Bytes that are copied at once. */
const COPY_BYTES = 1 << 20;

/** A call on whole files, for its steps. */
class WholeFileCall {
  readonly #process: DenoProcess;
  readonly #about: About;

  constructor(process: DenoProcess, about: About, ...places: readonly Place[]) {
    this.#process = process;
    this.#about = about;
    requirePaths(about, ...places);
  }

  step<T>(what: string, { path }: Place, run: () => T): Step<T> {
    return new Step(() => `${what} "${path}"`, () => attempt(run, this.#about));
  }

  open(place: Place, options: OpenOptions): Step<FileHandle> {
    const { path } = place;
    return this.step("open", place, () => persist(() => this.#process.open(path, options)));
  }

  /** Writes all of it, from an offset on. */
  *writeAll(
    { file, place, offset }: { readonly file: FileHandle; readonly place: Place; offset: number },
    bytes: Uint8Array,
  ): Steps<void> {
    let done = 0;
    while (done < bytes.length) {
      const rest = bytes.subarray(done);
      const more = yield* this.step(
        "write",
        place,
        () => persist(() => file.write(rest, offset + done)),
      );
      if (more === 0) {
        throw new Deno.errors.WriteZero(`failed to write whole buffer: ${this.#about()}`);
      }
      done += more;
    }
  }
}

/** Reads a file. */
export function* readFile(process: DenoProcess, path: Path): Steps<Uint8Array<ArrayBuffer>> {
  const place = process.locate(path);
  const call = new WholeFileCall(process, () => `readfile '${place.given}'`, place);
  const file = yield* call.open(place, { read: true });
  try {
    return yield* call.step("read", place, () => readToEnd(file));
  } finally {
    closeQuietly(file);
  }
}

/** Reads a file as text; a mark of the byte order stays, what is no UTF-8 is replaced. */
export function* readTextFile(process: DenoProcess, path: Path): Steps<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(yield* readFile(process, path));
}

/** Writes a file: anew, or behind what is there. */
export function* writeFile(
  process: DenoProcess,
  path: Path,
  data: Uint8Array,
  options: Deno.WriteFileOptions,
): Steps<void> {
  const { append = false, create = true, createNew = false } = options;
  requireUint8Array(data);
  const place = process.locate(path);
  const call = new WholeFileCall(process, () => `writefile '${place.given}'`, place);
  const file = yield* call.open(place, {
    write: true,
    append,
    create,
    createNew,
    truncate: !append,
  });
  try {
    yield* call.writeAll({ file, place, offset: 0 }, data);
  } finally {
    closeQuietly(file);
  }
}

/** Copies a file. */
export function* copyFile(process: DenoProcess, path: Path, to: Path): Steps<void> {
  const [source, target] = [process.locate(path), process.locate(to)];
  const about = () => `copy '${source.given}' -> '${target.given}'`;
  const call = new WholeFileCall(process, about, source);
  const info = yield* call.step("stat", source, () => process.fs.stat(source.path));
  const other = yield* call.step("stat", target, () => inodeAt(process, target));
  if (other === info.inode) {
    throw invalidInput("Source and destination paths refer to the same file", about);
  }
  if (info.kind !== "file") {
    throw invalidInput(
      "the source path is neither a regular file nor a symlink to a regular file",
      about,
    );
  }
  requirePaths(about, target);
  const from = yield* call.open(source, { read: true });
  try {
    const file = yield* call.open(target, { write: true, create: true, truncate: true });
    try {
      const bytes = new Uint8Array(COPY_BYTES);
      for (let offset = 0;;) {
        const at = offset;
        const got = yield* call.step("read", source, () => persist(() => from.read(bytes, at)));
        if (got === 0) return;
        yield* call.writeAll({ file, place: target, offset }, bytes.subarray(0, got));
        offset += got;
      }
    } finally {
      closeQuietly(file);
    }
  } finally {
    closeQuietly(from);
  }
}

function inodeAt({ fs }: DenoProcess, { path }: Place): number | undefined {
  try {
    return fs.stat(path).inode;
  } catch (error) {
    if (error instanceof FileSystemError) return undefined;
    throw error;
  }
}

function requireUint8Array(data: unknown): void {
  if (data instanceof Uint8Array) return;
  const type = typeof data === "object" && data !== null ? data.constructor.name : typeof data;
  throw new TypeError(`expected type \`Uint8Array\`, got \`${type}\``);
}
