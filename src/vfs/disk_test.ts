import { assert, assertEquals, assertThrows } from "@std/assert";
import { explore } from "../explore/explore.ts";
import { type Disk, type DiskOptions, StepBudgetError } from "./disk.ts";
import { type FileHandle, type FileSystem, FileSystemError } from "./file_system.ts";
import { SimulatedFileSystem } from "./simulated_file_system.ts";
import { syncDirectory } from "./sync_directory.ts";

const RW = { read: true, write: true, create: true };
const NEW = "NUL";
const STALE = "0xDB";

/** What is done before the power goes. */
type Work = (fs: SimulatedFileSystem) => void;

/** Looks at a disk and says what it sees. */
type Look = (fs: SimulatedFileSystem) => string;

function cutAfter(work: Work, options: DiskOptions = {}, setUp: Work = () => {}): Disk {
  const fs = new SimulatedFileSystem(options);
  setUp(fs);
  fs.disk.settle();
  work(fs);
  fs.disk.powerCut();
  return fs.disk;
}

/** All that may be seen when the power goes after the last op of `work`, sorted. */
async function survivors(
  look: Look,
  work: Work,
  { setUp, ...options }: DiskOptions & { readonly setUp?: Work } = {},
): Promise<string[]> {
  const disk = cutAfter(work, options, setUp);
  const seen = new Set<string>();
  const { complete } = await explore(disk, look, (what) => {
    if (disk.lives[0]!.hi === disk.lives[0]!.trace.length) seen.add(what);
  });
  assert(complete);
  return [...seen].toSorted();
}

/** Sets up files that are durable, each full of one letter. */
function files(contents: Readonly<Record<string, string>>): Work {
  return (fs) => {
    for (const [path, text] of Object.entries(contents)) put(fs, path, text);
  };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

function put(fs: FileSystem, path: string, text: string, offset = 0): void {
  const file = fs.open(path, RW);
  file.write(bytesOf(text), offset);
  file.close();
}

function sync(fs: FileSystem, path: string): void {
  const file = fs.open(path);
  file.sync();
  file.close();
}

/** The bytes of a file, in runs: `A*5 NUL*3`, or the name of the error. */
function contents(path: string, sample?: readonly number[]): Look {
  return (fs) => {
    try {
      const file = fs.open(path);
      const bytes = new Uint8Array(file.size());
      assertEquals(file.read(bytes, 0), bytes.length);
      if (sample !== undefined) return sample.map((at) => nameOf(bytes[at])).join(" ");
      return runsOf(bytes);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return error.code;
    }
  };
}

function nameOf(byte: number | undefined): string {
  if (byte === undefined) return "-";
  return byte === 0 ? NEW : byte === 0xdb ? STALE : String.fromCharCode(byte);
}

function runsOf(bytes: Uint8Array): string {
  const runs: string[] = [];
  for (let i = 0; i < bytes.length;) {
    let end = i;
    while (end < bytes.length && bytes[end] === bytes[i]) end++;
    runs.push(`${nameOf(bytes[i])}*${end - i}`);
    i = end;
  }
  return runs.join(" ") || "empty";
}

const names: Look = (fs) => fs.list("/").join(" ") || "no names";

Deno.test("Disk keeps what was written when the crash is lucky", () => {
  const disk = cutAfter((fs) => put(fs, "/a", "A".repeat(700)));
  assertEquals(contents("/a")(new SimulatedFileSystem(disk)), "A*700");
});

Deno.test("Disk keeps a copy of what is written", () => {
  const fs = new SimulatedFileSystem();
  const bytes = bytesOf("AAA");
  const file = fs.open("/a", RW);
  file.write(bytes, 0);
  bytes.fill(7);
  assertEquals(contents("/a")(fs), "A*3");
  fs.disk.powerCut();
  assertEquals(contents("/a")(new SimulatedFileSystem(fs.disk)), "A*3");
});

Deno.test("Disk may keep any version of a sector that was written again and again", async () => {
  const work: Work = (fs) => {
    for (const text of ["B", "C", "D"]) put(fs, "/a", text);
  };
  const setUp = files({ "/a": "A" });
  assertEquals(await survivors(contents("/a"), work, { setUp }), ["A*1", "B*1", "C*1", "D*1"]);
});

Deno.test("Disk keeps no version that a barrier has made obsolete", async () => {
  const work: Work = (fs) => {
    put(fs, "/a", "B");
    put(fs, "/a", "C");
    sync(fs, "/a");
    put(fs, "/a", "D");
  };
  const setUp = files({ "/a": "A" });
  assertEquals(await survivors(contents("/a"), work, { setUp }), ["C*1", "D*1"]);
});

Deno.test("Disk keeps a sector whole: two writes to one sector land in order", async () => {
  const work: Work = (fs) => {
    put(fs, "/a", "BB", 0);
    put(fs, "/a", "CC", 2);
  };
  const setUp = files({ "/a": "AAAA" });
  assertEquals(await survivors(contents("/a"), work, { setUp }), ["A*4", "B*2 A*2", "B*2 C*2"]);
});

Deno.test("Disk loses any sectors, not only the last ones", async () => {
  const look = contents("/a", [0, 512]);
  const work: Work = (fs) => {
    put(fs, "/a", "B".repeat(512), 0);
    put(fs, "/a", "C".repeat(512), 512);
  };
  const setUp = files({ "/a": "A".repeat(1024) });
  assertEquals(await survivors(look, work, { setUp }), ["A A", "A C", "B A", "B C"]);
  const torn: Work = (fs) => put(fs, "/a", "B".repeat(1024));
  assertEquals(await survivors(look, torn, { setUp }), ["A A", "A B", "B A", "B B"]);
  assertEquals(await survivors(look, torn, { setUp, sectorBytes: 4096 }), ["A A", "B B"]);
});

Deno.test("Disk keeps a new size without the bytes: they read as NUL or as 0xDB", async () => {
  const work: Work = (fs) => put(fs, "/a", "BB", 0);
  const setUp: Work = (fs) => fs.open("/a", RW).close();
  for (const model of ["posix", "posix-ra"] as const) {
    assertEquals(
      await survivors(contents("/a"), work, { model, setUp }),
      ["0xDB*2", "B*2", "NUL*2", "empty"],
    );
  }
});

Deno.test("Disk exposes stale bytes only where a sector is new", async () => {
  const setUp = files({ "/a": "AA" });
  const work: Work = (fs) => put(fs, "/a", "BB", 2);
  assertEquals(
    await survivors(contents("/a"), work, { setUp }),
    ["A*2", "A*2 B*2", "A*2 NUL*2"],
  );
});

Deno.test("Disk keeps the size of a long write page by page", async () => {
  const setUp: Work = (fs) => fs.open("/a", RW).close();
  const look: Look = (fs) => String(fs.stat("/a").size);
  const work: Work = (fs) => put(fs, "/a", "B".repeat(9000));
  assertEquals(await survivors(look, work, { setUp }), ["0", "4096", "8192", "9000"]);
});

Deno.test("FileHandle.sync() makes the bytes and the size durable, but not the name", async () => {
  const work: Work = (fs) => {
    put(fs, "/a", "A".repeat(700));
    sync(fs, "/a");
  };
  assertEquals(await survivors(contents("/a"), work), ["A*700", "ENOENT"]);
  const named: Work = (fs) => {
    work(fs);
    syncDirectory(fs, "/");
  };
  assertEquals(await survivors(contents("/a"), named), ["A*700"]);
});

Deno.test("FileHandle.sync() on a directory makes the names durable, but not the bytes", async () => {
  const work: Work = (fs) => {
    put(fs, "/a", "A");
    syncDirectory(fs, "/");
  };
  assertEquals(await survivors(contents("/a"), work), ["0xDB*1", "A*1", "NUL*1", "empty"]);
});

Deno.test("FileHandle.syncData() makes the size durable too", async () => {
  const work: Work = (fs) => {
    const file = fs.open("/a", RW);
    file.write(bytesOf("BB"), 1);
    file.syncData();
  };
  const setUp = files({ "/a": "A" });
  assertEquals(await survivors(contents("/a"), work, { setUp }), ["A*1 B*2"]);
});

Deno.test("FileHandle.write() of a handle with `sync` is durable when it returns", async () => {
  const work: Work = (fs) => {
    const file = fs.open("/a", { write: true, sync: true });
    file.write(bytesOf("B"), 0);
    file.truncate(5);
  };
  const setUp = files({ "/a": "A" });
  assertEquals(await survivors(contents("/a"), work, { setUp }), ["B*1", "B*1 NUL*4"]);
});

Deno.test("FileHandle.sync() is about the file, whichever handle wrote", async () => {
  const work: Work = (fs) => {
    fs.open("/a", RW).write(bytesOf("B"), 0);
    sync(fs, "/b");
    fs.open("/b", RW).write(bytesOf("C"), 0);
  };
  const setUp: Work = (fs) => {
    put(fs, "/a", "A");
    fs.link("/a", "/b");
  };
  assertEquals(await survivors(contents("/a"), work, { setUp }), ["B*1", "C*1"]);
});

Deno.test("FileHandle.close() is no barrier", async () => {
  const setUp = files({ "/a": "A" });
  const work: Work = (fs) => {
    const file = fs.open("/a", RW);
    file.write(bytesOf("B"), 0);
    file.close();
  };
  assertEquals(await survivors(contents("/a"), work, { setUp }), ["A*1", "B*1"]);
});

Deno.test("FileSystem.remove() may land, and may not, until the directory is synced", async () => {
  const setUp = files({ "/a": "A" });
  const work: Work = (fs) => fs.remove("/a");
  assertEquals(await survivors(contents("/a"), work, { setUp }), ["A*1", "ENOENT"]);
  const synced: Work = (fs) => {
    fs.remove("/a");
    syncDirectory(fs, "/");
  };
  assertEquals(await survivors(contents("/a"), synced, { setUp }), ["ENOENT"]);
});

Deno.test("FileSystem.remove() that is undone brings back the old file, not the new one", async () => {
  const setUp = files({ "/a": "AA" });
  const work: Work = (fs) => {
    fs.remove("/a");
    put(fs, "/a", "B");
    sync(fs, "/a");
  };
  assertEquals(await survivors(contents("/a"), work, { setUp }), ["A*2", "B*1", "ENOENT"]);
});

Deno.test("FileHandle.write() to a file without a name does not reach the file that has it now", async () => {
  const setUp = files({ "/a": "A" });
  const work: Work = (fs) => {
    const old = fs.open("/a", RW);
    fs.remove("/a");
    put(fs, "/a", "B");
    sync(fs, "/a");
    syncDirectory(fs, "/");
    old.write(bytesOf("C"), 0);
    old.sync();
  };
  assertEquals(await survivors(contents("/a"), work, { setUp }), ["B*1"]);
});

Deno.test("FileSystem.rename() over a file is atomic in posix-ra, and may tear in posix", async () => {
  const setUp = files({ "/a": "A", "/b": "B" });
  const work: Work = (fs) => fs.rename("/b", "/a");
  const look: Look = (fs) => `${contents("/a")(fs)} ${contents("/b")(fs)}`;
  assertEquals(await survivors(look, work, { setUp }), ["A*1 B*1", "B*1 ENOENT"]);
  assertEquals(await survivors(look, work, { setUp, model: "posix" }), [
    "A*1 B*1",
    "A*1 ENOENT",
    "B*1 B*1",
    "B*1 ENOENT",
    "ENOENT B*1",
    "ENOENT ENOENT",
  ]);
});

Deno.test("FileSystem.rename() to a free name leaves one name in posix-ra, none or two in posix", async () => {
  const setUp = files({ "/a": "A" });
  const work: Work = (fs) => fs.rename("/a", "/b");
  assertEquals(await survivors(names, work, { setUp }), ["a", "b"]);
  assertEquals(
    await survivors(names, work, { setUp, model: "posix" }),
    ["a", "a b", "b", "no names"],
  );
});

Deno.test("FileSystem.rename() between directories is atomic, and either directory forces it", async () => {
  const setUp: Work = (fs) => {
    for (const directory of ["/d", "/e"]) fs.mkdir(directory);
    put(fs, "/d/a", "A");
  };
  const look: Look = (fs) => `${fs.list("/d")} | ${fs.list("/e")}`;
  const work: Work = (fs) => fs.rename("/d/a", "/e/a");
  assertEquals(await survivors(look, work, { setUp }), [" | a", "a | "]);
  for (const directory of ["/d", "/e"]) {
    const synced: Work = (fs) => {
      work(fs);
      syncDirectory(fs, directory);
    };
    assertEquals(await survivors(look, synced, { setUp }), [" | a"]);
  }
});

Deno.test("FileSystem.rename() does not make the bytes of the file durable", async () => {
  const setUp = files({ "/a": "A" });
  const work: Work = (fs) => {
    put(fs, "/b", "B");
    fs.rename("/b", "/a");
    syncDirectory(fs, "/");
  };
  assertEquals(
    await survivors(contents("/a"), work, { setUp }),
    ["0xDB*1", "B*1", "NUL*1", "empty"],
  );
});

Deno.test("FileSystem.mkdir() may be lost with all that is in it", async () => {
  const work: Work = (fs) => {
    fs.mkdir("/d");
    put(fs, "/d/a", "A");
    sync(fs, "/d/a");
    syncDirectory(fs, "/d");
  };
  assertEquals(await survivors(contents("/d/a"), work), ["A*1", "ENOENT"]);
});

Deno.test("FileHandle.truncate() may land, and may not, and cuts what is past it", async () => {
  const setUp = files({ "/a": "A".repeat(512) });
  const cut: Work = (fs) => fs.open("/a", RW).truncate(100);
  assertEquals(await survivors(contents("/a"), cut, { setUp }), ["A*100", "A*512"]);
  const regrown: Work = (fs) => {
    const file = fs.open("/a", RW);
    file.truncate(100);
    file.truncate(512);
  };
  assertEquals(
    await survivors(contents("/a"), regrown, { setUp }),
    ["A*100", "A*100 NUL*412", "A*512"],
  );
});

Deno.test("FileHandle.truncate() cuts what was written before it, and not what comes after", async () => {
  const setUp = files({ "/a": "AAAA" });
  const work: Work = (fs) => {
    const file = fs.open("/a", RW);
    file.truncate(0);
    file.write(bytesOf("BB"), 0);
    assertEquals(contents("/a")(fs), "B*2");
    file.truncate(4);
    assertEquals(contents("/a")(fs), "B*2 NUL*2");
  };
  const seen = await survivors(contents("/a"), work, { setUp });
  assertEquals(seen.filter((text) => text.startsWith("B")), ["B*2", "B*2 NUL*2"]);
  assertEquals(seen.filter((text) => text.startsWith("A")), ["A*4"]);
});

Deno.test("FileHandle.truncate() cuts what a new sector shows, and growing does not", async () => {
  const setUp: Work = (fs) => fs.open("/a", RW).close();
  const look: Look = (fs) => fs.stat("/a").size === 512 ? contents("/a", [500, 511])(fs) : "-";
  const work: Work = (fs) => {
    put(fs, "/a", "A");
    put(fs, "/a", "B", 500);
    const file = fs.open("/a", RW);
    file.truncate(1500);
    file.truncate(512);
  };
  // The sector was allocated at the first write, and no cut was below its end.
  assertEquals(await survivors(look, work, { setUp }), [
    "-",
    "0xDB 0xDB",
    "B NUL",
    "NUL NUL",
  ]);
});

Deno.test("FileHandle.truncate() and growing again reads zeros, also of a sector not read before", () => {
  const disk = cutAfter(files({ "/a": "A".repeat(1600) }));
  const fs = new SimulatedFileSystem(disk);
  const file = fs.open("/a", RW);
  file.truncate(600);
  file.truncate(1600);
  assertEquals(contents("/a")(fs), "A*600 NUL*1000");
  fs.disk.powerCut();
  assertEquals(contents("/a")(new SimulatedFileSystem(disk)), "A*600 NUL*1000");
});

Deno.test("FileHandle.write() past the end reads zeros between, also of a sector not read before", () => {
  const disk = cutAfter(files({ "/a": "A".repeat(1600) }));
  const fs = new SimulatedFileSystem(disk);
  const file = fs.open("/a", RW);
  file.truncate(0);
  file.write(bytesOf("B"), 1100);
  assertEquals(contents("/a")(fs), "NUL*1100 B*1");
});

Deno.test("Disk drops bytes past the size that persisted, or keeps them as a stale tail", async () => {
  const setUp: Work = (fs) => fs.open("/a", RW).close();
  const work: Work = (fs) => put(fs, "/a", "A".repeat(100));
  // Recovery grows the file whose new size was lost.
  const look: Look = (fs) => {
    const file = fs.open("/a", RW);
    if (file.size() > 0) return "kept";
    file.truncate(100);
    return contents("/a")(fs);
  };
  assertEquals(await survivors(look, work, { setUp }), ["NUL*100", "kept"]);
  assertEquals(
    await survivors(look, work, { setUp, staleTail: true }),
    ["0xDB*100", "A*100", "NUL*100", "kept"],
  );
});

Deno.test("Disk decides about a crash once: what was read stays, across further crashes", async () => {
  const setUp = files({ "/a": "A", "/b": "A" });
  const work: Work = (fs) => {
    put(fs, "/a", "B");
    put(fs, "/b", "B");
  };
  const look: Look = (fs) => {
    const first = contents("/a")(fs);
    fs.disk.powerCut();
    const second = contents("/b")(fs);
    fs.disk.powerCut();
    assertEquals([contents("/a")(fs), contents("/b")(fs)], [first, second]);
    return `${first} ${second}`;
  };
  assertEquals(
    await survivors(look, work, { setUp }),
    ["A*1 A*1", "A*1 B*1", "B*1 A*1", "B*1 B*1"],
  );
});

Deno.test("Disk.settle() makes everything durable, and is no part of the trace", async () => {
  const setUp: Work = (fs) => {
    fs.mkdir("/d");
    put(fs, "/d/a", "A".repeat(700));
    fs.rename("/d/a", "/d/b");
    put(fs, "/c", "C");
    fs.remove("/c");
  };
  const disk = cutAfter(() => {}, {}, setUp);
  assertEquals(disk.lives[0]!.trace, []);
  const look: Look = (fs) => `${names(fs)} ${contents("/d/b")(fs)}`;
  assertEquals(await survivors(look, () => {}, { setUp }), ["d A*700"]);
  const work: Work = (fs) => put(fs, "/d/b", "B");
  assertEquals(await survivors(look, work, { setUp }), ["d A*700", "d B*1 A*699"]);
});

Deno.test("Disk.settle() settles a cut as well", async () => {
  const setUp: Work = (fs) => {
    put(fs, "/a", "A".repeat(700));
    const file = fs.open("/a", RW);
    file.truncate(10);
    file.truncate(600);
  };
  assertEquals(await survivors(contents("/a"), () => {}, { setUp }), ["A*10 NUL*590"]);
});

/** Every call on a handle. */
const CALLS: readonly ((file: FileHandle) => unknown)[] = [
  (file) => file.read(new Uint8Array(1), 0),
  (file) => file.write(new Uint8Array(1), 0),
  (file) => file.size(),
  (file) => file.truncate(0),
  (file) => file.sync(),
  (file) => file.syncData(),
  (file) => file.close(),
];

/** Every call on a path. */
const PATH_CALLS: readonly ((fs: FileSystem) => unknown)[] = [
  (fs) => fs.open("/a"),
  (fs) => fs.open("/z", RW),
  (fs) => fs.mkdir("/z"),
  (fs) => fs.list("/"),
  (fs) => fs.stat("/a"),
  (fs) => fs.rename("/a", "/z"),
  (fs) => fs.link("/a", "/z"),
  (fs) => fs.remove("/a"),
];

Deno.test("Disk.powerCut() kills every handle", () => {
  const fs = new SimulatedFileSystem();
  put(fs, "/a", "A");
  const handles = CALLS.map(() => fs.open("/a", RW));
  const root = fs.open("/");
  fs.disk.powerCut();
  for (const [i, call] of CALLS.entries()) {
    assertThrows(() => call(handles[i]!), FileSystemError, "EBADF");
  }
  assertThrows(() => root.sync(), FileSystemError, "EBADF");
  assertEquals(contents("/a")(fs), "A*1");
});

Deno.test("SimulatedFileSystem.kill() kills the process, and spares the page cache", () => {
  const fs = new SimulatedFileSystem();
  put(fs, "/a", "A");
  const handles = CALLS.map(() => fs.open("/a", RW));
  fs.kill();
  for (const [i, call] of CALLS.entries()) {
    assertThrows(() => call(handles[i]!), FileSystemError, "EBADF");
  }
  for (const call of PATH_CALLS) assertThrows(() => call(fs), FileSystemError, "EBADF");
  const next = new SimulatedFileSystem(fs.disk);
  assertEquals([contents("/a")(next), names(next)], ["A*1", "a"]);
});

Deno.test("SimulatedFileSystem.killAfter() lets so many changes and barriers through", () => {
  for (let ops = 0; ops <= 5; ops++) {
    const fs = new SimulatedFileSystem();
    put(fs, "/a", "A");
    const before = fs.disk.life.trace.length;
    fs.killAfter(ops);
    const calls: Work[] = [
      (fs) => put(fs, "/a", "B"),
      (fs) => sync(fs, "/a"),
      (fs) => fs.rename("/a", "/b"),
      (fs) => fs.mkdir("/d"),
      (fs) => fs.remove("/b"),
    ];
    const failed = calls.findIndex((call) => {
      try {
        fs.stat("/");
        call(fs);
        return false;
      } catch (error) {
        assert(error instanceof FileSystemError && error.code === "EBADF", String(error));
        return true;
      }
    });
    assertEquals(failed, ops < calls.length ? ops : -1);
    assertEquals(fs.disk.life.trace.length - before, ops);
    if (failed >= 0) assertThrows(() => fs.stat("/"), FileSystemError, "EBADF");
    assert(new SimulatedFileSystem(fs.disk).list("/").length > 0);
  }
});

Deno.test("Disk.step() stops a run at the limit, whatever it calls", () => {
  const fs = new SimulatedFileSystem();
  put(fs, "/a", "A");
  const { disk } = fs;
  for (const call of [...PATH_CALLS]) {
    disk.stepLimit = disk.steps + 3;
    for (let i = 0; i < 3; i++) fs.stat("/");
    const error = assertThrows(() => call(fs), StepBudgetError);
    assertEquals(
      error.message,
      `Recovery does not end: it made more than ${disk.stepLimit} file-system calls`,
    );
  }
  for (const call of CALLS) {
    disk.stepLimit = Infinity;
    const file = fs.open("/a", RW);
    disk.stepLimit = disk.steps;
    assertThrows(() => call(file), StepBudgetError);
  }
  assertEquals(disk.life.trace.length, 2, "a call that was stopped changes nothing");
});

Deno.test("Disk.rewind() goes back to the first power loss, with nothing decided", () => {
  const fs = new SimulatedFileSystem();
  const { disk } = fs;
  assertThrows(() => disk.rewind(), Error, "Cannot rewind: the first life is still running");
  put(fs, "/a", "A");
  disk.powerCut();
  for (const versions of ["oldest", "newest", "oldest"]) {
    disk.rewind();
    assertEquals([disk.lives.length, disk.steps], [2, 0]);
    assertEquals([disk.lives[0]!.lo, disk.lives[0]!.hi], [0, 2]);
    disk.chooser = { choose: (_cell, from, to) => versions === "oldest" ? from : to };
    const run = new SimulatedFileSystem(disk);
    assertEquals(names(run), versions === "oldest" ? "no names" : "a");
    put(run, "/c", "C");
    disk.powerCut();
    disk.chooser = { choose: (_cell, _from, to) => to };
    assertEquals(contents("/c")(new SimulatedFileSystem(disk)), "C*1");
  }
});

Deno.test("Disk narrows the window of crash points with what it decides", () => {
  const look = (choose: "from" | "to") => {
    const disk = cutAfter((fs) => {
      put(fs, "/a", "A");
      sync(fs, "/a");
      syncDirectory(fs, "/");
      put(fs, "/a", "B");
    });
    const [life] = disk.lives;
    assertEquals([life!.lo, life!.hi], [0, 5]);
    disk.chooser = { choose: (_cell, from, to) => choose === "from" ? from : to };
    const seen = contents("/a")(new SimulatedFileSystem(disk));
    return [seen, life!.lo, life!.hi];
  };
  assertEquals(look("from"), ["ENOENT", 0, 3]);
  assertEquals(look("to"), ["B*1", 5, 5]);
});

Deno.test("Disk with whole blocks shows a block written after a cut only with the cut", async () => {
  const setUp: Work = (fs) => {
    put(fs, "/f", "a");
    put(fs, "/f", "b", 4000);
  };
  const rewritten: Work = (fs) => {
    const file = fs.open("/f", { write: true, truncate: true });
    file.write(bytesOf("c"), 0);
    file.close();
  };
  const look = contents("/f", [0, 4000]);
  // Where sectors land on their own, the first may be new while the last is old; never the reverse.
  const options = { setUp, staleSectors: false };
  assertEquals(await survivors(look, rewritten, options), ["- -", "NUL -", "a b", "c -", "c b"]);
  assertEquals(await survivors(look, rewritten, { ...options, model: "btrfs" }), [
    "- -",
    "a b",
    "c -",
  ]);
});
