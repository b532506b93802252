import { assertEquals, assertThrows } from "@std/assert";
import { FileSystemError } from "./file_system.ts";
import { SimulatedFileSystem } from "./simulated_file_system.ts";

const RW = { read: true, write: true, create: true };
const full = () => new SimulatedFileSystem({ capacityBytes: 2 * 4096 + 4095 });

function assertFull(call: () => unknown): void {
  assertEquals(assertThrows(call, FileSystemError).code, "ENOSPC");
}

Deno.test("FileHandle.write() on a full disk writes the part that fits, then nothing", () => {
  const fs = full();
  const file = fs.open("/a", RW);
  assertEquals(file.write(new Uint8Array(5000), 0), 5000);
  assertEquals(file.write(new Uint8Array(5000), 5000), 8192 - 5000);
  assertFull(() => file.write(new Uint8Array(1), 8192));
  assertEquals(file.size(), 8192);
  assertEquals(file.write(new Uint8Array(100), 8000), 100);
  assertEquals(fs.disk.failures, 2);
  assertEquals(fs.disk.life.trace.length, 4);
});

Deno.test("FileHandle.write() on a full disk needs a block for every part of a hole it fills", () => {
  const fs = full();
  const file = fs.open("/a", RW);
  file.truncate(40_960);
  assertEquals(file.write(new Uint8Array(10), 20_000), 10);
  assertEquals(file.write(new Uint8Array(10), 4_090), 6);
  assertFull(() => file.write(new Uint8Array(1), 30_000));
});

Deno.test("a full disk still creates, renames and makes directories", () => {
  const fs = full();
  fs.open("/a", RW).write(new Uint8Array(8192), 0);
  fs.mkdir("/d");
  fs.open("/d/b", RW).close();
  fs.rename("/a", "/d/c");
  fs.link("/d/c", "/e");
  assertEquals(fs.list("/d"), ["b", "c"]);
});

Deno.test("a file gives its space back with its last name, and what is cut off at once", () => {
  const fs = full();
  const file = fs.open("/a", RW);
  file.write(new Uint8Array(8192), 0);
  fs.link("/a", "/b");
  fs.remove("/a");
  const other = fs.open("/c", RW);
  assertFull(() => other.write(new Uint8Array(1), 0));
  file.truncate(4096);
  assertEquals(other.write(new Uint8Array(5000), 0), 4096);
  fs.remove("/b");
  assertEquals(other.write(new Uint8Array(5000), 4096), 4096);
});

Deno.test("a full disk is as full after a power loss as what the media kept makes it", () => {
  for (const { kept, fits } of [{ kept: "newest", fits: 4096 }, { kept: "oldest", fits: 8192 }]) {
    const fs = full();
    fs.disk.settle();
    fs.open("/a", RW).write(new Uint8Array(4000), 0);
    fs.disk.powerCut();
    fs.disk.chooser = { choose: (_cell, from, to) => kept === "newest" ? to : from };
    const after = new SimulatedFileSystem(fs.disk);
    assertEquals(after.open("/b", RW).write(new Uint8Array(9000), 0), fits, kept);
  }
});
