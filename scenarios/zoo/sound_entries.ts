import { checkpointedLog } from "./checkpointed_log.ts";
import { compactLog } from "./compact_log.ts";
import { countedLog } from "./counted_log.ts";
import { groupCommitLog } from "./group_commit_log.ts";
import { indexedLog } from "./indexed_log.ts";
import { rewritingLog } from "./rewriting_log.ts";
import { everywhere, renaming, type ZooEntry } from "./zoo_entry.ts";

const expected = "holds";
/** Most sound logs replace a file by rename somewhere, which no protocol survives where it tears. */
const models = renaming;

/** What a checker must not call broken: the must-hold list, and the twin of every mistake. */
export const soundEntries: readonly ZooEntry[] = [
  {
    id: "base",
    title: "the compact log, acks on append",
    rule: "It keeps all rules.",
    expected,
    models,
    log: () => compactLog("base"),
  },
  {
    id: "base-sync",
    title: "the compact log, acks on sync",
    rule: "It keeps all rules.",
    expected,
    models,
    log: () => compactLog("base, acks on sync", { acks: "sync" }),
  },
  {
    id: "other-descriptor",
    title: "fsync through another descriptor of the same file",
    rule: "A barrier is about the file, not about the descriptor that wrote to it.",
    expected,
    models,
    log: () => compactLog("fsync through another descriptor", { barrier: "other descriptor" }),
  },
  {
    id: "fdatasync",
    title: "fdatasync after an append",
    rule: "fdatasync makes the bytes durable, and the size that is needed to read them.",
    expected,
    models,
    log: () => compactLog("fdatasync", { barrier: "fdatasync" }),
  },
  {
    id: "synchronous-descriptor",
    title: "O_SYNC descriptor",
    rule: "A write through a descriptor opened for synchronous writes needs no barrier behind it.",
    expected,
    models,
    log: () => compactLog("synchronous descriptor", { barrier: "synchronous descriptor" }),
  },
  {
    id: "preallocated",
    title: "preallocated segments with LSNs",
    rule: "Zeros behind the last frame are not frames.",
    expected,
    models,
    log: () => compactLog("preallocated", { acks: "sync", preallocate: true }),
  },
  {
    id: "eager-reader",
    title: "reads a whole segment in one call",
    rule: "How many calls a reader makes does not matter.",
    expected,
    models,
    log: () => compactLog("eager reader", { acks: "sync", reads: "segment" }),
  },
  {
    id: "repair-by-rename",
    title: "repair by sync, rename, directory sync",
    rule: "The repaired file is durable before it takes the place of the old one.",
    expected,
    models,
    log: () => compactLog("repair by rename", { acks: "sync", tail: "rewrite" }),
  },
  {
    id: "group-commit",
    title: "asynchronous group commit",
    rule: "One barrier may ack many appends, if all were written before it began.",
    expected,
    models: everywhere,
    log: () => groupCommitLog("group commit"),
  },
  {
    id: "batch-acks",
    title: "batch acks",
    rule: "Records may wait in memory until sync is called.",
    expected,
    models,
    log: () => compactLog("batch acks", { acks: "sync", batch: true }),
  },
  {
    id: "unstamped",
    title: "frames without LSN",
    rule: "Where no file is used twice, length and checksum are enough.",
    expected,
    models,
    log: () => compactLog("unstamped", { acks: "sync", stamp: false }),
  },
  {
    id: "segment-per-opening",
    title: "every opening begins a segment",
    rule: "A torn tail may stay where nothing is ever appended behind it.",
    expected,
    models,
    log: () => compactLog("segment per opening", { acks: "sync", tail: "new segment" }),
  },
  {
    id: "rewrites-at-opening",
    title: "copies the last segment at every opening",
    rule: "What the page cache shows need not be on the media, where a barrier has failed before.",
    expected,
    models,
    log: () => compactLog("rewrites at opening", { acks: "sync", tail: "rewrite always" }),
  },
  {
    id: "durable-mark",
    title: "notes how many records are durable",
    rule: "A log that ends before what was durable is damaged, not torn.",
    expected,
    models,
    log: () => compactLog("durable mark", { mark: "is kept" }),
  },
  {
    id: "recycled",
    title: "recycled segments with LSNs",
    rule: "An old frame in a reused file has the wrong LSN.",
    expected,
    models,
    log: () => compactLog("recycled", { recycle: true }),
  },
  {
    id: "rewriting",
    title: "forgets by rewriting",
    rule: "Sync, rename, directory sync.",
    expected,
    models,
    log: () => rewritingLog("forgets by rewriting"),
  },
  {
    id: "checkpointed",
    title: "checkpoints to a data file",
    rule: "Log, then data file, then an empty log, with a barrier after each.",
    expected,
    models: everywhere,
    log: () => checkpointedLog("checkpoints"),
  },
  {
    id: "indexed",
    title: "data and index",
    rule: "The payload is durable before the index points to it.",
    expected,
    models: everywhere,
    log: () => indexedLog("data and index"),
  },
  {
    id: "counted",
    title: "count at the head of the file",
    rule: "Payload, barrier, count, barrier.",
    expected,
    models: everywhere,
    log: () => countedLog("count in the file", { files: 1 }),
  },
  {
    id: "counted-two-files",
    title: "count in a file of its own",
    rule: "Payload, barrier, count, barrier.",
    expected,
    models: everywhere,
    log: () => countedLog("count in its own file", { files: 2 }),
  },
];
