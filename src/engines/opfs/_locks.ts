/**
 * The locks of open files. They live as long as the process: after a crash, or when the process is
 * killed, nothing is locked.
 *
 * The standard knows an exclusive lock, and a shared one for streams (section 2.1, "take a lock").
 * Chromium lets all holders of one kind share, with `readwrite` alone in being exclusive.
 *
 * @module
 */
import { domError } from "./_dom_error.ts";

/** What a lock is taken for. */
export type LockKind = "readwrite" | "read-only" | "readwrite-unsafe" | "stream";

/** A kind of lock, and how many hold it. */
interface Held {
  readonly kind: LockKind;
  count: number;
}

/** The locks of one bucket, by the path of the file. */
export class Locks {
  readonly #held = new Map<string, Held>();

  /** Takes a lock; returns what releases it, once. */
  take(path: string, kind: LockKind): () => void {
    const held = this.#held.get(path) ?? { kind, count: 0 };
    if (held.count > 0 && (held.kind !== kind || kind === "readwrite")) throw lockedError(path);
    held.count++;
    this.#held.set(path, held);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      if (--held.count === 0) this.#held.delete(path);
    };
  }

  /** Refuses a change of the name `path` while it, or anything below it, is locked. */
  requireFree(path: string): void {
    for (const locked of this.#held.keys()) {
      if (locked === path || locked.startsWith(`${path}/`)) throw lockedError(path);
    }
  }
}

function lockedError(path: string): DOMException {
  return domError("NoModificationAllowedError", `"${path}" is locked, expected it to be free`);
}
