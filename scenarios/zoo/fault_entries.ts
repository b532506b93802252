/**
 * Mistakes 19 to 24, which show only where calls fail or media spoil what they hold. A power loss
 * alone shows nothing: without faults these logs hold.
 *
 * @module
 */
import { append, lives, sync } from "./commands.ts";
import { compactLog } from "./compact_log.ts";
import { renaming, without, type ZooEntry } from "./zoo_entry.ts";

/** Where barriers fail, the page cache is not to be believed: what is sound copies at every opening. */
const patient = { acks: "sync", tail: "rewrite always" } as const;
const expected = "violates";
/** Where everything goes through the journal, a failed write is told too late for any log. */
const told = without(renaming, "ext4-journal");
/** Where data carry checksums, damage reads as `EIO`, and every log stops at that. */
const silent = without(renaming, "btrfs");

/** Mistakes 19 to 24. */
export const faultEntries: readonly ZooEntry[] = [
  {
    id: "19",
    title: "failed barrier tried again",
    rule:
      "After a barrier that failed, nothing is known to be durable, and no later one repairs that.",
    source: "pragmatica 634, fsyncgate",
    expected,
    models: told,
    faultOptions: { callFaults: 1 },
    kill: "Append, and sync: it fails. Sync again: it succeeds, and the record is acked. Lose " +
      "power: the record was dropped when the first barrier failed.",
    shows: lives([append(24), sync, sync]),
    size: { commands: 3, lost: 1 },
    correct: "rewrites-at-opening",
    log: () => compactLog("19 barrier tried again", { ...patient, failedSync: "is tried again" }),
  },
  {
    id: "20",
    title: "short write not finished",
    rule: "A write that stored less than it was given is gone on with.",
    expected,
    models: told,
    faultOptions: { callFaults: 1 },
    kill: "Append and sync: the write stores half of the frame. Open: the acked record is torn.",
    shows: lives([append(24), sync, append(24), sync]),
    size: { commands: 2, lost: 0 },
    correct: "rewrites-at-opening",
    log: () => compactLog("20 short write", { ...patient, shortWrite: "is taken for whole" }),
  },
  {
    id: "21a",
    title: "half a frame acked",
    rule: "A frame for which there was no space is not acked.",
    expected,
    models: told,
    faultOptions: { callFaults: 1 },
    kill: "Append and sync: there is space for half of the frame, and the record is acked. Open: " +
      "it is torn.",
    shows: lives([append(24), sync, append(24), sync]),
    size: { commands: 2, lost: 0 },
    correct: "rewrites-at-opening",
    log: () => compactLog("21a half a frame acked", { ...patient, noSpace: "is acked" }),
  },
  {
    id: "21b",
    title: "frames behind half a frame",
    rule: "A frame for which there was no space is cut back before another is written.",
    expected,
    models: told,
    faultOptions: { faults: "write 1: short 20; write 2: ENOSPC" },
    kill:
      "Append: there is space for half of the frame, and the append fails. Append again, sync, " +
      "open: the acked record stands behind half a frame.",
    shows: lives([append(24), append(24), sync]),
    size: { commands: 3, lost: 0 },
    correct: "rewrites-at-opening",
    log: () => compactLog("21b behind half a frame", { ...patient, noSpace: "is left behind" }),
  },
  {
    id: "22",
    title: "damage cut as if it were a torn tail",
    rule: "What was durable once is not torn: damage there is refused.",
    source: "doltlite PR 1352",
    expected,
    models: silent,
    faultOptions: { mediaFaults: ["bit flip"] },
    kill: "Append three records. A bit of the second one flips. Open: one record is left.",
    shows: lives([append(24), append(24), append(24)]),
    size: { commands: 1, lost: 0 },
    correct: "durable-mark",
    log: () => compactLog("22 damage cut"),
  },
  {
    id: "23",
    title: "damaged first record discards the log",
    rule: "A log without a first record is not a new log.",
    source: "VelesDB PR 1393",
    expected,
    models: silent,
    faultOptions: { mediaFaults: ["bit flip"] },
    kill: "Append three records. A bit of the first one flips. Open: the log is taken for new.",
    shows: lives([append(24), append(24), append(24)]),
    size: { commands: 1, lost: 0 },
    correct: "durable-mark",
    log: () => compactLog("23 damaged first record", { mark: "counts only behind a first record" }),
  },
  {
    id: "24",
    title: "failed read taken for the end",
    rule: "A read that fails says nothing about what is there.",
    expected,
    models: renaming,
    faultOptions: { mediaFaults: ["unreadable sector"] },
    kill: "Append three records. Open, and the read of the second one fails: one record is left.",
    shows: lives([append(24), append(24), append(24)]),
    size: { commands: 1, lost: 0 },
    correct: "base",
    log: () => compactLog("24 failed read", { failedRead: "ends the log" }),
  },
];
