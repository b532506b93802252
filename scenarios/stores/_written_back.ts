/**
 * What the operating system does for a store that makes no barrier: in half a minute or so, all
 * that it has written is on the media. From then on a store may be expected to keep it, whatever
 * comes.
 *
 * @module
 */
import { type FileSystem, type StoreUnderTest, syncDirectory } from "../../mod.ts";

/** An open store, and where it is. */
interface Placed<Store> {
  readonly store: Store;
  readonly fs: FileSystem;
  readonly dir: string;
}

/**
 * A store that promises no durability, but must keep what has been written back: a `sync` of a
 * workload stands for the moment when all of it is on the media.
 *
 * @param inner The store.
 * @param file The name of its file; a store that leaves it out has several, all in its directory.
 * @returns The store with that `sync`.
 */
export function writtenBack<Store, Command, State>(
  inner: StoreUnderTest<Store, Command, State>,
  file?: string,
): StoreUnderTest<Placed<Store>, Command, State> {
  const { name, command, model } = inner;
  return {
    name,
    command,
    model,
    acks: "sync",
    open: async (fs, dir) => ({ store: await inner.open(fs, dir), fs, dir }),
    apply: ({ store }, command) => inner.apply(store, command),
    sync: ({ fs, dir }) => writeBack(fs, dir, file === undefined ? fs.list(dir) : [file]),
    observe: ({ store }) => inner.observe(store),
    close: ({ store }) => inner.close?.(store),
  };
}

/** A barrier on files, and on their directory. */
function writeBack(fs: FileSystem, dir: string, names: readonly string[]): void {
  for (const name of names.toSorted()) {
    const file = fs.open(`${dir}/${name}`);
    file.sync();
    file.close();
  }
  syncDirectory(fs, dir);
}
