import { assertEquals, assertRejects } from "@std/assert";
import { type FileSystem, FileSystemError } from "./file_system.ts";
import { type CompletingFileSystem, completion, type PendingCall } from "./promised_file_system.ts";
import { promised } from "./promised_file_system.ts";
import { SimulatedFileSystem } from "./simulated_file_system.ts";

/** A file system that keeps every promised call until somebody completes it. */
class HeldFileSystem extends SimulatedFileSystem implements CompletingFileSystem {
  readonly held: PendingCall[] = [];

  [completion](call: PendingCall): void {
    this.held.push(call);
  }

  complete(index = 0): void {
    const [call] = this.held.splice(index, 1);
    call!.takeEffect();
    call!.settle();
  }
}

Deno.test("promised() offers every call, and they do what the synchronous ones do", async () => {
  const below = new SimulatedFileSystem();
  const fs = promised(below);
  await fs.mkdir("/log");
  const file = await fs.open("/log/a", { read: true, write: true, create: true });
  assertEquals(await file.write(new Uint8Array([1, 2, 3, 4]), 0), 4);
  await file.truncate(3);
  assertEquals(await file.size(), 3);
  const into = new Uint8Array(8);
  assertEquals(await file.read(into, 1), 2);
  assertEquals([...into.subarray(0, 2)], [2, 3]);
  await file.sync();
  await file.syncData();
  await file.close();
  await fs.link("/log/a", "/log/b");
  await fs.rename("/log/a", "/log/c");
  assertEquals(await fs.list("/log"), ["b", "c"]);
  assertEquals((await fs.stat("/log/c")).size, 3);
  await fs.remove("/log/b");
  assertEquals(below.list("/log"), ["c"]);
  const kinds = below.disk.life.trace.map(({ kind }) => kind);
  assertEquals(kinds.slice(-5), ["sync", "syncData", "link", "rename", "remove"]);
});

Deno.test("promised() offers exactly the calls of a file system and of a handle", async () => {
  const calls = (value: object) => Object.keys(value).sort();
  const names: Record<keyof FileSystem, true> = {
    open: true,
    mkdir: true,
    list: true,
    stat: true,
    rename: true,
    link: true,
    remove: true,
  };
  const fs = promised(new SimulatedFileSystem());
  assertEquals(calls(fs), calls(names));
  const file = await fs.open("/a", { write: true, create: true });
  assertEquals(calls(file), ["close", "read", "size", "sync", "syncData", "truncate", "write"]);
});

Deno.test("promised() rejects with what the synchronous call throws", async () => {
  const fs = promised(new SimulatedFileSystem());
  const error = await assertRejects(() => fs.open("/none"), FileSystemError);
  assertEquals(error.code, "ENOENT");
  const file = await fs.open("/a", { write: true, create: true });
  await file.close();
  await assertRejects(() => file.sync(), FileSystemError, "EBADF");
});

Deno.test("promised() does nothing before a call completes, and then in that order", async () => {
  const below = new HeldFileSystem();
  const fs = promised(below);
  const opened = fs.open("/a", { write: true, create: true });
  assertEquals(below.list("/"), []);
  below.complete();
  const file = await opened;
  const bytes = new Uint8Array([1]);
  const order: string[] = [];
  const first = file.write(bytes, 0).then(() => order.push("first"));
  const second = file.write(new Uint8Array([2]), 1).then(() => order.push("second"));
  const barrier = file.sync().then(() => order.push("barrier"));
  assertEquals(below.held.map(({ what, isBarrier }) => [what, isBarrier]), [
    [`write "/a" 1 bytes at 0`, false],
    [`write "/a" 1 bytes at 1`, false],
    [`sync "/a"`, true],
  ]);
  bytes[0] = 9;
  below.complete(1);
  await second;
  below.complete(1);
  await barrier;
  below.complete();
  await first;
  assertEquals(order, ["second", "barrier", "first"]);
  const { trace } = below.disk.life;
  assertEquals(trace.map(({ kind, offset }) => [kind, offset]).slice(1), [
    ["write", 1],
    ["sync", undefined],
    ["write", 0],
  ]);
  assertEquals(trace.at(-1)!.bytes![0], 9);
});
