/**
 * What SQLite promises about a power loss, journal mode by journal mode and setting by setting, as its
 * documentation has it, with the verdict that follows on each persistence model.
 *
 * A row is checked for one of two promises. `"append"`: a transaction whose COMMIT has returned is
 * there after a power loss. `"never"`: whatever is there is a state that the database had after some
 * transaction, whole and not corrupt. Where the documentation promises consistency but not
 * durability, there are two rows, and the first of them says what is lost.
 *
 * @module
 */
import { type ModelName, models, type Verdict } from "../../mod.ts";
import type { JournalMode, Synchronous } from "./sqlite_log.ts";

/** One row of the table. */
export interface SqlitePromise {
  /** `PRAGMA journal_mode`. */
  readonly journalMode: JournalMode;
  /** `PRAGMA synchronous`. */
  readonly synchronous: Synchronous;
  /** Which promise the row is about. */
  readonly acks: "append" | "never";
  /** Whether SQLite checkpoints after every transaction here, or as seldom as it does by default. */
  readonly checkpoints?: boolean;
  /** What the documentation says, in a few words. */
  readonly says: string;
  /** Where it says so. */
  readonly source: string;
  /** The verdict on each model. */
  readonly expected: Readonly<Record<ModelName, Verdict>>;
  /** Where the models differ: why. */
  readonly because?: string;
}

const SYNCHRONOUS = "sqlite.org/pragma.html#pragma_synchronous";
const JOURNAL_MODE = "sqlite.org/pragma.html#pragma_journal_mode";
const WAL = "sqlite.org/wal.html";

/** One verdict on every model, but for the exceptions. */
function everywhere(
  verdict: Verdict,
  exceptions: Partial<Record<ModelName, Verdict>> = {},
): Record<ModelName, Verdict> {
  const all = Object.fromEntries(Object.keys(models).map((name) => [name, verdict]));
  return { ...all as Record<ModelName, Verdict>, ...exceptions };
}

const ROLLBACK = ["DELETE", "TRUNCATE", "PERSIST"] as const;
const LEVELS = ["OFF", "NORMAL", "FULL", "EXTRA"] as const;

const ordered =
  "Where everything persists in the order in which it was written, a crash leaves a prefix of the " +
  "writes: the journal is there before the database changes";

/** Without barriers the database may change before its journal is there. */
const off = ROLLBACK.map((journalMode): SqlitePromise => ({
  journalMode,
  synchronous: "OFF",
  acks: "never",
  says: "The database might become corrupted if the computer loses power",
  source: SYNCHRONOUS,
  expected: everywhere("violates", { "ext4-journal": "holds" }),
  because: ordered,
}));

/**
 * With NORMAL the header of the journal counts its frames before anything has said that they are
 * there, in one barrier with them. The checksum of a frame covers every 200th byte only.
 */
const normal: readonly SqlitePromise[] = [
  {
    journalMode: "DELETE",
    synchronous: "NORMAL",
    acks: "never",
    says: "A very small, though non-zero, chance of corruption on an older file system; probably " +
      "safe on modern ones",
    source: SYNCHRONOUS,
    expected: everywhere("violates", { "ext4-journal": "holds", "xfs": "holds", "btrfs": "holds" }),
    because: "Where a file grows only with its bytes, the new journal has no sector that was not " +
      "written: its end is missing, and that the header shows. Elsewhere a lost sector in the " +
      "middle passes for a frame",
  },
  {
    journalMode: "TRUNCATE",
    synchronous: "NORMAL",
    acks: "never",
    says: "As for DELETE, which alone is mentioned",
    source: SYNCHRONOUS,
    expected: everywhere("violates", { "ext4-journal": "holds", "btrfs": "holds" }),
    because: "The cut that ended the transaction before is not synced: the model of xfs lets new " +
      "bytes persist below the old size. Where blocks are copied on write, it does not",
  },
  {
    journalMode: "PERSIST",
    synchronous: "NORMAL",
    acks: "never",
    says: "As for DELETE, which alone is mentioned",
    source: SYNCHRONOUS,
    expected: everywhere("violates", { "ext4-journal": "holds", "btrfs": "holds" }),
    because: "The journal is overwritten in place: of a frame, some sectors may be those of an " +
      "earlier transaction. In blocks of 4096 bytes that persist whole, each has a page number or " +
      "a checksum that tells",
  },
  {
    journalMode: "DELETE",
    synchronous: "NORMAL",
    acks: "append",
    says: "Syncs less often than FULL, which does not promise this either",
    source: SYNCHRONOUS,
    expected: everywhere("violates"),
  },
  {
    journalMode: "TRUNCATE",
    synchronous: "NORMAL",
    acks: "append",
    says: "Syncs less often than FULL: the cut of the journal, which commits, is not synced",
    source: SYNCHRONOUS,
    expected: everywhere("violates"),
  },
];

const full: readonly SqlitePromise[] = [
  {
    journalMode: "DELETE",
    synchronous: "FULL",
    acks: "never",
    says: "A power failure will not corrupt the database",
    source: SYNCHRONOUS,
    expected: everywhere("holds"),
  },
  {
    journalMode: "DELETE",
    synchronous: "FULL",
    acks: "append",
    says: "Only EXTRA syncs the directory after the journal is unlinked, for the case of a power " +
      "loss that follows a commit closely",
    source: SYNCHRONOUS,
    expected: everywhere("violates"),
  },
  ...(["TRUNCATE", "PERSIST"] as const).map((journalMode): SqlitePromise => ({
    journalMode,
    synchronous: "FULL",
    acks: "append",
    says: "Everything is safely written to the disk before SQLite goes on; no name is removed",
    source: `${SYNCHRONOUS}, ${JOURNAL_MODE}`,
    expected: everywhere("holds"),
  })),
];

const extra = ROLLBACK.map((journalMode): SqlitePromise => ({
  journalMode,
  synchronous: "EXTRA",
  acks: "append",
  says: "Like FULL, and the directory is synced after the journal is unlinked",
  source: SYNCHRONOUS,
  expected: everywhere("holds"),
}));

const wal: readonly SqlitePromise[] = [
  {
    journalMode: "WAL",
    synchronous: "OFF",
    acks: "never",
    checkpoints: true,
    says: "The database might become corrupted if the computer loses power",
    source: SYNCHRONOUS,
    expected: everywhere("violates", { "ext4-journal": "holds" }),
    because: ordered,
  },
  ...[false, true].map((checkpoints): SqlitePromise => ({
    journalMode: "WAL",
    synchronous: "NORMAL",
    acks: "never",
    checkpoints,
    says: "Always consistent; the log is synced before each checkpoint, the database after it",
    source: `${SYNCHRONOUS}, ${WAL}`,
    expected: everywhere("holds"),
  })),
  {
    journalMode: "WAL",
    synchronous: "NORMAL",
    acks: "append",
    says: "A transaction might roll back following a power loss",
    source: SYNCHRONOUS,
    expected: everywhere("violates"),
  },
  ...[false, true].map((checkpoints): SqlitePromise => ({
    journalMode: "WAL",
    synchronous: "FULL",
    acks: "append",
    checkpoints,
    says: "One more sync of the log after each commit, so that transactions are durable",
    source: `${SYNCHRONOUS}, ${WAL}`,
    expected: everywhere("holds"),
  })),
  {
    journalMode: "WAL",
    synchronous: "EXTRA",
    acks: "append",
    says: "Like FULL: there is no rollback journal to unlink",
    source: SYNCHRONOUS,
    expected: everywhere("holds"),
  },
];

/** A crash between two writes of one transaction leaves half of it, in whatever order they come. */
const unsafe = (["MEMORY", "OFF"] as const).flatMap((journalMode) =>
  LEVELS.map((synchronous): SqlitePromise => ({
    journalMode,
    synchronous,
    acks: "never",
    says: "A crash in the middle of a transaction will very likely corrupt the database",
    source: JOURNAL_MODE,
    expected: everywhere("violates"),
  }))
);

/** All rows. */
export const sqlitePromises: readonly SqlitePromise[] = [
  ...off,
  ...normal,
  ...full,
  ...extra,
  ...wal,
  ...unsafe,
];
