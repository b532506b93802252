import { append, kill, lives, reopen, sync } from "./commands.ts";
import { compactLog } from "./compact_log.ts";
import { both, everywhere, renaming, scattered, unordered, type ZooEntry } from "./zoo_entry.ts";

const acks = "sync";

/** Mistakes 5 to 12: what counts as a frame, and what recovery does where frames end. */
export const tailEntries: readonly ZooEntry[] = [
  {
    id: "5a",
    title: "no checksum",
    rule: "A frame proves that it is whole.",
    expected: "violates",
    models: scattered,
    kill: "Append 1,000 bytes and lose power: size and first sector persist, the second does not.",
    shows: lives([append(1000)]),
    size: { commands: 1, lost: 1 },
    correct: "base-sync",
    log: () => compactLog("5a no checksum", { acks, checksum: "none" }),
  },
  {
    id: "5b",
    title: "checksum that zeros satisfy",
    rule: "A run of zeros is not a frame.",
    expected: "violates",
    models: scattered,
    kill: "Append one record and lose power: the size persists, the bytes do not. Sixteen zeros " +
      "are then an empty record with the right sum.",
    shows: lives([append(24)]),
    size: { commands: 1, lost: 1 },
    correct: "unstamped",
    log: () => compactLog("5b checksum of zeros", { acks, checksum: "sum", stamp: false }),
  },
  {
    id: "5c",
    title: "checksum over a part of the frame",
    rule: "The checksum covers the whole frame.",
    expected: "violates",
    models: scattered,
    kill: "Append 1,000 bytes and lose power: size and first sector persist, the second does not.",
    shows: lives([append(1000)]),
    size: { commands: 1, lost: 1 },
    correct: "base-sync",
    log: () => compactLog("5c checksum over a part", { acks, checksum: "crc of 64 bytes" }),
  },
  {
    id: "6",
    title: "torn tail kept",
    rule: "Nothing is appended behind a torn tail in the same segment.",
    source: "cqlite 1390",
    expected: "violates",
    models: scattered,
    kill: "Append one record and lose power so that only the size persists. Open, append, sync, " +
      "open again: the acked record stands behind bytes that end the reading.",
    shows: lives([append(24)], [append(24), sync, reopen]),
    size: { commands: 1, lost: 1 },
    correct: "base-sync",
    log: () => compactLog("6 torn tail kept", { acks, tail: "append behind" }),
  },
  {
    id: "7",
    title: "torn tail overwritten, not erased",
    rule: "What follows the torn frame is erased as well.",
    expected: "violates",
    models: scattered,
    kill:
      "Append 300 bytes, sync, append 300 bytes twice, and lose power: the first sector stays " +
      "as synced, the second persists, so the second record is torn and the third whole. Open, " +
      "append 300 bytes, sync, open: the third record is back.",
    shows: lives([append(300), sync, append(300), append(300)], [append(300), sync, reopen]),
    size: { commands: 4, lost: 1 },
    correct: "base-sync",
    log: () => compactLog("7 torn tail overwritten", { acks, tail: "overwrite" }),
  },
  {
    id: "8",
    title: "bad frame skipped",
    rule: "The first bad frame ends the log.",
    source: "rocksdb 13169",
    expected: "violates",
    models: scattered,
    kill: "Append three records of 300 bytes and lose power: the first sector persists as after " +
      "the first record, the second as after the third. The second record is torn, the third shown.",
    shows: lives([append(300), append(300), append(300)]),
    size: { commands: 3, lost: 1 },
    correct: "eager-reader",
    log: () =>
      compactLog("8 bad frame skipped", { acks, reads: "segment", badFrame: "is skipped" }),
  },
  {
    id: "9a",
    title: "open throws on a torn header",
    rule: "A torn tail is cut, not refused.",
    source: "samyama-graph PR 1335",
    expected: "violates",
    models: everywhere,
    kill: "Append one record of more than a page and lose power: its first page persists, and " +
      "the frame does not fit the file. Open throws.",
    shows: lives([append(4090)]),
    sectorBytes: 4096,
    size: { commands: 1, lost: 1 },
    correct: "base-sync",
    log: () =>
      compactLog("9a throws on a torn header", { acks, badFrame: "throws when its header is bad" }),
  },
  {
    id: "9b",
    title: "open throws on a torn body",
    rule: "A torn tail is cut, not refused.",
    source: "mysticeti 219",
    expected: "violates",
    models: scattered,
    kill: "Append 1,000 bytes and lose power: size and first sector persist, the second does " +
      "not. Open throws.",
    shows: lives([append(1000)]),
    size: { commands: 1, lost: 1 },
    correct: "base-sync",
    log: () =>
      compactLog("9b throws on a torn body", { acks, badFrame: "throws when its body is bad" }),
  },
  {
    id: "10a",
    title: "old torn tail hides a later segment",
    rule: "Where every opening begins a segment, a torn tail ends only its own.",
    source: "acoustid-index PR 157",
    expected: "violates",
    models: scattered,
    kill:
      "Append a record, sync, append another and lose power so that it is torn. Open, append, " +
      "sync, open again: the new segment is not read.",
    shows: lives([append(24), sync, append(24)], [append(24), sync, reopen]),
    size: { commands: 2, lost: 1 },
    correct: "segment-per-opening",
    log: () =>
      compactLog("10a old torn tail hides", {
        acks,
        tail: "new segment",
        readBehindTornTail: false,
      }),
  },
  {
    id: "10b",
    title: "empty last segment takes another with it",
    rule: "An empty last segment costs nothing but itself.",
    source: "acoustid-index PR 157",
    expected: "violates",
    models: everywhere,
    kill: "Append until the segment changes and lose power before the new one has a byte: the " +
      "acked records of the one before are not shown.",
    shows: lives([append(700), append(700)]),
    size: { commands: 2, lost: 1 },
    correct: "base",
    log: () => compactLog("10b empty last segment", { keepBeforeEmpty: false }),
  },
  {
    id: "11",
    title: "repair without a barrier before the rename",
    rule: "The repaired file is durable before it takes the place of the old one.",
    expected: "violates",
    models: both(renaming, scattered),
    kill:
      "Append, sync, append, and lose power so that the tail is torn. Lose power again in the " +
      "repair: the rename persists, the bytes of the new file do not.",
    shows: lives([append(24), sync, append(24)], []),
    size: { commands: 3, lost: 2 },
    correct: "repair-by-rename",
    log: () => compactLog("11 repair unsynced", { acks, tail: "rewrite without a barrier" }),
  },
  {
    id: "12",
    title: "shows what it has not made durable",
    rule: "Records are durable before they are shown.",
    source: "kuzu PR 5843",
    expected: "violates",
    // Where data goes through the journal, syncing the directory may make the record durable.
    models: unordered,
    kill: "Append one record without sync, end the process (the page cache stays), open: it is " +
      "shown. Then lose power: it is gone.",
    shows: lives([append(24), kill]),
    size: { commands: 2, lost: 1 },
    correct: "base-sync",
    log: () => compactLog("12 shows the volatile", { acks, syncShown: false }),
  },
];
