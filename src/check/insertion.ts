/**
 * Barriers that a log does not make, inserted where it makes a call.
 *
 * METHOD. No source is changed: the log runs on a {@linkcode WatchedFileSystem} that knows a place in
 * the log's code, and imposes a barrier right after or right before every call that is made there,
 * in every life. What the barrier is about is said as an author would say it: the file that the call
 * is about, its directory, the file used last besides, or another one, by its path. In a search
 * an imposed barrier is no call of the log: no fault strikes it, and a process that is killed after
 * so many calls is killed before the same call as ever. So one more barrier never adds an outcome.
 * To prove a suggestion, barriers count like those that the author would add; and where calls fail in
 * the finding, that is proven twice: with the faults at the same calls as in the finding, and with
 * barriers that a plan of faults counts, and strikes, as it would those that the author adds.
 *
 * @module
 */
import { type FileSystem, FileSystemError } from "../vfs/file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import type { SourcePlace } from "./call_place.ts";
import type { InterleavedFileSystem } from "./interleaving.ts";
import { isPromiseLike } from "./settle.ts";
import type { LogUnderTest } from "./subject.ts";
import {
  type CallMemory,
  type CallWatcher,
  type WatchedCall,
  WatchedFileSystem,
  type WatchedName,
} from "./watched_file_system.ts";

/** What an inserted barrier is about, as seen from the call. */
export type Target =
  | { readonly is: "itself" }
  | { readonly is: "its directory" }
  | { readonly is: "the file used last" }
  | { readonly is: "another"; readonly path: string };

/** A barrier to insert at a place of the log's code. */
export interface Insertion {
  /** Before or after the call. */
  readonly when: "after" | "before";
  /** The call. */
  readonly name: WatchedName;
  /** Where it is made. */
  readonly place: SourcePlace;
  /** Only where what makes it was called from here. Default: from anywhere. */
  readonly from?: SourcePlace | undefined;
  /** What is made durable. */
  readonly target: Target;
}

/** The file or directory that a target is at a call; 0 for none. */
export function inodeOf(target: Target, call: WatchedCall): number {
  const { known, used } = call.process;
  switch (target.is) {
    case "itself":
      return call.inode;
    case "its directory":
      return call.directory;
    case "the file used last":
      return used.find((inode) => inode !== call.inode) ?? 0;
    case "another":
      for (const [inode, path] of known) if (path === target.path) return inode;
      return 0;
  }
}

/** Everything at a call that waits for a barrier, by what it is to the call. */
export function dirtyTargets(call: WatchedCall): Target[] {
  const { disk, known, used } = call.process;
  const last = used.find((inode) => inode !== call.inode);
  const targets: Target[] = [];
  for (const [inode, path] of known) {
    if (!disk.isDirty(inode)) continue;
    if (inode === call.inode) targets.push({ is: "itself" });
    else if (inode === call.directory) targets.push({ is: "its directory" });
    else {
      if (inode === last) targets.push({ is: "the file used last" });
      targets.push({ is: "another", path });
    }
  }
  return targets;
}

/** Imposes some barriers. */
export function watcherOf(
  insertions: readonly Insertion[],
  { counts = false, mayFail = false, waits = false }: {
    /** Whether a barrier counts as a call of the log's own. */
    readonly counts?: boolean;
    /** Whether it counts for faults, too, and is made even where nothing waits for it. */
    readonly mayFail?: boolean;
    /** Whether the log waits for its promised calls. */
    readonly waits?: boolean;
  } = {},
): CallWatcher {
  const byName = new Map<string, Insertion[]>();
  for (const insertion of insertions) {
    const name = `${insertion.when} ${insertion.name}`;
    byName.set(name, [...byName.get(name) ?? [], insertion]);
  }
  const impose = (call: WatchedCall, when: Insertion["when"]) => {
    const here = byName.get(`${when} ${call.name}`);
    if (here === undefined) return;
    const { disk, known, below } = call.process;
    // A barrier on what waits for none does nothing, unless it takes others along: no stack for that.
    const isAlone = disk.model.barrierReach === "inode";
    for (const insertion of here) {
      const inode = inodeOf(insertion.target, call);
      const path = known.get(inode);
      if (path === undefined || (isAlone && !mayFail && !disk.isDirty(inode))) continue;
      if (!isHere(insertion, call)) continue;
      if (mayFail) barrierAsWritten(below, inode, path);
      else below.impose(inode, path, { counts });
    }
  };
  return {
    seesReturns: insertions.some(({ name }) => name.endsWith(" returns")),
    waits,
    before: (call) => impose(call, "before"),
    after: (call) => impose(call, "after"),
  };
}

/**
 * Makes a barrier as it stands in a source: faults strike it. A directory has to be opened for it, a
 * file mostly is open: that this one is opened anew, no plan of faults sees.
 */
function barrierAsWritten(fs: InterleavedFileSystem, inode: number, path: string): void {
  const { disk } = fs;
  if (!fs.alive) return;
  const { faults } = disk;
  const unseen = <T>(make: () => T): T => {
    disk.faults = undefined;
    try {
      return make();
    } finally {
      disk.faults = faults;
    }
  };
  if (!unseen(() => leadsTo(fs, path, inode))) return fs.impose(inode, path, { counts: true });
  if (disk.kind(inode) === "directory") return syncDirectory(fs, path);
  const file = unseen(() => fs.open(path));
  try {
    file.sync();
  } finally {
    unseen(() => file.close());
  }
}

/** Whether a path that was known to lead to something still does. */
function leadsTo(fs: FileSystem, path: string, inode: number): boolean {
  try {
    return fs.stat(path).inode === inode;
  } catch (error) {
    if (error instanceof FileSystemError) return false;
    throw error;
  }
}

/** Whether a call is made where a barrier belongs. */
function isHere({ place, from }: Insertion, call: WatchedCall): boolean {
  return isSamePlace(place, call.place()) &&
    (from === undefined || call.callers().some((caller) => isSamePlace(from, caller)));
}

/** Lets two watchers see the calls; what the second imposes is there before the first looks. */
export function together(first: CallWatcher, second: CallWatcher): CallWatcher {
  return {
    seesReturns: first.seesReturns || second.seesReturns,
    waits: Boolean(first.waits || second.waits),
    before: (call) => {
      second.before(call);
      first.before(call);
    },
    // An op that was imposed must not be taken for the call itself.
    after: (call) => {
      first.after(call);
      second.after(call);
    },
  };
}

/** Imposes a barrier on everything that waits for one, at every call. */
export const EVERYWHERE: CallWatcher = {
  // Nothing waits for a barrier when the call before has returned.
  seesReturns: false,
  before: imposeAll,
  after: imposeAll,
};

function imposeAll({ process: { disk, known, below } }: WatchedCall): void {
  for (const [inode, path] of known) {
    if (disk.isDirty(inode)) below.impose(inode, path, { counts: false });
  }
}

/** Tells places apart. */
export function isSamePlace(a: SourcePlace, b: SourcePlace): boolean {
  return a.line === b.line && a.column === b.column && a.file === b.file;
}

/**
 * The log, with its calls watched in each of its processes.
 *
 * @param subject The log.
 * @param watcher Sees its calls.
 * @param memory Remembers where calls are made; without it, every stack is looked at.
 * @returns The log as the harness sees it.
 */
export function watched(
  subject: LogUnderTest,
  watcher: CallWatcher,
  memory?: CallMemory,
): LogUnderTest {
  let process: WatchedFileSystem;
  const returning = (name: WatchedName, made: unknown) => {
    if (!watcher.seesReturns && !watcher.waits) return made;
    const present = process;
    const returns = <T>(value: T): T => {
      present.returns(name);
      return value;
    };
    if (!isPromiseLike(made)) return returns(made);
    if (!watcher.waits) return made.then(returns);
    return made.then(async (value) => {
      await present.settled();
      return returns(value);
    });
  };
  const open = (fs: FileSystem, dir: string) => {
    process = new WatchedFileSystem(fs as InterleavedFileSystem, watcher, memory);
    process.enters();
    return returning("open returns", subject.open(process, dir));
  };
  const calls = ["append", "sync", "truncateFront"] as const;
  // Methods are called on the log itself: it may be an object with private state.
  return new Proxy({} as LogUnderTest, {
    get(_, name: keyof LogUnderTest) {
      const value: unknown = name === "open" ? open : subject[name];
      if (typeof value !== "function" || name === "open") return value;
      const call = value.bind(subject) as (...args: unknown[]) => unknown;
      const own = calls.find((own) => own === name);
      if (own === undefined) return call;
      return (...args: unknown[]) => {
        process.enters();
        return returning(`${own} returns`, call(...args));
      };
    },
  });
}
