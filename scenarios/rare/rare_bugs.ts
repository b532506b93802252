/**
 * Rare mistakes: logs that break their promise only after several steps that seldom come together.
 *
 * @module
 */
import { appendsOf, type Command, type LogUnderTest, type Workload } from "../../mod.ts";
import { append, forget, kill, reopen, sync } from "../zoo/commands.ts";
import { logUnderTest, type OpenLog } from "../zoo/open_log.ts";
import { pagedIndexLog } from "./paged_index_log.ts";
import { SegmentedLog, type SegmentedOptions } from "./segmented_log.ts";

/** What a run does to a log. */
export interface Run {
  /** The commands. */
  readonly workload: Workload;
  /** The calls of the first life that fail. */
  readonly faults: string;
  /** The disk: it may be small. */
  readonly disk: { readonly capacityBytes?: number | undefined };
}

/** A log with a rare mistake, and the same log without it. */
export interface RareBug {
  /** A short name. */
  readonly id: string;
  /** What goes wrong, and when. */
  readonly story: string;
  /** Where a real log had such a mistake. */
  readonly source: string;
  /** The log with the mistake. */
  readonly log: LogUnderTest<OpenLog>;
  /** The log without it. */
  readonly sound: LogUnderTest<OpenLog>;
  /** A small run that shows it. */
  readonly shownBy: Run;
  /** Whether a run can show it at all: what it needs at least. */
  readonly mayShow: (run: Run) => boolean;
}

/** How many bytes a run appends. */
function bytesOf({ workload }: Run): number {
  return appendsOf(workload).reduce((sum, bytes) => sum + bytes, 0);
}

/** How many records a run appends. */
function recordsOf({ workload }: Run): number {
  return appendsOf(workload).length;
}

/** How often a run asks the log to forget. */
function timesForgetting({ workload }: Run): number {
  return JSON.stringify(workload).split('"truncateFront"').length - 1;
}

/** How often a run opens the log at most: a recovery may be cut twice, and what comes last opens it, too. */
function opensOf({ workload: { lives } }: Run): number {
  const opening = lives.flat().filter((command) => /reopen|kill/.test(command.do)).length;
  return opening + lives.length + 5;
}

/** How many kinds of failure a run has in store. */
function failures({ faults, disk: { capacityBytes } }: Run): number {
  const rules = faults === "" ? 0 : faults.split(";").length;
  return rules + (capacityBytes === undefined ? 0 : 1);
}

const HEADER_BYTES = 24;

/** The bytes of the frames of a run, at most. */
function frameBytesOf(run: Run): number {
  return bytesOf(run) + HEADER_BYTES * (recordsOf(run) + 1);
}

function shown(commands: readonly Command[], faults = ""): Run {
  return { workload: { name: "a rare bug", lives: [commands, []] }, faults, disk: {} };
}

function times(count: number, command: Command): readonly Command[] {
  return Array<Command>(count).fill(command);
}

function segmented(name: string, options: SegmentedOptions): LogUnderTest<OpenLog> {
  return logUnderTest({
    name,
    acks: "sync",
    truncatesFront: true,
    open: (fs, dir) => new SegmentedLog(fs, { dir, options }),
  });
}

function bug(
  { id, options, ...rest }: Omit<RareBug, "log" | "sound"> & { readonly options: SegmentedOptions },
): RareBug {
  return {
    id,
    ...rest,
    log: segmented(id, options),
    sound: segmented(`${id}, fixed`, { ...options, mistake: undefined }),
  };
}

/**
 * All of them. Sizes of segments are part of the bug: they decide how long a history it needs.
 */
export const rareBugs: readonly RareBug[] = [
  bug({
    id: "lsn-wrap",
    story: "The LSN is shifted into its six bits without a mask: the 64th record spoils the bit " +
      "that tells long frames from short ones, and recovery ends before it.",
    source: "Compare https://github.com/h2database/h2database/pull/1054, about a log id that " +
      "grows out of its bits of a packed word.",
    options: { mistake: "LSN is not masked", segmentBytes: 8192 },
    shownBy: shown([...times(64, append(24)), sync]),
    mayShow: (run) => recordsOf(run) >= 64,
  }),
  bug({
    id: "epoch-wrap",
    story: "A long frame keeps five bits of the epoch, and recovery compares them with all of " +
      "it: from the 32nd open on, no record of 128 bytes or more comes back.",
    source:
      "Compare https://github.com/IMAP-Science-Operations-Center/imap_processing/pull/1325, " +
      "where a counter of few bits was compared as if it never wrapped.",
    options: { mistake: "epoch of a long frame is compared whole" },
    shownBy: shown([append(200), sync, ...times(33, reopen)]),
    mayShow: (run) => opensOf(run) >= 32 && appendsOf(run.workload).some((bytes) => bytes >= 128),
  }),
  bug({
    id: "exact-segment",
    story: "A frame that ends with the last byte of its segment fits for the writer, and is too " +
      "long for the reader.",
    source: "Compare https://github.com/Log2n-io/Typhon/issues/785, where writer and reader had " +
      "different opinions of where a segment ends, and acked records were not recovered.",
    options: { mistake: "frame that just fits is too long", segmentBytes: 8192 },
    shownBy: shown([append(2032), append(6128), sync]),
    mayShow: (run) => frameBytesOf(run) >= 8192,
  }),
  bug({
    id: "exact-page",
    story: "A header that just fits on its page is written there and looked for on the next.",
    source: "Compare https://github.com/prometheus-junkyard/tsdb/pull/524, about what a reader " +
      "makes of a record at the end of a page.",
    options: { mistake: "header that just fits is skipped", segmentBytes: 65_536, pageBytes: 8192 },
    shownBy: shown([append(8160), append(24), sync]),
    mayShow: (run) => frameBytesOf(run) >= 8184,
  }),
  bug({
    id: "rotation-enospc",
    story: "The disk is full while the header of a new segment is written; the log goes on in " +
      "that segment, and after a crash takes it for torn.",
    source: "Compare https://github.com/apache/iotdb/pull/18653, about a log that is between two " +
      "files after a failed rotation.",
    options: { mistake: "rotation that fails is forgotten", segmentBytes: 8192 },
    shownBy: shown([append(7500), sync, append(1000), append(24), sync], "write 3: ENOSPC"),
    mayShow: (run) => failures(run) > 0 && frameBytesOf(run) >= 8192,
  }),
  bug({
    id: "short-header",
    story: "The header of a segment is written with one call, whose result nobody looks at: a " +
      "short write leaves half of it.",
    source: "Compare https://github.com/tidesdb/tidesdb/pull/648, about short writes that nobody " +
      "looked for.",
    options: { mistake: "header is written with one call", segmentBytes: 4096 },
    shownBy: shown([append(3500), sync, append(1000), sync], "write 3: short 7"),
    mayShow: (run) => run.faults.includes("short") && frameBytesOf(run) >= 4096,
  }),
  bug({
    id: "unread-header",
    story: "A read error in the header of the last segment is taken for a torn header: the " +
      "segment is begun anew.",
    source: "Compare https://github.com/facebook/rocksdb/issues/6288 and " +
      "https://github.com/ArcadeData/arcadedb/issues/4320, where a read error was taken for " +
      "the end of the log.",
    options: { mistake: "read error is taken for a torn header", segmentBytes: 2048 },
    shownBy: shown([append(1500), sync, append(1000), sync, reopen], "read 2: EIO"),
    mayShow: (run) => run.faults.includes("read") && frameBytesOf(run) >= 2048,
  }),
  bug({
    id: "gap",
    story: "Two segments are forgotten at once, and the power goes when only the removal of the " +
      "second is durable: recovery wants to begin with the first.",
    source: "Compare https://github.com/prometheus/prometheus/pull/6129, about a log that does " +
      "not start over a gap between its segments.",
    options: { mistake: "all segments are taken for live", segmentBytes: 8192 },
    shownBy: shown([...times(3, append(7000)), sync, forget(2)]),
    mayShow: (run) => timesForgetting(run) > 0 && frameBytesOf(run) >= 16_384,
  }),
  bug({
    id: "empty-segment",
    story: "A new segment without records is not synced before the segments before it are " +
      "removed: where its header is torn, nobody knows the next LSN.",
    source: "Compare https://github.com/tursodatabase/turso/pull/7379, about a header that was " +
      "taken for durable before it was.",
    options: { mistake: "empty segment is not synced", segmentBytes: 16_384, rotatesEarly: true },
    shownBy: shown([append(24), sync, append(16_384), forget(2)]),
    mayShow: (run) => timesForgetting(run) > 0 && frameBytesOf(run) >= 16_384,
  }),
  bug({
    id: "numbering",
    story: "All records are forgotten, the last segment is empty, and the log is opened again: " +
      "LSNs begin anew, below the front, so that new records count as forgotten.",
    source: "Compare https://github.com/atomix/atomix/pull/295, about indexes that were wrong " +
      "behind an empty segment.",
    options: { mistake: "numbering begins anew", segmentBytes: 16_384, rotatesEarly: true },
    shownBy: shown([append(16_384), append(16_384), forget(2), reopen, append(24), sync]),
    mayShow: (run) => timesForgetting(run) > 0 && frameBytesOf(run) >= 16_384,
  }),
  bug({
    id: "longer-draft",
    story: "A draft of the front that a crash has left behind is written over and not cut: where " +
      "it was a digit longer, that digit stays.",
    source:
      "Compare https://github.com/HEnquist/camilladsp/pull/305, about a state file that was " +
      "written without being cut.",
    options: { mistake: "draft is not cut" },
    shownBy: shown([...times(33, append(0)), sync, forget(20), forget(12)]),
    mayShow: (run) => timesForgetting(run) > 0 && recordsOf(run) >= 31,
  }),
  bug({
    id: "slot-parity",
    story: "A front that could not be saved counts as saved: the next one goes to the slot of " +
      "the only valid one, and a crash in between leaves none.",
    source: "Our own variation on slots that are written in turn; no report of a real one is " +
      "known to us.",
    options: { mistake: "attempts count", hasSlots: true, segmentBytes: 1024 },
    shownBy: shown(
      [...times(3, append(24)), sync, forget(1), sync, forget(1), forget(1)],
      "write 6: EIO",
    ),
    mayShow: (run) => timesForgetting(run) >= 3 && failures(run) > 0,
  }),
  bug({
    id: "start-limit",
    story: "After sixteen starts without a sync, the log suspects its last segment of killing it " +
      "and sets it aside, with acked records in it.",
    source: "Compare https://github.com/norrietaylor/distillery/pull/650, where a log that does " +
      "not start is set aside, and what was in it lost.",
    options: { mistake: "last segment is set aside", startLimit: 16, segmentBytes: 1024 },
    shownBy: shown([append(900), sync, append(900), sync, ...times(17, kill)]),
    mayShow: (run) => opensOf(run) >= 16 && frameBytesOf(run) >= 1024,
  }),
  bug({
    id: "mark-too-early",
    story: "After a failed barrier, recovery writes the last segment anew; it takes back the " +
      "mark that asks for that before the rename. Where the rename fails, the next recovery " +
      "trusts a page cache that will never reach the media.",
    source:
      "Compare https://github.com/sebadob/hiqlite/pull/199, where a lock file that was left " +
      "behind asks for a deeper recovery; and Rebello et al., ATC'20, about pages that look " +
      "clean after a failed fsync.",
    options: { mistake: "mark goes before the rename", marks: true },
    shownBy: shown(
      [append(24), sync, append(24), sync, reopen],
      "barrier 4: EIO; rename 2: EIO",
    ),
    mayShow: (run) => failures(run) > 1 && run.faults.includes("barrier"),
  }),
  {
    id: "full-index-page",
    story: "The log is opened when the last page of its index is exactly full, and goes on " +
      "behind its last entry instead of on the next page.",
    source: "Compare https://github.com/hashicorp/raft-wal/issues/31, about the index of a " +
      "segment that was full.",
    log: pagedIndexLog("full-index-page", { overlooksFullPage: true }),
    sound: pagedIndexLog("full-index-page, fixed"),
    shownBy: shown([...times(42, append(24)), sync, reopen, append(24), sync]),
    mayShow: (run) => recordsOf(run) >= 42,
  },
];
