/**
 * Ground truth for the search, written on other ideas so that the two cannot share a mistake: no
 * versions, windows or bounds. Each op is split into micro-ops (a sector's bytes, a size, a name);
 * every crash point and every legal set of micro-ops that reached the media is enumerated, applied
 * in order to a plain tree of files, and recovery runs on the image. Only for small traces.
 *
 * @module
 */

import { Disk, type DiskOptions, ROOT } from "../vfs/disk.ts";
import { models, type PersistenceModel, POISON } from "../vfs/model.ts";
import type { Op } from "../vfs/op.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";

/** A file or directory as the media hold it. */
type Node =
  | { readonly kind: "file"; size: number; readonly sectors: Map<number, Uint8Array> }
  | { readonly kind: "directory"; readonly names: Map<string, number> };

/** What the media hold after a crash: files and directories by inode number. */
export type CrashImage = Map<number, Node>;

/** A change that reaches the media whole or not at all. */
interface MicroOp {
  /** Index of the op in the trace. */
  readonly seq: number;
  /** What it changes: micro-ops on one place reach the media in order. */
  readonly place: string;
  /** The inode whose barrier forces it. */
  readonly inode: number;
  /** Micro-ops of one group reach the media together. */
  readonly group: string | undefined;
  /** Micro-ops issued earlier that must have reached the media when this one has. */
  readonly needs: readonly MicroOp[];
  /** Whether it goes through the metadata journal: a name, or a truncation. */
  readonly logged: boolean;
  /** A name: who bears it from now on, and who bore it before (0 for nobody). */
  readonly bearer?: { readonly now: number; readonly before: number };
  /** A cut: the size that is left, in bytes. */
  readonly cut?: number;
  readonly apply: (image: CrashImage) => void;
}

/** A crash image and the crash point that it belongs to. */
export interface CrashImageAt {
  /** Number of completed ops. */
  readonly point: number;
  /** What the media hold. */
  readonly image: CrashImage;
}

/** An image with nothing but a root directory. */
export function emptyImage(): CrashImage {
  return new Map([[ROOT, { kind: "directory", names: new Map() }]]);
}

/**
 * Every crash point of a trace with every image that the model allows there.
 *
 * @param base What the media held before the first op.
 * @param trace The ops.
 * @param options The kind of disk.
 */
export function* crashImages(
  base: CrashImage,
  trace: readonly Op[],
  options: DiskOptions,
): Generator<CrashImageAt> {
  const model = models[options.model ?? "posix-ra"];
  const micros = new Splitter(base, options).split(trace);
  const start = clone(base);
  for (const op of trace) {
    if (op.kind === "create") start.set(op.inode, { kind: "file", size: 0, sectors: new Map() });
    if (op.kind === "mkdir") start.set(op.inode, { kind: "directory", names: new Map() });
  }
  for (let point = 0; point <= trace.length; point++) {
    const issued = micros.filter((micro) => micro.seq < point);
    const forced = options.lyingBarriers
      ? new Set<MicroOp>()
      : forcedBy(trace.slice(0, point), issued, { model, base });
    for (const chosen of legalSets(issued, forced)) {
      const image = clone(start);
      for (const micro of issued) if (chosen.has(micro)) micro.apply(image);
      if (!options.staleTail) dropTails(image, unitOf(options));
      yield { point, image };
    }
  }
}

/**
 * A file system that has just been powered on over an image, and the image by the inode numbers
 * that this file system uses.
 *
 * @param image What the media hold.
 * @param options The kind of disk.
 */
export function bootImage(
  image: CrashImage,
  options: DiskOptions,
): { fs: SimulatedFileSystem; image: CrashImage } {
  const disk = new Disk(options);
  const numbers = new Map([[ROOT, ROOT]]);
  const copyDirectory = (from: number, to: number) => {
    const node = image.get(from) as Node & { kind: "directory" };
    for (const [name, number] of [...node.names].sort(([a], [b]) => a < b ? -1 : 1)) {
      const child = image.get(number)!;
      const known = numbers.get(number);
      if (known !== undefined) {
        // A hard link, or a directory whose rename tore.
        disk.link(known, to, name, name, name);
        continue;
      }
      const made = disk.create(child.kind, to, name, name);
      numbers.set(number, made);
      if (child.kind === "directory") copyDirectory(number, made);
      else fillFile(disk, made, child);
    }
    disk.sync(to, "");
  };
  copyDirectory(ROOT, ROOT);
  disk.powerCut();
  const renumbered: CrashImage = new Map();
  for (const [from, to] of numbers) {
    const node = image.get(from)!;
    renumbered.set(
      to,
      node.kind === "file" ? node : {
        kind: "directory",
        names: new Map([...node.names].map(([name, number]) => [name, numbers.get(number)!])),
      },
    );
  }
  return { fs: new SimulatedFileSystem(disk), image: renumbered };
}

/** Writes sectors, also those past the end that a device with a stale tail keeps. */
function fillFile(disk: Disk, inode: number, file: Node & { kind: "file" }): void {
  for (const [sector, bytes] of [...file.sectors].sort(([a], [b]) => a - b)) {
    disk.write(inode, bytes, sector * disk.cellBytes, "");
  }
  disk.truncate(inode, file.size, "");
}

/** Bytes that reach the media together: a sector, a part of one that tears, or a whole block. */
function unitOf(options: DiskOptions): number {
  const { model = "posix-ra", sectorBytes = 512, tearBytes = sectorBytes } = options;
  return models[model].blocksAreAtomic ? 4096 : tearBytes;
}

function clone(image: CrashImage): CrashImage {
  return new Map([...image].map(([number, node]): [number, Node] => [
    number,
    node.kind === "file"
      ? { kind: "file", size: node.size, sectors: new Map(node.sectors) }
      : { kind: "directory", names: new Map(node.names) },
  ]));
}

/** Splits ops into micro-ops, following the page cache to know what each sector then holds. */
class Splitter {
  readonly #cache: CrashImage;
  readonly #unit: number;
  readonly #options: DiskOptions;
  readonly #model: PersistenceModel;
  readonly #micros: MicroOp[] = [];

  constructor(base: CrashImage, options: DiskOptions) {
    this.#cache = clone(base);
    this.#options = options;
    this.#model = models[options.model ?? "posix-ra"];
    this.#unit = unitOf(options);
  }

  split(trace: readonly Op[]): MicroOp[] {
    for (const [seq, op] of trace.entries()) this.#splitOp(op, seq);
    return this.#micros;
  }

  #splitOp(op: Op, seq: number): void {
    switch (op.kind) {
      case "create":
        this.#cache.set(op.inode, { kind: "file", size: 0, sectors: new Map() });
        return this.#name(seq, op.directory!, op.name!, op.inode);
      case "mkdir":
        this.#cache.set(op.inode, { kind: "directory", names: new Map() });
        return this.#name(seq, op.directory!, op.name!, op.inode);
      case "link":
        return this.#name(seq, op.directory!, op.name!, op.inode);
      case "remove":
        return this.#name(seq, op.directory!, op.name!, 0);
      case "rename":
        return this.#rename(op, seq);
      case "write":
        return this.#write(op, seq);
      case "truncate":
        return this.#truncate(op, seq);
    }
  }

  /** Adds a micro-op with what the order of the model makes it need. */
  #add(micro: Omit<MicroOp, "needs">, needs: MicroOp[] = []): MicroOp {
    const last = (earlier: (other: MicroOp) => boolean) =>
      this.#micros.findLast((other) =>
        earlier(other) && (micro.group === undefined || other.group !== micro.group)
      );
    const isSize = micro.place.endsWith("#");
    const order = this.#options.lyingBarriers
      ? undefined
      : this.#model.everythingIsOrdered
      ? last(() => true)
      : this.#model.namesAreOrdered && (micro.logged || isSize)
      ? last(({ logged }) => logged)
      : undefined;
    const added = { ...micro, needs: order === undefined ? needs : [...needs, order] };
    this.#micros.push(added);
    return added;
  }

  #rename(op: Op, seq: number): void {
    const target = this.#cache.get(op.toDirectory!) as Node & { kind: "directory" };
    const whole = this.#model.renameIsAtomic;
    const group = whole ? `rename ${seq}` : undefined;
    if (!whole && target.names.has(op.toName!)) this.#name(seq, op.toDirectory!, op.toName!, 0);
    this.#name(seq, op.directory!, op.name!, 0, group);
    this.#name(seq, op.toDirectory!, op.toName!, op.inode, group);
  }

  #name(seq: number, directory: number, name: string, inode: number, group?: string): void {
    const apply = (image: CrashImage) => {
      const { names } = image.get(directory) as Node & { kind: "directory" };
      if (inode === 0) names.delete(name);
      else names.set(name, inode);
    };
    const { names } = this.#cache.get(directory) as Node & { kind: "directory" };
    const bearer = { now: inode, before: names.get(name) ?? 0 };
    apply(this.#cache);
    const place = `${directory}/${name}`;
    this.#add({ seq, place, inode: directory, group, logged: true, bearer, apply });
  }

  #data(
    seq: number,
    inode: number,
    sector: number,
    bytes: Uint8Array,
    group: string | undefined,
  ): MicroOp {
    const apply = (image: CrashImage) => {
      (image.get(inode) as Node & { kind: "file" }).sectors.set(sector, bytes);
    };
    // A block goes to a new place: it belongs to the file as an earlier cut of the block left it.
    const cut = this.#micros.findLast((micro) =>
      this.#model.blocksAreAtomic && micro.place === `${inode}#` &&
      micro.cut !== undefined && micro.cut < (sector + 1) * this.#unit
    );
    const needs = cut === undefined ? [] : [cut];
    const place = `${inode}:${sector}`;
    return this.#add({ seq, place, inode, group, logged: false, apply }, needs);
  }

  #size(
    { seq, inode, size, by, group, needs }: {
      readonly seq: number;
      readonly inode: number;
      readonly size: number;
      readonly by: "write" | "truncate" | "cut";
      readonly group?: string | undefined;
      readonly needs?: MicroOp[];
    },
  ): void {
    const apply = (image: CrashImage) => {
      const file = image.get(inode) as Node & { kind: "file" };
      if (by === "cut" && !this.#options.staleTail) cutSectors(file, size, this.#unit);
      file.size = size;
    };
    const logged = by !== "write";
    const cut = by === "cut" ? { cut: size } : {};
    this.#add({ seq, place: `${inode}#`, inode, group, logged, ...cut, apply }, needs);
  }

  #write(op: Op, seq: number): void {
    const file = this.#cache.get(op.inode) as Node & { kind: "file" };
    const model = this.#model;
    const bytes = op.bytes!;
    const offset = op.offset!;
    const end = offset + bytes.length;
    for (let page = Math.floor(offset / 4096); page * 4096 < end; page++) {
      const group = model.everythingIsOrdered ? `block ${seq} ${page}` : undefined;
      const from = Math.max(offset, page * 4096);
      const reached = Math.min(end, (page + 1) * 4096);
      const appended: MicroOp[] = [];
      const width = this.#isPowersafe ? 1 : this.#options.sectorBytes ?? 512;
      const start = Math.floor(from / width) * width;
      const stop = Math.ceil(reached / width) * width;
      for (let unit = Math.floor(start / this.#unit); unit * this.#unit < stop; unit++) {
        const micro = this.#writeUnit(op, seq, unit, group);
        if ((unit + 1) * this.#unit > file.size) appended.push(micro);
      }
      if (reached <= file.size) continue;
      const isNewBlock = file.size <= page * 4096;
      const honest = !this.#options.lyingBarriers;
      const newBlocks = model.newBlocksMayWait && this.#options.dioreadNolock === false;
      const waits = honest && (model.sizeWaitsForData || (isNewBlock && newBlocks));
      const needs = waits ? appended : [];
      file.size = reached;
      this.#size({ seq, inode: op.inode, size: reached, by: "write", group, needs });
    }
  }

  get #isPowersafe(): boolean {
    return this.#options.powersafeOverwrite !== false || this.#model.blocksAreAtomic;
  }

  /** What a write does to one sector or block; returns the micro-op that completes it. */
  #writeUnit(op: Op, seq: number, unit: number, group: string | undefined): MicroOp {
    const file = this.#cache.get(op.inode) as Node & { kind: "file" };
    const size = this.#unit;
    const start = unit * size;
    const bytes = op.bytes!;
    const offset = op.offset!;
    const from = Math.max(offset - start, 0);
    const to = Math.min(offset + bytes.length - start, size);
    // A unit beside the write is written as it is, where the write takes its sector along.
    const written = to <= from
      ? new Uint8Array(0)
      : bytes.subarray(start + from - offset, start + to - offset);
    const old = file.sectors.get(unit);
    const exposes = !this.#model.everythingIsOrdered &&
      (this.#options.staleSectors ?? this.#model.exposesStaleSectors);
    if (old === undefined && exposes) {
      this.#data(seq, op.inode, unit, new Uint8Array(size).fill(POISON), group);
    }
    const now = old?.slice() ?? new Uint8Array(size);
    now.set(written, Math.min(from, size));
    if (!this.#isPowersafe) {
      this.#data(seq, op.inode, unit, new Uint8Array(size), group);
      this.#data(seq, op.inode, unit, new Uint8Array(size).fill(POISON), group);
    }
    file.sectors.set(unit, now);
    return this.#data(seq, op.inode, unit, now, group);
  }

  #truncate(op: Op, seq: number): void {
    const file = this.#cache.get(op.inode) as Node & { kind: "file" };
    if (op.offset === file.size) return;
    const by = op.offset! < file.size ? "cut" : "truncate";
    if (by === "cut") cutSectors(file, op.offset!, this.#unit);
    file.size = op.offset!;
    this.#size({ seq, inode: op.inode, size: op.offset!, by });
  }
}

/** Frees the sectors past `size` and zeros the rest of the last one. */
function cutSectors(file: Node & { kind: "file" }, size: number, sectorBytes: number): void {
  for (const [sector, bytes] of [...file.sectors]) {
    if (sector * sectorBytes >= size) file.sectors.delete(sector);
    else if ((sector + 1) * sectorBytes > size) {
      const kept = bytes.slice();
      kept.fill(0, size - sector * sectorBytes);
      file.sectors.set(sector, kept);
    }
  }
}

function dropTails(image: CrashImage, sectorBytes: number): void {
  for (const node of image.values()) {
    if (node.kind === "file") cutSectors(node, node.size, sectorBytes);
  }
}

/** What the barriers of a trace have made durable. */
function forcedBy(
  trace: readonly Op[],
  micros: readonly MicroOp[],
  { model, base }: { readonly model: PersistenceModel; readonly base: CrashImage },
): Set<MicroOp> {
  const forced = new Set<MicroOp>();
  for (const [seq, op] of trace.entries()) {
    if (op.kind !== "sync" && op.kind !== "syncData") continue;
    const issued = micros.filter((micro) => micro.seq < seq);
    const isDirectory = base.get(op.inode)?.kind === "directory" ||
      trace.some(({ kind, inode }) => kind === "mkdir" && inode === op.inode);
    const names = op.kind === "sync" || isDirectory;
    if (model.barrierReach === "everything" || (model.barrierReach === "journal" && names)) {
      const all = model.barrierReach === "everything";
      const isTouched = issued.some((micro) =>
        micro.bearer?.now === op.inode || micro.bearer?.before === op.inode ||
        (micro.inode === op.inode && (all || isDirectory || micro.place.endsWith("#")))
      );
      for (const micro of isTouched ? issued : []) if (all || micro.logged) forced.add(micro);
    }
    if (model.barrierReach === "log tree" && names) {
      for (const micro of loggedTree(op.inode, isDirectory, trace, issued)) forced.add(micro);
    }
    for (const micro of issued) if (micro.inode === op.inode) forced.add(micro);
    close(forced, micros);
  }
  return forced;
}

/** The names that a barrier of btrfs writes to its log. */
function loggedTree(
  inode: number,
  isDirectory: boolean,
  trace: readonly Op[],
  issued: readonly MicroOp[],
): Set<MicroOp> {
  const names = issued.filter((micro) => micro.bearer !== undefined);
  const logged = new Set<MicroOp>();
  const entries = (directory: number) => names.filter((micro) => micro.inode === directory);
  const climbed = new Set<number>();
  const above = (child: number) => {
    if (climbed.has(child)) return;
    climbed.add(child);
    for (const micro of names.filter(({ bearer }) => bearer!.now === child)) {
      logged.add(micro);
      above(micro.inode);
    }
  };
  const below = (directory: number) => {
    for (const micro of entries(directory)) {
      logged.add(micro);
      if (trace[micro.seq]!.kind === "mkdir") below(micro.bearer!.now);
    }
  };
  if (isDirectory) {
    below(inode);
    above(inode);
    return logged;
  }
  if (names.some(({ bearer }) => bearer!.before === inode && bearer!.now !== inode)) {
    return new Set(names);
  }
  for (const micro of names.filter(({ bearer }) => bearer!.now === inode)) {
    for (const entry of entries(micro.inode)) logged.add(entry);
    above(micro.inode);
  }
  return logged;
}

/** Adds what must have reached the media with what is there. */
function close(forced: Set<MicroOp>, micros: readonly MicroOp[]): void {
  for (let grown = -1; grown !== forced.size;) {
    grown = forced.size;
    for (const [i, micro] of micros.entries()) {
      if (!forced.has(micro)) continue;
      for (const need of micro.needs) forced.add(need);
      for (const [j, other] of micros.entries()) {
        const earlier = j < i && other.place === micro.place;
        const together = micro.group !== undefined && other.group === micro.group;
        if (earlier || together) forced.add(other);
      }
    }
  }
}

/** Every set that holds `forced`, is in order at each place, and has whole groups and all needs. */
function* legalSets(
  issued: readonly MicroOp[],
  forced: ReadonlySet<MicroOp>,
): Generator<Set<MicroOp>> {
  const chosen = new Set<MicroOp>();
  const skipped = new Set<string>();
  const absent = new Set<string>();
  const present = new Set<string>();
  function* decide(i: number): Generator<Set<MicroOp>> {
    const micro = issued[i];
    if (micro === undefined) {
      yield chosen;
      return;
    }
    const { place, group, needs } = micro;
    const mayTake = !skipped.has(place) && !(group !== undefined && absent.has(group)) &&
      needs.every((need) => chosen.has(need));
    const maySkip = !forced.has(micro) && !(group !== undefined && present.has(group));
    if (mayTake) {
      const first = group !== undefined && !present.has(group);
      chosen.add(micro);
      if (first) present.add(group);
      yield* decide(i + 1);
      if (first) present.delete(group);
      chosen.delete(micro);
    }
    if (maySkip) {
      const firstSkip = !skipped.has(place);
      const firstAbsent = group !== undefined && !absent.has(group);
      skipped.add(place);
      if (firstAbsent) absent.add(group);
      yield* decide(i + 1);
      if (firstSkip) skipped.delete(place);
      if (firstAbsent) absent.delete(group);
    }
  }
  yield* decide(0);
}
