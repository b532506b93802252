/**
 * The calls of `node:fs` on the number of an open file. Arguments are checked at once, and what is
 * returned has yet to be run.
 *
 * @module
 */
import { fdOf, modeOf, objectOf, ownerOf, pathOf, timeOf, viewsOf } from "./arguments.ts";
import {
  bytesOf,
  loosePosition,
  type ReadPart,
  readPart,
  requireInteger,
  writePart,
} from "./arguments.ts";
import { FILE_MODE, type NodeProcess } from "./node_process.ts";
import { flagsOf } from "./open_flags.ts";
import { type Attributes, BigIntStats, Stats } from "./stats.ts";
import { Step } from "./step.ts";
import { uvError } from "./uv_error.ts";

/** How many bytes were read, and into what. */
export interface BytesRead {
  readonly bytesRead: number;
  readonly buffer: ArrayBufferView;
}

/** How many bytes were written, and of what. */
export interface BytesWritten {
  readonly bytesWritten: number;
  readonly buffer: unknown;
}

/** Opens a file; gives its number. */
export function open(
  process: NodeProcess,
  path: unknown,
  flags?: unknown,
  mode?: unknown,
): Step<number> {
  const at = pathOf(path);
  const number = flagsOf(flags);
  return openStep(process, at, number, modeOf(mode, FILE_MODE));
}

/** Opens a file whose path and flags are checked. */
export function openStep(
  process: NodeProcess,
  path: string,
  ...[flags, mode]: [flags: number, mode?: number]
): Step<number> {
  return new Step(() => `open "${path}"`, () => process.open(path, flags, mode));
}

/** Gives a number back. */
export function close(process: NodeProcess, fd: unknown): Step<void> {
  const number = fdOf(fd);
  return new Step(() => `close "${process.pathOf(number)}"`, () => process.close(number));
}

/** Reads. */
export function read(process: NodeProcess, fd: unknown, ...args: unknown[]): Step<BytesRead> {
  return readStep(process, fdOf(fd), readPart(args));
}

/** The same for a file handle, which takes what is no position for the cursor. */
export function readLoosely(
  process: NodeProcess,
  fd: number,
  ...args: unknown[]
): Step<BytesRead> {
  return readStep(process, fd, readPart(args, loosePosition));
}

function readStep(
  process: NodeProcess,
  number: number,
  { buffer, part, position }: ReadPart,
): Step<BytesRead> {
  if (part.length === 0) return new Step(() => "read nothing", () => ({ bytesRead: 0, buffer }));
  return new Step(
    () => `read "${process.pathOf(number)}" ${part.length} bytes at ${placeOf(position)}`,
    () => ({ bytesRead: process.read(number, part, position), buffer }),
  );
}

/** Reads into several buffers, one after the other. */
export function readv(
  process: NodeProcess,
  fd: unknown,
  buffers: unknown,
  position?: unknown,
): Step<{ bytesRead: number; buffers: ArrayBufferView[] }> {
  const number = fdOf(fd);
  const views = viewsOf(buffers);
  const at = loosePosition(position);
  const length = views.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return new Step(
    () => `read "${process.pathOf(number)}" ${length} bytes at ${placeOf(at)}`,
    () => {
      if (views.length === 0) throw uvError("EINVAL", { syscall: "read" });
      const into = new Uint8Array(length);
      const bytesRead = process.read(number, into, at);
      let done = 0;
      for (const view of views) {
        const part = into.subarray(done, Math.min(done + view.byteLength, bytesRead));
        bytesOf(view).set(part);
        done += part.length;
      }
      return { bytesRead, buffers: views };
    },
  );
}

/** Writes. */
export function write(process: NodeProcess, fd: unknown, ...args: unknown[]): Step<BytesWritten> {
  const number = fdOf(fd);
  const { buffer, part, position } = writePart(args);
  return new Step(
    () => `write "${process.pathOf(number)}" ${part.length} bytes at ${placeOf(position)}`,
    () => ({ bytesWritten: process.write(number, part, position), buffer }),
    process.isSynced(number),
  );
}

/** Writes several buffers in one call. */
export function writev(
  process: NodeProcess,
  fd: unknown,
  buffers: unknown,
  position?: unknown,
): Step<{ bytesWritten: number; buffers: ArrayBufferView[] }> {
  const number = fdOf(fd);
  const views = viewsOf(buffers);
  const at = loosePosition(position);
  if (views.length === 0) {
    return new Step(() => "write nothing", () => ({ bytesWritten: 0, buffers: views }));
  }
  return new Step(
    () => `write "${process.pathOf(number)}" ${views.length} buffers at ${placeOf(at)}`,
    () => ({ bytesWritten: process.write(number, joined(views), at), buffers: views }),
    process.isSynced(number),
  );
}

function joined(views: readonly ArrayBufferView[]): Uint8Array {
  if (views.length === 1) return bytesOf(views[0]!);
  const bytes = new Uint8Array(views.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let done = 0;
  for (const view of views) {
    bytes.set(bytesOf(view), done);
    done += view.byteLength;
  }
  return bytes;
}

/** Makes a file durable. */
export function fsync(process: NodeProcess, fd: unknown): Step<void> {
  const number = fdOf(fd);
  const what = () => `sync "${process.pathOf(number)}"`;
  return new Step(what, () => process.sync(number, "fsync"), true);
}

/** Makes the bytes of a file durable. */
export function fdatasync(process: NodeProcess, fd: unknown): Step<void> {
  const number = fdOf(fd);
  const what = () => `syncData "${process.pathOf(number)}"`;
  return new Step(what, () => process.sync(number, "fdatasync"), true);
}

/** Cuts a file, or makes it longer. */
export function ftruncate(process: NodeProcess, fd: unknown, length: unknown = 0): Step<void> {
  const number = fdOf(fd);
  const size = Math.max(0, requireInteger(length, "len"));
  return new Step(
    () => `truncate "${process.pathOf(number)}" to ${size} bytes`,
    () => process.truncate(number, size),
  );
}

/** Tells the facts about an open file. */
export function fstat(
  process: NodeProcess,
  fd: unknown,
  options?: unknown,
): Step<Stats | BigIntStats> {
  const number = fdOf(fd);
  const { bigint } = objectOf(options);
  return new Step(() => `stat "${process.pathOf(number)}"`, () => {
    const info = process.info(number);
    const attributes = process.attributes(info.inode);
    return bigint ? new BigIntStats(info, attributes) : new Stats(info, attributes);
  });
}

/** Sets the mode of an open file, for this process. */
export function fchmod(process: NodeProcess, fd: unknown, mode: unknown): Step<void> {
  const attributes = { mode: modeOf(requireMode(mode), 0) };
  return setStep(process, fd, { syscall: "fchmod", attributes });
}

/** Refuses a mode that is left out. */
export function requireMode(mode: unknown): unknown {
  return mode === undefined || mode === null ? requireInteger(mode, "mode") : mode;
}

/** Sets the owner of an open file, for this process. */
export function fchown(
  process: NodeProcess,
  fd: unknown,
  uid: unknown,
  gid: unknown,
): Step<void> {
  const attributes = ownersOf(uid, gid);
  return setStep(process, fd, { syscall: "fchown", attributes });
}

/** Sets the times of an open file, for this process. */
export function futimes(
  process: NodeProcess,
  fd: unknown,
  atime: unknown,
  mtime: unknown,
): Step<void> {
  const attributes = { atimeMs: timeOf(atime), mtimeMs: timeOf(mtime) };
  return setStep(process, fd, { syscall: "futime", attributes });
}

/** Owner and group; -1 leaves them as they are. */
export function ownersOf(uid: unknown, gid: unknown): Attributes {
  const [owner, group] = [ownerOf(uid, "uid"), ownerOf(gid, "gid")];
  return { ...(owner >= 0 && { uid: owner }), ...(group >= 0 && { gid: group }) };
}

function setStep(
  process: NodeProcess,
  fd: unknown,
  { syscall, attributes }: { readonly syscall: string; readonly attributes: Attributes },
): Step<void> {
  const number = fdOf(fd);
  return new Step(
    () => `${syscall} "${process.pathOf(number)}"`,
    () => process.set(process.info(number, syscall).inode, attributes),
  );
}

function placeOf(position: number | undefined): string {
  return position === undefined ? "the cursor" : `${position}`;
}

/** The number of an open file, or the path of one to be opened. */
export function fileOf(file: unknown): number | string {
  return typeof file === "number" && Number.isInteger(file) && file >= 0
    ? fdOf(file)
    : pathOf(file);
}
