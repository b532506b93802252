/**
 * The six faults of the naive log, one story each: what the author believed, what the disk does,
 * and the rule that follows.
 *
 * @module
 */
import type { LogUnderTest, Workload } from "../mod.ts";
import { allFixes, type NaiveFixes, naiveLog } from "./naive_log.ts";

/** One fault of the naive log. */
export interface NaiveFault {
  /** A word or two, for the command line. */
  readonly id: string;
  /** The repair that is missing. */
  readonly fix: keyof NaiveFixes;
  /** What the author believed. */
  readonly believed: string;
  /** What the disk does instead. */
  readonly disk: string;
  /** The rule. */
  readonly rule: string;
  /** A small workload that shows the fault when it is the only one left. */
  readonly workload: Workload;
}

/** The faults, in the order in which they are best met. */
export const naiveFaults: readonly NaiveFault[] = [
  {
    id: "flush-is-not-fsync",
    fix: "fsync",
    believed: "I have flushed the record, so it is on the disk.",
    disk:
      "A flush hands the bytes to the operating system. They lie in the page cache, in memory, " +
      "until the system finds time to write them, and memory forgets when the power goes.",
    rule: "A record is durable when fsync has returned, and not before.",
    workload: {
      name: "append, sync",
      lives: [[{ do: "append", bytes: 5 }, { do: "sync" }]],
    },
  },
  {
    id: "no-checksum",
    fix: "checksum",
    believed: "What I read from my own file is what I wrote to it.",
    disk: "A file system may store the new length of a file before its bytes. After a power loss " +
      "the file is as long as it should be, and the end of it is zeros, or what lay there before. " +
      "Four zeros are a length too: that of an empty record.",
    rule: "Every record carries a checksum, over its length as well; what does not check is no " +
      "record.",
    workload: {
      name: "append without sync",
      lives: [[{ do: "append", bytes: 5 }]],
    },
  },
  {
    id: "torn-tail-kept",
    fix: "cutTail",
    believed: "New records go to the end of the file.",
    disk: "After a power loss the end of the file may be half a record. Reading stops there. " +
      "Whatever is appended behind it is durable, and never read.",
    rule: "Before the first append, cut the file behind the last whole record, and sync the cut.",
    workload: {
      name: "append, power loss, append, sync, open again",
      lives: [
        [{ do: "append", bytes: 5 }],
        [{ do: "append", bytes: 7 }, { do: "sync" }, { do: "reopen" }],
      ],
    },
  },
  {
    id: "length-trusted",
    fix: "checkLength",
    believed: "The length before a record tells me how much to read.",
    disk:
      "The length may have been stored and the record not, or the length may be garbage. Then " +
      "it points past the end of the file, and the program stops where it should have recovered.",
    rule: "A length is a claim: compare it with what the file has before believing it.",
    workload: {
      name: "append without sync",
      lives: [[{ do: "append", bytes: 5 }]],
    },
  },
  {
    id: "directory-unsynced",
    fix: "syncDirectory",
    believed: "I have synced the file, so the file is safe.",
    disk:
      "The name of a file is stored in its directory, not in the file. After a power loss the " +
      "bytes are there and nothing leads to them.",
    rule: "When a file is created, renamed or removed, sync the directory.",
    workload: {
      name: "append, sync",
      lives: [[{ do: "append", bytes: 5 }, { do: "sync" }]],
    },
  },
  {
    id: "reopen-is-not-a-crash",
    fix: "syncShown",
    believed: "I have ended the program and started it again, and all records were there: it " +
      "survives crashes.",
    disk:
      "Ending a program does not touch the page cache. The next open reads from it, and shows " +
      "records that no power loss has tested. Others act on what was shown; then the power goes.",
    rule: "Test with a power loss, not with a reopen; and sync what recovery has read before " +
      "showing it.",
    workload: {
      name: "append, kill",
      lives: [[{ do: "append", bytes: 5 }, { do: "kill" }]],
    },
  },
];

/**
 * The log in which exactly one fault is left.
 *
 * @param fault The fault.
 * @returns The naive log with the other five fixed.
 */
export function logWithFault(fault: NaiveFault): LogUnderTest {
  return naiveLog({ ...allFixes, [fault.fix]: false }, `naive log: ${fault.id}`);
}

/**
 * The naive log, fixed rule by rule: no repair, the first, the first two, and so on to all six.
 *
 * @returns Seven logs. All but the last violate; the last holds.
 */
export function repairSteps(): LogUnderTest[] {
  return [0, 1, 2, 3, 4, 5, 6].map((made) => {
    const fixes = naiveFaults.slice(0, made).map(({ fix }) => [fix, true]);
    return naiveLog(Object.fromEntries(fixes), `naive log, ${made} of 6 faults fixed`);
  });
}
