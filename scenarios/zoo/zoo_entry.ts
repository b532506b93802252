import type { LogUnderTest, Workload } from "../../mod.ts";

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
  /** The persistence models under which it must find that. Nothing is claimed about others. */
  readonly models: readonly string[];
  /** The crash that shows the mistake: the workload, and what persists of it. */
  readonly kill?: string;
  /** That workload. All of its crash states together show nothing in the `correct` log. */
  readonly shows?: Workload;
  /** The sound log that differs in this rule only. */
  readonly correct?: string;
  /** The log itself. */
  readonly log: () => LogUnderTest;
}

/** The default model: POSIX and atomic directory operations, no promise beyond. */
export const minimal: readonly string[] = ["posix-ra"];

/** The models on which a rename is atomic. What holds under the weakest holds under all of them. */
export const renaming: readonly string[] = [
  "posix-ra",
  "ext4-ordered",
  "ext4-writeback",
  "ext4-journal",
  "xfs",
  "btrfs",
];

/** All models: on none of them is anything durable before a call that promises it. */
export const everywhere: readonly string[] = ["posix", ...renaming];
