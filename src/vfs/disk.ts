/**
 * The simulated disk, below paths and handles: inodes, their page cache, and the versions that the
 * media may hold.
 *
 * METHOD. A write changes the page cache and adds one version to every sector it touches, and to
 * the size where the file grows (one per 4 KiB page, as a file system extends it). A read sees the
 * page cache. A barrier on an inode forces the newest version of each of its cells; on a directory
 * these are its names. A power loss ends a life: every cell keeps the versions that it had, and the
 * next life reads through an empty page cache, so that the first read of a cell *decides* which
 * version the media kept. What nobody reads stays undecided, also across further power losses.
 *
 * Bytes past the size that persisted are gone: they read as zeros when the file grows again, unless
 * the device has a `staleTail`. A sector that was allocated but not written out reads as zeros or,
 * where the model exposes stale sectors, as the byte 0xDB.
 *
 * A metadata journal is a cell too: its versions are the entries committed so far, and order rules
 * tie every version that an entry carries to it, both ways. Where whole blocks persist, a data cell
 * is a block; where a sector may tear, it is the unit that does not.
 *
 * Calls that fail are decided one level up, by {@linkcode SimulatedFileSystem}, which asks
 * {@linkcode Disk.faults}; what a failed barrier leaves behind is in `failed_barrier.ts`.
 *
 * @module
 */

import { Bounds } from "./bounds.ts";
import { BytePool } from "./byte_pool.ts";
import { failingSectors, failWriteback } from "./failed_barrier.ts";
import type { FaultInjector } from "./fault_injector.ts";
import type { Fault } from "./fault_plan.ts";
import { type ErrorCode, FileSystemError } from "./file_system.ts";
import { addRule, Cell, tie } from "./cell.ts";
import { DirectoryName, Inode } from "./inode.ts";
import { Life } from "./life.ts";
import { Media, type MediaFaultKind, mediaFaultKinds } from "./media.ts";
import { forceLogTree } from "./log_tree.ts";
import { type ModelName, models, type PersistenceModel, POISON } from "./model.ts";
import type { Op } from "./op.ts";
import { parsePath } from "./path.ts";
import { blocksOf, fitting } from "./space.ts";

/** What kind of disk is simulated. */
export interface DiskOptions {
  /** The persistence model. Default: `"posix-ra"`. */
  readonly model?: ModelName;
  /** Size of a sector, the unit that persists whole, in bytes. Default: 512. */
  readonly sectorBytes?: 512 | 4096;
  /**
   * Bytes past the size that persisted stay on the media, and show again when the file grows.
   * Default: `false`.
   */
  readonly staleTail?: boolean;
  /**
   * Sectors that were allocated but not written out may show stale bytes (0xDB) and not only NUL.
   * No effect where everything persists in order. Default: as the model has it.
   */
  readonly staleSectors?: boolean | undefined;
  /**
   * ext4's mount option: blocks are allocated as unwritten extents and read as NUL until their bytes
   * arrive. With `false`, a file grows by a new block only with its bytes. Default: `true`.
   */
  readonly dioreadNolock?: boolean | undefined;
  /**
   * The unit of a write that persists whole, in bytes, a power of two. Below the size of a sector, a
   * sector in flight may be left in any mix of old and new units: 64 on a disk that tears, 512 on one
   * that claims 4096-byte sectors and does not keep them whole. The smaller the unit, the wider the
   * search. No effect where the model keeps blocks whole. Default: the size of a sector.
   */
  readonly tearBytes?: number | undefined;
  /**
   * Bytes around a write, in the same sector, survive a power loss during the write. With `false` any
   * part of the sector may come back as NUL or as 0xDB. Default: `true`.
   */
  readonly powersafeOverwrite?: boolean | undefined;
  /**
   * Barriers return and force nothing, and what relies on them keeps no order: the device lies. Only
   * what is atomic stays whole. Default: `false`.
   */
  readonly lyingBarriers?: boolean | undefined;
  /**
   * How many bytes of data the disk holds, in whole blocks of 4096. A write that does not fit is cut
   * short, and fails with `ENOSPC` when nothing fits; everything else needs no space. Default: no
   * limit.
   */
  readonly capacityBytes?: number | undefined;
  /**
   * What may be wrong with what is durable: the search damages one sector at a time, whichever is
   * read. Default: nothing.
   */
  readonly mediaFaults?: readonly MediaFaultKind[] | undefined;
}

/** Decides which version of a cell the media kept, when more than one is legal. */
export interface Chooser {
  /**
   * Decides one cell. Called once for each cell and crash, when it is first read and more than one
   * version is legal.
   *
   * @param cell The cell that is read for the first time.
   * @param from The oldest feasible version.
   * @param to The newest feasible version.
   * @param feasible All feasible versions, newest first, when they are not all of `from` to `to`.
   * @returns One of the feasible versions.
   */
  choose(cell: Cell, from: number, to: number, feasible: readonly number[] | undefined): number;
}

/** A run made more file-system calls than it may: it does not end, or the limit is too low. */
export class StepBudgetError extends Error {
  /** Always `"StepBudgetError"`. */
  override readonly name = "StepBudgetError";

  /**
   * Names the limit.
   *
   * @param limit The largest number of calls allowed.
   */
  constructor(limit: number) {
    super(`Recovery does not end: it made more than ${limit} file-system calls`);
  }
}

/** The chooser of the luckiest crash: everything that was written has persisted. */
const NEWEST: Chooser = { choose: (_cell, _from, to) => to };

/** Files grow by pages: a write that spans several extends the size once for each. */
const PAGE_BYTES = 4096;

/** The longest file that the simulated disk holds, in bytes. */
export const MAX_FILE_BYTES = 2 ** 30;

/** Refuses what is no disk. */
function requireOptions(options: DiskOptions): void {
  const { model, sectorBytes = 512, tearBytes = sectorBytes, capacityBytes, mediaFaults } = options;
  const refuse = (name: string, value: unknown, expected: string): never => {
    throw new RangeError(`Cannot make a disk: ${name} is ${value}, expected ${expected}`);
  };
  if (model !== undefined && !Object.hasOwn(models, model)) {
    refuse("model", `"${model}"`, `one of ${Object.keys(models).join(", ")}`);
  }
  if (sectorBytes !== 512 && sectorBytes !== 4096) {
    refuse("sectorBytes", sectorBytes, "512 or 4096");
  }
  const isUnit = Number.isInteger(Math.log2(tearBytes)) && tearBytes >= 1;
  if (!isUnit || tearBytes > sectorBytes) {
    refuse("tearBytes", tearBytes, `a power of two from 1 to ${sectorBytes}`);
  }
  if (capacityBytes !== undefined && !(Number.isSafeInteger(capacityBytes) && capacityBytes >= 0)) {
    refuse("capacityBytes", capacityBytes, "a whole number from 0");
  }
  for (const kind of mediaFaults ?? []) {
    if (!mediaFaultKinds.includes(kind)) {
      refuse("mediaFaults", `"${kind}"`, `some of ${mediaFaultKinds.join(", ")}`);
    }
  }
}

/** The names of all options of a disk. */
export const diskOptionNames = [
  "model",
  "sectorBytes",
  "staleTail",
  "staleSectors",
  "dioreadNolock",
  "tearBytes",
  "powersafeOverwrite",
  "lyingBarriers",
  "capacityBytes",
  "mediaFaults",
] as const satisfies readonly (keyof DiskOptions)[];

/** The options of a disk among those of something larger, without what was left out. */
function diskOptionsOf(options: DiskOptions): DiskOptions {
  const given = diskOptionNames.filter((key) => options[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, options[key]]));
}

/** Number of the root directory. */
export const ROOT = 1;

/**
 * A disk that remembers every version of everything, across power losses. Put a
 * {@linkcode SimulatedFileSystem} on it to use it; it is itself what pulls the plug.
 *
 * @example
 * ```ts
 * import { Disk, SimulatedFileSystem } from "../../mod.ts";
 *
 * const disk = new Disk();
 * new SimulatedFileSystem(disk).mkdir("/log");
 * disk.chooser = { choose: (_cell, oldest) => oldest }; // the worst luck: what was not forced is lost
 * disk.powerCut();
 * console.log(new SimulatedFileSystem(disk).list("/")); // []
 * ```
 */
export class Disk {
  /** The persistence model. */
  readonly model: PersistenceModel;
  /** Size of a sector in bytes. */
  readonly sectorBytes: number;
  /** Whether bytes past the persisted size stay on the media. */
  readonly staleTail: boolean;
  /** What kind of disk this is, as it was asked for. */
  readonly options: DiskOptions;
  /** Bytes in a data cell: a sector, or a block where the model keeps blocks whole. */
  readonly cellBytes: number;
  /** The lives so far; the last one is running. */
  readonly lives: Life[] = [];
  /**
   * What is still possible, and its propagation.
   *
   * @internal
   */
  readonly bounds: Bounds = new Bounds();
  /** What goes wrong with what was durable; `undefined` for sound media. */
  media: Media | undefined;
  /** Who decides when several versions are legal. */
  chooser: Chooser = NEWEST;
  /** Calls made on the disk since it was last rewound. */
  steps = 0;
  /** The largest number of calls that a run may make. */
  stepLimit: number = Infinity;
  /** Decides which calls fail in this life; the power loss takes it away. */
  faults: FaultInjector | undefined;
  /** What became of the file system in this life: after a failed journal it is not what it was. */
  mount: "read-write" | "read-only" | "shutdown" = "read-write";
  /**
   * Told of every call, by its name and path, before it has any effect; and of a read that came to the end of
   * the file (`read to the end`), and a barrier that a fault strikes (`failed barrier`). For those who
   * want to know which way a recovery took.
   */
  onCall: ((call: string, path: string) => void) | undefined;
  /** How many calls have failed so far, or were cut short, because of a fault or a full disk. */
  failures = 0;

  readonly #inodes: (Inode | undefined)[] = [undefined];
  readonly #pool = new BytePool();
  readonly #shift: number;
  readonly #exposesStale: boolean;
  readonly #newBlocksWait: boolean;
  #life: Life;
  #boot = 0;
  #firstLifeInodes = 0;

  /**
   * Makes an empty disk, with nothing but a root directory, and powers it on.
   *
   * @param options The kind of disk.
   */
  constructor(options: DiskOptions = {}) {
    requireOptions(options);
    this.model = models[options.model ?? "posix-ra"];
    this.sectorBytes = options.sectorBytes ?? 512;
    this.staleTail = options.staleTail ?? false;
    this.options = diskOptionsOf(options);
    this.cellBytes = this.model.blocksAreAtomic
      ? PAGE_BYTES
      : options.tearBytes ?? this.sectorBytes;
    if (options.mediaFaults !== undefined && options.mediaFaults.length > 0) {
      this.media = new Media({ kinds: options.mediaFaults }, this.cellBytes);
    }
    this.#shift = Math.log2(this.cellBytes);
    this.#exposesStale = !this.model.everythingIsOrdered &&
      (options.staleSectors ?? this.model.exposesStaleSectors);
    this.#newBlocksWait = this.model.newBlocksMayWait && options.dioreadNolock === false;
    this.#life = new Life(0);
    this.lives.push(this.#life);
    this.#newInode("directory");
  }

  /** The running life. */
  get life(): Life {
    return this.#life;
  }

  /** Makes everything so far durable, and begins the trace anew: ends a set-up. */
  settle(): void {
    for (const cell of this.#life.cells) cell.settle(this.#life.trace.length);
    for (const inode of this.#inodes) {
      if (inode === undefined) continue;
      inode.dirty = [];
      inode.created = inode.errors = 0;
      inode.touched = false;
    }
    this.#life.trace.length = 0;
  }

  /** The power goes and comes back: the page cache is lost, a new life begins. */
  powerCut(): void {
    this.#life.end();
    if (this.#life.index === 0) this.#firstLifeInodes = this.#inodes.length;
    this.#life = new Life(this.lives.length);
    this.lives.push(this.#life);
    this.#bootAgain();
  }

  #bootAgain(): void {
    this.#boot++;
    this.faults = undefined;
    this.mount = "read-write";
  }

  /**
   * Goes back to the moment after the first power loss, with nothing decided, and begins a new run.
   *
   * @throws {Error} When the first life is still running.
   */
  rewind(): void {
    if (this.lives.length < 2) throw new Error("Cannot rewind: the first life is still running");
    this.#inodes.length = this.#firstLifeInodes;
    this.lives[0]!.end();
    this.bounds.run++;
    this.lives.length = 2;
    this.#life = this.lives[1]!;
    this.#life.clear();
    this.#bootAgain();
    this.steps = 0;
    this.media?.rewind();
  }

  /**
   * Number of power-ons so far; a handle of an earlier boot is dead.
   *
   * @internal
   */
  get boot(): number {
    return this.#boot;
  }

  /**
   * Counts one call.
   *
   * @param call Its name.
   * @param path The path that it was given, or that its handle was opened with.
   *
   * @throws {StepBudgetError} When the run has made more calls than `stepLimit`.
   *
   * @internal
   */
  step(call: string, path: string): void {
    this.onCall?.(call, path);
    if (++this.steps > this.stepLimit) throw new StepBudgetError(this.stepLimit);
  }

  /**
   * Whether `inode` is a file or a directory.
   *
   * @internal
   */
  kind(inode: number): "file" | "directory" {
    return this.#inodes[inode]!.kind;
  }

  /**
   * The inode that bears `name` in `directory`, 0 for none. Decides the name.
   *
   * @internal
   */
  lookup(directory: number, name: string): number {
    const entry = this.#awake(directory).names.get(name);
    return entry === undefined ? 0 : this.#bearer(entry);
  }

  /**
   * The names in `directory`, sorted by UTF-16 code unit. Decides all of them.
   *
   * @internal
   */
  names(directory: number): string[] {
    const names = [...this.#awake(directory).names.keys()].sort();
    return names.filter((name) => this.lookup(directory, name) !== 0);
  }

  /**
   * Creates a file or directory under a name that is free.
   *
   * @internal
   */
  create(kind: "file" | "directory", directory: number, name: string, path: string): number {
    const inode = this.#newInode(kind).number;
    const node = this.#awake(inode);
    const made = this.#record({
      kind: kind === "file" ? "create" : "mkdir",
      path,
      inode,
      directory,
      name,
    });
    node.created = made;
    node.touched = true;
    this.#log(this.#bind(directory, name, inode, made), made);
    return inode;
  }

  /**
   * Gives `inode` one more name.
   *
   * @internal
   */
  link(inode: number, directory: number, name: string, path: string, toPath: string): void {
    const made = this.#record({ kind: "link", path, toPath, inode, directory, name });
    this.#awake(inode).touched = true;
    this.#log(this.#bind(directory, name, inode, made), made);
  }

  /**
   * Removes a name.
   *
   * @internal
   */
  remove(directory: number, name: string, path: string): void {
    const inode = this.lookup(directory, name);
    const made = this.#record({ kind: "remove", path, inode, directory, name });
    this.#awake(inode).touched = true;
    this.#log(this.#bind(directory, name, 0, made), made);
  }

  /**
   * Moves a name, replacing what bears the new name.
   *
   * @internal
   */
  rename(
    directory: number,
    name: string,
    toDirectory: number,
    toName: string,
    path: string,
    toPath: string,
  ): void {
    const inode = this.lookup(directory, name);
    const replaced = this.lookup(toDirectory, toName);
    const made = this.#record({
      kind: "rename",
      path,
      toPath,
      inode,
      directory,
      name,
      toDirectory,
      toName,
    });
    this.#awake(inode).touched = true;
    if (replaced !== 0) this.#awake(replaced).touched = true;
    if (this.model.renameIsAtomic) {
      const from = this.#bind(directory, name, 0, made);
      const to = this.#bind(toDirectory, toName, inode, made);
      tie(from, to);
      this.#log(from, made);
    } else {
      if (replaced !== 0) this.#bind(toDirectory, toName, 0, made);
      this.#bind(directory, name, 0, made);
      this.#bind(toDirectory, toName, inode, made);
    }
  }

  /**
   * Length of a file in bytes. Decides the size.
   *
   * @internal
   */
  size(inode: number): number {
    return this.#sized(inode).size;
  }

  /**
   * Reads at `offset`; returns the number of bytes read, or -1 when a sector cannot be read. Decides
   * the size and the sectors read.
   *
   * @internal
   */
  read(inode: number, into: Uint8Array, offset: number): number {
    let file = this.#inodes[inode]!;
    if (file.boot !== this.#boot || !file.sizeKnown) file = this.#sized(inode);
    const rest = file.size - offset;
    const length = into.length < rest ? into.length : rest;
    if (length <= 0) return 0;
    const last = (offset + length - 1) >>> this.#shift;
    if (last >= file.loaded.length) file.reserve(last + 1, this.cellBytes);
    for (let sector = offset >>> this.#shift; sector <= last; sector++) {
      if (file.loaded[sector] !== this.#boot) this.#load(file, sector);
    }
    if (file.unreadable !== undefined && this.#touchesUnreadable(file, offset, offset + length)) {
      return -1;
    }
    const { image } = file;
    if (length <= 48) {
      for (let i = 0; i < length; i++) into[i] = image[offset + i]!;
    } else into.set(image.subarray(offset, offset + length));
    return length;
  }

  /**
   * Writes all of `bytes` at `offset`. Returns `false`, and writes nothing, where a part of a sector
   * would change that cannot be read.
   *
   * @internal
   */
  write(inode: number, bytes: Uint8Array, offset: number, path: string): boolean {
    if (bytes.length === 0) return true;
    const file = this.#sized(inode);
    const end = offset + bytes.length;
    // Where a write takes its neighbours along, all of the sector is written.
    const width = this.#isPowersafe ? 1 : this.sectorBytes;
    const first = Math.floor(offset / width) * width >>> this.#shift;
    const last = Math.ceil(end / width) * width - 1 >>> this.#shift;
    file.reserve(last + 1, this.cellBytes);
    for (let sector = first; sector <= last; sector++) {
      if (file.loaded[sector] !== this.#boot) this.#load(file, sector);
    }
    if (file.unreadable !== undefined) {
      const { cellBytes } = this;
      const from = Math.ceil(offset / cellBytes);
      const to = Math.floor(end / cellBytes);
      if (
        this.#touchesUnreadable(file, offset, Math.min(from * cellBytes, end)) ||
        this.#touchesUnreadable(file, Math.max(to * cellBytes, offset), end)
      ) return false;
      for (let sector = from; sector < to; sector++) file.unreadable.delete(sector);
    }
    const made = this.#record({
      kind: "write",
      path,
      inode,
      offset,
      bytes: this.#pool.copy(bytes, 0, bytes.length),
    });
    file.image.set(bytes, offset);
    const { everythingIsOrdered } = this.model;
    if (everythingIsOrdered) file.touched = true;
    const sizeCell = end > Math.min(file.size, file.heldSize) ? this.#sizeCell(file) : undefined;
    for (let page = Math.floor(offset / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
      const from = Math.max(first, (page * PAGE_BYTES) >>> this.#shift);
      const to = Math.min(last, ((page + 1) * PAGE_BYTES - 1) >>> this.#shift);
      for (let sector = from; sector <= to; sector++) {
        const cell = this.#writeSector(file, sector, made);
        // With blocks in order, a block is one cell: the entry is this cell's own.
        if (everythingIsOrdered) this.#log(cell, made);
      }
      const reached = Math.min(end, (page + 1) * PAGE_BYTES);
      if (reached > Math.min(file.size, file.heldSize)) {
        this.#grow(file, sizeCell!, reached, { from, to, made });
      }
    }
    return true;
  }

  #touchesUnreadable(file: Inode, from: number, to: number): boolean {
    for (let sector = from >>> this.#shift; sector << this.#shift < to; sector++) {
      if (file.unreadable!.has(sector)) return true;
    }
    return false;
  }

  /**
   * Cuts or grows a file.
   *
   * @internal
   */
  truncate(inode: number, size: number, path: string): void {
    const file = this.#sized(inode);
    const made = this.#record({ kind: "truncate", path, inode, offset: size });
    if (size === file.size && file.heldSize === Infinity) return;
    file.heldSize = Infinity;
    file.touched = true;
    const cell = this.#sizeCell(file);
    const version = cell.push(size, made);
    this.#log(cell, made);
    if (size < file.size) {
      (cell.cuts ??= []).push(version);
      if (size < file.floor) file.floor = size;
      this.#cutCache(file, size);
    }
    file.size = size;
  }

  /**
   * The barrier: forces the newest version of every cell of `inode`, and what else the model makes
   * of it.
   *
   * @internal
   */
  sync(inode: number, path: string, kind: "sync" | "syncData" = "sync"): void {
    const file = this.#awake(inode);
    this.#force(file, kind, this.#record({ kind, path, inode }) - 1);
  }

  /**
   * Whether something of `inode` waits for a barrier.
   *
   * @internal
   */
  isDirty(inode: number): boolean {
    return this.#awake(inode).dirty.length > 0;
  }

  #force(file: Inode, kind: "sync" | "syncData", before: number): void {
    if (this.options.lyingBarriers) return;
    const { barrierReach } = this.model;
    // A directory has no data to make durable on their own.
    const withNames = kind === "sync" || file.kind === "directory";
    if (barrierReach === "everything" || (barrierReach === "journal" && withNames)) {
      // A file whose names and size are as this life found them has nothing in the journal.
      const { journal } = this.#life;
      if (file.touched) journal?.force(journal.newest, before);
    } else if (barrierReach === "log tree" && withNames) {
      forceLogTree(file, this.#life, { inodes: this.#inodes, before });
    }
    for (const cell of file.dirty) {
      cell.force(cell.newest, before);
      cell.isDirty = false;
    }
    file.dirty = [];
  }

  /**
   * A call fails because of a fault, or because the disk is full.
   *
   * @throws {FileSystemError} Always.
   *
   * @internal
   */
  refuse(code: ErrorCode, op: string, path: string): never {
    this.failures++;
    throw new FileSystemError(code, op, path);
  }

  /**
   * A barrier in which something cannot be written. Data that cannot be written are an error of the
   * inode, for {@linkcode errors}; of anything else the returned error tells.
   *
   * @internal
   */
  failSync(
    inode: number,
    path: string,
    kind: "sync" | "syncData",
    fault: Fault,
  ): ErrorCode | undefined {
    const { failedBarrier } = this.model;
    if (fault.kind === "journal" || (this.kind(inode) === "directory" && fault.kind === "error")) {
      // The names of a directory are metadata: where there is a journal, it is what fails.
      if (fault.kind === "journal" || failedBarrier !== undefined) this.#failJournal();
      return "EIO";
    }
    const block = fault.kind === "block" ? fault.block : undefined;
    const target = fault.kind === "block" && fault.path !== undefined
      ? this.#find(fault.path)
      : inode;
    if (target === inode) this.#failBlocks(inode, path, block, kind);
    else {
      if (target !== 0) this.#failBlocks(target, (fault as { path: string }).path, block);
      this.sync(inode, path, kind);
    }
    return undefined;
  }

  /**
   * The kernel writes a file back on its own. That forces nothing, as long as it succeeds.
   *
   * @internal
   */
  writeback(inode: number, path: string): void {
    const fault = this.faults?.next({ call: "writeback", path });
    if (fault === undefined || fault.kind === "short") return;
    if (fault.kind === "journal") this.#failJournal();
    else this.#failBlocks(inode, path, fault.kind === "block" ? fault.block : undefined);
  }

  /** Blocks of a file cannot be written, in a barrier on it or, without a `kind`, by the kernel. */
  #failBlocks(
    inode: number,
    path: string,
    block: number | undefined,
    kind?: "sync" | "syncData",
  ): void {
    const file = this.#awake(inode);
    const { cellBytes, model: { failedBarrier: model } } = this;
    const sectors = failingSectors(file, { block, cellBytes });
    if (sectors.length === 0 && block !== undefined) {
      if (kind !== undefined) this.sync(inode, path, kind);
      return;
    }
    const failed = block === undefined ? "no block was written" : `block ${block} was not written`;
    const before = this.#record({ kind: kind ?? "writeback", path, inode, failed }) - 1;
    const life = this.#life.index;
    const isBarrier = kind !== undefined;
    failWriteback(file, { life, before, block, cellBytes, model, isBarrier });
    if (model?.cacheReverts) {
      for (const cell of sectors) this.#revert(file, cell, cell.newest);
    }
    if (isBarrier && model?.metadataPersists) this.#force(file, kind, before);
    file.errors++;
    file.errorSeen = false;
  }

  #failJournal(): void {
    this.mount = this.model.failedBarrier?.journalFailure ?? "read-only";
    // Whoever asks what goes wrong with a call sees the state of the file system, too.
    this.faults ??= { next: () => undefined };
  }

  /** The inode at a path, 0 for none. */
  #find(path: string): number {
    let inode = ROOT;
    for (const name of parsePath(path).names) {
      if (inode === 0 || this.kind(inode) !== "directory") return 0;
      inode = this.lookup(inode, name);
    }
    return inode;
  }

  /**
   * Number of the last failure to write `inode` back in this boot, 0 for none.
   *
   * @internal
   */
  errors(inode: number): number {
    return this.#awake(inode).errors;
  }

  /**
   * The number of the last failure that a handle opened now does not report: one that nobody has
   * seen yet, it does.
   *
   * @internal
   */
  errorsSeen(inode: number): number {
    const { errors, errorSeen } = this.#awake(inode);
    return errorSeen ? errors : 0;
  }

  /**
   * A barrier has reported failures up to number `error`.
   *
   * @internal
   */
  seeErrors(inode: number, error: number): void {
    const file = this.#awake(inode);
    if (file.errors === error) file.errorSeen = true;
  }

  /**
   * How many bytes of a write the disk has room for. Where the capacity is limited, this decides every
   * name and every size.
   *
   * @internal
   */
  room(inode: number, offset: number, length: number): number {
    const { capacityBytes } = this.options;
    if (capacityBytes === undefined) return length;
    const pages = { boot: this.#boot, cellBytes: this.cellBytes };
    const file = this.#sized(inode);
    const files = new Set([file]);
    const above = [ROOT];
    for (const directory of above) {
      for (const name of this.names(directory)) {
        const child = this.lookup(directory, name);
        if (this.kind(child) === "file") files.add(this.#sized(child));
        else if (!above.includes(child)) above.push(child);
      }
    }
    let free = Math.floor(capacityBytes / PAGE_BYTES);
    for (const one of files) free -= blocksOf(one, pages);
    return fitting(file, { offset, length, free }, pages);
  }

  /**
   * The kernel forgets the clean pages of a file, so that reads show what the media hold; of several
   * possible versions, the oldest. With `inodeToo`, it forgets the file as a whole, and with it an
   * error that nobody has asked for.
   *
   * @internal
   */
  evict(inode: number, { inodeToo = false }: { readonly inodeToo?: boolean } = {}): void {
    const file = this.#awake(inode);
    if (inodeToo) file.errors = 0;
    for (const cell of file.sectorCells[this.#life.index] ?? []) {
      if (cell !== undefined && !cell.isDirty) this.#revert(file, cell, cell.forced);
    }
  }

  /** Makes the page cache show a version of a sector that this life has written. */
  #revert(file: Inode, cell: Cell, version: number): void {
    const sector = cell.place as number;
    const source = cell.sourceOf(version);
    if (source === 0) return this.#load(file, sector);
    const start = sector << this.#shift;
    const end = start + this.cellBytes;
    const value = cell.values[source] as Uint8Array | null;
    if (value === null) file.image.fill(POISON, start, end);
    else file.image.set(value, start);
    const size = file.sizeCells[this.#life.index];
    for (const cut of size?.cuts ?? []) {
      const from = Math.max(size!.values[cut] as number, start);
      if (size!.made[cut]! > cell.made[source]! && from < end) file.image.fill(0, from, end);
    }
    file.allocated[sector] = source > cell.unallocated ? 1 : 0;
    file.holds[sector] = -1;
  }

  #newInode(kind: "file" | "directory"): Inode {
    const inode = new Inode(this.#inodes.length, kind, this.#life.index, this.bounds.run);
    this.#inodes.push(inode);
    return inode;
  }

  /** Adds an op to the trace; returns the crash point at which it has completed. */
  #record(op: Op): number {
    return this.#life.trace.push(op);
  }

  /** The inode, with what earlier boots and runs left in its cache forgotten. */
  #awake(number: number): Inode {
    const inode = this.#inodes[number]!;
    if (inode.boot === this.#boot) return inode;
    if (inode.run !== this.bounds.run) {
      inode.run = this.bounds.run;
      if (inode.sizeCells.length > 1) inode.sizeCells.length = 1;
      if (inode.sectorCells.length > 1) inode.sectorCells.length = 1;
    }
    inode.boot = this.#boot;
    inode.sizeKnown = false;
    inode.heldSize = Infinity;
    inode.floor = Infinity;
    if (inode.dirty.length > 0) inode.dirty = [];
    inode.created = inode.errors = 0;
    inode.touched = false;
    inode.unreadable = undefined;
    return inode;
  }

  #sized(number: number): Inode {
    const inode = this.#awake(number);
    if (inode.sizeKnown) return inode;
    inode.sizeKnown = true;
    inode.size = inode.foundSize = this.#persistedSize(inode, this.#life.index - 1);
    return inode;
  }

  /** The size that the media hold at the end of a life. */
  #persistedSize(inode: Inode, life: number): number {
    for (let j = life; j >= inode.born; j--) {
      const cell = inode.sizeCells[j];
      const version = cell === undefined ? 0 : cell.sourceOf(this.#decide(cell));
      if (version > 0) return cell!.values[version] as number;
    }
    return 0;
  }

  /** Which version of `cell` the media kept: asked once a run, remembered for the rest of it. */
  #decide(cell: Cell): number {
    const { bounds } = this;
    if (cell.run !== bounds.run) bounds.touch(cell);
    if (cell.chosen >= 0) return cell.chosen;
    const from = bounds.lowest(cell);
    const to = bounds.highest(cell);
    let version = from;
    if (from < to) {
      if (cell.lifts === undefined && cell.caps === undefined) {
        version = this.chooser.choose(cell, from, to, undefined);
      } else {
        const feasible = bounds.feasible(cell, from, to);
        version = feasible.length === 1
          ? feasible[0]!
          : this.chooser.choose(cell, from, to, feasible);
      }
    }
    bounds.decide(cell, version);
    return version;
  }

  #bearer(entry: DirectoryName): number {
    if (entry.boot === this.#boot) return entry.inode;
    entry.boot = this.#boot;
    if (entry.run !== this.bounds.run) {
      entry.run = this.bounds.run;
      if (entry.cells.length > 1) entry.cells.length = 1;
    }
    entry.inode = 0;
    for (let j = entry.cells.length - 1; j >= 0; j--) {
      const cell = entry.cells[j];
      const version = cell === undefined ? 0 : this.#decide(cell);
      if (version > 0) {
        entry.inode = cell!.values[version] as number;
        break;
      }
    }
    return entry.inode;
  }

  /** Points a name at an inode (0: at nothing); returns its cell. */
  #bind(directory: number, name: string, inode: number, made: number): Cell {
    const holder = this.#awake(directory);
    const { names, dirty } = holder;
    holder.touched = true;
    let entry = names.get(name);
    if (entry === undefined) names.set(name, entry = new DirectoryName(name));
    this.#bearer(entry);
    let cell = entry.cells[this.#life.index];
    if (cell === undefined) {
      cell = entry.cells[this.#life.index] = new Cell(this.#life, "name", directory, name);
      cell.values[0] = entry.inode;
    }
    if (!cell.isDirty) {
      cell.isDirty = true;
      dirty.push(cell);
    }
    cell.push(inode, made);
    entry.inode = inode;
    return cell;
  }

  #sizeCell(file: Inode): Cell {
    let cell = file.sizeCells[this.#life.index];
    if (cell === undefined) {
      cell = file.sizeCells[this.#life.index] = new Cell(this.#life, "size", file.number, 0);
      cell.values[0] = file.foundSize;
    }
    if (!cell.isDirty) {
      cell.isDirty = true;
      file.dirty.push(cell);
    }
    return cell;
  }

  /** Makes an entry in the journal, where there is one, that carries the newest version of `cell`. */
  #log(cell: Cell, made: number): void {
    // What persists in order does so because the device is told to flush: a lie ends the order.
    if (!this.model.namesAreOrdered || this.options.lyingBarriers) return;
    const journal = this.#life.journal ??= new Cell(this.#life, "journal", ROOT, 0);
    journal.push(0, made);
    tie(journal, cell);
  }

  /** Adds the size that a write has reached, after the sectors that brought it there. */
  #grow(
    file: Inode,
    cell: Cell,
    size: number,
    written: { readonly from: number; readonly to: number; readonly made: number },
  ): void {
    const { model, cellBytes } = this;
    const { from, to, made } = written;
    const before = Math.min(file.size, file.heldSize);
    file.touched = true;
    file.heldSize = size < file.size ? size : Infinity;
    if (size > file.size) file.size = size;
    const version = cell.push(size, made);
    const { journal } = this.#life;
    if (journal !== undefined) {
      addRule(cell, version, journal, journal.newest);
      if (model.everythingIsOrdered) addRule(journal, journal.newest, cell, version);
    }
    if (this.options.lyingBarriers) {
      if (model.everythingIsOrdered) tie(cell, this.#sectorCell(file, to)!);
      return;
    }
    const isNewBlock = before <= Math.floor((size - 1) / PAGE_BYTES) * PAGE_BYTES;
    const waits = model.sizeWaitsForData || (this.#newBlocksWait && isNewBlock);
    if (!waits || model.everythingIsOrdered) return;
    for (let sector = from; sector <= to; sector++) {
      if ((sector + 1) * cellBytes <= before) continue;
      const data = this.#sectorCell(file, sector)!;
      addRule(cell, version, data, data.newest);
    }
  }

  #sectorCell(file: Inode, sector: number): Cell | undefined {
    return file.sectorCells[this.#life.index]?.[sector];
  }

  get #isPowersafe(): boolean {
    return this.options.powersafeOverwrite !== false || this.model.blocksAreAtomic;
  }

  #writeSector(file: Inode, sector: number, made: number): Cell {
    const cells = file.sectorCells[this.#life.index] ??= [];
    const cell = cells[sector] ??= new Cell(this.#life, "sector", file.number, sector);
    if (!cell.isDirty) {
      cell.isDirty = true;
      file.dirty.push(cell);
    }
    if (file.allocated[sector] === 0) {
      file.allocated[sector] = 1;
      cell.unallocated = cell.newest;
      if (this.#exposesStale) cell.push(null, made);
    }
    if (!this.#isPowersafe) {
      cell.push(new Uint8Array(this.cellBytes), made);
      cell.push(new Uint8Array(this.cellBytes).fill(POISON), made);
    }
    const start = sector << this.#shift;
    cell.push(this.#pool.copy(file.image, start, start + this.cellBytes), made);
    file.holds[sector] = -1;
    if (this.model.blocksAreAtomic) this.#followCut(file, cell, start + this.cellBytes);
    return cell;
  }

  /**
   * A block is written to a new place. Where a cut has freed some of the old one, what was written
   * since belongs to the file as the cut left it, and is not seen before the cut.
   */
  #followCut(file: Inode, block: Cell, end: number): void {
    const size = file.sizeCells[this.#life.index];
    const cut = size?.cuts?.findLast((version) => (size.values[version] as number) < end);
    if (cut !== undefined) addRule(block, block.newest, size!, cut);
  }

  /** Zeros what the page cache holds past `size`. */
  #cutCache(file: Inode, size: number): void {
    const end = Math.min(file.loaded.length, Math.ceil(file.size / this.cellBytes));
    for (let sector = size >>> this.#shift; sector < end; sector++) {
      if (file.loaded[sector] !== this.#boot) continue;
      const start = sector << this.#shift;
      file.image.fill(0, Math.max(start, size), start + this.cellBytes);
      file.holds[sector] = -1;
      if (start >= size) file.allocated[sector] = 0;
    }
  }

  /** Fills one sector of the page cache from the media, deciding which version they hold. */
  #load(file: Inode, sector: number): void {
    file.loaded[sector] = this.#boot;
    const start = sector << this.#shift;
    const end = start + this.cellBytes;
    let mask = this.staleTail ? file.floor : Math.min(file.floor, file.foundSize);
    let version = 0;
    let life = this.#life.index - 1;
    let value: Uint8Array | null = null;
    for (; life >= file.born && mask > start; life--) {
      const cell = file.sectorCells[life]?.[sector];
      version = cell === undefined ? 0 : cell.sourceOf(this.#decide(cell));
      mask = Math.min(mask, this.#cutAfter(file, life, version > 0 ? cell!.made[version]! : 0));
      if (version > 0) {
        value = cell!.values[version] as Uint8Array | null;
        break;
      }
      if (life > file.born && !this.staleTail) {
        mask = Math.min(mask, this.#persistedSize(file, life - 1));
      }
    }
    const found = version > 0 && mask > start;
    file.allocated[sector] = found ? 1 : 0;
    if (!found) {
      file.image.fill(0, start, end);
      file.holds[sector] = -1;
      return;
    }
    if (this.media !== undefined) {
      const nextIsRead = file.loaded[sector + 1] === this.#boot;
      const shown = this.media.read({ file, sector, life, version, nextIsRead }, {
        inodes: this.#inodes,
        life: this.#life,
        chooser: this.chooser,
        checksums: this.model.checksumsData,
      });
      if (shown === "unreadable") (file.unreadable ??= new Set()).add(sector);
      else if (shown !== undefined) value = shown;
      if (shown !== undefined) file.holds[sector] = -1;
    }
    const whole = mask >= end;
    if (whole && life === 0 && file.holds[sector] === version) return;
    if (value === null) file.image.fill(POISON, start, end);
    else file.image.set(value, start);
    if (!whole) file.image.fill(0, mask, end);
    const isSound = this.media?.struck !== true;
    file.holds[sector] = whole && life === 0 && isSound ? version : -1;
  }

  /** The shortest length that persisted in `life` by a cut made after crash point `made`. */
  #cutAfter(file: Inode, life: number, made: number): number {
    const cell = file.sizeCells[life];
    if (cell?.cuts === undefined || this.staleTail) return Infinity;
    const chosen = cell.sourceOf(this.#decide(cell));
    let shortest = Infinity;
    for (const v of cell.cuts) {
      if (v <= chosen && cell.made[v]! > made) {
        shortest = Math.min(shortest, cell.values[v] as number);
      }
    }
    return shortest;
  }
}
