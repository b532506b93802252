import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import type { Cell } from "../vfs/cell.ts";
import { type Disk, type DiskOptions, StepBudgetError } from "../vfs/disk.ts";
import { type FileHandle, type FileSystem, FileSystemError } from "../vfs/file_system.ts";
import type { Life } from "../vfs/life.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { bootImage, crashImages, emptyImage } from "./brute_force.ts";
import { NondeterminismError } from "./choices.ts";
import { CrashStateCounter } from "./count.ts";
import { type Exploration, explore, type ExploreOptions, type Leaf } from "./explore.ts";

const SECTOR = 512;

/** A disk on which `work` was done when the power went. */
function cutAfter(work: (fs: SimulatedFileSystem) => void, options: DiskOptions = {}): Disk {
  const fs = new SimulatedFileSystem(options);
  work(fs);
  fs.disk.powerCut();
  return fs.disk;
}

/** One file of full sectors, each with its own byte; name and size are durable, sectors are not. */
function fileOf(sectors: number): Disk {
  return cutAfter((fs) => {
    const file = fs.open("/a", { write: true, create: true });
    file.truncate(sectors * SECTOR);
    file.sync();
    syncRoot(fs);
    for (let i = 0; i < sectors; i++) file.write(new Uint8Array(SECTOR).fill(i + 1), i * SECTOR);
  });
}

function syncRoot(fs: FileSystem): void {
  const root = fs.open("/");
  root.sync();
  root.close();
}

/** Reads a whole file in one call, which decides all of it at once; shows a byte of each sector. */
function readAtOnce(fs: FileSystem, path = "/a"): string {
  try {
    const file = fs.open(path);
    const bytes = new Uint8Array(file.size());
    file.read(bytes, 0);
    return Array.from({ length: Math.ceil(bytes.length / SECTOR) }, (_, i) => bytes[i * SECTOR])
      .join();
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    return error.code;
  }
}

/** The versions that a leaf has decided. */
function decidedBy({ choices }: Leaf): Map<Cell, number> {
  return new Map(choices.made.map((choice) => [choice.cell, choices.version(choice)]));
}

/** A crash state, spelled out. */
interface CrashState {
  readonly point: number;
  readonly versions: ReadonlyMap<Cell, number>;
}

/** Every crash state of a life. */
function spellOut(life: Life): CrashState[] {
  const states: CrashState[] = [];
  const isLegal = (versions: Map<Cell, number>) =>
    life.cells.every((cell) =>
      (cell.lifts ?? []).every(({ from, other, to }) =>
        versions.get(cell)! < from || versions.get(other)! >= to
      )
    );
  for (let point = 0; point <= life.trace.length; point++) {
    const go = (i: number, versions: Map<Cell, number>) => {
      const cell = life.cells[i];
      if (cell === undefined) {
        if (isLegal(versions)) states.push({ point, versions });
        return;
      }
      for (let version = 0; version <= cell.newest; version++) {
        if (cell.made[version]! > point || cell.until[version]! < point) continue;
        go(i + 1, new Map(versions).set(cell, version));
      }
    };
    go(0, new Map());
  }
  return states;
}

/** How many of the crash states agree with one of the leaves. */
function unionOf(states: readonly CrashState[], leaves: readonly Map<Cell, number>[]): bigint {
  const agreeing = states.filter(({ versions }) =>
    leaves.some((leaf) => [...leaf].every(([cell, version]) => versions.get(cell) === version))
  );
  return BigInt(agreeing.length);
}

/** Explores; keeps every leaf and every result that was shown. */
async function exploreAll(
  disk: Disk,
  options: ExploreOptions<string> = {},
  reader: (fs: SimulatedFileSystem) => string | Promise<string> = (fs) => readAtOnce(fs),
  stopAt = Infinity,
): Promise<{ result: Exploration; leaves: Map<Cell, number>[]; shown: string[] }> {
  const leaves: Map<Cell, number>[] = [];
  const shown: string[] = [];
  const result = await explore(disk, reader, (seen, leaf) => {
    leaves.push(decidedBy(leaf));
    shown.push(seen);
    return shown.length >= stopAt;
  }, options);
  return { result, leaves, shown };
}

/** A few small disks, with and without renames, cuts and barriers. */
const SMALL: readonly (() => Disk)[] = [
  () => fileOf(3),
  () => fileOf(5),
  () =>
    cutAfter((fs) => {
      const file = fs.open("/a", { write: true, create: true });
      for (let i = 1; i <= 3; i++) file.write(new Uint8Array(700).fill(i), 0);
      file.sync();
      file.write(new Uint8Array(700).fill(4), 400);
    }),
  () =>
    cutAfter((fs) => {
      const file = fs.open("/b", { write: true, create: true });
      file.write(new Uint8Array(600).fill(7), 0);
      fs.rename("/b", "/a");
      file.truncate(100);
      fs.link("/a", "/c");
      fs.rename("/c", "/a");
      fs.rename("/a", "/b");
      fs.rename("/b", "/a");
    }),
  () =>
    cutAfter((fs) => {
      for (const name of ["/a", "/b"]) {
        const file = fs.open(name, { write: true, create: true });
        file.write(new Uint8Array(10).fill(1), 0);
      }
      fs.rename("/b", "/a");
      syncRoot(fs);
      fs.remove("/a");
    }, { model: "posix" }),
];

Deno.test("explore() exhausts what the budget allows, and calls it exhaustive", async () => {
  for (const make of SMALL) {
    const disk = make();
    const { result, leaves } = await exploreAll(disk);
    const { recoveries, ...rest } = result;
    const states = spellOut(disk.lives[0]!);
    const crashStates = BigInt(states.length);
    assertEquals(rest, {
      strategy: "exhaustive",
      complete: true,
      stopped: false,
      leaves: leaves.length,
      crashStates,
      covered: crashStates,
      deviations: undefined,
    });
    assert(recoveries >= leaves.length);
    assertEquals(unionOf(states, leaves), crashStates);
  }
});

Deno.test("explore() covers exactly the union of its leaves, whatever the budget", async () => {
  const strategies = new Set<string>();
  for (const make of SMALL) {
    const disk = make();
    const states = spellOut(disk.lives[0]!);
    for (const recoveries of [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144]) {
      const { result, leaves } = await exploreAll(disk, { budget: { recoveries } });
      const { covered, strategy, complete } = result;
      strategies.add(strategy);
      assert(result.recoveries <= recoveries, `${result.recoveries} recoveries of ${recoveries}`);
      assertEquals(result.crashStates, BigInt(states.length));
      assert(covered! <= result.crashStates);
      assertEquals(complete, strategy !== "sampling");
      if (complete) assertEquals(covered, result.crashStates);
      const decided = leaves.map((leaf) => [...leaf.values()].join());
      assertEquals(result.leaves, new Set(decided).size);
      assertEquals(covered, unionOf(states, leaves), `${strategy}, ${recoveries} recoveries`);
    }
  }
  assertEquals([...strategies].toSorted(), ["exhaustive", "sampling"]);
});

Deno.test("explore() names deviations where they were enough to end the search", async () => {
  const disk = fileOf(6);
  const states = spellOut(disk.lives[0]!);
  const leaves: Map<Cell, number>[] = [];
  const result = await explore(disk, (fs) => readAtOnce(fs), (shown, leaf) => {
    leaves.push(decidedBy(leaf));
    return shown === "0,0,0,0,0,0";
  }, { budget: { recoveries: 60 } });
  assertEquals([result.strategy, result.stopped, result.complete], ["deviations", true, false]);
  assertEquals(result.covered, unionOf(states, leaves));
});

Deno.test("explore() counts what it has covered when visit ends the search", async () => {
  for (const make of SMALL) {
    const disk = make();
    const states = spellOut(disk.lives[0]!);
    const { result: { leaves: all } } = await exploreAll(disk);
    for (let stopAt = 1; stopAt <= all; stopAt += stopAt < 30 ? 1 : 29) {
      const { result, leaves } = await exploreAll(disk, {}, undefined, stopAt);
      assertEquals([result.stopped, result.strategy], [true, "exhaustive"]);
      assertEquals([result.complete, result.leaves], [false, stopAt]);
      assertEquals(result.covered, unionOf(states, leaves), `stopped at ${stopAt}`);
    }
  }
});

Deno.test("explore() shows every crash state in one leaf, and in no other", async () => {
  for (const make of SMALL) {
    const disk = make();
    const [life] = disk.lives;
    const counter = new CrashStateCounter(life!);
    let sum = 0n;
    await explore(disk, (fs) => readAtOnce(fs), (_, leaf) => {
      const decided = decidedBy(leaf);
      const { lo, hi } = life!;
      const states = counter.count(decided, lo, hi);
      assert(states > 0n);
      assertEquals(states, counter.count(decided), "no state lies outside of the window");
      for (const point of [lo, hi]) assert(counter.count(decided, point, point) > 0n);
      sum += states;
    });
    assertEquals(sum, counter.count());
    assertEquals(sum, BigInt(spellOut(life!).length));
  }
});

Deno.test("explore() finds one lost sector, or one that is left, before it draws samples", async () => {
  const sectors = 40;
  const bytes = Array.from({ length: sectors }, (_, i) => i + 1);
  for (const lost of [0, 1, 19, 39]) {
    for (const holds of ["all others", "nothing else"]) {
      const wanted = holds === "all others"
        ? bytes.map((byte, i) => i === lost ? 0 : byte).join()
        : bytes.map((byte, i) => i === lost ? byte : 0).join();
      const found = await explore(
        fileOf(sectors),
        (fs) => readAtOnce(fs),
        (shown) => shown === wanted,
        { budget: { recoveries: 1000 } },
      );
      assert(found.stopped, `${holds}, sector ${lost}`);
      assertNotEquals(found.strategy, "sampling");
    }
  }
});

Deno.test("explore() shows first that all has persisted, and soon that nothing has", async () => {
  const { shown } = await exploreAll(fileOf(40), { budget: { recoveries: 400 } });
  assertEquals(shown[0], Array.from({ length: 40 }, (_, i) => i + 1).join());
  assert(shown.includes(Array(40).fill(0).join()));
});

Deno.test("explore() draws the same samples from the same seed", async () => {
  const draw = async (seed?: number) => {
    const options = { budget: { recoveries: 300 }, ...seed !== undefined && { seed } };
    const { result, shown } = await exploreAll(fileOf(30), options);
    assertEquals(result.strategy, "sampling");
    return shown;
  };
  const shown = await draw(7);
  assertEquals(await draw(7), shown);
  assertEquals(await draw(), await draw(1));
  const other = await draw(8);
  assertNotEquals(other, shown);
  // Only the samples are drawn.
  const common = shown.findIndex((text, i) => text !== other[i]);
  assert(common > 200, `the first ${common} were the same`);
});

Deno.test("explore() covers the same whether recovery is asynchronous or not", async () => {
  for (const budget of [{}, { recoveries: 25 }]) {
    for (const make of SMALL) {
      const now = await exploreAll(make(), { budget });
      const later = await exploreAll(make(), { budget }, async (fs) => {
        await Promise.resolve();
        const shown = readAtOnce(fs);
        await Promise.resolve();
        return shown;
      });
      const thenable = await exploreAll(make(), { budget }, (fs) => {
        const shown = readAtOnce(fs);
        return { then: (done: (shown: string) => void) => done(shown) } as Promise<string>;
      });
      assertEquals([later.result, later.shown], [now.result, now.shown]);
      assertEquals([thenable.result, thenable.shown], [now.result, now.shown]);
    }
  }
});

Deno.test("explore() stops a run that makes too many calls, also when it swallows that", async () => {
  const endless = (fs: FileSystem) => {
    for (;;) fs.stat("/");
  };
  const swallowing = (fs: FileSystem) => {
    for (let i = 0; i < 200; i++) {
      try {
        fs.stat("/");
      } catch { /* again */ }
    }
  };
  const frugal = (fs: FileSystem) => {
    for (let i = 0; i < 100; i++) fs.stat("/");
  };
  const budget = { steps: 100 };
  for (const run of [endless, swallowing]) {
    for (
      const wrapped of [
        run,
        async (fs: FileSystem) => {
          await undefined;
          run(fs);
        },
      ]
    ) {
      await assertRejects(
        () => explore(fileOf(2), wrapped, () => {}, { budget }),
        StepBudgetError,
        "it made more than 100 file-system calls",
      );
    }
  }
  // Each run has its own steps.
  assert((await explore(fileOf(2), frugal, () => {}, { budget })).complete);
});

Deno.test("explore() raises what a run throws", async () => {
  const fails = () => {
    throw new RangeError("no key");
  };
  for (const run of [fails, () => Promise.reject(new RangeError("no key"))]) {
    await assertRejects(() => explore(fileOf(1), run, () => {}), RangeError, "no key");
  }
});

Deno.test("explore() tells a recovery that does not repeat itself, also when it swallows that", async () => {
  const sectorsRead = (fs: FileSystem, sectors: readonly number[]) => {
    const file = fs.open("/a");
    for (const sector of sectors) file.read(new Uint8Array(1), sector * SECTOR);
  };
  let runs = 0;
  const stubborn = (fs: FileSystem, sectors: readonly number[]) => {
    for (const sector of sectors) {
      try {
        sectorsRead(fs, [sector]);
      } catch { /* as if nothing had happened */ }
    }
  };
  const restless: [(fs: FileSystem) => void, string][] = [
    [(fs) => sectorsRead(fs, runs++ % 2 === 0 ? [0, 1] : [1, 0]), "first read sector 0 of"],
    [(fs) => sectorsRead(fs, runs++ % 2 === 0 ? [0, 1] : [0]), "then read nothing more"],
    [(fs) => sectorsRead(fs, runs++ % 2 === 0 ? [0] : [0, 0]), "then 3 file-system calls"],
    [(fs) => stubborn(fs, runs++ % 2 === 0 ? [0, 1] : [1, 0]), "first read sector 0 of"],
  ];
  for (const [run, difference] of restless) {
    runs = 0;
    await assertRejects(() => explore(fileOf(2), run, () => {}), NondeterminismError, difference);
  }
  const moody = () => String(runs++);
  assert((await explore(fileOf(2), moody, () => {})).complete, "nothing says what must repeat");
  runs = 0;
  await assertRejects(
    () => explore(fileOf(2), moody, () => {}, { fingerprint: (shown) => shown }),
    NondeterminismError,
    "first gave 0, then 1",
  );
});

Deno.test("explore() covers only what a second power loss has been explored behind", async () => {
  const disk = fileOf(2);
  const [life] = disk.lives;
  const states = spellOut(life!);
  const run = (fs: SimulatedFileSystem) => {
    const before = readAtOnce(fs);
    const file = fs.open("/b", { write: true, create: true });
    file.write(new Uint8Array(3 * SECTOR).fill(9), 0);
    fs.disk.powerCut();
    return `${before} ${readAtOnce(fs, "/b")}`;
  };
  const all = await exploreAll(disk, {}, run);
  assert(all.result.complete && all.result.covered === all.result.crashStates);
  const inFirstLife = all.leaves.map((leaf) => new Map([...leaf].filter(([c]) => c.life === life)));
  for (let stopAt = 1; stopAt < all.leaves.length; stopAt += 5) {
    const { result } = await exploreAll(disk, {}, run, stopAt);
    // A state is covered when no leaf that is still to come agrees with it.
    const open = unionOf(states, inFirstLife.slice(stopAt));
    assertEquals(result.covered, result.crashStates - open, `stopped at ${stopAt}`);
  }
  for (const recoveries of [1, 2, 5, 20, 50, 90]) {
    const { result } = await exploreAll(disk, { budget: { recoveries } }, run);
    assertEquals(result.complete, false);
    assert(result.covered === undefined || result.covered < result.crashStates);
  }
});

/** Does something random to a small tree of files, through paths and through handles kept open. */
class Vandal {
  readonly #fs: FileSystem;
  readonly #draw: (options: number) => number;
  readonly #handles: FileHandle[] = [];

  constructor(fs: FileSystem, draw: (options: number) => number) {
    this.#fs = fs;
    this.#draw = draw;
  }

  /** Makes one call; a call that POSIX refuses changes nothing. */
  act(): void {
    try {
      this.#act();
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
    }
  }

  #path(): string {
    return ["/a", "/b", "/d/a", "/d/e", "/d/e/a"][this.#draw(5)]!;
  }

  #act(): void {
    const fs = this.#fs;
    const draw = this.#draw;
    const handle = this.#handles[draw(Math.max(1, this.#handles.length))];
    switch (draw(10)) {
      case 0:
      case 1:
        this.#handles.push(fs.open(this.#path(), { write: true, create: true }));
        break;
      case 2:
      case 3:
      case 4: {
        const bytes = new Uint8Array([1, 30, 512, 600][draw(4)]!).fill(draw(250) + 1);
        handle?.write(bytes, [0, 100, 500, 1024][draw(4)]!);
        break;
      }
      case 5:
        handle?.truncate([0, 50, 512, 1500][draw(4)]!);
        break;
      case 6:
        if (draw(2) === 0) handle?.syncData();
        else fs.open(["/", "/d"][draw(2)]!).sync();
        break;
      case 7:
        fs.rename(draw(5) === 0 ? "/d" : this.#path(), draw(5) === 0 ? "/g" : this.#path());
        break;
      case 8:
        if (draw(2) === 0) fs.link(this.#path(), this.#path());
        else fs.mkdir("/d/e");
        break;
      case 9:
        fs.remove(this.#path());
        break;
    }
  }
}

/** Reads a part of the tree; what it reads next depends on what it has read. */
function wander(fs: FileSystem): string {
  const seen: string[] = [];
  let path = "";
  for (let hop = 0; hop < 4; hop++) {
    const names = fs.list(path === "" ? "/" : path);
    const name = names[hop % Math.max(1, names.length)];
    if (name === undefined) break;
    path += `/${name}`;
    const { kind, size } = fs.stat(path);
    seen.push(`${path} ${kind} ${size}`);
    if (kind === "directory") continue;
    const byte = new Uint8Array(1);
    const file = fs.open(path);
    file.read(byte, Math.max(0, size - 1));
    seen.push(`${byte[0]}`);
    file.read(byte, (byte[0]! % 3) * SECTOR);
    seen.push(`${byte[0]}`);
    path = "";
  }
  return seen.join(" ");
}

Deno.test("explore() has seen whatever a random crash leaves, on larger workloads", async () => {
  let [workloads, samples, distinct, largest] = [0, 0, 0, 0n];
  for (let seed = 1; workloads < 25; seed++) {
    const random = xoroshiro128plus(seed);
    const draw = (options: number) => uniformInt(random, 0, options - 1);
    const options: DiskOptions = {
      model: draw(2) === 0 ? "posix-ra" : "posix",
      staleTail: draw(4) === 0,
    };
    const disk = cutAfter((fs) => {
      fs.mkdir("/d");
      const vandal = new Vandal(fs, draw);
      for (let calls = 10 + draw(15); calls > 0; calls--) vandal.act();
    }, options);
    const [life] = disk.lives;
    const crashStates = new CrashStateCounter(life!).count();
    if (crashStates < 5_000n || crashStates > 25_000n) continue;
    workloads++;
    if (crashStates > largest) largest = crashStates;
    const found = new Set<string>();
    const result = await explore(disk, wander, (seen) => {
      for (let point = life!.lo; point <= life!.hi; point++) found.add(`[${point}] ${seen}`);
    });
    assert(result.complete);
    assertEquals(result.covered, crashStates);
    distinct += found.size;
    let states = 0n;
    for (const { point, image } of crashImages(emptyImage(), life!.trace, options)) {
      states++;
      if (draw(40) !== 0) continue;
      samples++;
      const seen = `[${point}] ${wander(bootImage(image, options).fs)}`;
      assert(found.has(seen), `seed ${seed}: a crash shows ${seen}, which the search did not`);
    }
    assertEquals(states, crashStates);
  }
  assert(samples > 5_000, `only ${samples} crashes were drawn`);
  assert(distinct > 1_000, `only ${distinct} outcomes were found`);
  assert(largest > 10_000n, `the largest workload had ${largest} crash states`);
});

Deno.test("CrashStateCounter.count() counts what is legal, for any versions that are known", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: SMALL.length - 1 }),
      fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 3 }),
      fc.nat(),
      fc.nat(),
      (which, picks, a, b) => {
        const [life] = SMALL[which]!().lives;
        const { cells, trace } = life!;
        const decided = new Map(picks.map(([i, version]) => {
          const cell = cells[i % cells.length]!;
          return [cell, version % (cell.newest + 1)];
        }));
        const [from, to] = [a, b].map((n) => n % (trace.length + 1)).toSorted((a, b) => a - b);
        const legal = spellOut(life!).filter(({ point, versions }) =>
          point >= from! && point <= to! &&
          [...decided].every(([cell, version]) => versions.get(cell) === version)
        );
        assertEquals(
          new CrashStateCounter(life!).count(decided, from, to),
          BigInt(legal.length),
        );
      },
    ),
    { numRuns: 150, seed: 3 },
  );
});
