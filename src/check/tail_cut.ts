/**
 * A fix that is no barrier: recovery cuts off what lies behind the last record.
 *
 * METHOD. No source is changed. Before a process writes to a file for the first time, at an offset below
 * its end, the file is truncated to that offset, and synced: what a torn write had left behind the
 * last record is gone before anything is appended. That happens once per recovery, and not at all
 * where nothing was left. It is right for a log that only appends; for one that overwrites it breaks
 * the promise, which the check of the suggestion shows.
 *
 * @module
 */
import { withPlace } from "./call_place.ts";
import type { CallWatcher, WatchedCall, WatchedFileSystem } from "./watched_file_system.ts";

/** Cuts files off where a process begins to append to them. */
export class TailCut implements CallWatcher {
  readonly seesReturns = false;
  /** The first write before which something was cut off, in words. */
  where: string | undefined;
  readonly #begun: WeakMap<WatchedFileSystem, Set<number>> = new WeakMap();

  /** See {@linkcode CallWatcher.before}. */
  before(call: WatchedCall): void {
    const { name, offset, inode, process } = call;
    if (name !== "write" || offset === undefined) return;
    const begun = this.#begun.get(process) ?? new Set();
    this.#begun.set(process, begun);
    if (begun.has(inode)) return;
    begun.add(inode);
    const path = process.known.get(inode);
    if (path === undefined || process.below.stat(path).size <= offset) return;
    this.where ??= withPlace(`write "${path}"`, call.place());
    const file = process.below.open(path, { write: true });
    file.truncate(offset);
    file.sync();
    file.close();
  }

  /** See {@linkcode CallWatcher.after}. */
  after(): void {}
}
