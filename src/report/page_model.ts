/**
 * What the page of a finding shows, as plain data: what the modules in `page` read. Numbers that say "which"
 * are places in one of the lists, counted from 0; crash points and ops are counted as everywhere, so
 * that op k is the one that completes at crash point k.
 *
 * @module
 */
import type { Terms } from "../check/oracle.ts";

/** Everything that the page shows. */
export interface PageModel {
  /** What is on top. */
  readonly title: PageTitle;
  /** How the page speaks of what was checked. */
  readonly terms: PageTerms;
  /**
   * Bytes in a cell of data; bytes in a sector, of which it may be a part, or a block; and what the
   * latter is called.
   */
  readonly unit: {
    readonly bytes: number;
    readonly sectorBytes: number;
    readonly name: "sector" | "block";
  };
  /** The lives, the recovery after the last crash included. */
  readonly lives: readonly PageLife[];
  /** Every distinct record that was appended or recovered. */
  readonly records: readonly PageRecord[];
  /** Lists of what a session had. */
  readonly accounts: readonly (readonly PageOwed[])[];
  /** Of a store: what must be there beside what came back. */
  readonly states: readonly PageState[];
  /** Distinct results of taking a file apart. */
  readonly layouts: readonly (readonly PagePiece[])[];
  /** Words that pieces share. */
  readonly labels: readonly string[];
  /** Where the page begins: the crash of the finding. */
  readonly start: { readonly life: number; readonly point: number };
  /** Whether the log offers a decoder. */
  readonly isDecoded: boolean;
}

/** The lines on top of the page. */
export interface PageTitle {
  /** The log. */
  readonly log: string;
  /** Whether the crash of the finding still breaks the promise. */
  readonly verdict: "violates" | "holds";
  /** What is broken, in one sentence. */
  readonly sentence: string;
  /** Why that breaks a promise, for whoever meets it for the first time. */
  readonly why: string;
  /** What happened, step by step. */
  readonly story: readonly string[];
  /** The disk and the workload. */
  readonly about: string;
  /** What has changed since the finding was written. */
  readonly notes: readonly string[];
}

/** How the page speaks of what was checked: of a log and its records, of a store and its commands. */
export type PageTerms = Pick<Terms, "subject" | "item" | "called" | "content">;

/** A life, from power-on to power loss. */
export interface PageLife {
  /** The words on its button. */
  readonly name: string;
  /** The crash point of the finding; `null` for the recovery at the end, where no power is lost. */
  readonly crash: number | null;
  /** The ops. */
  readonly ops: readonly PageOp[];
  /** What the application did, in order. */
  readonly events: readonly PageEvent[];
  /** Files and directories. */
  readonly files: readonly PageFile[];
  /** The cells that have a version of this life. */
  readonly cells: readonly PageCell[];
  /**
   * What cells of files held when the life began, as far as an earlier life had written them: file,
   * first cell, the one behind the last, and what became of them.
   */
  readonly held: readonly PageHeld[];
  /** What is known about each crash point, from 0 on; `null` where nothing was looked at. */
  readonly moments: readonly (PageMoment | null)[];
}

/** One op. */
export interface PageOp {
  /** In words. */
  readonly words: string;
  /** Whether it is a barrier. */
  readonly isBarrier: boolean;
  /** Whether it is a call that failed, as its words say. */
  readonly isFailed: boolean;
  /** What it made durable, in words; empty when it forced nothing. */
  readonly forced: string;
}

/** Something that the application did or was told. */
export interface PageEvent {
  /** The crash point at which it happened: after so many ops. */
  readonly at: number;
  /** What, in words. */
  readonly words: string;
  /** What it means: a call, a return that promises something, one that does not, or an end. */
  readonly kind: "call" | "promise" | "return" | "end";
  /** The call returned without having made an op. */
  readonly isIdle: boolean;
}

/** A file or a directory. */
export interface PageFile {
  /** The path by which it was called. */
  readonly path: string;
  /** Which of the two. */
  readonly kind: "file" | "directory";
}

/** A cell, with its versions of this life: version 0 is what was there before. */
export interface PageCell {
  /** What it is about. */
  readonly kind: "sector" | "size" | "name";
  /** The file, or for a name the directory. */
  readonly file: number;
  /** Which cell of the file, or the name. */
  readonly place: number | string;
  /** How many neighbours with the same history are told of together, itself included. */
  readonly span: number;
  /** The op that made each version. */
  readonly made: readonly number[];
  /** The last crash point at which the media may hold it; `null` when that is never over. */
  readonly until: readonly (number | null)[];
  /** One letter a version: Whole, Torn, Garbage, or Failed (the op could not write it out). */
  readonly flavour: string;
  /** Of a size: the bytes. Of a name: the file that bears it, -1 for none. */
  readonly values: readonly number[];
}

/** What is known about one crash point. */
export interface PageMoment {
  /** What a crash here does to the promise. */
  readonly verdict: "holds" | "violates" | "not searched" | "none";
  /** How many recoveries that rests on. */
  readonly recoveries: number;
  /** What is wrong. */
  readonly clause: string;
  /** In words. */
  readonly message: string;
  /** Cell and version for each cell that was open and is decided; -1 where recovery never looked. */
  readonly kept: readonly (readonly [cell: number, version: number])[];
  /** File, cell of the file, and what is wrong with it. */
  readonly damage: readonly (readonly [file: number, place: number, words: string])[];
  /**
   * What breaks the promise comes after the first recovery: what is owed and what came back is as it
   * was before that.
   */
  readonly isLater: boolean;
  /** What was recovered; `null` when nothing could be, there is no crash to show, or of a store. */
  readonly recovered: readonly number[] | null;
  /** Of a store: the states, -1 of a log. */
  readonly state: number;
  /** Which list of records counts here. */
  readonly account: number;
  /** From which place to which records are owed, and up to which they may be there. */
  readonly owed: number;
  /** See `owed`. */
  readonly issued: number;
  /** Records below must be forgotten. */
  readonly frontOwed: number;
  /** Records from here on must not be forgotten. */
  readonly frontIssued: number;
  /**
   * For each file that differs from the moment before: its size; whether a name leads to it (1), it
   * was lost (0), or the program has removed it (2); its layout or -1.
   */
  readonly files: readonly (readonly [file: number, size: number, named: number, layout: number])[];
}

/** A record or a command. */
export interface PageRecord {
  /** How many bytes it has. */
  readonly bytes: number;
  /** The first of them, in hexadecimal. */
  readonly head: string;
  /** In words, where that says it better: a command. */
  readonly text?: string;
  /** Where it differs from a record that was appended and begins in the same way. */
  readonly note?: string;
}

/** A record that a session had: which, and whether it may be missing because its append failed. */
export type PageOwed = readonly [record: number, wasShown: 0 | 1, mayMiss: 0 | 1];

/** What became of cells of an earlier life. */
export type PageHeld = readonly [file: number, from: number, to: number, fate: HeldFate];

/** Still there; lost, and nothing older was there; or nobody has looked since. */
export type HeldFate = "kept" | "lost" | "unknown";

/** States of a store, side by side. */
export interface PageState {
  /** What each column shows. */
  readonly columns: readonly string[];
  /** The keys: what each column has there, and whether that is wrong. */
  readonly rows: readonly (readonly [key: string, values: readonly string[], isWrong: 0 | 1])[];
  /** How many keys are not shown. */
  readonly more: number;
  /** How many of them are wrong. */
  readonly moreWrong: number;
  /** Whether the last column is what came back. */
  readonly isJudged: boolean;
  /** After how many commands the state is that came back; -1 after no number of them. */
  readonly after: number;
}

/** A piece of a file: where it begins, how long it is, what it is, and whether it is whole. */
export type PagePiece = readonly [offset: number, length: number, label: number, ok: 0 | 1];
