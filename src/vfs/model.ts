/**
 * Persistence models as data: which crash states a disk may legally leave behind. Each column is a
 * property of the table in the project's notes on file-system semantics (the P numbers), each row a
 * kind of disk. The simulated disk reads the columns; it knows no model by name.
 *
 * @module
 */

/** The names of the persistence models. */
export type ModelName = "posix" | "posix-ra";

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
  /** Where the row's properties are documented. */
  readonly sources: readonly string[];
}

/**
 * The persistence models, by name. `posix-ra` is the default: the minimum that POSIX promises, plus
 * atomic directory operations, which 13 of the 16 configurations measured for ALICE have.
 *
 * @example
 * ```ts
 * import { models } from "../../mod.ts";
 *
 * console.log(models["posix-ra"].renameIsAtomic); // true
 * ```
 */
export const models: Readonly<Record<ModelName, PersistenceModel>> = {
  "posix": {
    name: "posix",
    summary: "The minimum that POSIX promises: a rename may tear, and only fsync forces anything",
    renameIsAtomic: false,
    exposesStaleSectors: true,
    sources: ["POSIX.1 fsync", "Pillai et al., OSDI'14, table 1, column ext2"],
  },
  "posix-ra": {
    name: "posix-ra",
    summary: "POSIX with atomic directory operations: the default",
    renameIsAtomic: true,
    exposesStaleSectors: true,
    sources: ["POSIX.1 fsync", "Pillai et al., OSDI'14, table 1: directory op atomic in 13 of 16"],
  },
};

/** The byte that a stale sector reads as: what lay there before is not zeros, nor a valid frame. */
export const POISON = 0xdb;
