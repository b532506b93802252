import type { CheckOptions, LogUnderTest, ModelName, Workload } from "../../mod.ts";

/** One log of the zoo and what a crash checker must say about it. */
export interface ZooEntry {
  /** Number and letter of the mistake; words for a sound log. */
  readonly id: string;
  /** What the log does, in a few words. */
  readonly title: string;
  /** The one rule that it breaks (or, when it is sound, what it shows), in one sentence. */
  readonly rule: string;
  /** The public issue where a real log made this mistake. */
  readonly source?: string;
  /** What a crash checker must find. */
  readonly expected: "violates" | "holds" | "harness-broken";
  /**
   * The persistence models under which it must find that. About the others nothing is claimed: the
   * mistake does no harm there, the sound twin fails too, or sources do not agree.
   */
  readonly models: readonly ModelName[];
  /** The crash that shows the mistake: the workload, and what persists of it. */
  readonly kill?: string;
  /** That workload. All of its crash states together show nothing in the `correct` log. */
  readonly shows?: Workload;
  /**
   * How small a finding from the workloads for every log must become: its commands, and the cells
   * that its crash has lost. Most take one or two appends, one crash and one lost cell.
   */
  readonly size?: { readonly commands: number; readonly lost: number };
  /** What goes wrong besides the power, without which the mistake does not show. */
  readonly faultOptions?: Pick<CheckOptions, "callFaults" | "faults" | "mediaFaults">;
  /** The size of a sector with which all of those are quickly covered. Default: 512 bytes. */
  readonly sectorBytes?: 4096;
  /** The sound log that differs in this rule only. */
  readonly correct?: string;
  /** The log itself. */
  readonly log: () => LogUnderTest;
}

/** The models on which a rename is atomic (P9). What holds under the weakest holds under all. */
export const renaming: readonly ModelName[] = [
  "posix-ra",
  "ext4-ordered",
  "ext4-writeback",
  "ext4-journal",
  "xfs",
  "btrfs",
];

/** All models: on none of them is anything durable before a call that promises it (P32). */
export const everywhere: readonly ModelName[] = ["posix", ...renaming];

/** The models on which a barrier forces nothing but what it was called on (P17 and P18 fail). */
export const bare: readonly ModelName[] = ["posix", "posix-ra"];

/**
 * The models on which a file may be left with its new size and old bytes, or with a later sector and
 * not an earlier one (P4 fails, and P2 for a page that grows).
 */
export const scattered: readonly ModelName[] = [
  "posix",
  "posix-ra",
  "ext4-ordered",
  "ext4-writeback",
];

/**
 * The models on which what was written to one file, or over old bytes, does not wait for what was
 * written to another before (P12 fails). Where data goes through the journal, it does.
 */
export const unordered: readonly ModelName[] = [...scattered, "xfs", "btrfs"];

/**
 * The models that are in one list and in another.
 *
 * @param models The one list.
 * @param others The other.
 * @returns What both have.
 */
export function both(models: readonly ModelName[], others: readonly ModelName[]): ModelName[] {
  return models.filter((model) => others.includes(model));
}

/**
 * The models of a list without some.
 *
 * @param models The list.
 * @param exempt The models about which nothing is claimed.
 * @returns The rest.
 */
export function without(models: readonly ModelName[], ...exempt: ModelName[]): ModelName[] {
  return models.filter((model) => !exempt.includes(model));
}
