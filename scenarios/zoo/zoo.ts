/**
 * The bug zoo: mistakes that real logs shipped, each planted in a log that is correct otherwise,
 * and the sound logs beside them. A crash checker is trusted while it kills the first and holds
 * for the second.
 *
 * @module
 */
import { barrierEntries } from "./barrier_entries.ts";
import { faultEntries } from "./fault_entries.ts";
import { fileEntries } from "./file_entries.ts";
import { soundEntries } from "./sound_entries.ts";
import { tailEntries } from "./tail_entries.ts";
import { unfitEntries } from "./unfit_entries.ts";
import type { ZooEntry } from "./zoo_entry.ts";

export type { ZooEntry } from "./zoo_entry.ts";

/** Every log of the zoo: the broken ones by number, then the sound ones. */
export const zoo: readonly ZooEntry[] = [
  ...barrierEntries,
  ...tailEntries,
  ...fileEntries,
  ...faultEntries,
  ...unfitEntries,
  ...soundEntries,
];
