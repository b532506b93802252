import type { Command } from "../../mod.ts";
import { append, burst, forget, lives } from "./commands.ts";
import { checkpointedLog } from "./checkpointed_log.ts";
import { compactLog } from "./compact_log.ts";
import { countedLog } from "./counted_log.ts";
import { groupCommitLog } from "./group_commit_log.ts";
import { indexedLog } from "./indexed_log.ts";
import { rewritingLog } from "./rewriting_log.ts";
import { both, everywhere, renaming, unordered, without, type ZooEntry } from "./zoo_entry.ts";

/** Mistakes 13 to 18: several files, reused files, shared barriers. */
export const fileEntries: readonly ZooEntry[] = [
  {
    id: "13a",
    title: "old file removed before the new one has its name",
    rule: "The old file goes when the new one durably has its name, not before.",
    expected: "violates",
    models: renaming,
    kill:
      "Append two records, forget one, and lose power in it: the removal persists, the rename " +
      "does not.",
    shows: lives([append(24), append(24), forget(1)]),
    size: { commands: 3, lost: 0 },
    correct: "rewriting",
    log: () => rewritingLog("13a unlink first", "unlink, then rename"),
  },
  {
    id: "13b",
    title: "rename without sync of the new file",
    rule: "The new file is durable before it is renamed over the old one.",
    expected: "violates",
    // On btrfs a rename over a file may start the write-back of the new one: sources do not agree.
    models: without(both(renaming, unordered), "btrfs"),
    kill: "Append two records, forget one, and lose power: the rename persists, the bytes of the " +
      "new file do not.",
    shows: lives([append(24), append(24), forget(1)]),
    size: { commands: 3, lost: 1 },
    correct: "rewriting",
    log: () => rewritingLog("13b rename unsynced", "rename without sync"),
  },
  {
    id: "13c",
    title: "rename without directory sync",
    rule: "The directory is synced after the rename.",
    expected: "violates",
    models: renaming,
    kill: "Append two records, forget one, append a third, and lose power: the old file is back, " +
      "with what was forgotten and without the third.",
    shows: lives([append(24), append(24), forget(1), append(24)]),
    size: { commands: 2, lost: 1 },
    correct: "rewriting",
    log: () => rewritingLog("13c directory unsynced", "rename without directory sync"),
  },
  {
    id: "14a",
    title: "data file ahead of the log",
    rule: "The log is durable before a checkpoint touches the data file.",
    source: "turso PR 8101",
    expected: "violates",
    models: unordered,
    kill:
      "Append eight records, the fourth and the eighth make a checkpoint, and lose power in the " +
      "second: the header of the data file persists, its records and the log do not.",
    shows: lives([...Array<Command>(8).fill(append(24))]),
    size: { commands: 4, lost: 2 },
    correct: "checkpointed",
    log: () => checkpointedLog("14a data ahead of the log", { logFirst: false }),
  },
  {
    id: "14b",
    title: "index durable before the data",
    rule: "The payload is durable before the index points to it.",
    source: "event-storage 31",
    expected: "violates",
    models: everywhere,
    kill: "Append one record and lose power between the two barriers: the entry is durable, the " +
      "payload is not.",
    shows: lives([append(24)]),
    size: { commands: 1, lost: 0 },
    correct: "indexed",
    log: () => indexedLog("14b index before data", { dataFirst: false }),
  },
  {
    id: "15",
    title: "recycled segment with valid old frames",
    rule: "A frame carries its LSN or the number of its segment, and the reader checks it.",
    expected: "violates",
    models: everywhere,
    kill:
      "Append two records of 700 bytes (a segment each), forget one, append a third, and lose " +
      "power when the old file has its new name: the forgotten record is read as the third.",
    shows: lives([append(700), append(700), forget(1), append(700)]),
    size: { commands: 4, lost: 0 },
    correct: "recycled",
    log: () => compactLog("15 recycled, unstamped", { recycle: true, stamp: false }),
  },
  {
    id: "16a",
    title: "acks those who joined after the barrier began",
    rule: "A barrier acks only appends that were written before it began.",
    expected: "violates",
    models: everywhere,
    kill: "Append two records at once and lose power: the second joined while the barrier of the " +
      "first was under way, and was acked with it.",
    shows: lives([burst(2)]),
    size: { commands: 2, lost: 1 },
    correct: "group-commit",
    log: () => groupCommitLog("16a acks late joiners", "waiting after the barrier"),
  },
  {
    id: "16b",
    title: "acks a buffered write",
    rule: "An ack waits for the barrier, also where the barrier runs in the background.",
    expected: "violates",
    models: everywhere,
    kill: "Append one record and lose power after its ack, before the barrier in the background.",
    shows: lives([append(24)]),
    size: { commands: 1, lost: 1 },
    correct: "group-commit",
    log: () => groupCommitLog("16b acks a buffered write", "once written"),
  },
  {
    id: "17",
    title: "count written, then no barrier",
    rule: "A barrier follows the header that makes the record count.",
    expected: "violates",
    models: everywhere,
    kill: "Append one record and lose power: the payload is durable, the count is not.",
    shows: lives([append(24)]),
    size: { commands: 1, lost: 1 },
    correct: "counted",
    log: () => countedLog("17 count unsynced", { files: 1, barriers: "payload only" }),
  },
  {
    id: "18",
    title: "two files without order",
    rule: "A file is durable before another one makes a claim about it.",
    expected: "violates",
    models: unordered,
    kill:
      "Append one record and lose power before both barriers: the count persists, the payload " +
      "does not.",
    shows: lives([append(24)]),
    size: { commands: 1, lost: 1 },
    correct: "counted-two-files",
    log: () => countedLog("18 two files unordered", { files: 2, barriers: "both at the end" }),
  },
];
