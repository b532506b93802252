/**
 * Random workloads of plain file-system calls, for the tests of the search.
 *
 * @module
 */
import fc from "fast-check";
import type { Disk, DiskOptions } from "../vfs/disk.ts";
import { type FileHandle, type FileSystem, FileSystemError } from "../vfs/file_system.ts";
import { type ModelName, models } from "../vfs/model.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";

/** One call of a random workload. */
export type Call =
  | { call: "write"; path: string; offset: number; length: number; byte: number }
  | { call: "truncate"; path: string; size: number }
  | { call: "sync" | "syncData" | "remove" | "mkdir"; path: string }
  | { call: "rename" | "link"; path: string; to: string };

const DIRECTORIES = ["/", "/d", "/e"];
const path = fc.constantFrom("/a", "/a", "/a", "/b", "/d/c", "/d/a", "/e/a");
const offset = fc.constantFrom(0, 100, 500, 512, 700, 1024, 4000);
/** Draws one call. */
export const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      call: fc.constant("write" as const),
      path,
      offset,
      length: fc.constantFrom(1, 50, 512, 600),
      byte: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ call: fc.constant("truncate" as const), path, size: offset }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constantFrom("sync" as const, "sync", "syncData"),
      path: fc.oneof(path, fc.constantFrom(...DIRECTORIES)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("remove" as const), path }) },
  {
    weight: 1,
    arbitrary: fc.record({ call: fc.constant("mkdir" as const), path: fc.constant("/e") }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ call: fc.constantFrom("rename" as const, "link"), path, to: path }),
  },
);

/** Makes one call; a call that POSIX refuses changes nothing. */
export function make(fs: FileSystem, call: Call): void {
  let file: FileHandle | undefined;
  try {
    switch (call.call) {
      case "write":
        file = fs.open(call.path, { write: true, create: true });
        file.write(new Uint8Array(call.length).fill(call.byte), call.offset);
        break;
      case "truncate":
        file = fs.open(call.path, { write: true });
        file.truncate(call.size);
        break;
      case "sync":
      case "syncData":
        file = fs.open(call.path);
        file[call.call]();
        break;
      case "rename":
      case "link":
        fs[call.call](call.path, call.to);
        break;
      default:
        fs[call.call](call.path);
    }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
  } finally {
    file?.close();
  }
}

function readAll(fs: FileSystem, path: string): string {
  const file = fs.open(path);
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  file.close();
  const runs: string[] = [];
  for (let i = 0; i < bytes.length;) {
    let end = i;
    while (end < bytes.length && bytes[end] === bytes[i]) end++;
    runs.push(`${bytes[i]}x${end - i}`);
    i = end;
  }
  return runs.join(" ");
}

/** Reads everything there is. */
export function dump(fs: FileSystem, path = "/"): string {
  return fs.list(path).map((name) => {
    const full = path === "/" ? `/${name}` : `${path}/${name}`;
    return fs.stat(full).kind === "directory"
      ? `${full}/ ${dump(fs, full)}`
      : `${full}=${readAll(fs, full)}`;
  }).join("; ");
}

/** A disk on which the power has gone after `calls`. */
export function workload(calls: readonly Call[], options: DiskOptions): Disk {
  const fs = new SimulatedFileSystem(options);
  fs.mkdir("/d");
  for (const directory of ["/d", "/"]) {
    const handle = fs.open(directory);
    handle.sync();
    handle.close();
  }
  for (const call of calls) make(fs, call);
  fs.disk.powerCut();
  return fs.disk;
}

/** Draws a kind of disk. */
export const options: fc.Arbitrary<DiskOptions> = fc.record({
  model: fc.constantFrom(...Object.keys(models) as ModelName[]),
  sectorBytes: fc.constantFrom(512 as const, 4096),
  staleTail: fc.boolean(),
  staleSectors: fc.constantFrom(undefined, undefined, true, false),
  dioreadNolock: fc.boolean(),
  tearBytes: fc.constantFrom(undefined, undefined, 128, 512),
  powersafeOverwrite: fc.constantFrom(undefined, undefined, false),
  lyingBarriers: fc.constantFrom(undefined, undefined, undefined, true),
});
