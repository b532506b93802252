/**
 * What the standard says, section by section; `opfs_browser_test.ts` compares with Chromium.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { pin } from "../../check/counterexample.ts";
import { Disk } from "../../vfs/disk.ts";
import { formatOp } from "../../vfs/op.ts";
import { SimulatedFileSystem } from "../../vfs/simulated_file_system.ts";
import { opfs } from "./opfs.ts";
import type { OpfsDirectoryHandle } from "./directory_handle.ts";
import { standInForOpfs, withOpfs } from "./with_opfs.ts";

const text = (text: string) => new TextEncoder().encode(text);

/** A call must fail with an exception of this name. */
async function rejects(name: string, run: () => Promise<unknown>): Promise<void> {
  const error = await assertRejects(run, Error) as Error;
  assertEquals(error.name, name, error.message);
}

function throws(name: string, run: () => unknown): void {
  const error = assertThrows(run, Error) as Error;
  assertEquals(error.name, name, error.message);
}

async function opened(root: OpfsDirectoryHandle, name = "a") {
  return await (await root.getFileHandle(name, { create: true })).createSyncAccessHandle();
}

/** The disk after a power loss, after the last op, that takes all it can. */
function worst(disk: Disk): SimulatedFileSystem {
  disk.chooser = { choose: (_cell, oldest) => oldest };
  const { life } = disk;
  disk.powerCut();
  pin(life, life.trace.length);
  return new SimulatedFileSystem(disk);
}

Deno.test("getFileHandle() and getDirectoryHandle() find, create and refuse", async () => {
  const root = opfs(new SimulatedFileSystem());
  await rejects("NotFoundError", () => root.getFileHandle("a"));
  await rejects("NotFoundError", () => root.getDirectoryHandle("d"));
  await root.getFileHandle("a", { create: true });
  await root.getDirectoryHandle("d", { create: true });
  await rejects("TypeMismatchError", () => root.getFileHandle("d", { create: true }));
  await rejects("TypeMismatchError", () => root.getDirectoryHandle("a", { create: true }));
  for (const name of ["", ".", "..", "x/y", "x\\y"]) {
    await rejects("TypeError", () => root.getFileHandle(name, { create: true }));
  }
  assertEquals((await root.getFileHandle("a")).name, "a");
  assertEquals(root.name, "");
});

Deno.test("removeEntry() removes files, empty directories and, when told so, full ones", async () => {
  const root = opfs(new SimulatedFileSystem());
  const directory = await root.getDirectoryHandle("d", { create: true });
  await directory.getFileHandle("a", { create: true });
  await rejects("InvalidModificationError", () => root.removeEntry("d"));
  await root.removeEntry("d", { recursive: true });
  await rejects("NotFoundError", () => root.removeEntry("d"));
  await rejects("NotFoundError", () => directory.getFileHandle("a", { create: true }));
});

Deno.test("removeEntry() and move() leave alone what is open", async () => {
  const root = opfs(new SimulatedFileSystem());
  const directory = await root.getDirectoryHandle("d", { create: true });
  const handle = await opened(directory);
  const file = await directory.getFileHandle("a");
  await rejects("NoModificationAllowedError", () => directory.removeEntry("a"));
  await rejects("NoModificationAllowedError", () => root.removeEntry("d", { recursive: true }));
  await rejects("NoModificationAllowedError", () => file.move("b"));
  handle.close();
  await file.move(root, "b");
  assertEquals([file.name, await root.resolve(file)], ["b", ["b"]]);
});

Deno.test("entries(), keys() and values() list a directory, resolve() leads back", async () => {
  const root = opfs(new SimulatedFileSystem());
  const directory = await root.getDirectoryHandle("d", { create: true });
  const file = await directory.getFileHandle("b", { create: true });
  await directory.getDirectoryHandle("a", { create: true });
  assertEquals(
    await Array.fromAsync(directory, ([name, { kind }]) => `${name} ${kind}`),
    ["a directory", "b file"],
  );
  assertEquals(await Array.fromAsync(directory.keys()), ["a", "b"]);
  assertEquals(await Array.fromAsync(directory.values(), ({ name }) => name), ["a", "b"]);
  assertEquals(await root.resolve(file), ["d", "b"]);
  assertEquals(await directory.resolve(root), null);
  assert(await file.isSameEntry(await directory.getFileHandle("b")));
  assert(!await file.isSameEntry(directory));
  const elsewhere = opfs(new SimulatedFileSystem());
  assert(!await root.isSameEntry(elsewhere));
  assertEquals(await elsewhere.resolve(file), null);
});

Deno.test("read() and write() go on where the last call ended", async () => {
  const handle = await opened(opfs(new SimulatedFileSystem()));
  assertEquals(handle.write(text("hello")), 5);
  assertEquals(handle.write(new DataView(text(" you").buffer)), 4);
  assertEquals(handle.write(text("H"), { at: 0 }), 1);
  const rest = new Uint8Array(20);
  assertEquals(handle.read(rest), 8);
  assertEquals(new TextDecoder().decode(rest.subarray(0, 8)), "ello you");
  handle.truncate(5);
  assertEquals(handle.write(text("!")), 1);
  assertEquals(handle.getSize(), 6);
  assertEquals(handle.read(rest, { at: 90 }), 0);
  throws("TypeError", () => handle.read(rest, { at: -1 }));
  throws("TypeError", () => handle.truncate(2 ** 53));
});

Deno.test("a handle that is closed, or for reading only, refuses", async () => {
  const root = opfs(new SimulatedFileSystem());
  const handle = await opened(root);
  handle.close();
  handle.close();
  for (const run of [() => handle.getSize(), () => handle.flush(), () => handle.write(text("a"))]) {
    throws("InvalidStateError", run);
  }
  const file = await root.getFileHandle("a");
  const reader = await file.createSyncAccessHandle({ mode: "read-only" });
  for (
    const run of [() => reader.truncate(0), () => reader.flush(), () => reader.write(text("a"))]
  ) {
    throws("NoModificationAllowedError", run);
  }
});

Deno.test("createSyncAccessHandle() locks, each mode with its like", async () => {
  const file = await opfs(new SimulatedFileSystem()).getFileHandle("a", { create: true });
  for (const mode of ["readwrite", "read-only", "readwrite-unsafe"] as const) {
    const handle = await file.createSyncAccessHandle({ mode });
    for (const other of ["readwrite", "read-only", "readwrite-unsafe"] as const) {
      const open = () => file.createSyncAccessHandle({ mode: other });
      if (mode === other && mode !== "readwrite") (await open()).close();
      else await rejects("NoModificationAllowedError", open);
    }
    await rejects("NoModificationAllowedError", () => file.createWritable());
    handle.close();
  }
});

Deno.test("a stream replaces the file when it is closed, and not before", async () => {
  const root = opfs(new SimulatedFileSystem());
  const file = await root.getFileHandle("a", { create: true });
  const content = async () => await (await file.getFile()).text();
  const stream = await file.createWritable();
  await stream.write("one");
  await stream.write(new Blob(["two"]));
  await stream.write({ type: "write", position: 1, data: text("NE") });
  await stream.seek(8);
  await stream.write("x");
  assertEquals(await content(), "");
  await rejects("NoModificationAllowedError", () => file.createSyncAccessHandle());
  await stream.close();
  assertEquals(await content(), "oNEtwo\0\0x");

  const second = await file.createWritable({ keepExistingData: true });
  await second.truncate(3);
  await second.write("!");
  assertEquals(await Array.fromAsync(root.keys()), ["a", "a.crswap"]);
  await second.close();
  assertEquals(await content(), "!NE");

  const third = await file.createWritable();
  await third.write("forgotten");
  await third.abort();
  assertEquals([await content(), await Array.fromAsync(root.keys())], ["!NE", ["a"]]);
});

Deno.test("a stream to a full disk fails with QuotaExceededError, and gives up", async () => {
  const root = opfs(new SimulatedFileSystem({ capacityBytes: 4096 }));
  const file = await root.getFileHandle("a", { create: true });
  const stream = await file.createWritable();
  await rejects("QuotaExceededError", () => stream.write(new Uint8Array(9000)));
  const handle = await file.createSyncAccessHandle();
  assertEquals(handle.getSize(), 0);
  throws("QuotaExceededError", () => handle.write(new Uint8Array(9000)));
});

Deno.test("flush() makes bytes and size durable, and no name", async () => {
  const disk = new Disk();
  const root = opfs(new SimulatedFileSystem(disk));
  const handle = await opened(root);
  handle.write(text("hello"));
  handle.flush();
  handle.write(text("lost"));
  handle.close();
  assertEquals(worst(disk).list("/"), [], "no call of the API makes a name durable");
});

Deno.test('opfs() with names "durable" leaves only bytes to lose', async () => {
  const disk = new Disk();
  const root = opfs(new SimulatedFileSystem(disk), { names: "durable" });
  const directory = await root.getDirectoryHandle("d", { create: true });
  const handle = await opened(directory);
  handle.write(text("hello"));
  handle.flush();
  handle.write(text("lost"));
  handle.close();
  await (await opened(directory, "b")).close();
  await (await directory.getFileHandle("b")).move(root, "c");
  const fs = worst(disk);
  assertEquals([fs.list("/"), fs.list("/d"), fs.stat("/d/a").size], [["c", "d"], ["a"], 5]);
});

Deno.test("close() of a stream is no barrier", async () => {
  const disk = new Disk();
  const root = opfs(new SimulatedFileSystem(disk), { names: "durable" });
  const file = await root.getFileHandle("a", { create: true });
  const stream = await file.createWritable();
  await stream.write("hello");
  await stream.close();
  assertEquals(worst(disk).stat("/a").size, 0, "the new name, and none of the bytes");
});

Deno.test("opfs() in a directory of the disk makes the calls that the API is asked for", async () => {
  const fs = new SimulatedFileSystem();
  fs.mkdir("/origin");
  const handle = await opened(opfs(fs, { root: "/origin" }));
  handle.write(text("hello"), { at: 3 });
  handle.truncate(6);
  handle.flush();
  handle.close();
  assertEquals(fs.disk.life.trace.map(formatOp), [
    'mkdir "/origin"',
    'create "/origin/a"',
    'write "/origin/a" 5 bytes at 3',
    'truncate "/origin/a" to 6 bytes',
    'syncData "/origin/a"',
  ]);
});

Deno.test("a process that was killed changes nothing any more, and closes quietly", async () => {
  const disk = new Disk();
  const fs = new SimulatedFileSystem(disk);
  const root = opfs(fs);
  const handle = await opened(root);
  fs.kill();
  const { length } = disk.life.trace;
  const { steps } = disk;
  throws("FileSystemError", () => handle.write(text("late")));
  handle.close();
  assertEquals([disk.life.trace.length, disk.steps], [length, steps]);
  const next = await opened(opfs(new SimulatedFileSystem(disk)));
  assertEquals(next.getSize(), 0, "its locks are gone with it");
});

Deno.test("what is not simulated says so", async () => {
  const root = opfs(new SimulatedFileSystem());
  const file = await root.getFileHandle("a", { create: true });
  const calls = [
    () => root.remove(),
    () => file.getUniqueId(),
    () => file.queryPermission(),
    () => file.requestPermission(),
  ];
  for (const call of calls) assertThrows(call, Error, "not simulated: ");
  const read = await file.getFile();
  assertThrows(() => read.lastModified, Error, "not simulated: File.lastModified");
  const exclusive: object = { mode: "exclusive" };
  await assertRejects(() => file.createWritable(exclusive), Error, "not simulated: createWritable");
});

/** What code in a browser sees. */
const browser = () =>
  globalThis as unknown as {
    FileSystemFileHandle?: { prototype: object };
    navigator: { storage?: { getDirectory(): Promise<OpfsDirectoryHandle>; persist(): unknown } };
  };

Deno.test("withOpfs() stands in for the browser's, and takes everything back", async () => {
  const fs = new SimulatedFileSystem();
  const value = await withOpfs(opfs(fs), async () => {
    const { navigator, FileSystemFileHandle } = browser();
    assert("createSyncAccessHandle" in FileSystemFileHandle!.prototype);
    assertThrows(() => navigator.storage!.persist(), Error, "not simulated: ");
    const root = await navigator.storage!.getDirectory();
    const file = await root.getFileHandle("a", { create: true });
    assert(file instanceof (FileSystemFileHandle as unknown as typeof Object));
    return 7;
  });
  assertEquals([value, fs.list("/")], [7, ["a"]]);
  assertEquals(browser().FileSystemFileHandle, undefined);
  assertEquals(browser().navigator.storage, undefined);
  await assertRejects(
    () => withOpfs(opfs(fs), () => Promise.reject(new Error("mine"))),
    Error,
    "mine",
  );
  assertEquals(browser().navigator.storage, undefined);
});

Deno.test("standInForOpfs() twice: the last one is what code gets, in whatever order they go", async () => {
  const [first, second] = [opfs(new SimulatedFileSystem()), opfs(new SimulatedFileSystem())];
  const current = () => browser().navigator.storage?.getDirectory();
  const restoreFirst = standInForOpfs(first);
  const restoreSecond = standInForOpfs(second);
  assertEquals(await current() === second, true);
  restoreFirst();
  restoreFirst();
  assertEquals(await current() === second, true);
  restoreSecond();
  assertEquals(await current(), undefined);
});
