import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Disk, DiskOptions } from "../vfs/disk.ts";
import { type ModelName, models } from "../vfs/model.ts";
import { type FileHandle, type FileSystem, FileSystemError } from "../vfs/file_system.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { bootImage, type CrashImage, crashImages, emptyImage } from "./brute_force.ts";
import { CrashStateCounter } from "./count.ts";
import { explore } from "./explore.ts";

/** One call of a random workload. */
type Call =
  | { call: "write"; path: string; offset: number; length: number; byte: number }
  | { call: "truncate"; path: string; size: number }
  | { call: "sync" | "syncData" | "remove" | "mkdir"; path: string }
  | { call: "rename" | "link"; path: string; to: string };

const DIRECTORIES = ["/", "/d", "/e"];
const path = fc.constantFrom("/a", "/a", "/a", "/b", "/d/c", "/d/a", "/e/a");
const offset = fc.constantFrom(0, 100, 500, 512, 700, 1024, 4000);
const call: fc.Arbitrary<Call> = fc.oneof(
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
function make(fs: FileSystem, call: Call): void {
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
function dump(fs: FileSystem, path = "/"): string {
  return fs.list(path).map((name) => {
    const full = path === "/" ? `/${name}` : `${path}/${name}`;
    return fs.stat(full).kind === "directory"
      ? `${full}/ ${dump(fs, full)}`
      : `${full}=${readAll(fs, full)}`;
  }).join("; ");
}

/** Reads little, and what it reads next depends on what it has read: the lazy case. */
function chase(fs: FileSystem): string {
  const seen: string[] = [];
  let next = "/a";
  for (let hop = 0; hop < 3; hop++) {
    try {
      const file = fs.open(next);
      const byte = new Uint8Array(1);
      const got = file.read(byte, hop * 512);
      seen.push(`${next}:${got === 0 ? "end" : byte[0]}`);
      next = byte[0]! % 2 === 0 ? "/b" : "/d/c";
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      seen.push(`${next}:${error.code}`);
      next = "/d/a";
    }
  }
  return seen.join(" ");
}

/** One life after a power loss: what it reads and does. */
type Step = (fs: FileSystem) => string;

const readers: readonly Step[] = [dump, chase];

/** Reads a little, then changes the disk, as a recovery would. */
function repair(calls: readonly Call[]): Step {
  return (fs) => {
    const before = chase(fs);
    for (const call of calls) make(fs, call);
    return `${before} then ${dump(fs)}`;
  };
}

function workload(calls: readonly Call[], options: DiskOptions): Disk {
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

/** Every (crash point, what was seen) of every life, by the search. */
async function lazily(disk: Disk, steps: readonly Step[]): Promise<Set<string>> {
  const outcomes = new Set<string>();
  const result = await explore(disk, (fs) =>
    steps.map((step, i) => {
      if (i > 0) fs.disk.powerCut();
      return step(fs);
    }), (seen) => {
    const windows = disk.lives.slice(0, steps.length).map(({ lo, hi }) => ({ lo, hi }));
    const collect = (i: number, prefix: string) => {
      if (i === seen.length) return void outcomes.add(prefix);
      for (let point = windows[i]!.lo; point <= windows[i]!.hi; point++) {
        collect(i + 1, `${prefix}[${point}] ${seen[i]}\n`);
      }
    };
    collect(0, "");
  });
  assert(result.complete, "the search must be exhaustive");
  assertEquals(result.covered, result.crashStates);
  return outcomes;
}

/** The same by brute force. */
function brutally(disk: Disk, steps: readonly Step[], options: DiskOptions): Set<string> {
  const outcomes = new Set<string>();
  const go = (base: CrashImage, trace: Disk["life"]["trace"], i: number, prefix: string) => {
    for (const { point, image } of crashImages(base, trace, options)) {
      const booted = bootImage(image, options);
      const now = `${prefix}[${point}] ${steps[i]!(booted.fs)}\n`;
      if (i + 1 === steps.length) outcomes.add(now);
      else go(booted.image, booted.fs.disk.life.trace, i + 1, now);
    }
  };
  go(emptyImage(), disk.lives[0]!.trace, 0, "");
  return outcomes;
}

function bruteCount(disk: Disk, options: DiskOptions): bigint {
  let count = 0n;
  for (const _ of crashImages(emptyImage(), disk.lives[0]!.trace, options)) count++;
  return count;
}

/** Wider than this, brute force takes too long. */
const MOST_STATES = 3000n;

const options: fc.Arbitrary<DiskOptions> = fc.record({
  model: fc.constantFrom(...Object.keys(models) as ModelName[]),
  sectorBytes: fc.constantFrom(512 as const, 4096),
  staleTail: fc.boolean(),
  staleSectors: fc.constantFrom(undefined, undefined, true, false),
  dioreadNolock: fc.boolean(),
  tearBytes: fc.constantFrom(undefined, undefined, 1, 512),
  powersafeOverwrite: fc.constantFrom(undefined, undefined, false),
  lyingBarriers: fc.constantFrom(undefined, undefined, undefined, true),
});

Deno.test("explore() sees exactly the crash states that brute force sees", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 9 }),
      options,
      fc.constantFrom(...readers),
      async (calls, options, reader) => {
        const disk = workload(calls, options);
        const states = new CrashStateCounter(disk.lives[0]!).count();
        if (states > MOST_STATES) return;
        compared++;
        assertEquals(bruteCount(disk, options), states);
        assertEquals(await lazily(disk, [reader]), brutally(disk, [reader], options));
      },
    ),
    { numRuns: 700, seed: 7 },
  );
  assert(compared > 350, `only ${compared} workloads were small enough to compare`);
});

Deno.test("explore() sees exactly what brute force sees across two power losses", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 5 }),
      fc.array(call, { minLength: 1, maxLength: 3 }),
      options,
      fc.constantFrom(...readers),
      async (calls, repairs, options, reader) => {
        const disk = workload(calls, options);
        if (new CrashStateCounter(disk.lives[0]!).count() > 40n) return;
        compared++;
        const steps = [repair(repairs), reader];
        assertEquals(await lazily(disk, steps), brutally(disk, steps, options));
      },
    ),
    { numRuns: 500, seed: 11 },
  );
  assert(compared > 120, `only ${compared} workloads were small enough to compare`);
});
