/**
 * Ground truth for the search, written on other ideas so that the two cannot share a mistake: no
 * versions, windows or bounds. Each op is split into micro-ops (a sector's bytes, a size, a name);
 * every crash point and every legal set of micro-ops that reached the media is enumerated, applied
 * in order to a plain tree of files, and recovery runs on the image. Only for small traces.
 *
 * @module
 */

import { Disk, type DiskOptions, ROOT } from "../vfs/disk.ts";
import { models, POISON } from "../vfs/model.ts";
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
  readonly group: number | undefined;
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
  const micros = new Splitter(base, options).split(trace);
  const start = clone(base);
  for (const op of trace) {
    if (op.kind === "create") start.set(op.inode, { kind: "file", size: 0, sectors: new Map() });
    if (op.kind === "mkdir") start.set(op.inode, { kind: "directory", names: new Map() });
  }
  for (let point = 0; point <= trace.length; point++) {
    const issued = micros.filter((micro) => micro.seq < point);
    const forced = forcedBy(trace.slice(0, point), issued);
    for (const chosen of legalSets(issued, forced)) {
      const image = clone(start);
      for (const micro of issued) if (chosen.has(micro)) micro.apply(image);
      if (!options.staleTail) dropTails(image, options.sectorBytes ?? 512);
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
    disk.write(inode, bytes, sector * disk.sectorBytes, "");
  }
  disk.truncate(inode, file.size, "");
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
  readonly #sectorBytes: number;
  readonly #options: DiskOptions;
  readonly #micros: MicroOp[] = [];

  constructor(base: CrashImage, options: DiskOptions) {
    this.#cache = clone(base);
    this.#options = options;
    this.#sectorBytes = options.sectorBytes ?? 512;
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

  #rename(op: Op, seq: number): void {
    const target = this.#cache.get(op.toDirectory!) as Node & { kind: "directory" };
    const whole = models[this.#options.model ?? "posix-ra"].renameIsAtomic;
    if (!whole && target.names.has(op.toName!)) this.#name(seq, op.toDirectory!, op.toName!, 0);
    this.#name(seq, op.directory!, op.name!, 0, whole ? seq : undefined);
    this.#name(seq, op.toDirectory!, op.toName!, op.inode, whole ? seq : undefined);
  }

  #name(seq: number, directory: number, name: string, inode: number, group?: number): void {
    const apply = (image: CrashImage) => {
      const { names } = image.get(directory) as Node & { kind: "directory" };
      if (inode === 0) names.delete(name);
      else names.set(name, inode);
    };
    apply(this.#cache);
    this.#micros.push({ seq, place: `${directory}/${name}`, inode: directory, group, apply });
  }

  #data(seq: number, inode: number, sector: number, bytes: Uint8Array): void {
    const apply = (image: CrashImage) => {
      (image.get(inode) as Node & { kind: "file" }).sectors.set(sector, bytes);
    };
    this.#micros.push({ seq, place: `${inode}:${sector}`, inode, group: undefined, apply });
  }

  #size(seq: number, inode: number, size: number, cut: boolean): void {
    const apply = (image: CrashImage) => {
      const file = image.get(inode) as Node & { kind: "file" };
      if (cut && !this.#options.staleTail) cutSectors(file, size, this.#sectorBytes);
      file.size = size;
    };
    this.#micros.push({ seq, place: `${inode}#`, inode, group: undefined, apply });
  }

  #write(op: Op, seq: number): void {
    const file = this.#cache.get(op.inode) as Node & { kind: "file" };
    const bytes = op.bytes!;
    const offset = op.offset!;
    const end = offset + bytes.length;
    const size = this.#sectorBytes;
    for (let sector = Math.floor(offset / size); sector * size < end; sector++) {
      const old = file.sectors.get(sector);
      if (old === undefined && models[this.#options.model ?? "posix-ra"].exposesStaleSectors) {
        this.#data(seq, op.inode, sector, new Uint8Array(size).fill(POISON));
      }
      const now = old?.slice() ?? new Uint8Array(size);
      for (let i = 0; i < size; i++) {
        const at = sector * size + i;
        if (at >= offset && at < end) now[i] = bytes[at - offset]!;
      }
      file.sectors.set(sector, now);
      this.#data(seq, op.inode, sector, now);
    }
    for (let page = Math.floor(offset / 4096); page * 4096 < end; page++) {
      const reached = Math.min(end, (page + 1) * 4096);
      if (reached <= file.size) continue;
      file.size = reached;
      this.#size(seq, op.inode, reached, false);
    }
  }

  #truncate(op: Op, seq: number): void {
    const file = this.#cache.get(op.inode) as Node & { kind: "file" };
    if (op.offset === file.size) return;
    const cut = op.offset! < file.size;
    if (cut) cutSectors(file, op.offset!, this.#sectorBytes);
    file.size = op.offset!;
    this.#size(seq, op.inode, op.offset!, cut);
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
function forcedBy(trace: readonly Op[], micros: readonly MicroOp[]): Set<MicroOp> {
  const forced = new Set<MicroOp>();
  for (const [seq, op] of trace.entries()) {
    if (op.kind !== "sync" && op.kind !== "syncData") continue;
    for (const micro of micros) if (micro.seq < seq && micro.inode === op.inode) forced.add(micro);
  }
  for (let grown = -1; grown !== forced.size;) {
    grown = forced.size;
    for (const [i, micro] of micros.entries()) {
      if (!forced.has(micro)) continue;
      for (const [j, other] of micros.entries()) {
        const earlier = j < i && other.place === micro.place;
        const together = micro.group !== undefined && other.group === micro.group;
        if (earlier || together) forced.add(other);
      }
    }
  }
  return forced;
}

/** Every set of micro-ops that holds `forced`, is in order at each place, and keeps groups whole. */
function* legalSets(
  issued: readonly MicroOp[],
  forced: ReadonlySet<MicroOp>,
): Generator<Set<MicroOp>> {
  const chosen = new Set<MicroOp>();
  const skipped = new Set<string>();
  const absent = new Set<number>();
  const present = new Set<number>();
  function* decide(i: number): Generator<Set<MicroOp>> {
    const micro = issued[i];
    if (micro === undefined) {
      yield chosen;
      return;
    }
    const { place, group } = micro;
    const mayTake = !skipped.has(place) && !(group !== undefined && absent.has(group));
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
