import { assert, assertEquals, assertThrows } from "@std/assert";
import { explore } from "../explore/explore.ts";
import type { DiskOptions } from "./disk.ts";
import { injectorOf } from "./fault_injector.ts";
import { parseFaultPlan } from "./fault_plan.ts";
import { type FileHandle, FileSystemError } from "./file_system.ts";
import { type ModelName, models } from "./model.ts";
import { SimulatedFileSystem } from "./simulated_file_system.ts";
import { syncDirectory } from "./sync_directory.ts";

const RW = { read: true, write: true, create: true };
const NAMES = Object.keys(models) as ModelName[];
const BLOCK = 4096;
const FAILS = 'barrier 1 "/f": fails block 1';

/** Blocks of one letter each. */
function blocks(letters: string): Uint8Array {
  return new Uint8Array(letters.length * BLOCK).map((_, i) => letters.charCodeAt(i / BLOCK | 0));
}

/** A file of blocks, each as its letter, `0` for zeros, `#` for stale bytes and `?` for a mixture. */
function letters(fs: SimulatedFileSystem, path = "/f"): string {
  const file = fs.open(path);
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  let text = "";
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const block = new Set(bytes.subarray(at, at + BLOCK));
    const [byte] = block;
    text += block.size > 1
      ? "?"
      : byte === 0
      ? "0"
      : byte === 0xdb
      ? "#"
      : String.fromCharCode(byte!);
  }
  return text;
}

/** What a call returns: 0, or the error. */
function returns(call: () => void): string {
  try {
    call();
    return "0";
  } catch (error) {
    assert(error instanceof FileSystemError, `${error}`);
    return error.code;
  }
}

interface Setting {
  readonly fs: SimulatedFileSystem;
  readonly file: FileHandle;
}

/** A durable file `/f` of blocks, on a disk where calls fail. */
function setUp(model: ModelName, content: string, plan: string, options?: DiskOptions): Setting {
  const fs = new SimulatedFileSystem({ sectorBytes: 4096, ...options, model });
  const file = fs.open("/f", RW);
  file.write(blocks(content), 0);
  fs.disk.settle();
  fs.disk.faults = injectorOf(parseFaultPlan(plan));
  return { fs, file };
}

/** All that a file may be after the power has gone now, sorted. */
async function survivors({ fs: { disk } }: Setting): Promise<string[]> {
  disk.powerCut();
  const seen = new Set<string>();
  const { complete } = await explore(disk, (fs) => letters(fs), (what) => {
    if (disk.lives[0]!.hi === disk.lives[0]!.trace.length) seen.add(what);
  });
  assert(complete);
  return [...seen].toSorted();
}

const isLate = (model: ModelName) => models[model].failedBarrier?.reportedBy === "the next one";
const isUnspecified = (model: ModelName) => models[model].failedBarrier === undefined;

Deno.test("a barrier that fails in a block reports it once, at once or by the next one (FF-UPDATE)", () => {
  for (const model of NAMES) {
    const { file } = setUp(model, "aaa", FAILS);
    file.write(blocks("b"), BLOCK);
    const got = [1, 2, 3].map(() => returns(() => file.sync())).join();
    assertEquals(got, isLate(model) ? "0,EIO,0" : "EIO,0,0", model);
  }
});

Deno.test("after a failed barrier the page cache keeps what was written, or goes back (FF-UPDATE)", () => {
  for (const model of NAMES) {
    const { fs, file } = setUp(model, "aaa", FAILS);
    file.write(blocks("b"), BLOCK);
    returns(() => file.sync());
    assertEquals(letters(fs), model === "btrfs" ? "aaa" : "aba", model);
  }
});

Deno.test("after a failed barrier the media hold the old block, however often it is called again (FF-UPDATE)", async () => {
  for (const model of NAMES) {
    const setting = setUp(model, "aaa", FAILS);
    setting.file.write(blocks("b"), BLOCK);
    for (let call = 0; call < 3; call++) returns(() => setting.file.sync());
    const both = isLate(model) || isUnspecified(model);
    assertEquals(await survivors(setting), both ? ["aaa", "aba"] : ["aaa"], model);
  }
});

Deno.test("a block that could not be written is written by the barrier after it is written anew", async () => {
  for (const model of NAMES) {
    const setting = setUp(model, "aaa", FAILS);
    setting.file.write(blocks("b"), BLOCK);
    returns(() => setting.file.sync());
    setting.file.write(blocks("b"), BLOCK);
    returns(() => setting.file.sync());
    assertEquals(await survivors(setting), ["aba"], model);
  }
});

Deno.test("a new block that could not be written is garbage or a hole in the middle (FF-APPEND-MID)", async () => {
  for (const model of NAMES) {
    const setting = setUp(model, "a", FAILS);
    setting.file.write(blocks("b"), BLOCK);
    returns(() => setting.file.sync());
    setting.file.write(blocks("c"), 2 * BLOCK);
    returns(() => setting.file.sync());
    const expected = isUnspecified(model)
      ? ["a#c", "a0c", "abc"]
      : isLate(model)
      ? ["a#c", "abc"]
      : [model === "btrfs" ? "a0c" : "a#c"];
    assertEquals(await survivors(setting), expected, model);
  }
});

Deno.test("on xfs and btrfs no file ends in a block that could not be written (FF-APPEND-END)", async () => {
  for (const model of NAMES) {
    const setting = setUp(model, "a", FAILS);
    setting.file.write(blocks("b"), BLOCK);
    returns(() => setting.file.sync());
    const found = await survivors(setting);
    if (models[model].failedBarrier?.sizeWaits) assertEquals(found, ["a"], model);
    else assert(found.includes("a#"), `${model}: ${found}`);
  }
});

Deno.test("a journal that fails leaves a file system read-only, or shut down (FF-JOURNAL)", () => {
  for (const model of NAMES) {
    const { fs, file } = setUp(model, "a", "barrier: fails journal");
    file.write(blocks("b"), BLOCK);
    assertEquals(returns(() => file.sync()), "EIO", model);
    const isDown = model === "xfs";
    assertEquals(fs.disk.mount, isDown ? "shutdown" : "read-only", model);
    const changes = [
      () => file.write(new Uint8Array(1), 0),
      () => file.truncate(0),
      () => file.sync(),
      () => fs.mkdir("/d"),
      () => fs.remove("/f"),
      () => fs.rename("/f", "/g"),
      () => fs.link("/f", "/g"),
      () => fs.open("/new", RW),
      () => fs.open("/f", { write: true }),
    ];
    for (const change of changes) assertEquals(returns(change), isDown ? "EIO" : "EROFS", model);
    const looks = [
      () => fs.open("/f"),
      () => fs.list("/"),
      () => fs.stat("/f"),
      () => file.read(new Uint8Array(1), 0),
      () => file.size(),
    ];
    for (const look of looks) assertEquals(returns(look), isDown ? "EIO" : "0", model);
    fs.disk.powerCut();
    assertEquals(fs.disk.mount, "read-write");
    new SimulatedFileSystem(fs.disk).mkdir("/d");
  }
});

Deno.test("nothing is durable of what a failed journal should have made so", async () => {
  for (const model of NAMES) {
    const setting = setUp(model, "a", "barrier: fails journal");
    setting.file.write(blocks("b"), 0);
    returns(() => setting.file.sync());
    assertEquals(await survivors(setting), ["a", "b"], model);
  }
});

Deno.test("Disk.evict() shows what the media hold after a failed barrier (FF-EVICT)", () => {
  for (const model of NAMES) {
    const { fs, file } = setUp(model, "aaa", FAILS);
    file.write(blocks("b"), BLOCK);
    returns(() => file.sync());
    fs.disk.evict(fs.stat("/f").inode);
    assertEquals(letters(fs), "aaa", model);
  }
});

Deno.test("Disk.evict() spares what is dirty, and what has been written well", () => {
  for (const model of NAMES) {
    const { fs, file } = setUp(model, "aaa", "");
    file.write(blocks("b"), BLOCK);
    file.sync();
    file.write(blocks("c"), 2 * BLOCK);
    fs.disk.evict(fs.stat("/f").inode);
    assertEquals(letters(fs), "abc", model);
  }
});

Deno.test("Disk.evict() shows garbage or a hole where a new block could not be written", () => {
  for (const model of ["ext4-ordered", "xfs", "btrfs"] as const) {
    const { fs, file } = setUp(model, "a", FAILS);
    file.write(blocks("b"), BLOCK);
    returns(() => file.sync());
    file.write(blocks("c"), 2 * BLOCK);
    fs.disk.evict(fs.stat("/f").inode);
    assertEquals(letters(fs), model === "btrfs" ? "a0c" : "a#c", model);
  }
});

Deno.test("every handle that was open reports the failure once (FF-TWO-FDS)", () => {
  for (const model of NAMES) {
    const { fs, file } = setUp(model, "aaa", FAILS);
    const other = fs.open("/f");
    file.write(blocks("b"), BLOCK);
    const calls = [file, other, file, other].map((handle) => returns(() => handle.sync())).join();
    assertEquals(calls, isLate(model) ? "0,EIO,EIO,0" : "EIO,EIO,0,0", model);
  }
});

Deno.test("a handle opened after the failure was reported does not report it (FF-LATE-OPEN)", () => {
  for (const model of NAMES) {
    const { fs, file } = setUp(model, "aaa", FAILS);
    file.write(blocks("b"), BLOCK);
    returns(() => file.sync());
    if (isLate(model)) returns(() => file.sync());
    assertEquals(returns(() => fs.open("/f").sync()), "0", model);
  }
});

Deno.test("a failure of the kernel is reported to who opens the file later (FF-LATE-OPEN-UNSEEN)", () => {
  for (const model of NAMES) {
    for (const inodeToo of [false, true]) {
      const { fs, file } = setUp(model, "aaa", "writeback 1: fails block 1");
      const { inode } = fs.stat("/f");
      file.write(blocks("b"), BLOCK);
      fs.disk.writeback(inode, "/f");
      file.close();
      if (inodeToo) fs.disk.evict(inode, { inodeToo });
      const calls = [1, 2].map(() => returns(() => fs.open("/f").sync())).join();
      assertEquals(calls, inodeToo ? "0,0" : "EIO,0", model);
    }
  }
});

Deno.test("Disk.writeback() that succeeds forces nothing, and is no op", async () => {
  const setting = setUp("ext4-ordered", "a", "");
  setting.file.write(blocks("b"), 0);
  setting.fs.disk.writeback(setting.fs.stat("/f").inode, "/f");
  assertEquals(setting.fs.disk.life.trace.length, 1);
  assertEquals(await survivors(setting), ["a", "b"]);
});

Deno.test("a barrier that fails with EIO could write no block, with EINTR it can be tried again", async () => {
  for (
    const { code, found } of [{ code: "EIO", found: ["aa"] }, { code: "EINTR", found: ["bc"] }]
  ) {
    const setting = setUp("ext4-ordered", "aa", `barrier 1: ${code}`);
    setting.file.write(blocks("bc"), 0);
    assertEquals(returns(() => setting.file.sync()), code);
    assertEquals(returns(() => setting.file.sync()), "0");
    assertEquals(await survivors(setting), found, code);
  }
});

Deno.test("the other blocks persist where one could not be written, but for btrfs", async () => {
  for (const model of ["ext4-ordered", "xfs", "btrfs"] as const) {
    const setting = setUp(model, "aa", FAILS);
    setting.file.write(blocks("bc"), 0);
    returns(() => setting.file.sync());
    assertEquals(await survivors(setting), model === "btrfs" ? ["aa", "ba"] : ["ba"], model);
  }
});

Deno.test("a failed barrier makes a new name durable where metadata persist", async () => {
  const expected = { "posix-ra": false, "ext4-ordered": true, "xfs": true, "btrfs": false };
  for (const [name, isDurable] of Object.entries(expected)) {
    const fs = new SimulatedFileSystem({ model: name as ModelName });
    fs.disk.faults = injectorOf(parseFaultPlan("sync 1: EIO"));
    const file = fs.open("/f", RW);
    file.write(new Uint8Array(10), 0);
    returns(() => file.sync());
    const { disk } = fs;
    disk.powerCut();
    const seen = new Set<number>();
    await explore(disk, (fs) => fs.list("/").length, (count) => {
      if (disk.lives[0]!.hi === disk.lives[0]!.trace.length) seen.add(count);
    });
    assertEquals(seen, new Set(isDurable ? [1] : [1, 0]), name);
  }
});

Deno.test("the barrier of a directory fails with the journal, and can be tried again where there is none", async () => {
  for (const model of ["posix-ra", "ext4-ordered"] as const) {
    const fs = new SimulatedFileSystem({ model });
    fs.disk.faults = injectorOf(parseFaultPlan('sync 1 "/": EIO'));
    fs.mkdir("/d");
    assertEquals(returns(() => syncDirectory(fs, "/")), "EIO");
    assertEquals(fs.disk.mount, model === "posix-ra" ? "read-write" : "read-only");
    assertEquals(returns(() => syncDirectory(fs, "/")), model === "posix-ra" ? "0" : "EROFS");
    if (model !== "posix-ra") continue;
    fs.disk.powerCut();
    await explore(fs.disk, (fs) => fs.list("/").length, (count) => {
      if (fs.disk.lives[0]!.lo === fs.disk.lives[0]!.trace.length) assertEquals(count, 1);
    });
  }
});

Deno.test("a barrier on one file may find out that another cannot be written", async () => {
  const setting = setUp("ext4-ordered", "aa", 'barrier 1: fails block 1 of "/f"');
  const { fs, file } = setting;
  const other = fs.open("/g", RW);
  file.write(blocks("b"), BLOCK);
  assertEquals(returns(() => other.sync()), "0");
  assertEquals(returns(() => file.sync()), "EIO");
  assertEquals(await survivors(setting), ["aa"]);
});

Deno.test("a failed barrier in a later life leaves what that life had found", async () => {
  for (const model of ["ext4-ordered", "xfs", "btrfs", "posix-ra"] as const) {
    const { fs, file } = setUp(model, "aaa", "");
    const { disk } = fs;
    file.write(blocks("b"), BLOCK);
    disk.powerCut();
    const seen = new Set<string>();
    await explore(disk, (fs) => {
      const found = letters(fs);
      disk.faults = injectorOf(parseFaultPlan("barrier 1: EIO"));
      const file = fs.open("/f", RW);
      file.write(blocks("cc"), BLOCK);
      file.write(blocks("d"), 3 * BLOCK);
      returns(() => file.sync());
      disk.powerCut();
      return `${found}>${letters(new SimulatedFileSystem(disk))}`;
    }, (what) => {
      const [, ended] = disk.lives;
      if (ended!.hi === ended!.trace.length) seen.add(what);
    });
    const ends = model === "ext4-ordered" ? "#" : "";
    for (const found of ["aaa", "aba"]) {
      assert(seen.has(`${found}>${found}${ends}`), `${model}: ${[...seen]}`);
    }
    if (model !== "posix-ra") assertEquals(seen.size, 2, `${model}: ${[...seen]}`);
  }
});

Deno.test("a failed barrier does not bring back what was cut off before", async () => {
  for (const model of ["ext4-ordered", "xfs", "btrfs"] as const) {
    const setting = setUp(model, "aa", "barrier 1: fails block 1");
    const { fs, file } = setting;
    file.truncate(BLOCK);
    file.write(blocks("bc"), BLOCK);
    returns(() => file.sync());
    const kept = letters(fs);
    assertEquals(kept, model === "btrfs" ? "a0c" : "abc", model);
    returns(() => file.sync());
    assertEquals(await survivors(setting), [model === "btrfs" ? "a0c" : "a#c"], model);
  }
});

Deno.test("a file system that is shut down needs no plan to stay so", () => {
  const { fs, file } = setUp("xfs", "a", "barrier 1: fails journal");
  assertEquals(returns(() => file.sync()), "EIO");
  assertThrows(() => fs.list("/"), FileSystemError, "EIO");
});

Deno.test("on xfs the size persists once the block behind it is written again", async () => {
  const setting = setUp("xfs", "a", "barrier 1: EIO");
  const { file } = setting;
  file.write(blocks("bc"), BLOCK);
  assertEquals(returns(() => file.sync()), "EIO");
  file.write(blocks("b"), BLOCK);
  file.sync();
  assertEquals(file.size(), 3 * BLOCK);
  assertEquals(await survivors(setting), ["ab"]);
});
