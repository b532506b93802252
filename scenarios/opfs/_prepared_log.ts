/**
 * A log that is set up before anything else happens: its first open finds files that an earlier run
 * has made, all durable. A crash then meets the work of the log and not its setting up, which has many
 * more states.
 *
 * @module
 */
import {
  type FileSystem,
  type LogUnderTest,
  SimulatedFileSystem,
  syncDirectory,
  writeFully,
} from "../../mod.ts";

/** A file or directory, with what is in it. */
type Entry =
  & { readonly name: string }
  & (
    | { readonly bytes: Uint8Array }
    | { readonly entries: readonly Entry[] }
  );

/** The same log, set up and durable before it is first opened. */
export function preparedLog<Log>(log: LogUnderTest<Log>): LogUnderTest<Log> {
  let image: Promise<readonly Entry[]> | undefined;
  return {
    ...log,
    open: async (fs, dir) => {
      image ??= imageOf(log);
      const entries = await image;
      if (!fs.list(dir).includes("ready")) unpack(fs, dir, entries);
      return await log.open(fs, `${dir}/ready`);
    },
  };
}

/** What the log leaves behind when it is opened and closed in an empty directory. */
async function imageOf<Log>(log: LogUnderTest<Log>): Promise<readonly Entry[]> {
  const fs = new SimulatedFileSystem();
  fs.mkdir("/image");
  const open = await log.open(fs, "/image");
  await log.close?.(open);
  return entriesOf(fs, "/image");
}

function entriesOf(fs: FileSystem, directory: string): Entry[] {
  return fs.list(directory).map((name) => {
    const path = `${directory}/${name}`;
    if (fs.stat(path).kind === "directory") return { name, entries: entriesOf(fs, path) };
    const file = fs.open(path);
    const bytes = new Uint8Array(file.size());
    file.read(bytes, 0);
    file.close();
    return { name, bytes };
  });
}

/** Puts the files into `dir`; a crash leaves all of them or none. */
function unpack(fs: FileSystem, dir: string, entries: readonly Entry[]): void {
  const draft = `${dir}/draft-${fs.list(dir).length}`;
  fs.mkdir(draft);
  put(fs, draft, entries);
  fs.rename(draft, `${dir}/ready`);
  syncDirectory(fs, dir);
}

function put(fs: FileSystem, directory: string, entries: readonly Entry[]): void {
  for (const entry of entries) {
    const path = `${directory}/${entry.name}`;
    if ("entries" in entry) {
      fs.mkdir(path);
      put(fs, path, entry.entries);
      continue;
    }
    const file = fs.open(path, { write: true, createNew: true });
    writeFully(file, entry.bytes, 0);
    file.sync();
    file.close();
  }
  syncDirectory(fs, directory);
}
