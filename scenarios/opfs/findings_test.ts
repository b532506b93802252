/**
 * What the search has found, once more by hand: images made of bytes, without the search, the lazy disk
 * or the oracle. Each test shows that an image differs from what the engine had durably written only
 * in what no barrier had forced, and that opening it breaks the promise.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  type FileHandle,
  type FileSystem,
  type LogUnderTest,
  type OpenOptions,
  SimulatedFileSystem,
} from "../../mod.ts";
import { accessHandlePoolLog } from "./access_handle_pool_log.ts";
import { sahPoolLog } from "./sahpool_log.ts";
import { writeAheadLog } from "./write_ahead_log.ts";

/** The files of a disk, by path. */
type Image = ReadonlyMap<string, Uint8Array>;

const FIRST = new Uint8Array(24).fill(0x41);
const SECOND = new Uint8Array(40).fill(0x42);

function diskOf(image: Image): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  fs.mkdir("/log");
  for (const [path, bytes] of image) {
    const names = path.split("/").slice(1, -1);
    for (const i of names.keys()) {
      const directory = `/${names.slice(0, i + 1).join("/")}`;
      if (!exists(fs, directory)) fs.mkdir(directory);
    }
    const file = fs.open(path, { write: true, createNew: true });
    file.write(bytes, 0);
    file.close();
  }
  return fs;
}

function exists(fs: FileSystem, path: string): boolean {
  const at = path.lastIndexOf("/");
  return fs.list(path.slice(0, at) || "/").includes(path.slice(at + 1));
}

function imageOf(fs: FileSystem, directory = "/log"): Map<string, Uint8Array> {
  return new Map(
    fs.list(directory).flatMap((name): [string, Uint8Array][] => {
      const path = `${directory}/${name}`;
      const { kind, size } = fs.stat(path);
      if (kind === "directory") return [...imageOf(fs, path)];
      const bytes = new Uint8Array(size);
      const file = fs.open(path);
      file.read(bytes, 0);
      file.close();
      return [[path, bytes]];
    }),
  );
}

/** A call that changes a file, or is a barrier on it, and all files before it. */
interface Call {
  readonly what: string;
  readonly path: string;
  readonly before: Image;
}

/** A process that remembers what it does to files. */
class Watched extends SimulatedFileSystem {
  readonly calls: Call[] = [];

  override open(path: string, options?: OpenOptions): FileHandle {
    const file = super.open(path, options);
    const note = (what: string) => {
      this.calls.push({ what, path, before: imageOf(new SimulatedFileSystem(this.disk)) });
    };
    return {
      read: (into, offset) => file.read(into, offset),
      size: () => file.size(),
      close: () => file.close(),
      sync: () => file.sync(),
      write: (bytes, offset) => {
        note(`write ${bytes.length} at ${offset}`);
        return file.write(bytes, offset);
      },
      truncate: (size) => {
        note(`truncate to ${size}`);
        file.truncate(size);
      },
      syncData: () => {
        note("flush");
        file.syncData();
      },
    };
  }
}

/** A new process opens the log on a disk. */
async function start<Log>(log: LogUnderTest<Log>, disk: SimulatedFileSystem) {
  const fs = new Watched(disk.disk);
  const open = await log.open(fs, "/log");
  return {
    fs,
    append: async (record: Uint8Array) => void await log.append(open, record),
    records: async () => [...await log.records(open) as Uint8Array[]],
  };
}

/** What a new process finds in an image. */
async function recovered<Log>(log: LogUnderTest<Log>, image: Image): Promise<Uint8Array[]> {
  const { fs, records } = await start(log, diskOf(image));
  const found = await records();
  fs.kill();
  return found;
}

const emptyDisk = () => diskOf(new Map());

/**
 * Both pools free a file that was a journal by clearing its header, flushing that, and only then cutting
 * the file. The next transaction makes the same file its journal again: it writes the header and
 * flushes it. When the power goes in that flush, the header may be there and the cut may not: then the
 * old journal is hot again, and undoes the transaction before, which was acked.
 */
async function findsTheOldJournal<Log>(log: LogUnderTest<Log>): Promise<void> {
  const { fs, append } = await start(log, emptyDisk());
  fs.calls.splice(0);
  await append(FIRST);
  const first = fs.calls.splice(0);
  const journal = first.at(-1)!.path;
  const ofJournal = (calls: Call[]) => calls.filter(({ path }) => path === journal);
  // The pool takes its files in turn: so many transactions later it is this one's turn again.
  let acked = imageOf(new SimulatedFileSystem(fs.disk));
  let records = 1;
  let again: Call[] = [];
  for (; again.length === 0; records++) {
    assert(records < 9, "the file was never a journal again");
    acked = imageOf(new SimulatedFileSystem(fs.disk));
    await append(SECOND);
    again = ofJournal(fs.calls.splice(0));
  }
  records--;
  fs.kill();
  assertEquals((await recovered(log, acked)).length, records);

  // What was done last with the file, and what is done first when its turn has come: no flush forces
  // the cut before the header is written again.
  const last = ofJournal(first).slice(-4);
  assertEquals(last.map(({ what }) => what), [
    "write 516 at 0",
    "write 8 at 516",
    "flush",
    "truncate to 4096",
  ]);
  assertEquals(again.slice(0, 3).map(({ what }) => what), [
    "write 516 at 0",
    "write 8 at 516",
    "flush",
  ]);

  // The database is as it was acked; the old journal has its old length, and its new header.
  const old = last[0]!.before.get(journal)!.slice();
  old.set(again[2]!.before.get(journal)!.subarray(0, 524));
  assert(old.length > 4096);
  assertEquals(await recovered(log, new Map([...acked, [journal, old]])), []);
}

Deno.test("opfs-sahpool undoes an acked transaction, where a cut journal keeps its length", async () => {
  await findsTheOldJournal(sahPoolLog({ journal: "DELETE", synchronous: "FULL" }));
});

Deno.test("AccessHandlePoolVFS undoes an acked transaction in the same way", async () => {
  await findsTheOldJournal(accessHandlePoolLog({ journal: "DELETE", synchronous: "FULL" }));
});

Deno.test("OPFSWriteAheadVFS does not flush a transaction that ends a file", async () => {
  const log = writeAheadLog({ synchronous: "FULL", filePages: 4 });
  const { fs, append } = await start(log, emptyDisk());
  const before = imageOf(new SimulatedFileSystem(fs.disk));
  fs.calls.splice(0);
  await append(FIRST);
  const calls = fs.calls.splice(0);
  const after = imageOf(new SimulatedFileSystem(fs.disk));
  fs.kill();
  assertEquals(await recovered(log, after), [FIRST]);

  const old = calls[0]!.path;
  const flushed = calls.findIndex(({ what }) => what === "flush");
  assertNotEquals(calls[flushed]!.path, old, "what is flushed is the file that comes next");
  // Of the old file nothing was flushed: it may be as before.
  const image = new Map([...after, [old, before.get(old)!]]);
  assertEquals(await recovered(log, image), []);
});

Deno.test("OPFSWriteAheadVFS takes old frames for those of a new transaction", async () => {
  const log = writeAheadLog({ synchronous: "FULL" });
  const { fs, append } = await start(log, emptyDisk());
  const [name] = [...imageOf(new SimulatedFileSystem(fs.disk)).keys()].filter((path) =>
    fs.stat(path).size > 0 && path.includes("-wa")
  );
  const before = imageOf(new SimulatedFileSystem(fs.disk)).get(name!)!;
  await append(FIRST);
  const image = imageOf(new SimulatedFileSystem(fs.disk));
  fs.kill();

  // The power goes before the flush. The sector in which the transaction begins was not written.
  const at = before.length - before.length % 512;
  const torn = new Uint8Array(512);
  torn.set(before.subarray(at));
  image.get(name!)!.set(torn, at);
  const disk = diskOf(image);
  const process = await start(log, disk);
  assertEquals(await process.records(), [], "the transaction was not whole, and is gone");

  // The next transaction begins at the same place, and its process ends after the first page.
  process.fs.killAfter(2);
  await process.append(SECOND).catch(() => {});
  assert(!process.fs.alive);
  const next = await start(log, disk);
  assertEquals(await next.records(), [FIRST], "nobody has written that since it was gone");
  next.fs.kill();
});
