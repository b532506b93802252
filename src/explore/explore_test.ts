import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Disk, DiskOptions } from "../vfs/disk.ts";
import { type FileSystem, FileSystemError } from "../vfs/file_system.ts";
import { type Call, call, dump, make, options, workload } from "./_random_calls.ts";
import { bootImage, type CrashImage, crashImages, emptyImage } from "./brute_force.ts";
import { CrashStateCounter } from "./count.ts";
import { explore } from "./explore.ts";

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

/** Small units make the states of a second life too many to enumerate. */
function coarse(options: DiskOptions): DiskOptions {
  return { ...options, tearBytes: options.tearBytes && 512, powersafeOverwrite: undefined };
}

Deno.test("explore() sees exactly what brute force sees across two power losses", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 5 }),
      fc.array(call, { minLength: 1, maxLength: 3 }),
      options,
      fc.constantFrom(...readers),
      async (calls, repairs, kind, reader) => {
        const options = coarse(kind);
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

Deno.test("explore() sees exactly what brute force sees when recovery is cut twice", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 4 }),
      fc.array(call, { minLength: 1, maxLength: 2 }),
      fc.array(call, { minLength: 1, maxLength: 2 }),
      options,
      async (calls, first, second, kind) => {
        const options = coarse(kind);
        const disk = workload(calls, options);
        if (new CrashStateCounter(disk.lives[0]!).count() > 12n) return;
        compared++;
        const steps = [repair(first), repair(second), chase];
        assertEquals(await lazily(disk, steps), brutally(disk, steps, options));
      },
    ),
    { numRuns: 100, seed: 13 },
  );
  assert(compared > 20, `only ${compared} workloads were small enough to compare`);
});
