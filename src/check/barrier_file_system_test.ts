import { assertEquals, assertThrows } from "@std/assert";
import { fileSystemConformance } from "../vfs/conformance.ts";
import { FileSystemError } from "../vfs/file_system.ts";
import { formatOp } from "../vfs/op.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { BarrierFileSystem, type BarrierGate } from "./barrier_file_system.ts";
import { type BarrierSite, gateOf, type Mutation } from "./mutation.ts";

const conforming = (name: string, makeGate: () => BarrierGate) =>
  fileSystemConformance(`BarrierFileSystem, barriers ${name}`, () => ({
    fs: new BarrierFileSystem(new SimulatedFileSystem(), makeGate()),
  }));

// Reads see the page cache: whatever becomes of the barriers, a log that stays up must not notice.
conforming("dropped", () => (asked) => asked.omit());
conforming("delayed", () => {
  let late = () => {};
  return (asked) => {
    late();
    late = asked.postpone();
  };
});

/** A file system of which the barriers at the first place that asks for one are changed. */
function mutated(mutation: Mutation) {
  const below = new SimulatedFileSystem();
  let gate: BarrierGate | undefined;
  const fs = new BarrierFileSystem(below, (asked) => {
    const site: BarrierSite = {
      ...asked.place(),
      call: asked.call,
      on: "file",
      workloads: [],
    };
    gate ??= gateOf({ site, mutation });
    gate(asked);
  });
  const trace = () => below.disk.life.trace.map(formatOp);
  return { fs, below, trace };
}

/** Creates a file, syncs it twice from one place and the directory from another. */
function twice(fs: BarrierFileSystem): void {
  const file = fs.open("/a", { write: true, create: true });
  for (let i = 0; i < 2; i++) {
    file.write(new Uint8Array(4), 4 * i);
    file.sync();
  }
  file.close();
  assertThrows(() => file.size(), FileSystemError, 'size "/a": EBADF');
  assertThrows(() => file.sync(), FileSystemError, 'sync "/a": EBADF');
  syncDirectory(fs, "/");
}

Deno.test("gateOf() drops a barrier each time", () => {
  const { fs, trace } = mutated("dropped");
  twice(fs);
  assertEquals(trace(), [
    'create "/a"',
    'write "/a" 4 bytes at 0',
    'write "/a" 4 bytes at 4',
    'sync "/"',
  ]);
});

Deno.test("gateOf() delays a barrier to just before the next, though the file was closed", () => {
  const { fs, trace } = mutated("delayed");
  twice(fs);
  assertEquals(trace(), [
    'create "/a"',
    'write "/a" 4 bytes at 0',
    'write "/a" 4 bytes at 4',
    'sync "/a"',
    'sync "/a"',
    'sync "/"',
  ]);
});

Deno.test("gateOf() weakens the fsync of a file, and not of a directory", () => {
  const { fs, trace } = mutated("weakened");
  twice(fs);
  assertEquals(trace().filter((op) => op.startsWith("sync")), [
    'syncData "/a"',
    'syncData "/a"',
    'sync "/"',
  ]);
  const other = mutated("weakened");
  syncDirectory(other.fs, "/");
  assertEquals(other.trace(), ['sync "/"']);
});

Deno.test("gateOf() changes synchronous writes where they are opened", () => {
  const write = (fs: BarrierFileSystem) => {
    const file = fs.open("/a", { write: true, create: true, sync: true });
    file.write(new Uint8Array(4), 0);
    file.close();
    syncDirectory(fs, "/");
  };
  const [dropped, delayed] = [mutated("dropped"), mutated("delayed")];
  write(dropped.fs);
  assertEquals(dropped.trace().slice(2), ['sync "/"']);
  write(delayed.fs);
  assertEquals(delayed.trace().slice(2), ['syncData "/a"', 'sync "/"']);
});

Deno.test("a barrier that is left out still fails in a process that was killed", () => {
  for (const mutation of ["dropped", "delayed"] as const) {
    const { fs, below, trace } = mutated(mutation);
    const file = fs.open("/a", { write: true, create: true });
    below.kill();
    assertThrows(() => file.sync(), FileSystemError, 'sync "/a": EBADF');
    assertEquals(trace(), ['create "/a"']);
  }
});

Deno.test("AskedBarrier knows its place, also behind helpers and callbacks", () => {
  const asked: string[] = [];
  const places: string[] = [];
  const fs = new BarrierFileSystem(new SimulatedFileSystem(), (barrier) => {
    asked.push(`${barrier.call} of a ${barrier.isOnDirectory() ? "directory" : "file"}`);
    const { file, line, column } = barrier.place();
    places.push(line === 0 ? file : placeText(file, line, column));
  });
  const file = fs.open("/a", { write: true, create: true });
  file.sync();
  file.syncData();
  syncDirectory(fs, "/");
  ["/"].forEach((path) => syncDirectory(fs, path));
  ["/", "/"].forEach(syncDirectory.bind(undefined, fs));
  assertEquals(places, [
    "sync();",
    "syncData();",
    'syncDirectory(fs, "/");',
    "syncDirectory(fs, path));",
    "forEach(syncDirectory.bind(undefined, fs));",
    "forEach(syncDirectory.bind(undefined, fs));",
  ]);
  assertEquals(asked, [
    "fsync of a file",
    "fdatasync of a file",
    ...Array(4).fill("fsync of a directory"),
  ]);
});

function placeText(file: string, line: number, column: number): string {
  return Deno.readTextFileSync(new URL(file)).split("\n")[line - 1]!.slice(column - 1);
}
