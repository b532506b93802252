/**
 * The calls of `node:fs` on whole files. As in Node, each is several calls on the disk.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { booleanOf, type CallOptions, dataOf, decoded, goOnUnless } from "./arguments.ts";
import { modeOf, objectOf, optionsOf, pathOf, requireInteger } from "./arguments.ts";
import { close, fileOf, fsync, ftruncate, openStep } from "./descriptor_operations.ts";
import { FILE_MODE, type NodeProcess } from "./node_process.ts";
import { CONSTANTS, flagsOf, OPEN_FLAGS } from "./open_flags.ts";
import { Step, type Steps } from "./step.ts";
import { isSystemCall, uvError } from "./uv_error.ts";

/** How much is read at once where the size is not known. */
const CHUNK_BYTES = 65536;

/** Reads a file as a whole; an open one from its cursor on. */
export function readFile(
  process: NodeProcess,
  file: unknown,
  options?: unknown,
): Steps<Buffer | string> {
  const settings = optionsOf(options);
  const flags = flagsOf(settings.flag ?? "r", "options.flag");
  const from = fileOf(file);
  return readWhole(process, from, { flags, settings });
}

function* readWhole(
  process: NodeProcess,
  file: number | string,
  { flags, settings }: { readonly flags: number; readonly settings: CallOptions },
): Steps<Buffer | string> {
  const { encoding, signal } = settings;
  goOnUnless(signal);
  if (typeof file === "number") {
    return decoded(Buffer.concat(yield* readRest(process, file, signal)), encoding);
  }
  const fd = yield* openStep(process, file, flags);
  try {
    return decoded(Buffer.concat(yield* readRest(process, fd, signal)), encoding);
  } finally {
    yield* close(process, fd);
  }
}

/** Reads to the end, as many times as the disk gives less. */
function* readRest(
  process: NodeProcess,
  fd: number,
  signal: AbortSignal | undefined,
): Steps<Buffer[]> {
  const chunks: Buffer[] = [];
  for (;;) {
    goOnUnless(signal);
    const chunk = yield* new Step(() => `read "${process.pathOf(fd)}" to its end`, () => {
      const left = chunks.length > 0 ? CHUNK_BYTES : process.size(fd);
      const into = Buffer.alloc(left || CHUNK_BYTES);
      return into.subarray(0, process.read(fd, into, undefined));
    });
    if (chunk.length === 0) return chunks;
    chunks.push(chunk);
  }
}

/** Writes a file as a whole; an open one at its cursor. */
export function writeFile(
  process: NodeProcess,
  file: unknown,
  data: unknown,
  options?: unknown,
): Steps<void> {
  return store(process, file, { data, options, flag: "w" });
}

/** Adds to a file; an open one is written to at its cursor. */
export function appendFile(
  process: NodeProcess,
  file: unknown,
  data: unknown,
  options?: unknown,
): Steps<void> {
  return store(process, file, { data, options, flag: "a" });
}

function store(
  process: NodeProcess,
  file: unknown,
  { data, options, flag }: {
    readonly data: unknown;
    readonly options: unknown;
    readonly flag: string;
  },
): Steps<void> {
  const settings = optionsOf(options);
  const flush = booleanOf(settings.flush ?? undefined, "options.flush");
  const bytes = dataOf(data, settings.encoding);
  const flags = flagsOf(settings.flag ?? flag, "options.flag");
  const mode = modeOf(settings.mode, FILE_MODE);
  return writeWhole(process, fileOf(file), { bytes, flags, mode, flush, signal: settings.signal });
}

function* writeWhole(
  process: NodeProcess,
  file: number | string,
  { bytes, flags, mode, flush, signal }: {
    readonly bytes: Uint8Array;
    readonly flags: number;
    readonly mode: number;
    readonly flush: boolean;
    readonly signal: AbortSignal | undefined;
  },
): Steps<void> {
  goOnUnless(signal);
  if (typeof file === "number") {
    yield* writeAll(process, file, { bytes, signal });
    if (flush) yield* fsync(process, file);
    return;
  }
  const fd = yield* openStep(process, file, flags, mode);
  try {
    yield* writeAll(process, fd, { bytes, signal });
    if (flush) yield* fsync(process, fd);
  } finally {
    yield* close(process, fd);
  }
}

/** Writes to the end of the bytes, as many times as the disk takes less. */
export function* writeAll(
  process: NodeProcess,
  fd: number,
  { bytes, signal }: {
    readonly bytes: Uint8Array;
    readonly signal?: AbortSignal | undefined;
  },
): Steps<void> {
  let left = bytes;
  while (left.length > 0) {
    goOnUnless(signal);
    const part = left;
    const done = yield* new Step(
      () => `write "${process.pathOf(fd)}" ${part.length} bytes at the cursor`,
      () => process.write(fd, part, undefined),
      process.isSynced(fd),
    );
    left = left.subarray(done);
  }
}

/** Cuts a file, or makes it longer. */
export function truncate(
  process: NodeProcess,
  file: unknown,
  length: unknown = 0,
): Steps<void> | Step<void> {
  if (typeof file === "number") return ftruncate(process, file, length);
  const path = pathOf(file);
  const size = Math.max(0, requireInteger(length, "len"));
  return truncateAt(process, path, size);
}

function* truncateAt(process: NodeProcess, path: string, size: number): Steps<void> {
  const fd = yield* openStep(process, path, OPEN_FLAGS.O_RDWR);
  try {
    yield* ftruncate(process, fd, size);
  } finally {
    yield* close(process, fd);
  }
}

/** Copies a file: one call, as for the threads of Node, but many on the disk. */
export function copyFile(
  process: NodeProcess,
  source: unknown,
  target: unknown,
  mode: unknown = 0,
): Step<void> {
  const [path, dest] = [pathOf(source, "src"), pathOf(target, "dest")];
  const number = requireInteger(mode ?? 0, "mode", { min: 0, max: 7 });
  const isExclusive = (number & CONSTANTS.COPYFILE_EXCL!) !== 0;
  return new Step(
    () => `copy "${path}" to "${dest}"`,
    () => copyNow(process, { path, dest, isExclusive }),
  );
}

/** Copies the bytes of a file, and words every error as one of copying. */
function copyNow(
  process: NodeProcess,
  { path, dest, isExclusive }: {
    readonly path: string;
    readonly dest: string;
    readonly isExclusive: boolean;
  },
): void {
  const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = OPEN_FLAGS;
  const worded = <T>(make: () => T): T => {
    try {
      return make();
    } catch (error) {
      if (!isSystemCall(error)) throw error;
      throw uvError(error.code, { syscall: "copyfile", path, dest });
    }
  };
  const from = worded(() => process.open(path, O_RDONLY));
  try {
    const source = worded(() => process.info(from));
    const flags = O_WRONLY | O_CREAT | (isExclusive ? O_EXCL : 0);
    const to = worded(() => process.open(dest, flags));
    try {
      if (worded(() => process.info(to)).inode === source.inode) return;
      worded(() => {
        process.truncate(to, 0);
        pour(process, from, to);
      });
    } catch (error) {
      // So does libuv, whatever was there before.
      removeQuietly(process, dest);
      throw error;
    } finally {
      process.close(to);
    }
  } finally {
    process.close(from);
  }
}

function removeQuietly(process: NodeProcess, path: string): void {
  try {
    process.unlink(path);
  } catch (error) {
    if (!isSystemCall(error)) throw error;
  }
}

function pour(process: NodeProcess, from: number, to: number): void {
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const got = process.read(from, chunk, undefined);
    if (got === 0) return;
    for (let done = 0; done < got;) {
      done += process.write(to, chunk.slice(done, got), undefined);
    }
  }
}

/** The options of a call that makes streams, lines or chunks of a file. */
export function streamOptions(options: unknown): CallOptions {
  return typeof options === "string" ? optionsOf(options) : objectOf(options);
}
