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
  injectorOf,
  Media,
  type MediaFault,
  type ModelName,
  parseFaultPlan,
  SimulatedFileSystem,
  syncDirectory,
} from "../../mod.ts";
import { formatLitmusOp } from "./format.ts";
import type { Before } from "./predicate.ts";
import type { Predicate } from "./predicate_schema.ts";
import { LitmusError, type LitmusFault, type LitmusOp, type LitmusTest } from "./schema.ts";

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

/** The fault plan of a device that cannot write: the first barrier or writeback to come finds out. */
function planOf(fault: LitmusTest["fault"]): string {
  if (fault?.kind !== "write-eio") return "";
  const { target, path, block, times } = fault;
  const where = path === undefined ? "" : ` ${JSON.stringify(path)}`;
  const which = times < 0 ? where : ` 1${where} ${times} times`;
  const fails = target === "journal" ? "fails journal" : `fails block ${block}`;
  return `barrier${which}: ${fails}; writeback${which}: ${fails}`;
}

/** What the kernel does on its own, as far as a program may not rely on it either way. */
export interface KernelChoices {
  /** It forgets a file that nobody has open. Default: `false`. */
  readonly evictsClosed?: boolean;
}

/** The choices of the kernel that can make a difference to a test. */
export function kernelChoicesFor({ fault, ops }: LitmusTest): KernelChoices[] {
  const matters = fault?.kind === "write-eio" && ops.some(({ op }) => op === "close");
  return matters ? [{}, { evictsClosed: true }] : [{}];
}

/**
 * Runs the program of a test.
 *
 * @param test The test.
 * @param model The persistence model of the disk.
 * @param mount What to put between the program and the disk. Default: nothing.
 * @param choices What the kernel does on its own.
 * @returns The disk, and what the program saw.
 * @throws {LitmusError} When a call fails that should not.
 */
export function runProgram(
  test: LitmusTest,
  model: ModelName,
  { mount, ...choices }: KernelChoices & { readonly mount?: Mount | undefined } = {},
): Ran {
  const simulated = new SimulatedFileSystem(diskOptionsOf(test, model));
  const { disk } = simulated;
  const fs = mount?.(simulated) ?? simulated;
  const program = new Program(fs, test, { disk, choices });
  for (const op of test.setup) program.perform(op);
  disk.settle();
  if (test.fault !== undefined) disk.faults = injectorOf(parseFaultPlan(planOf(test.fault)));
  program.returned.length = 0;
  const ends = test.ops.map((op) => {
    program.perform(op);
    return disk.life.trace.length;
  });
  const cached = new Map(
    test.outcomes.flatMap(({ predicate }) => cacheReads(predicate))
      .map((path) => [path, readWhole(fs, path)]),
  );
  const state = disk.mount;
  const damage = test.fault === undefined ? [] : damageBy(test.fault, fs);
  disk.powerCut();
  if (damage.length > 0) disk.media = new Media({ given: damage }, disk.cellBytes);
  return { test, disk, ends, returned: program.returned, cached, mount: state };
}

/**
 * The kind of disk that a test asks for. A test that does not name a sector size gets the smaller
 * one: what must not happen then does not happen with larger ones either, and an append within a
 * block may show what lay there before (APP-SECTOR), which it cannot where a block is one sector.
 */
function diskOptionsOf({ device = {} }: LitmusTest, model: ModelName): DiskOptions {
  const { sector, sectorAtomic, shornUnit, powersafeOverwrite, flushHonest } = device;
  const tearBytes = shornUnit ?? (sectorAtomic === false ? 128 : undefined);
  return {
    model,
    sectorBytes: sector ?? 512,
    tearBytes,
    powersafeOverwrite,
    lyingBarriers: flushHonest === false,
  };
}

/** What is wrong with the media when the power comes back. */
function damageBy(fault: LitmusFault, fs: FileSystem): MediaFault[] {
  const inodeOf = (path: string) => fs.stat(path).inode;
  switch (fault.kind) {
    case "latent-sector-error": {
      const { path, off: offset, len: length } = fault;
      return [{ kind: "unreadable sector", inode: inodeOf(path), offset, length }];
    }
    case "bit-flip":
      return [{ kind: "bit flip", inode: inodeOf(fault.path), offset: fault.off }];
    case "lost-write": {
      const { path, off: offset, len: length } = fault;
      return [{ kind: "lost write", inode: inodeOf(path), offset, length }];
    }
    case "misdirected-write": {
      const { from, to, len: length } = fault;
      const place = { inode: inodeOf(from.path), offset: from.off };
      const landed = { inode: inodeOf(to.path), offset: to.off };
      return [{ kind: "misdirected write", ...place, length, to: landed }];
    }
    default:
      return [];
  }
}

/** A program in the middle of its ops, with the descriptors that it has open. */
class Program {
  /** What each op returned. */
  readonly returned: string[] = [];
  readonly #fs: FileSystem;
  readonly #test: LitmusTest;
  readonly #disk: Disk;
  readonly #choices: KernelChoices;
  readonly #open = new Map<string, FileHandle>();
  readonly #paths = new Map<string, string>();
  /**
   * Where each descriptor has arrived with its appends. A file system may take back what could not be
   * written; the descriptor stays where it is.
   */
  readonly #reached = new Map<string, number>();

  constructor(
    fs: FileSystem,
    test: LitmusTest,
    kernel: { readonly disk: Disk; readonly choices: KernelChoices },
  ) {
    this.#fs = fs;
    this.#test = test;
    this.#disk = kernel.disk;
    this.#choices = kernel.choices;
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
        else this.#keep(op.fd, op.path, file);
        break;
      }
      case "open": {
        const options = { read: true, write: true, truncate: op.trunc ?? false };
        this.#keep(op.fd, op.path, fs.open(op.path, options));
        if (op.trunc) this.#reached.clear();
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
        const at = Math.max(this.#reached.get(op.fd) ?? 0, file.size());
        file.write(new Uint8Array(op.len).fill(op.byte), at);
        this.#reached.set(op.fd, at + op.len);
        break;
      }
      case "truncate":
        this.#handle(op.fd).truncate(op.size);
        this.#reached.clear();
        break;
      case "fsync":
        this.#handle(op.fd).sync();
        break;
      case "fdatasync":
        this.#handle(op.fd).syncData();
        break;
      case "close":
        this.#close(op.fd);
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
      case "evict":
        this.#disk.evict(fs.stat(op.path).inode);
        break;
      case "writeback":
        this.#disk.writeback(fs.stat(op.path).inode, op.path);
        break;
    }
  }

  #keep(fd: string, path: string, file: FileHandle): void {
    this.#open.set(fd, file);
    this.#paths.set(fd, path);
  }

  #close(fd: string): void {
    this.#handle(fd).close();
    this.#open.delete(fd);
    const path = this.#paths.get(fd)!;
    const isOpen = [...this.#open.keys()].some((other) => this.#paths.get(other) === path);
    if (!this.#choices.evictsClosed || isOpen) return;
    this.#disk.evict(this.#fs.stat(path).inode, { inodeToo: true });
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
