/**
 * Whether a predicate is true of a state, with as few reads as that takes: every read decides cells,
 * and what is not read stays undecided for all crash states at once.
 *
 * @module
 */
import { type FileHandle, type FileSystem, FileSystemError } from "../../mod.ts";
import type { Predicate, Runs } from "./predicate_schema.ts";

/** What a program showed before the power went. */
export interface Before {
  /** What each of its ops returned: `"0"`, or the name of an error. */
  readonly returned: readonly string[];
  /** Every file that a predicate asks about, as a read of it returned it. */
  readonly cached: ReadonlyMap<string, Uint8Array>;
  /** What became of the file system. */
  readonly mount: "read-write" | "read-only" | "shutdown";
}

/** A state to judge. */
export interface State extends Before {
  /** The tree after the power loss. */
  readonly fs: FileSystem;
}

/** A predicate, ready to be asked. */
export type Question = (state: State) => boolean;

/** How much of a file is read at once. */
export interface Reading {
  /** Bytes in a data cell of the disk: one is read at a time. */
  readonly cellBytes: number;
  /** No file of the program is longer, in bytes. */
  readonly lengthMax: number;
}

/** Bytes in a block, the unit of checksums and of read errors. */
const BLOCK_BYTES = 4096;

/**
 * Makes a question of a predicate.
 *
 * @param predicate The predicate.
 * @param cellBytes How many bytes to read at once.
 * @returns A function that tells whether it is true of a state.
 */
export function questionOf(predicate: Predicate, cellBytes: number): Question {
  switch (predicate.kind) {
    case "all": {
      const parts = predicate.of.map((part) => questionOf(part, cellBytes));
      return (state) => parts.every((part) => part(state));
    }
    case "any": {
      const parts = predicate.of.map((part) => questionOf(part, cellBytes));
      return (state) => parts.some((part) => part(state));
    }
    case "not": {
      const part = questionOf(predicate.of, cellBytes);
      return (state) => !part(state);
    }
    case "ret":
      return ({ returned }) => returned[predicate.op] === predicate.is;
    case "mount":
      return ({ mount }) => mount === predicate.state;
    case "cacheRead": {
      const wanted = bytesOf(predicate.runs);
      return ({ cached }) => isSame(cached.get(predicate.path), wanted);
    }
    case "readError":
      return ({ fs }) => failsAt(fs, predicate.path, predicate.offset);
    case "is":
      return ({ fs }) => kindOf(fs, predicate.path) === predicate.what;
    default:
      return questionAboutFile(predicate, cellBytes);
  }
}

/** The predicates about the bytes of one file; they are false of what is not a file. */
function questionAboutFile(
  predicate: Extract<
    Predicate,
    { kind: "content" | "startsWith" | "prefixOf" | "size" | "hasByte" }
  >,
  cellBytes: number,
): Question {
  const { path } = predicate;
  let ask: (file: FileHandle) => boolean;
  switch (predicate.kind) {
    case "size":
      ask = (file) => file.size() === predicate.size;
      break;
    case "hasByte": {
      const { byte, from, to } = predicate;
      ask = (file) => {
        const end = Math.min(to, file.size());
        return pieces(from, end, cellBytes).some((piece) => read(file, piece).includes(byte));
      };
      break;
    }
    default: {
      const wanted = bytesOf(predicate.runs);
      const least = predicate.kind === "prefixOf" ? predicate.min : wanted.length;
      const most = predicate.kind === "startsWith" ? Infinity : wanted.length;
      ask = (file) => {
        const size = file.size();
        if (size < least || size > most) return false;
        return pieces(0, Math.min(size, wanted.length), cellBytes).every((piece) =>
          isSame(read(file, piece), wanted.subarray(piece.from, piece.to))
        );
      };
    }
  }
  return ({ fs }) => {
    const file = kindOf(fs, path) === "file" ? fs.open(path) : undefined;
    try {
      return file !== undefined && ask(file);
    } catch (error) {
      if (error instanceof FileSystemError && error.code === "EIO") return false;
      throw error;
    } finally {
      file?.close();
    }
  };
}

/**
 * Splits a predicate into predicates of which at least one is true exactly when it is. "A byte is
 * zero somewhere" then becomes one question for each cell, and each decides that one cell only: as
 * one question it would try every way in which the cells before it may lack a zero.
 *
 * @param predicate The predicate.
 * @param reading How far files reach, and how much is read at once.
 * @returns The alternatives.
 */
export function alternativesOf(predicate: Predicate, reading: Reading): Predicate[] {
  switch (predicate.kind) {
    case "any":
      return predicate.of.flatMap((part) => alternativesOf(part, reading));
    case "all": {
      const parts = predicate.of.map((part) => alternativesOf(part, reading));
      const combined = parts.reduce<Predicate[][]>(
        (chosen, options) => chosen.flatMap((some) => options.map((option) => [...some, option])),
        [[]],
      );
      return combined.map((of) => ({ kind: "all", of }));
    }
    case "hasByte": {
      const end = Math.min(predicate.to, reading.lengthMax);
      return pieces(predicate.from, end, reading.cellBytes)
        .map((piece) => ({ ...predicate, ...piece }));
    }
    default:
      return [predicate];
  }
}

/** A range of bytes: from `from` to before `to`. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

/** Cuts a range at the boundaries of cells. */
function pieces(from: number, to: number, cellBytes: number): Piece[] {
  const cut: Piece[] = [];
  for (let start = from; start < to;) {
    const end = Math.min(to, (Math.floor(start / cellBytes) + 1) * cellBytes);
    cut.push({ from: start, to: end });
    start = end;
  }
  return cut;
}

function read(file: FileHandle, { from, to }: Piece): Uint8Array {
  const bytes = new Uint8Array(to - from);
  return bytes.subarray(0, file.read(bytes, from));
}

function isSame(bytes: Uint8Array | undefined, wanted: Uint8Array): boolean {
  return bytes?.length === wanted.length && bytes.every((byte, i) => byte === wanted[i]);
}

/** The bytes that runs stand for. */
export function bytesOf(runs: Runs): Uint8Array {
  const bytes = new Uint8Array(runs.reduce((sum, [, length]) => sum + length, 0));
  let at = 0;
  for (const [byte, length] of runs) bytes.fill(byte, at, at += length);
  return bytes;
}

/** What bears a name. Opens it and does not stat it: that would also decide its size. */
function kindOf(fs: FileSystem, path: string): "file" | "dir" | "absent" {
  if (opens(fs, `${path}/`)) return "dir";
  return opens(fs, path) ? "file" : "absent";
}

function opens(fs: FileSystem, path: string): boolean {
  try {
    fs.open(path).close();
    return true;
  } catch (error) {
    const isMissing = error instanceof FileSystemError &&
      (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (isMissing) return false;
    throw error;
  }
}

/** Whether a read of the block that begins at `offset` fails. */
function failsAt(fs: FileSystem, path: string, offset: number): boolean {
  if (kindOf(fs, path) !== "file") return false;
  const file = fs.open(path);
  try {
    file.read(new Uint8Array(BLOCK_BYTES), offset);
    return false;
  } catch (error) {
    if (error instanceof FileSystemError && error.code === "EIO") return true;
    throw error;
  } finally {
    file.close();
  }
}
