/**
 * Persistence models as data: which crash states a disk may legally leave behind. Each column is a
 * property, each row a kind of disk with its file system. The simulated disk reads the columns; it
 * knows no model by name. Where sources disagree or nothing is promised, a row promises nothing.
 *
 * @module
 */

/** The names of the persistence models. */
export type ModelName =
  | "posix"
  | "posix-ra"
  | "ext4-ordered"
  | "ext4-writeback"
  | "ext4-journal"
  | "xfs"
  | "btrfs";

/**
 * What a barrier on a file or directory forces besides its own cells. `inode`: nothing.
 * `journal`: every change of names and every truncation issued so far, in whatever directory.
 * `everything`: everything issued so far. `log tree`: the pending names of the file, all that is
 * pending in the directories that hold them, and new directories above; all names where the file
 * was renamed or unlinked.
 */
export type BarrierReach = "inode" | "journal" | "everything" | "log tree";

/** What a failed barrier leaves behind (Rebello et al., ATC'20, tables 1 and 2). */
export interface FailedBarrier {
  /** R6: which barrier reports that a block could not be written. */
  readonly reportedBy: "this one" | "the next one";
  /** R2: names and sizes persist although a data block did not. */
  readonly metadataPersists: boolean;
  /** R5: the page cache goes back to what the media hold. Otherwise it keeps what was written. */
  readonly cacheReverts: boolean;
  /** R9: a file never ends in a block that could not be written. */
  readonly sizeWaits: boolean;
  /** R8: what a failed write of the journal makes of the file system. */
  readonly journalFailure: "read-only" | "shutdown";
}

/** One row of the table: what a kind of disk promises about a crash. */
export interface PersistenceModel {
  /** The name of the row, as the command line takes it. */
  readonly name: ModelName;
  /** What the row stands for, in one sentence. */
  readonly summary: string;
  /**
   * P9: a rename reaches the media whole or not at all. Otherwise its parts (the replaced name goes,
   * the old name goes, the new name comes) persist on their own.
   */
  readonly renameIsAtomic: boolean;
  /**
   * P7 fails: a sector that was allocated below the persisted size, but whose bytes were not
   * written out, may read as whatever lay there before (shown as the byte 0xDB), not only as NUL.
   */
  readonly exposesStaleSectors: boolean;
  /**
   * E3, P16: changes of names and truncations persist in the order in which they were issued, and
   * before any later growth of a file.
   */
  readonly namesAreOrdered: boolean;
  /** E4, P4 to P6: a file grows on the media only with the bytes that it grew by. */
  readonly sizeWaitsForData: boolean;
  /**
   * E4 for newly allocated blocks only, and only with the option `dioreadNolock: false`: ext4 then
   * writes a block before it allocates it.
   */
  readonly newBlocksMayWait: boolean;
  /** E5, P2: a block of 4096 bytes persists whole, also where a sector is smaller. */
  readonly blocksAreAtomic: boolean;
  /** E7, P10 to P12: everything persists in the order in which it was issued, block by block. */
  readonly everythingIsOrdered: boolean;
  /** P17 to P24: what a barrier forces besides the file or directory that it is called on. */
  readonly barrierReach: BarrierReach;
  /** P34: data carry checksums, so that silent damage reads as `EIO`. */
  readonly checksumsData: boolean;
  /** R1 to R9: what a failed barrier leaves behind; `undefined` where nobody says. */
  readonly failedBarrier: FailedBarrier | undefined;
  /** Where the row's properties are documented. */
  readonly sources: readonly string[];
}

/** A column of the table, in words. */
export interface ModelColumn {
  /** The field of {@linkcode PersistenceModel}. */
  readonly key: keyof PersistenceModel;
  /** The numbers of the properties in the project's notes on persistence semantics. */
  readonly id: string;
  /** The property, in a few words. */
  readonly title: string;
  /** Where it is documented or was measured. */
  readonly sources: readonly string[];
}

const ALICE = "Pillai et al., OSDI'14 (ALICE), table 1";
const FERRITE = "Bornholt et al., ASPLOS'16 (Ferrite)";
const REBELLO = "Rebello et al., ATC'20, tables 1 and 2";
const FSYNC = "man-pages fsync(2)";
const XFSTESTS = "xfstests generic/321, 322, 335, 336, 342, 520, 640, 785";

/** The columns of the table, in the order in which they are printed. */
export const modelColumns: readonly ModelColumn[] = [
  {
    key: "renameIsAtomic",
    id: "P9",
    title: "a rename persists whole or not at all",
    sources: [ALICE],
  },
  {
    key: "exposesStaleSectors",
    id: "not P7",
    title: "an allocated sector that was not written may show stale bytes",
    sources: [ALICE, "Linux, admin-guide/ext4: data=writeback"],
  },
  {
    key: "namesAreOrdered",
    id: "E3, P16",
    title: "names and truncations persist in order, before any later growth",
    sources: [ALICE, "LKML 2018-09-01: XFS and ext4 keep the order of renames"],
  },
  {
    key: "sizeWaitsForData",
    id: "E4, P4-P6",
    title: "a file grows on the media only with the bytes it grew by",
    sources: [FERRITE + ", figure 3", ALICE],
  },
  {
    key: "newBlocksMayWait",
    id: "E4 (dioreadNolock: false)",
    title: "the same for newly allocated blocks, with the option dioreadNolock: false",
    sources: [FERRITE + ", definition 7", "LKML 2022-09-01: ext4, dioread_nolock and rename"],
  },
  {
    key: "blocksAreAtomic",
    id: "E5, P2",
    title: "a block of 4096 bytes persists whole",
    sources: [ALICE],
  },
  {
    key: "everythingIsOrdered",
    id: "E7, P10-P12",
    title: "everything persists in the order in which it was issued",
    sources: [ALICE, "Linux, filesystems/ext4/journal: data=journal"],
  },
  {
    key: "barrierReach",
    id: "P17-P24",
    title: "what a barrier forces besides the cells of its file or directory",
    sources: [FSYNC, "Linux fs/ext4/fsync.c, fs/xfs/xfs_file.c", XFSTESTS],
  },
  {
    key: "checksumsData",
    id: "P34",
    title: "silent damage to data reads as EIO",
    sources: ["Ganesan et al., FAST'17"],
  },
  {
    key: "failedBarrier",
    id: "R1-R9",
    title: "what a failed barrier leaves behind",
    sources: [REBELLO],
  },
];

const minimum = {
  renameIsAtomic: false,
  exposesStaleSectors: true,
  namesAreOrdered: false,
  sizeWaitsForData: false,
  newBlocksMayWait: false,
  blocksAreAtomic: false,
  everythingIsOrdered: false,
  barrierReach: "inode",
  checksumsData: false,
  failedBarrier: undefined,
} as const;

const ext4 = {
  ...minimum,
  renameIsAtomic: true,
  namesAreOrdered: true,
  barrierReach: "journal",
} as const;

const linux: FailedBarrier = {
  reportedBy: "this one",
  metadataPersists: true,
  cacheReverts: false,
  sizeWaits: false,
  journalFailure: "read-only",
};

/**
 * The persistence models, by name. `posix-ra` is the default: the minimum that POSIX promises, plus
 * atomic directory operations, which 13 of the 16 configurations measured for ALICE have.
 *
 * @example
 * ```ts
 * import { models } from "../../mod.ts";
 *
 * console.log(models["posix-ra"].renameIsAtomic, models["xfs"].barrierReach); // true journal
 * ```
 */
export const models: Readonly<Record<ModelName, PersistenceModel>> = {
  "posix": {
    ...minimum,
    name: "posix",
    summary: "The minimum that POSIX promises: a rename may tear, and only fsync forces anything",
    sources: ["POSIX.1 fsync", ALICE + ", column ext2"],
  },
  "posix-ra": {
    ...minimum,
    name: "posix-ra",
    summary: "POSIX with atomic directory operations: the default",
    renameIsAtomic: true,
    sources: ["POSIX.1 fsync", ALICE + ": directory op atomic in 13 of 16"],
  },
  "ext4-ordered": {
    ...ext4,
    name: "ext4-ordered",
    summary: "ext4 as it is mounted by default: one journal for names, no stale bytes",
    exposesStaleSectors: false,
    newBlocksMayWait: true,
    failedBarrier: linux,
    sources: ["Linux, admin-guide/ext4", ALICE, FERRITE],
  },
  "ext4-writeback": {
    ...ext4,
    name: "ext4-writeback",
    summary: "ext4 with data=writeback: names are journalled, data come when they come",
    sources: ["Linux, admin-guide/ext4", ALICE],
  },
  "ext4-journal": {
    ...ext4,
    name: "ext4-journal",
    summary: "ext4 with data=journal: everything goes through the journal, in order",
    exposesStaleSectors: false,
    sizeWaitsForData: true,
    blocksAreAtomic: true,
    everythingIsOrdered: true,
    barrierReach: "everything",
    failedBarrier: { ...linux, reportedBy: "the next one" },
    sources: ["Linux, filesystems/ext4/journal", ALICE],
  },
  "xfs": {
    ...minimum,
    name: "xfs",
    summary: "XFS: names go through a log in order, and a file grows only with its bytes",
    renameIsAtomic: true,
    exposesStaleSectors: false,
    namesAreOrdered: true,
    sizeWaitsForData: true,
    barrierReach: "journal",
    failedBarrier: { ...linux, sizeWaits: true, journalFailure: "shutdown" },
    sources: ["Linux, fs/xfs/xfs_file.c", ALICE, FERRITE],
  },
  "btrfs": {
    ...minimum,
    name: "btrfs",
    summary: "btrfs: copy on write with checksums; a barrier logs one file and its names",
    renameIsAtomic: true,
    exposesStaleSectors: false,
    sizeWaitsForData: true,
    blocksAreAtomic: true,
    barrierReach: "log tree",
    checksumsData: true,
    failedBarrier: { ...linux, metadataPersists: false, cacheReverts: true, sizeWaits: true },
    sources: ["Linux, fs/btrfs/tree-log.c", ALICE, XFSTESTS],
  },
};

/** The byte that a stale sector reads as: what lay there before is not zeros, nor a valid frame. */
export const POISON = 0xdb;
