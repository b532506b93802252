/**
 * Runs a litmus program on a simulated disk, up to the power loss: the set-up, a full sync, then the
 * ops, each with the crash point at which it has completed.
 *
 * @module
 */
import {
  type Disk,
  type DiskOptions,
  type FileHandle,
  type FileSystem,
  FileSystemError,
  type ModelName,
  SimulatedFileSystem,
  syncDirectory,
} from "../../mod.ts";
import { formatLitmusOp } from "./format.ts";
import type { Before } from "./predicate.ts";
import type { Predicate } from "./predicate_schema.ts";
import { LitmusError, type LitmusOp, type LitmusTest } from "./schema.ts";

/** A program that has run, on a disk that has lost its power. */
export interface Ran extends Before {
  /** The test that it belongs to. */
  readonly test: LitmusTest;
  /** The disk, on which any legal crash state may be read. */
  readonly disk: Disk;
  /** The crash point at which each op has completed. */
  readonly ends: readonly number[];
}

/** Puts a file system between the program and the disk, to see what the suite makes of it. */
export type Mount = (fs: SimulatedFileSystem) => FileSystem;

/**
 * What a test needs that the simulated disk does not have.
 *
 * @param test The test.
 * @returns In words; `undefined` when nothing is missing.
 */
export function missingFor(test: LitmusTest): string | undefined {
  if (test.fault !== undefined) return `a device with the fault ${test.fault.kind}`;
  const op = test.ops.find(({ op }) => op === "evict" || op === "writeback");
  return op && `the op ${op.op}`;
}

/**
 * Runs the program of a test.
 *
 * @param test The test.
 * @param model The persistence model of the disk.
 * @param mount What to put between the program and the disk. Default: nothing.
 * @returns The disk, and what the program saw.
 * @throws {LitmusError} When a call fails that should not.
 */
export function runProgram(test: LitmusTest, model: ModelName, mount?: Mount): Ran {
  const simulated = new SimulatedFileSystem(diskOptionsOf(test, model));
  const { disk } = simulated;
  const fs = mount?.(simulated) ?? simulated;
  const program = new Program(fs, test);
  for (const op of test.setup) program.perform(op);
  disk.settle();
  program.returned.length = 0;
  const ends = test.ops.map((op) => {
    program.perform(op);
    return disk.life.trace.length;
  });
  const cached = new Map(
    test.outcomes.flatMap(({ predicate }) => cacheReads(predicate))
      .map((path) => [path, readWhole(fs, path)]),
  );
  disk.powerCut();
  return { test, disk, ends, returned: program.returned, cached, mount: "read-write" };
}

/**
 * The kind of disk that a test asks for. A test that does not name a sector size gets the smaller
 * one: what must not happen then does not happen with larger ones either, and an append within a
 * block may show what lay there before (APP-SECTOR), which it cannot where a block is one sector.
 */
function diskOptionsOf({ device = {} }: LitmusTest, model: ModelName): DiskOptions {
  const { sector, sectorAtomic, shornUnit, powersafeOverwrite, flushHonest } = device;
  const tearBytes = shornUnit ?? (sectorAtomic === false ? 1 : undefined);
  return {
    model,
    sectorBytes: sector ?? 512,
    tearBytes,
    powersafeOverwrite,
    lyingBarriers: flushHonest === false,
  };
}

/** A program in the middle of its ops, with the descriptors that it has open. */
class Program {
  /** What each op returned. */
  readonly returned: string[] = [];
  readonly #fs: FileSystem;
  readonly #test: LitmusTest;
  readonly #open = new Map<string, FileHandle>();

  constructor(fs: FileSystem, test: LitmusTest) {
    this.#fs = fs;
    this.#test = test;
  }

  perform(op: LitmusOp): void {
    try {
      this.#call(op);
      this.returned.push("0");
    } catch (error) {
      const isExpected = error instanceof FileSystemError && this.#test.fault !== undefined;
      if (!isExpected) {
        throw new LitmusError(`${this.#test.id}: "${formatLitmusOp(op)}" failed: ${error}`);
      }
      this.returned.push(error.code);
    }
  }

  #call(op: LitmusOp): void {
    const fs = this.#fs;
    switch (op.op) {
      case "create": {
        const file = fs.open(op.path, { read: true, write: true, createNew: true });
        if (op.fd === undefined) file.close();
        else this.#open.set(op.fd, file);
        break;
      }
      case "open": {
        const options = { read: true, write: true, truncate: op.trunc ?? false };
        this.#open.set(op.fd, fs.open(op.path, options));
        break;
      }
      case "write":
        this.#handle(op.fd).write(new Uint8Array(op.len).fill(op.byte), op.off);
        break;
      case "osync_write":
        // O_SYNC is a write and an fsync. The seam's `sync: true` is O_DSYNC, an fdatasync.
        this.#handle(op.fd).write(new Uint8Array(op.len).fill(op.byte), op.off);
        this.#handle(op.fd).sync();
        break;
      case "append": {
        const file = this.#handle(op.fd);
        file.write(new Uint8Array(op.len).fill(op.byte), file.size());
        break;
      }
      case "truncate":
        this.#handle(op.fd).truncate(op.size);
        break;
      case "fsync":
        this.#handle(op.fd).sync();
        break;
      case "fdatasync":
        this.#handle(op.fd).syncData();
        break;
      case "close":
        this.#handle(op.fd).close();
        break;
      case "rename":
      case "link":
        fs[op.op](op.from, op.to);
        break;
      case "unlink":
      case "rmdir":
        fs.remove(op.path);
        break;
      case "mkdir":
        fs.mkdir(op.path);
        break;
      case "fsyncdir":
        syncDirectory(fs, op.path);
        break;
      default:
        throw new LitmusError(`the simulated disk has no "${op.op}"`);
    }
  }

  #handle(fd: string): FileHandle {
    const handle = this.#open.get(fd);
    if (handle === undefined) throw new LitmusError(`"${fd}" is not open`);
    return handle;
  }
}

/** The length that no file of a test exceeds, in bytes. */
export function lengthMaxOf({ setup, ops }: LitmusTest): number {
  let [furthest, appended] = [0, 0];
  for (const op of [...setup, ...ops]) {
    if (op.op === "write" || op.op === "osync_write") {
      furthest = Math.max(furthest, op.off + op.len);
    }
    if (op.op === "truncate") furthest = Math.max(furthest, op.size);
    if (op.op === "append") appended += op.len;
  }
  return furthest + appended;
}

/** The paths that a predicate asks to read before the power goes. */
function cacheReads(predicate: Predicate): string[] {
  switch (predicate.kind) {
    case "all":
    case "any":
      return predicate.of.flatMap(cacheReads);
    case "not":
      return cacheReads(predicate.of);
    case "cacheRead":
      return [predicate.path];
    default:
      return [];
  }
}

function readWhole(fs: FileSystem, path: string): Uint8Array {
  const file = fs.open(path);
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  file.close();
  return bytes;
}
