/**
 * Logs of other designs, sound and broken, that are not on the list of the zoo. They show whether a
 * checker has been tuned to the zoo.
 *
 * @module
 */
import { append, forget, lives, reopen, sync } from "./commands.ts";
import { blockLog } from "./block_log.ts";
import { compactLog } from "./compact_log.ts";
import { countedLog } from "./counted_log.ts";
import { pointerLog } from "./pointer_log.ts";
import { recordFilesLog } from "./record_files_log.ts";
import { rollingLog } from "./rolling_log.ts";
import { slotLog } from "./slot_log.ts";
import {
  bare,
  both,
  everywhere,
  renaming,
  scattered,
  unordered,
  without,
  type ZooEntry,
} from "./zoo_entry.ts";

const sound: readonly ZooEntry[] = [
  {
    id: "slots",
    title: "slots behind two headers",
    rule: "Headers are written in turn, and every opening has a number.",
    expected: "holds",
    models: everywhere,
    log: () => slotLog("slots"),
  },
  {
    id: "blocks",
    title: "whole blocks with a commit mark",
    rule: "Checksum and mark must both be right.",
    expected: "holds",
    models: everywhere,
    log: () => blockLog("blocks"),
  },
  {
    id: "record-files",
    title: "a file for every record",
    rule: "A name is given only to a file that is whole.",
    expected: "holds",
    models: renaming,
    log: () => recordFilesLog("record files"),
  },
  {
    id: "rolling",
    title: "three records to a file",
    rule: "The handle that was written to is the one that is synced.",
    expected: "holds",
    models: everywhere,
    log: () => rollingLog("rolling"),
  },
  {
    id: "pointer",
    title: "generations and a pointer",
    rule: "The pointer moves by rename.",
    expected: "holds",
    models: renaming,
    log: () => pointerLog("pointer"),
  },
];

const broken: readonly ZooEntry[] = [
  {
    id: "wrong-handle",
    title: "syncs the handle of an earlier file",
    rule: "The handle that was written to is the one that is synced.",
    expected: "violates",
    models: unordered,
    kill: "Append four records and lose power: the fourth is in the second file, never synced.",
    shows: lives([append(24), append(24), append(24), append(24)]),
    size: { commands: 4, lost: 1 },
    correct: "rolling",
    log: () => rollingLog("wrong handle", "the first one opened"),
  },
  {
    id: "count-with-payload",
    title: "count and payload under one barrier",
    rule: "The payload is durable before the count is written.",
    expected: "violates",
    models: unordered,
    kill: "Append three records and lose power before the last barrier: the count persists, the " +
      "payload does not.",
    shows: lives([append(24), append(24), append(24)]),
    size: { commands: 1, lost: 1 },
    correct: "counted",
    log: () => countedLog("count with payload", { files: 1, barriers: "both at the end" }),
  },
  {
    id: "both-headers-at-once",
    title: "both headers under one barrier",
    rule: "One header stays whole while the other is written.",
    expected: "violates",
    // On btrfs a header is overwritten whole or not at all.
    models: without(unordered, "btrfs"),
    kill: "Append one record, open again, and lose power in it: the first sector of each header " +
      "persists, the second does not, and both are torn.",
    shows: lives([append(24), reopen]),
    size: { commands: 1, lost: 2 },
    correct: "slots",
    log: () => slotLog("both headers at once", "both at once"),
  },
  {
    id: "mark-without-checksum",
    title: "a commit mark instead of a checksum",
    rule: "A mark written under the same barrier as its record proves nothing about it.",
    expected: "violates",
    models: scattered,
    kill: "Append 1,000 bytes and lose power: first sector and mark persist, the second sector " +
      "does not.",
    shows: lives([append(1000)]),
    size: { commands: 1, lost: 1 },
    correct: "blocks",
    log: () => blockLog("mark without checksum", { checked: false }),
  },
  {
    id: "cut-unsynced",
    title: "cuts the torn tail without a barrier",
    rule: "The cut is durable before anything is appended over it.",
    expected: "violates",
    // With a journal, syncing the directory may make the cut durable.
    models: bare,
    kill: "Append, sync, append twice, and lose power so that only the last persists. Open, " +
      "append, and lose power: the size from before the cut persists, the new record persists, " +
      "and the discarded one is back behind it.",
    shows: lives([append(24), sync, append(24), append(24)], [append(24)]),
    size: { commands: 3, lost: 2 },
    correct: "blocks",
    log: () => blockLog("cut unsynced", { syncCut: false }),
  },
  {
    id: "directory-before-rename",
    title: "directory synced before the rename",
    rule: "The directory is synced after the name has changed.",
    expected: "violates",
    models: renaming,
    kill: "Append one record and lose power: the file is durable under the name of the draft.",
    shows: lives([append(24)]),
    size: { commands: 1, lost: 1 },
    correct: "record-files",
    log: () => recordFilesLog("directory before rename", "sync, sync directory, rename"),
  },
  {
    id: "directory-only",
    title: "directory synced, file not",
    rule: "Syncing a directory makes names durable, not what the files hold.",
    expected: "violates",
    models: both(renaming, unordered),
    kill: "Append one record and lose power: its name is durable, its bytes are not.",
    shows: lives([append(24)]),
    size: { commands: 1, lost: 1 },
    correct: "record-files",
    log: () => recordFilesLog("directory only", "rename, sync directory"),
  },
  {
    id: "front-ahead",
    title: "forgets ahead of the log",
    rule: "Records are durable before the mark that forgets them is.",
    expected: "violates",
    models: unordered,
    kill:
      "Append two records without sync, forget both, and lose power: the mark is durable, the " +
      "records are not. Open, append, sync, open: the new record has a forgotten LSN.",
    shows: lives([append(24), append(24), forget(2)], [append(24), sync, reopen]),
    size: { commands: 2, lost: 1 },
    correct: "base-sync",
    log: () => compactLog("front ahead", { acks: "sync", syncBeforeFront: false }),
  },
  {
    id: "pointer-in-place",
    title: "pointer overwritten in place",
    rule: "The pointer moves by rename.",
    expected: "violates",
    models: renaming,
    kill:
      "Append three records, forget one, forget another, and lose power in it: the pointer has " +
      "been cut to nothing and not yet written. An empty pointer means the first generation.",
    shows: lives([append(24), append(24), append(24), forget(1), forget(1)]),
    size: { commands: 3, lost: 1 },
    correct: "pointer",
    log: () => pointerLog("pointer in place", "in place"),
  },
];

/** The sound logs, then the broken ones. */
export const outsiders: readonly ZooEntry[] = [...sound, ...broken];
