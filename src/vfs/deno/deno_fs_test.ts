import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { injectorOf } from "../fault_injector.ts";
import { parseFaultPlan } from "../fault_plan.ts";
import {
  type CompletingFileSystem,
  completion,
  type PendingCall,
} from "../promised_file_system.ts";
import { SimulatedFileSystem } from "../simulated_file_system.ts";
import { denoFs } from "./deno_fs.ts";

const CREATE = { read: true, write: true, create: true };

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A file system whose calls go wrong as a plan says. */
function faulty(plan: string): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  fs.disk.faults = injectorOf(parseFaultPlan(plan));
  return fs;
}

/** A file system that keeps every call until somebody completes it. */
class HeldFileSystem extends SimulatedFileSystem implements CompletingFileSystem {
  readonly held: PendingCall[] = [];

  [completion](call: PendingCall): void {
    this.held.push(call);
  }

  /** Completes the calls one by one, always the last one, until there are none. */
  async completeAll(): Promise<string[]> {
    const order: string[] = [];
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve));
      const call = this.held.pop();
      if (call === undefined) return order;
      order.push(call.what);
      call.takeEffect();
      call.settle();
    }
  }
}

function trace(fs: SimulatedFileSystem): string[] {
  return fs.disk.life.trace.map(({ kind }) => kind);
}

Deno.test("denoFs() calls leave the ops on the disk that they leave on a real one", async () => {
  const fs = new SimulatedFileSystem();
  const deno = denoFs(fs);
  deno.writeTextFileSync("/a", "one");
  await deno.writeTextFile("/a", "two");
  await deno.writeTextFile("/a", "three", { append: true });
  deno.renameSync("/a", "/b");
  deno.linkSync("/b", "/c");
  await deno.truncate("/c", 2);
  using file = await deno.open("/c", { write: true });
  await file.write(bytes("x"));
  file.syncSync();
  await file.syncData();
  deno.openSync("/").syncSync();
  assertEquals(trace(fs), [
    ...["create", "write", "truncate", "write", "write", "rename", "link", "truncate"],
    ...["write", "sync", "syncData", "sync"],
  ]);
});

Deno.test("denoFs() writes a whole file in as many writes as it takes, and no barrier", async () => {
  const fs = faulty("write 1: short 2; write 2: EINTR; write 4: short 1");
  const deno = denoFs(fs);
  deno.writeTextFileSync("/a", "hello");
  await deno.writeTextFile("/b", "hello");
  assertEquals([deno.readTextFileSync("/a"), await deno.readTextFile("/b")], ["hello", "hello"]);
  const writes = fs.disk.life.trace.filter(({ kind }) => kind === "write");
  assertEquals(writes.map(({ bytes }) => bytes!.length), [2, 3, 1, 4]);
});

Deno.test("denoFs() reads a whole file in as many reads as it takes", () => {
  const fs = new SimulatedFileSystem();
  const deno = denoFs(fs);
  deno.writeTextFileSync("/a", "hello");
  fs.disk.faults = injectorOf(parseFaultPlan("read 1: short 2; read 2: EINTR; size 1: EIO"));
  assertEquals(deno.readTextFileSync("/a"), "hello");
});

Deno.test("FsFile reports short writes and reads, and goes on behind them", () => {
  using file = denoFs(faulty("write 1: short 2; read 1: short 1")).openSync("/a", CREATE);
  assertEquals(file.writeSync(bytes("hello")), 2);
  assertEquals(file.writeSync(bytes("y")), 1);
  file.seekSync(0, Deno.SeekMode.Start);
  const into = new Uint8Array(9);
  assertEquals([file.readSync(into), file.readSync(into)], [1, 2]);
  assertEquals(into.subarray(0, 2), bytes("ey"));
});

Deno.test("denoFs() reports errors of the device as Deno does", async () => {
  const deno = denoFs(faulty("write 1: ENOSPC; sync 1: EIO; open 3: EMFILE; mkdir 1: EROFS"));
  const full = await assertRejects(() => deno.writeTextFile("/a", "x"), Error);
  assertEquals(full.message, "No space left on device (os error 28): writefile '/a'");
  assertEquals(Reflect.get(full, "code"), "ENOSPC");
  using file = deno.openSync("/a", CREATE);
  const lost = assertThrows(() => file.syncSync(), Error);
  assertEquals(lost.message, "Input/output error (os error 5)");
  assertThrows(
    () => deno.openSync("/b", CREATE),
    Error,
    "Too many open files (os error 24): open '/b'",
  );
  assertThrows(
    () => deno.mkdirSync("/d"),
    Error,
    "Read-only file system (os error 30): mkdir '/d'",
  );
});

Deno.test("FsFile repeats an interrupted barrier, and reports an interrupted write", () => {
  const fs = faulty("sync 1: EINTR; syncData 1: EINTR; write 1: EINTR");
  using file = denoFs(fs).openSync("/a", CREATE);
  const error = assertThrows(() => file.writeSync(bytes("x")), Deno.errors.Interrupted);
  assertEquals(error.message, "Interrupted system call (os error 4)");
  file.writeSync(bytes("x"));
  file.syncSync();
  file.syncDataSync();
  assertEquals(trace(fs), ["create", "write", "sync", "syncData"]);
});

Deno.test("FsFile hides an error of close, as Deno does", () => {
  const deno = denoFs(faulty("close: EIO"));
  deno.openSync("/a", CREATE).close();
  deno.writeTextFileSync("/a", "x");
  assertEquals(deno.statSync("/a").size, 1);
});

Deno.test("FsFile is one, and refuses to be used when it is closed", () => {
  const file = denoFs(new SimulatedFileSystem()).openSync("/a", CREATE);
  assert(file instanceof Deno.FsFile);
  assertEquals([file.tryLockSync(true), file.isTerminal()], [true, false]);
  file.close();
  assertThrows(() => file.close(), Deno.errors.BadResource, "Bad resource ID");
  assertThrows(() => file.setRaw(true), Deno.errors.BadResource, "Bad resource ID");
  file[Symbol.dispose]();
});

Deno.test("FsFile has every member that Deno's has", () => {
  const file = denoFs(new SimulatedFileSystem()).openSync("/a", CREATE);
  const own = Object.getPrototypeOf(file);
  for (const name of Object.getOwnPropertyNames(Deno.FsFile.prototype)) {
    assert(Object.hasOwn(own, name), `${name} would reach for the real disk`);
  }
});

Deno.test("FsFile lets its asynchronous calls take effect one after another", async () => {
  const fs = new HeldFileSystem();
  using file = denoFs(fs).openSync("/a", CREATE);
  const calls = [file.write(bytes("one")), file.sync(), file.write(bytes("two")), file.stat()];
  assertEquals(fs.held.map(({ what }) => what), ['write 3 bytes to "/a"']);
  const order = await fs.completeAll();
  assertEquals(order.map((what) => what.split(" ")[0]), ["write", "sync", "write", "stat"]);
  await Promise.all(calls);
  assertEquals(trace(fs), ["create", "write", "sync", "write"]);
});

Deno.test("FsFile lets calls on two files take effect in any order", async () => {
  const fs = new HeldFileSystem();
  const deno = denoFs(fs);
  using first = deno.openSync("/a", CREATE);
  using second = deno.openSync("/a", CREATE);
  const calls = [first.write(bytes("first")), second.write(bytes("2nd")), first.syncData()];
  assertEquals(await fs.completeAll(), [
    'write 3 bytes to "/a"',
    'write 5 bytes to "/a"',
    'syncData "/a"',
  ]);
  assertEquals(await Promise.all(calls), [5, 3, undefined]);
  assertEquals(deno.readTextFileSync("/a"), "first");
});

Deno.test("FsFile marks barriers, and nothing else, as such", async () => {
  const fs = new HeldFileSystem();
  const deno = denoFs(fs);
  const [a, b, c] = ["/a", "/b", "/c"].map((path) => deno.openSync(path, CREATE));
  const calls = [a!.sync(), b!.syncData(), c!.write(bytes("x")), deno.writeTextFile("/d", "x")];
  assertEquals(fs.held.map(({ isBarrier }) => isBarrier), [true, true, false, false]);
  await fs.completeAll();
  await Promise.all(calls);
});

Deno.test("FsFile that is closed lets calls end that are under way", async () => {
  const fs = new HeldFileSystem();
  const deno = denoFs(fs);
  const file = deno.openSync("/a", CREATE);
  const calls = [file.write(bytes("one")), file.write(bytes("two"))];
  file.close();
  await assertRejects(() => file.write(bytes("x")), Deno.errors.BadResource);
  await fs.completeAll();
  assertEquals(await Promise.all(calls), [3, 3]);
  assertEquals(deno.readTextFileSync("/a"), "onetwo");
});

Deno.test("denoFs() does nothing before an asynchronous call takes effect", async () => {
  const fs = new HeldFileSystem();
  const deno = denoFs(fs);
  const calls = [deno.mkdir("/d"), deno.writeTextFile("/a", "x"), deno.makeTempFile({ dir: "/" })];
  assertEquals(fs.list("/"), []);
  await fs.completeAll();
  await Promise.all(calls);
  assertEquals(fs.list("/"), ["0000000000000001", "a", "d"]);
});

Deno.test("denoFs() lets the stack of every step lead to whoever made the call", async () => {
  const stacks: string[] = [];
  class TracedFileSystem extends HeldFileSystem {
    override [completion](call: PendingCall): void {
      stacks.push(new Error(call.what).stack!);
      super[completion](call);
    }
  }
  const fs = new TracedFileSystem();
  const deno = denoFs(fs);
  const caller = async () => {
    await deno.mkdir("/a/b", { recursive: true });
    await deno.writeTextFile("/a/b/c", "x");
    using file = await deno.open("/a/b/c", { write: true });
    await Promise.all([file.write(bytes("y")), file.sync()]);
    await deno.remove("/a", { recursive: true });
  };
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 16;
  try {
    const called = caller();
    await fs.completeAll();
    await called;
  } finally {
    Error.stackTraceLimit = limit;
  }
  assert(stacks.length > 10);
  for (const stack of stacks) assert(/\bcaller\b/.test(stack), stack);
});

Deno.test("denoFs() rejects what is wrong with arguments, and never throws it", async () => {
  const deno = denoFs(new SimulatedFileSystem());
  const url = new URL("https://example.com/a");
  const options = { create: true };
  const calls = [
    () => deno.stat(url),
    () => deno.readFile(url),
    () => deno.open("/a", options),
    () => deno.makeTempDir({ prefix: "a/b" }),
    () => deno.writeFile("/a", "text" as unknown as Uint8Array),
  ];
  const rejected = await Promise.allSettled(calls.map((call) => call()));
  assertEquals(rejected.map(({ status }) => status), Array(calls.length).fill("rejected"));
  assertThrows(() => deno.statSync(url), TypeError, "Must be a file URL");
  assertThrows(() => deno.statSync(new URL("file://host/a")), TypeError, "Host must be empty");
});

Deno.test("denoFs() lets a write go on whose signal gives up", async () => {
  const fs = new HeldFileSystem();
  const deno = denoFs(fs);
  const controller = new AbortController();
  const reason = new Error("Too late");
  const written = deno.writeTextFile("/a", "hello", { signal: controller.signal });
  controller.abort(reason);
  assertEquals(await written.catch((error) => error), reason);
  assertEquals(fs.list("/"), []);
  await fs.completeAll();
  assertEquals(deno.readTextFileSync("/a"), "hello");
  const { signal } = controller;
  await assertRejects(() => deno.readFile("/a", { signal }), Error, "Too late");
  await assertRejects(() => deno.readTextFile("/a", { signal }), Error, "Too late");
  assertThrows(() => deno.writeTextFileSync("/a", "x", { signal }), Error, "Too late");
  assertEquals(deno.readTextFileSync("/a"), "hello");
});

Deno.test("FsFile.writable holds small chunks back: a barrier does not cover them", async () => {
  const fs = new SimulatedFileSystem();
  const deno = denoFs(fs);
  const file = deno.openSync("/a", CREATE);
  const writer = file.writable.getWriter();
  await writer.write(bytes("hello"));
  await file.sync();
  assertEquals(trace(fs), ["create", "sync"]);
  await writer.close();
  assertEquals(trace(fs), ["create", "sync", "write"]);
  assertThrows(() => file.close(), Deno.errors.BadResource);
});

Deno.test("FsFile.writable tells nobody of an error when it is closed, as Deno does", async () => {
  const deno = denoFs(faulty("write 1: ENOSPC"));
  const writer = deno.openSync("/a", CREATE).writable.getWriter();
  await writer.write(bytes("hello"));
  await writer.close();
  assertEquals(deno.statSync("/a").size, 0);
});

Deno.test("FsFile.writable and writeFile() of a stream write on after a short write", async () => {
  const deno = denoFs(faulty("write 1: short 2; write 2: EINTR"));
  await deno.writeTextFile("/a", ReadableStream.from(["hel", "lo"]));
  assertEquals(deno.readTextFileSync("/a"), "hello");
});

Deno.test("denoFs() counts temporary names, and passes over those that are taken", () => {
  const fs = new SimulatedFileSystem();
  const deno = denoFs(fs);
  deno.mkdirSync("/d");
  assertEquals(
    deno.makeTempFileSync({ dir: "d", prefix: "p-", suffix: ".s" }),
    "d/p-0000000000000001.s",
  );
  assertEquals(deno.makeTempDirSync({ dir: "/d/" }), "/d/0000000000000002");
  const later = denoFs(fs);
  assertEquals(later.makeTempFileSync({ dir: "/d" }), "/d/0000000000000001");
  assertEquals(later.makeTempFileSync({ dir: "/d" }), "/d/0000000000000003");
  assertEquals(later.makeTempFileSync(), "/tmp/0000000000000004");
  assertEquals(fs.list("/"), ["d", "tmp"]);
  const missing = assertThrows(() => deno.makeTempDirSync({ dir: "/no" }), Deno.errors.NotFound);
  assertEquals(missing.message, "No such file or directory (os error 2): tmpdir");
});

Deno.test("denoFs() tells nothing about times, owners and modes", async () => {
  const deno = denoFs(new SimulatedFileSystem());
  using file = await deno.open("/a", { ...CREATE, mode: 0o600 });
  deno.chmodSync("/a", 0o600);
  await deno.utime("/a", 1, 1);
  for (const info of [deno.statSync("/a"), await deno.lstat("/a"), file.statSync()]) {
    assertEquals([info.mtime, info.mode, info.uid, info.nlink], [null, null, null, null]);
  }
  assertEquals(file.statSync().ino, null);
  assertEquals(typeof deno.statSync("/a").ino, "number");
});

Deno.test("denoFs() gives functions that can be taken out of it", async () => {
  const { writeTextFileSync, readTextFile, errors } = denoFs(new SimulatedFileSystem());
  writeTextFileSync("/a", "hello");
  assertEquals(await readTextFile("/a"), "hello");
  assertEquals(errors, Deno.errors);
});

Deno.test("denoFs() keeps to one process: a working directory of its own", () => {
  const fs = new SimulatedFileSystem();
  const [one, other] = [denoFs(fs), denoFs(fs)];
  one.mkdirSync("d");
  one.chdir("d");
  one.writeTextFileSync("a", "");
  assertEquals([one.cwd(), other.cwd()], ["/d", "/"]);
  assertThrows(() => other.statSync("a"), Deno.errors.NotFound, "stat 'a'");
  fs.kill();
  assertThrows(() => one.statSync("a"), Error, "Bad file descriptor");
});
