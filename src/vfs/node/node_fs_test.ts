import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import realFs from "node:fs";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { checkLog } from "../../check/check_log.ts";
import type { LogUnderTest } from "../../check/subject.ts";
import { injectorOf } from "../fault_injector.ts";
import { parseFaultPlan } from "../fault_plan.ts";
import { completion, type PendingCall } from "../promised_file_system.ts";
import { SimulatedFileSystem } from "../simulated_file_system.ts";
import { nodeFs } from "./node_fs.ts";

function freshFs() {
  const disk = new SimulatedFileSystem();
  return { disk, fs: nodeFs(disk) };
}

/** The calls that reached the disk since `from`, by name. */
function traceOf({ disk }: SimulatedFileSystem, from = 0): string[] {
  return disk.life.trace.slice(from).map(({ kind }) => kind);
}

/** A file system whose asynchronous calls wait until the test completes them. */
class Waiting extends SimulatedFileSystem {
  readonly calls: PendingCall[] = [];

  [completion](call: PendingCall): void {
    this.calls.push(call);
  }

  /** Completes a call; by default the oldest. */
  complete(index = 0): string {
    const [call] = this.calls.splice(index, 1);
    call!.takeEffect();
    call!.settle();
    return call!.what;
  }
}

Deno.test("nodeFs() has a function for every function of node:fs, and refuses what it cannot", () => {
  const { fs } = freshFs();
  for (const [shim, real] of [[fs, realFs], [fs.promises, realFs.promises]]) {
    const functions = Object.entries(real!).filter(([, value]) => typeof value === "function");
    assert(functions.length > 30);
    for (const [name, value] of functions) {
      const own = (shim as unknown as Record<string, unknown>)[name];
      assertEquals(typeof own, "function", name);
      assert(own !== value, `${name} is the real one`);
    }
  }
  const error = assertThrows(() => fs.watch("/"), Error, "not simulated: fs.watch");
  assertEquals((error as NodeJS.ErrnoException).code, "ERR_METHOD_NOT_IMPLEMENTED");
  assertThrows(() => fs.promises.statfs("/"), Error, "not simulated: fs.promises.statfs");
});

Deno.test("nodeFs() loops over short writes in writeFile, and reports them from write", async () => {
  for (const form of ["sync", "callback", "promise", "stream"] as const) {
    const { disk, fs } = freshFs();
    disk.disk.faults = injectorOf(parseFaultPlan("write: short 3"));
    if (form === "sync") fs.writeFileSync("/a", "0123456789");
    if (form === "callback") await promisify(fs.writeFile)("/a", "0123456789");
    if (form === "promise") await fs.promises.writeFile("/a", "0123456789");
    if (form === "stream") await pipeline(["0123456789"], fs.createWriteStream("/a"));
    const fd = fs.openSync("/b", "w");
    assertEquals(fs.writeSync(fd, "0123456789"), 3);
    disk.disk.faults = undefined;
    assertEquals(fs.readFileSync("/a", "utf8"), "0123456789", form);
  }
});

Deno.test("nodeFs() loops over short reads in readFile and in streams", async () => {
  const { disk, fs } = freshFs();
  fs.writeFileSync("/a", "0123456789");
  disk.disk.faults = injectorOf(parseFaultPlan("read: short 4"));
  assertEquals(fs.readFileSync("/a", "utf8"), "0123456789");
  assertEquals((await fs.promises.readFile("/a")).toString(), "0123456789");
  const chunks: string[] = [];
  for await (const chunk of fs.createReadStream("/a", { encoding: "utf8" })) chunks.push(chunk);
  assertEquals(chunks, ["0123", "4567", "89"]);
});

Deno.test("nodeFs() makes an interrupted call again, as libuv does", () => {
  const { disk, fs } = freshFs();
  disk.disk.faults = injectorOf(parseFaultPlan("write 1: EINTR; read 1: EINTR"));
  fs.writeFileSync("/a", "x");
  const error = assertThrows(
    () => fs.readFileSync("/a"),
    Error,
    "EINTR: interrupted system call, read",
  );
  assertEquals((error as NodeJS.ErrnoException).errno, -4);
  assertEquals(fs.readFileSync("/a", "utf8"), "x");
});

Deno.test("nodeFs() hands asynchronous calls to the scheduler, barriers marked as such", async () => {
  const disk = new Waiting();
  const fs = nodeFs(disk);
  const written = fs.promises.writeFile("/a", "x", { flush: true });
  const seen: [string, boolean][] = [];
  while (disk.calls.length > 0) {
    const [{ what, isBarrier }] = disk.calls as [PendingCall];
    seen.push([what, isBarrier]);
    disk.complete();
  }
  await written;
  assertEquals(seen, [
    ['open "/a"', false],
    ['write "/a" 1 bytes at the cursor', false],
    ['sync "/a"', true],
    ['close "/a"', false],
  ]);
});

Deno.test("nodeFs() does nothing before its turn, and calls back in the order of the scheduler", () => {
  const disk = new Waiting();
  const fs = nodeFs(disk);
  const done: string[] = [];
  fs.mkdir("/one", () => done.push("one"));
  fs.mkdir("/two", () => done.push("two"));
  assertEquals(disk.list("/"), []);
  disk.complete(1);
  assertEquals([disk.list("/"), done], [["two"], ["two"]]);
  disk.complete();
  assertEquals([disk.list("/"), done], [["one", "two"], ["two", "one"]]);
});

Deno.test("nodeFs() marks a write as a barrier when the file was opened with O_SYNC", () => {
  const disk = new Waiting();
  const fs = nodeFs(disk);
  for (const flags of ["as", fs.constants.O_WRONLY | fs.constants.O_DSYNC, "r+"] as const) {
    fs.writeFileSync("/a", "");
    const fd = fs.openSync("/a", flags);
    fs.write(fd, "x", () => {});
    assertEquals(disk.calls[0]!.isBarrier, flags !== "r+");
    const before = disk.disk.life.trace.length;
    disk.complete();
    const barriers = flags === "r+" ? [] : ["syncData"];
    assertEquals(traceOf(disk, before), ["write", ...barriers]);
  }
});

Deno.test("nodeFs() syncs a directory, and with flush a stream", async () => {
  const { disk, fs } = freshFs();
  fs.mkdirSync("/d");
  const before = disk.disk.life.trace.length;
  const fd = fs.openSync("/d", "r");
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  await pipeline(["x"], fs.createWriteStream("/d/a", { flush: true } as object));
  assertEquals(traceOf(disk, before), ["sync", "create", "write", "sync"]);
});

Deno.test("nodeFs() gives a file handle everything that Node's has", async () => {
  const { fs } = freshFs();
  {
    await using file = await fs.promises.open("/a", "w+");
    await file.writeFile("one\n");
    await file.appendFile(Buffer.from("two\n"));
    await file.writev([Buffer.from("thr"), Buffer.from("ee\n")]);
    await file.sync();
    await file.datasync();
    await file.utimes(1, 2);
    const { size, mtimeMs } = await file.stat();
    assertEquals([size, mtimeMs], [14, 2000]);
    assertEquals(typeof (await file.stat({ bigint: true })).size, "bigint");
    const { bytesRead, buffer } = await file.read(Buffer.alloc(3), 0, 3, 4);
    assertEquals([bytesRead, buffer.toString()], [3, "two"]);
    await file.truncate(8);
  }
  const file = await fs.promises.open("/a");
  const lines: string[] = [];
  for await (const line of file.readLines()) lines.push(line);
  assertEquals(lines, ["one", "two"]);
  assertEquals(file.fd, -1, "closed with its stream");
  const error = await assertRejects(() => file.read(), Error, "file closed");
  assertEquals((error as NodeJS.ErrnoException).code, "EBADF");
});

Deno.test("nodeFs() waits with closing a file handle for what is under way", async () => {
  const disk = new Waiting();
  const fs = nodeFs(disk);
  const opened = fs.promises.open("/a", "w");
  disk.complete();
  const file = await opened;
  const written = file.write("x");
  const closed = file.close();
  assertEquals(disk.calls.length, 1, "only the write is under way");
  disk.complete();
  await written;
  await Promise.resolve();
  assertEquals(disk.complete(), 'close "/a"');
  await closed;
});

Deno.test("nodeFs() streams parts of files, through file handles and numbers too", async () => {
  const { fs } = freshFs();
  fs.writeFileSync("/a", "0123456789");
  const text = async (stream: AsyncIterable<unknown>) => {
    let all = "";
    for await (const chunk of stream) all += chunk;
    return all;
  };
  assertEquals(await text(fs.createReadStream("/a", { start: 2, end: 4 })), "234");
  const fd = fs.openSync("/a", "r");
  assertEquals(await text(fs.createReadStream("", { fd, autoClose: false, start: 8 })), "89");
  fs.closeSync(fd);
  const file = await fs.promises.open("/a", "r+");
  await pipeline(["ab"], file.createWriteStream({ start: 3 }));
  assertEquals(fs.readFileSync("/a", "utf8"), "012ab56789");
  const handle = await fs.promises.open("/a", "r");
  assertEquals(await text(fs.createReadStream("", { fd: handle, start: 9 })), "9");
  assertEquals(handle.fd, -1);
  const stream = fs.createReadStream("/missing");
  const error = await assertRejects(() => text(stream), Error, "ENOENT");
  assertEquals((error as NodeJS.ErrnoException).syscall, "open");
});

Deno.test("nodeFs() tells of an open file what it is, whatever became of its name", () => {
  const { fs } = freshFs();
  fs.writeFileSync("/a", "one");
  const { ino } = fs.statSync("/a");
  const [renamed, replaced, removed] = ["/a", "/b", "/c"].map((path) => fs.openSync(path, "a+"));
  const inodes = ["/b", "/c"].map((path) => fs.statSync(path).ino);
  fs.renameSync("/a", "/b");
  fs.unlinkSync("/c");
  fs.writeFileSync("/a", "another");
  fs.mkdirSync("/c");
  const told = [renamed, replaced, removed].map((fd) => fs.fstatSync(fd!).ino);
  assertEquals(told, [ino, ...inodes]);
});

Deno.test("nodeFs() takes paths as buffers and URLs", () => {
  const { fs } = freshFs();
  fs.writeFileSync(Buffer.from("/a"), "x");
  assertEquals(fs.readFileSync(new URL("file:///a"), "utf8"), "x");
  assertEquals(fs.readFileSync("a", "utf8"), "x", "a relative path begins at the root");
});

Deno.test("nodeFs() lists and copies trees", async () => {
  const { fs } = freshFs();
  fs.mkdirSync("/d/e/f", { recursive: true });
  fs.writeFileSync("/d/a", "1");
  fs.writeFileSync("/d/e/b", "2");
  await fs.promises.cp("/d", "/copy", { recursive: true, filter: (path) => !path.endsWith("f") });
  assertEquals(fs.readdirSync("/copy", { recursive: true }), ["a", "e", "e/b"]);
  const names: string[] = [];
  for await (const entry of await fs.promises.opendir("/d")) {
    names.push(`${entry.parentPath}/${entry.name} ${entry.isDirectory()}`);
  }
  assertEquals(names, ["/d/a false", "/d/e true"]);
  assertThrows(() => fs.cpSync("/d", "/other"), Error, "Path is a directory");
  assertThrows(() => fs.cpSync("/d", "/d/e/x", { recursive: true }), Error, "subdirectory of self");
});

Deno.test("nodeFs() names temporary directories in the same order in every process", () => {
  const { disk, fs } = freshFs();
  assertEquals([fs.mkdtempSync("/t-"), fs.mkdtempSync("/t-")], ["/t-000000", "/t-000001"]);
  assertEquals(nodeFs(new SimulatedFileSystem(disk.disk)).mkdtempSync("/t-"), "/t-000002");
});

Deno.test("nodeFs() is one process for one file system, whose open files end with it", () => {
  const { disk, fs } = freshFs();
  const fd = fs.openSync("/a", "w");
  assertEquals(nodeFs(disk), fs);
  fs.writeSync(fd, "x");
  disk.kill();
  assertThrows(() => fs.writeSync(fd, "y"), Error, "EBADF: bad file descriptor, write");
  const other = nodeFs(new SimulatedFileSystem(disk.disk));
  assertThrows(() => other.writeSync(fd, "y"), Error, "EBADF");
  assertEquals(other.readFileSync("/a", "utf8"), "x");
});

Deno.test("nodeFs() writes a file from what yields its pieces", async () => {
  const { fs } = freshFs();
  await fs.promises.writeFile("/a", ["one", "two"].values());
  await fs.promises.writeFile("/b", fs.createReadStream("/a"), { flush: true } as object);
  assertEquals(fs.readFileSync("/b", "utf8"), "onetwo");
});

Deno.test("nodeFs() stops when a signal says so", async () => {
  const { fs } = freshFs();
  const signal = AbortSignal.abort("enough");
  const error = await assertRejects(() => fs.promises.writeFile("/a", "x", { signal }), Error);
  assertEquals([error.name, (error as NodeJS.ErrnoException).code], ["AbortError", "ABORT_ERR"]);
  assertEquals(fs.existsSync("/a"), false);
});

Deno.test("nodeFs() gives util.promisify what Node gives it", async () => {
  const { fs } = freshFs();
  const fd = fs.openSync("/a", "w+");
  const { bytesWritten } = await promisify(fs.write)(fd, "hello");
  const { bytesRead } = await promisify(fs.read)(fd, Buffer.alloc(9), 0, 9, 0);
  assertEquals([bytesWritten, bytesRead, await promisify(fs.exists)("/a")], [5, 5, true]);
});

Deno.test("nodeFs() can be patched, and its streams call what it was patched with", async () => {
  const { fs } = freshFs();
  const open = fs.open;
  const opened: unknown[] = [];
  const mutable = fs as unknown as Record<string, unknown>;
  mutable.open = (path: unknown, ...rest: unknown[]) => {
    opened.push(path);
    return (open as (...args: unknown[]) => void)(path, ...rest);
  };
  Object.defineProperty(fs, Symbol.for("patched"), { value: true });
  await pipeline(["x"], fs.createWriteStream("/a"));
  assertEquals(opened, ["/a"]);
});

Deno.test("nodeFs() lets its stream classes be called without new, and be inherited from", async () => {
  const { fs } = freshFs();
  fs.writeFileSync("/a", "x");
  function Derived(this: object, path: string): void {
    (fs.ReadStream as unknown as { apply(self: object, args: unknown[]): void }).apply(this, [
      path,
    ]);
  }
  Derived.prototype = Object.create(fs.ReadStream.prototype);
  const Class = Derived as unknown as new (path: string) => AsyncIterable<Buffer>;
  const plain = (fs.ReadStream as unknown as (path: string) => AsyncIterable<Buffer>)("/a");
  for (const stream of [new Class("/a"), plain]) {
    assert(stream instanceof fs.ReadStream);
    for await (const chunk of stream) assertEquals(chunk.toString(), "x");
  }
});

Deno.test("nodeFs() keeps the mode that a file or directory is created with", () => {
  const fs = nodeFs(new SimulatedFileSystem());
  fs.mkdirSync("/d/e", { recursive: true, mode: 0o700 });
  fs.writeFileSync("/d/a", "", { mode: 0o777 });
  fs.writeFileSync("/d/a", "again", { mode: 0o600 });
  fs.closeSync(fs.openSync("/d/b", "wx", 0o600));
  const modes = ["/d", "/d/e", "/d/a", "/d/b"].map((path) => fs.statSync(path).mode & 0o7777);
  assertEquals(modes, [0o700, 0o700, 0o755, 0o600]);
});

Deno.test("nodeFs() tells when a file was written, by the clock of the harness", async () => {
  const seen: number[][] = [];
  const times = (fs: typeof import("node:fs")) => {
    const { birthtimeMs, mtimeMs, ctimeMs } = fs.statSync("/log/a");
    return [birthtimeMs, mtimeMs, ctimeMs].map((time) => time - Date.UTC(2000, 0, 1));
  };
  const subject: LogUnderTest<{ readonly fs: typeof import("node:fs") }> = {
    name: "tells times",
    acks: "never",
    open: (fs) => ({ fs: fs.node }),
    records: () => [],
    async append({ fs }) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      fs.writeFileSync("/log/a", "1");
      await new Promise((resolve) => setTimeout(resolve, 500));
      const fd = fs.openSync("/log/a", "r+");
      fs.writeSync(fd, "2");
      fs.closeSync(fd);
      seen.push(times(fs));
      fs.utimesSync("/log/a", 1, 2);
      seen.push([fs.statSync("/log/a").mtimeMs]);
    },
  };
  await checkLog(subject);
  assertEquals(seen.slice(0, 2), [[1000, 1500, 1500], [2000]]);
});

Deno.test("nodeFs() can be listed, copied, patched and cut as the real module", () => {
  const fs = nodeFs(new SimulatedFileSystem()) as unknown as Record<string, unknown>;
  const names = (module: object) => Object.keys(module).filter((name) => name !== "default").sort();
  assert(names(fs).includes("readFileSync") && "promises" in fs);
  assertEquals(Object.keys({ ...fs }), Object.keys(fs));
  const other = nodeFs(new SimulatedFileSystem()) as unknown as Record<string, unknown>;
  other.existsSync = () => "patched";
  assertEquals((other.existsSync as () => string)(), "patched");
  delete other.existsSync;
  assertEquals(other.existsSync, undefined);
  assertEquals("existsSync" in other, false);
  assertEquals(names(other), names(fs).filter((name) => name !== "existsSync"));
});
