/**
 * Two mistakes that a VFS could make, for telling whether the scenarios would notice.
 *
 * @module
 */
import type { FileHandle, FileSystem, OpenOptions } from "../../mod.ts";

/** A disk below a VFS whose `xSync` does nothing. */
export function withoutSync(fs: FileSystem): FileSystem {
  return wrapped(fs, {
    sync(handle, isDirectory) {
      if (isDirectory) handle.sync();
    },
  });
}

/** A disk below a VFS whose `xDelete` does not sync the directory; a new journal's name is synced. */
export function withoutSyncAfterRemove(fs: FileSystem): FileSystem {
  let removed = false;
  return wrapped(fs, {
    sync(handle, isDirectory) {
      if (!isDirectory || !removed) handle.sync();
      removed = false;
    },
    removed: () => removed = true,
  });
}

/** What happens in place of some calls. */
interface Changes {
  sync(handle: FileHandle, isDirectory: boolean): void;
  removed?(): void;
}

function wrapped(fs: FileSystem, changes: Changes): FileSystem {
  return {
    open: (path, options) => wrappedHandle(fs.open(path, options), options, changes),
    mkdir: (path) => fs.mkdir(path),
    list: (path) => fs.list(path),
    stat: (path) => fs.stat(path),
    rename: (from, to) => fs.rename(from, to),
    link: (existing, created) => fs.link(existing, created),
    remove(path) {
      fs.remove(path);
      changes.removed?.();
    },
  };
}

function wrappedHandle(
  handle: FileHandle,
  options: OpenOptions | undefined,
  changes: Changes,
): FileHandle {
  // SQLite's VFS opens a directory only in order to sync it, and without options.
  const isDirectory = options === undefined;
  return {
    read: (into, offset) => handle.read(into, offset),
    write: (bytes, offset) => handle.write(bytes, offset),
    size: () => handle.size(),
    truncate: (size) => handle.truncate(size),
    sync: () => changes.sync(handle, isDirectory),
    syncData: () => changes.sync(handle, isDirectory),
    close: () => handle.close(),
  };
}
