/**
 * A store of keys and values, with a model: the same store in a few lines, without a disk. After every
 * crash its state must be that of the model after some number of whole commands, at least those that
 * were acked. Change it into your own store, or wrap your own store in the object at the end.
 *
 *   deno task check MODULE                     every crash of some fifty workloads
 *   deno task check MODULE --model ext4-ordered
 */
import {
  type FileSystem,
  type KeyValueCommand,
  keyValues,
  type StoreUnderTest,
  syncDirectory,
  writeFully,
} from "../../mod.ts";

/** An open store. */
interface Store {
  readonly fs: FileSystem;
  readonly dir: string;
  values: Record<string, string>;
}

function open(fs: FileSystem, dir: string): Store {
  // What is shown must last: the rename that brought it may not be durable yet.
  syncDirectory(fs, dir);
  if (!fs.list(dir).includes("store.json")) return { fs, dir, values: {} };
  const file = fs.open(`${dir}/store.json`);
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  file.close();
  return { fs, dir, values: JSON.parse(new TextDecoder().decode(bytes)) };
}

/** Replaces the file: write a draft, sync it, give it the name, sync the directory. */
function apply(store: Store, command: KeyValueCommand): void {
  const { fs, dir } = store;
  const values = { ...store.values };
  if ("set" in command) values[command.set] = command.value;
  else delete values[command.remove];
  const draft = fs.open(`${dir}/draft`, { write: true, create: true, truncate: true });
  writeFully(draft, new TextEncoder().encode(JSON.stringify(values)), 0);
  draft.sync();
  draft.close();
  fs.rename(`${dir}/draft`, `${dir}/store.json`);
  syncDirectory(fs, dir);
  store.values = values;
}

const store: StoreUnderTest<Store> = {
  name: "my store",
  acks: "apply",
  // The commands that it is given, and what they should do. A store of another kind has its own:
  //   command: (number, bytes) => …,  model: { initial: …, next: (state, command) => … }
  ...keyValues,
  open,
  apply,
  observe: ({ values }) => values,
};

export default store;
