/**
 * Stores with a mistake each, for the tests of the page.
 *
 * @module
 */
import { keyValues, type StoreUnderTest } from "../check/store.ts";
import type { FileSystem } from "../vfs/file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { writeFully } from "../vfs/write_fully.ts";

/** A JSON value in a file; `{}` where there is none. */
// deno-lint-ignore no-explicit-any -- what is read is what a test has written
function read(fs: FileSystem, name: string): any {
  if (!fs.list("/log").includes(name)) return {};
  const file = fs.open(`/log/${name}`);
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  file.close();
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Writes a draft, syncs it and gives it its name. */
function replace(fs: FileSystem, name: string, value: unknown): void {
  const file = fs.open("/log/draft", { write: true, create: true, truncate: true });
  writeFully(file, new TextEncoder().encode(JSON.stringify(value)), 0);
  file.sync();
  file.close();
  fs.rename("/log/draft", `/log/${name}`);
}

/** A store of keys and values that replaces its file, and does not sync the directory. */
export const withoutDirectorySync: StoreUnderTest<FileSystem> = {
  name: "replaces its file",
  acks: "apply",
  ...keyValues,
  open(fs) {
    syncDirectory(fs, "/log");
    return fs;
  },
  apply: (fs, command) =>
    replace(fs, "state.json", keyValues.model.next(read(fs, "state.json"), command)),
  observe: (fs) => read(fs, "state.json"),
};

/** The store with the directory synced after every command. */
export const sound: StoreUnderTest<FileSystem> = {
  ...withoutDirectorySync,
  apply(fs, command) {
    withoutDirectorySync.apply(fs, command);
    syncDirectory(fs, "/log");
  },
};

/** A state in two parts, which each command changes alike. */
interface Pair {
  readonly left: Readonly<Record<string, string>>;
  readonly right: Readonly<Record<string, string>>;
}

/** A store that keeps each part in a file of its own, so that half of a command may be lost. */
export const inTwoFiles: StoreUnderTest<FileSystem, { put: string }, Pair> = {
  name: "two files",
  acks: "apply",
  command: (number, bytes) => ({ put: `${number}${"x".repeat(bytes)}` }),
  model: {
    initial: { left: {}, right: {} },
    next: ({ left, right }, { put }) => ({ left: { ...left, put }, right: { ...right, put } }),
  },
  open(fs) {
    syncDirectory(fs, "/log");
    return fs;
  },
  apply(fs, { put }) {
    for (const name of ["left", "right"]) {
      replace(fs, name, { ...read(fs, name), put });
      syncDirectory(fs, "/log");
    }
  },
  observe: (fs) => ({ left: read(fs, "left"), right: read(fs, "right") }),
};
