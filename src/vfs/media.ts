/**
 * What goes wrong with media after a write was acknowledged: a bit flips, a sector rots or cannot be
 * read, a write was lost or went elsewhere although the device said that it was done.
 *
 * METHOD. At most one such fault happens in a run, and only to what is read: whenever a sector is
 * read from the media for the first time, the search forks over "sound" and every way in which this
 * sector may be damaged. So each sector of each file gets its turn, in every crash state that leads
 * to reading it. Where the model checksums data, whatever is wrong with a sector reads as `EIO`.
 * Bits are flipped at {@linkcode FLIPS} places of a sector, not at all of them; a misdirected write
 * lands one sector before or behind its own.
 *
 * @module
 */
import { Cell } from "./cell.ts";
import type { Chooser } from "./disk.ts";
import type { Inode } from "./inode.ts";
import type { Life } from "./life.ts";

/** What may be wrong with a sector that was durable. */
export type MediaFaultKind =
  /** One bit has changed. */
  | "bit flip"
  /** The whole sector is garbage. */
  | "rotten sector"
  /** Reading the sector fails with `EIO` (a latent sector error). */
  | "unreadable sector"
  /** A write was acknowledged and never made: the sector is as it was before. */
  | "lost write"
  /** A write was acknowledged, and went to the place of another sector. */
  | "misdirected write";

/** Every kind of media fault. */
export const mediaFaultKinds: readonly MediaFaultKind[] = [
  "bit flip",
  "rotten sector",
  "unreadable sector",
  "lost write",
  "misdirected write",
];

/** A fault at a place that is known beforehand. */
export interface MediaFault {
  /** What is wrong. */
  readonly kind: MediaFaultKind;
  /** The file. */
  readonly inode: number;
  /** Where, in bytes; a bit flip is in this byte. */
  readonly offset: number;
  /** How many bytes. Default: the sector. */
  readonly length?: number;
  /** Where a misdirected write went. */
  readonly to?: { readonly inode: number; readonly offset: number };
}

/** How many bits of a sector are flipped, one at a time. */
export const FLIPS = 16;

/** What a damaged sector shows: bytes, garbage (`null`), or nothing at all. */
export type Shown = Uint8Array | null | "unreadable";

/** A sector as it is read from the media. */
export interface SectorRead {
  /** The file. */
  readonly file: Inode;
  /** Which sector (or block) of the file. */
  readonly sector: number;
  /** The life whose write it holds. */
  readonly life: number;
  /** Which version of the cell of that life. */
  readonly version: number;
  /** Whether the sector behind it has been read since the power came back. */
  readonly nextIsRead: boolean;
}

interface Damage {
  readonly inode: number;
  readonly sector: number;
  /** Writes of later lives have repaired it. */
  readonly life: number;
  readonly shows: (read: SectorRead, surroundings: Surroundings) => Shown;
}

/** What is around a sector that is read. */
interface Surroundings {
  /** All files and directories, by number. */
  readonly inodes: readonly (Inode | undefined)[];
  /** The running life. */
  readonly life: Life;
  /** Who decides. */
  readonly chooser: Chooser;
  /** Whether the file system notices what is wrong with data. */
  readonly checksums: boolean;
}

/** The faults of a disk's media: some that are given, or one that the search places. */
export class Media {
  readonly #kinds: readonly MediaFaultKind[];
  readonly #given: readonly Damage[];
  #damages: Damage[];
  readonly #asked = new Set<string>();
  #struck = false;

  /**
   * Media with faults.
   *
   * @param faults Kinds, of which the search places one at a time; or faults at given places.
   * @param cellBytes Size of a sector, or of a block where the model keeps blocks whole.
   */
  constructor(
    faults: { readonly kinds: readonly MediaFaultKind[] } | { readonly given: MediaFault[] },
    cellBytes: number,
  ) {
    this.#kinds = "kinds" in faults ? faults.kinds : [];
    this.#given = "given" in faults
      ? faults.given.flatMap((fault) => givenDamage(fault, cellBytes))
      : [];
    this.#damages = [...this.#given];
  }

  /** Whether something that is damaged was read in this run. */
  get struck(): boolean {
    return this.#struck;
  }

  /**
   * Begins a run: all is sound again, but for what was given.
   *
   * @internal
   */
  rewind(): void {
    this.#struck = false;
    this.#asked.clear();
    this.#damages = [...this.#given];
  }

  /**
   * What a sector shows where it is damaged; `undefined` where it is sound. May ask `chooser`.
   *
   * @internal
   */
  read(read: SectorRead, surroundings: Surroundings): Shown | undefined {
    const { file, sector, life } = read;
    const damage =
      this.#damages.find((damage) =>
        damage.inode === file.number && damage.sector === sector && life <= damage.life
      ) ?? this.#place(read, surroundings);
    if (damage === undefined) return undefined;
    this.#struck = true;
    return surroundings.checksums ? "unreadable" : damage.shows(read, surroundings);
  }

  #place(read: SectorRead, { life: running, chooser }: Surroundings): Damage | undefined {
    const { file, sector, life } = read;
    const place = `${file.number}:${sector}:${life}`;
    if (this.#kinds.length === 0 || this.#damages.length > 0 || this.#asked.has(place)) {
      return undefined;
    }
    this.#asked.add(place);
    const ways = this.#kinds.flatMap((kind) => WAYS[kind](read));
    if (ways.length === 0) return undefined;
    const words = [...ways.map((way) => way.words), "sound"];
    const cell = new Cell(running, "damage", file.number, sector);
    cell.fork(words);
    const way = ways[chooser.choose(cell, 0, ways.length, undefined)];
    if (way === undefined) return undefined;
    this.#damages = way.damages;
    return way.damages.find((damage) => damage.sector === sector);
  }
}

/** One way in which a sector may be damaged; a misdirected write damages two. */
interface Way {
  readonly words: string;
  readonly damages: Damage[];
}

const WAYS: Readonly<Record<MediaFaultKind, (read: SectorRead) => Way[]>> = {
  "bit flip": (read) => {
    const bytes = contentOf(read);
    return bytes === null ? [] : flipsOf(bytes).map((at) => {
      return { words: `a bit of byte ${at} has flipped`, damages: [here(read, flipped(at))] };
    });
  },
  "rotten sector": (read) => [{ words: "it is garbage", damages: [here(read, () => null)] }],
  "unreadable sector": (read) => [
    { words: "it cannot be read", damages: [here(read, () => "unreadable")] },
  ],
  "lost write": (read) => [
    { words: "the last write to it was lost", damages: [here(read, before)] },
  ],
  "misdirected write": (read) => {
    const { file, sector, life, nextIsRead } = read;
    const next = file.sectorCells[life]?.[sector + 1];
    if (next === undefined || nextIsRead) return [];
    const at = { inode: file.number, sector: sector + 1, life };
    const bytes = next.values[next.newest] as Uint8Array | null;
    return [
      {
        words: `the last write to it went to sector ${sector + 1}`,
        damages: [here(read, before), { ...at, shows: () => contentOf(read) }],
      },
      {
        words: `the last write to sector ${sector + 1} went to it`,
        damages: [here(read, () => bytes), { ...at, shows: before }],
      },
    ];
  },
};

function here({ file, sector, life }: SectorRead, shows: Damage["shows"]): Damage {
  return { inode: file.number, sector, life, shows };
}

function contentOf({ file, sector, life, version }: SectorRead): Uint8Array | null {
  return file.sectorCells[life]![sector]!.values[version] as Uint8Array | null;
}

/** What the sector held before its last write: zeros where it had never been written. */
function before({ file, sector, life, version }: SectorRead): Uint8Array | null {
  const cell = file.sectorCells[life]![sector]!;
  if (version > 1) return cell.values[version - 1] as Uint8Array | null;
  for (let earlier = life - 1; earlier >= 0; earlier--) {
    const cell = file.sectorCells[earlier]?.[sector];
    if (cell !== undefined && cell.chosen > 0) {
      return cell.values[cell.chosen] as Uint8Array | null;
    }
  }
  const { length } = (cell.values[cell.newest] ?? new Uint8Array(0)) as Uint8Array;
  return new Uint8Array(length);
}

function flipped(at: number): Damage["shows"] {
  return (read) => {
    const bytes = contentOf(read)?.slice() ?? null;
    if (bytes !== null) bytes[at]! ^= 1 << (at & 7);
    return bytes;
  };
}

/** Where bits are flipped: evenly over what is not padding at the end. */
function flipsOf(bytes: Uint8Array): number[] {
  const used = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const count = Math.min(used, FLIPS);
  return Array.from({ length: count }, (_, i) => Math.floor(i * used / count));
}

function givenDamage(fault: MediaFault, cellBytes: number): Damage[] {
  const { kind, inode, offset, length = 1, to } = fault;
  const first = Math.floor(offset / cellBytes);
  const last = Math.floor((offset + length - 1) / cellBytes);
  const damages: Damage[] = [];
  for (let sector = first; sector <= last; sector++) {
    const at = { inode, sector, life: 0 };
    if (kind === "bit flip") damages.push({ ...at, shows: flipped(offset % cellBytes) });
    else if (kind === "rotten sector") damages.push({ ...at, shows: () => null });
    else if (kind === "unreadable sector") damages.push({ ...at, shows: () => "unreadable" });
    else damages.push({ ...at, shows: before });
    if (to === undefined) continue;
    const landed = Math.floor(to.offset / cellBytes) + sector - first;
    damages.push({
      inode: to.inode,
      sector: landed,
      life: 0,
      shows: (_read, { inodes }) => {
        const cell = inodes[inode]!.sectorCells[0]![sector]!;
        return cell.values[cell.forced] as Uint8Array | null;
      },
    });
  }
  return damages;
}
