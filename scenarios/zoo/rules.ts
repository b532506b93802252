/** What {@linkcode Rules.barrier} may be. The first four are sound. */
export type Barrier =
  | "fsync"
  | "fdatasync"
  | "other descriptor"
  | "synchronous descriptor"
  | "none"
  | "before the write"
  | "every third append"
  | "close";

/** What {@linkcode Rules.checksum} may be. The first one is sound. */
export type Checksum = "crc" | "sum" | "crc of 64 bytes" | "none";

/** What {@linkcode Rules.tail} may be. The first four are sound. */
export type Tail =
  | "cut"
  | "new segment"
  | "rewrite"
  | "rewrite always"
  | "rewrite without a barrier"
  | "append behind"
  | "overwrite";

/** What {@linkcode Rules.badFrame} may be. The first one is sound. */
export type BadFrame =
  | "ends the segment"
  | "is skipped"
  | "throws when its header is bad"
  | "throws when its body is bad"
  | "is read again";

/** What {@linkcode Rules.failedSync} may be. The first one is sound. */
export type FailedSync = "ends appending" | "is tried again";

/** What {@linkcode Rules.shortWrite} may be. The first one is sound. */
export type ShortWrite = "is finished" | "is taken for whole";

/** What {@linkcode Rules.noSpace} may be. The first one is sound. */
export type NoSpace = "is cut back" | "is acked" | "is left behind";

/** What {@linkcode Rules.failedRead} may be. The first one is sound. */
export type FailedRead = "throws" | "ends the log";

/** What {@linkcode Rules.mark} may be. The second one is sound whatever the media do. */
export type Mark = "none" | "is kept" | "counts only behind a first record";

/**
 * The rules that the compact log keeps. A broken variant changes one of them; a sound variant
 * changes a rule to another sound value.
 */
export interface Rules {
  /** Which call's return promises durability. */
  readonly acks: "append" | "sync";
  /** What makes a frame durable before it is acked. */
  readonly barrier: Barrier;
  /** Records wait in memory and reach the file when `sync` is called. Needs `acks: "sync"`. */
  readonly batch: boolean;
  /** The name of the first segment is durable before a record in it is acked. */
  readonly syncDirectoryOnCreate: boolean;
  /** The name of every later segment is durable before a record in it is acked. */
  readonly syncDirectoryOnRotation: boolean;
  /** A segment is durable before the one after it is created. */
  readonly syncBeforeRotation: boolean;
  /** What proves that a frame is whole. */
  readonly checksum: Checksum;
  /** A frame carries its LSN and the number of its segment, and both must be as expected. */
  readonly stamp: boolean;
  /** What `open` does with the bytes behind the last valid frame. */
  readonly tail: Tail;
  /** What a frame that does not check means to `open`. */
  readonly badFrame: BadFrame;
  /** A torn tail ends its own segment only; the segments after it count. */
  readonly readBehindTornTail: boolean;
  /** An empty last segment costs nothing but itself. */
  readonly keepBeforeEmpty: boolean;
  /** Records are durable before `open` shows them. */
  readonly syncShown: boolean;
  /** Records are durable before the mark that forgets them is. */
  readonly syncBeforeFront: boolean;
  /** How `open` reads: one frame at a time, or a whole segment in one call. */
  readonly reads: "frame" | "segment";
  /** A new segment has its full length from the start. */
  readonly preallocate: boolean;
  /** A segment that is no longer needed becomes the next new one, with its old bytes in it. */
  readonly recycle: boolean;
  /** What a barrier that fails means. */
  readonly failedSync: FailedSync;
  /** What a write that stores fewer bytes than it was given means. */
  readonly shortWrite: ShortWrite;
  /** What becomes of a frame for which the disk has no space. */
  readonly noSpace: NoSpace;
  /** What a read that fails means to `open`. */
  readonly failedRead: FailedRead;
  /** What is noted about the records that are durable, so that damage is told from a torn tail. */
  readonly mark: Mark;
}

/** The rules of the log that holds. */
export const soundRules: Rules = {
  acks: "append",
  barrier: "fsync",
  batch: false,
  syncDirectoryOnCreate: true,
  syncDirectoryOnRotation: true,
  syncBeforeRotation: true,
  checksum: "crc",
  stamp: true,
  tail: "cut",
  badFrame: "ends the segment",
  readBehindTornTail: true,
  keepBeforeEmpty: true,
  syncShown: true,
  syncBeforeFront: true,
  reads: "frame",
  preallocate: false,
  recycle: false,
  failedSync: "ends appending",
  shortWrite: "is finished",
  noSpace: "is cut back",
  failedRead: "throws",
  mark: "none",
};
