import { assertEquals } from "@std/assert";
import { type Cell, Disk, SimulatedFileSystem } from "../../mod.ts";
import {
  type CrashRule,
  crashStates,
  drawn,
  everything,
  filesKept,
  onlySynced,
  pointsAtRisk,
  show,
  tornPages,
} from "./crash_sample.ts";

const PAGE = 8192;

/** Writes a page to each of two durable files, and syncs the first. */
function pulled(): Disk {
  const disk = new Disk({ sectorBytes: 4096 });
  const fs = new SimulatedFileSystem(disk);
  const [a, b] = ["/a", "/b"].map((path) => fs.open(path, { write: true, create: true }));
  for (const file of [a!, b!]) file.write(new Uint8Array(PAGE).fill(1), 0);
  disk.settle();
  for (const file of [a!, b!]) file.write(new Uint8Array(PAGE).fill(2), 0);
  a!.sync();
  disk.powerCut();
  return disk;
}

/** The first bytes of both halves of both files, in one crash state. */
function seen(disk: Disk, point: number, rule: CrashRule): string {
  show(disk, { point, rule });
  const fs = new SimulatedFileSystem(disk);
  return ["/a", "/b"].map((path) => {
    const bytes = new Uint8Array(PAGE);
    fs.open(path).read(bytes, 0);
    return `${bytes[0]}${bytes[PAGE / 2]}`;
  }).join(" ");
}

Deno.test("crash sample: a rule decides what a crash state shows", () => {
  const disk = pulled();
  const inode = disk.lives[0]!.trace[0]!.inode;
  assertEquals(seen(disk, 2, everything), "22 22");
  assertEquals(seen(disk, 2, onlySynced), "11 11");
  assertEquals(seen(disk, 2, tornPages("first")), "21 21");
  assertEquals(seen(disk, 2, tornPages("second")), "12 12");
  assertEquals(seen(disk, 2, filesKept("a", (one) => one === inode)), "22 11");
});

Deno.test("crash sample: before a write it is not there, after a barrier it is", () => {
  const disk = pulled();
  assertEquals(seen(disk, 1, everything), "22 11");
  assertEquals(seen(disk, 3, onlySynced), "22 11");
  assertEquals(seen(disk, 3, tornPages("first")), "22 21");
});

Deno.test("crash sample: states that are the same are there once", () => {
  const { lives: [life] } = pulled();
  const rules = [everything, onlySynced, tornPages("first"), tornPages("second")];
  const pointsOf = (owed: (point: number) => number) =>
    crashStates(life!, [0, 0, 2, 3], { rules, owed }).map(({ point }) => point);
  assertEquals(pointsOf(() => 0), [0, 2, 2, 2, 3, 3, 3]);
  assertEquals(pointsOf((point) => point), [0, 2, 2, 2, 2, 3, 3, 3, 3]);
});

Deno.test("crash sample: points are before barriers, or in equal steps", () => {
  const { trace } = pulled().lives[0]!;
  assertEquals(pointsAtRisk(trace, { from: 0, most: 9 }), [2, 3]);
  const writes = Array.from({ length: 10 }, () => trace[0]!);
  assertEquals(pointsAtRisk(writes, { from: 2, most: 4 }), [2, 4, 6, 8, 10]);
  assertEquals(pointsAtRisk(writes, { from: 8, most: 4 }), [8, 9, 10]);
});

Deno.test("crash sample: what is drawn is one of the versions, and depends on the seed", () => {
  const versions = (seed: number) =>
    Array.from({ length: 64 }, (_, serial) => drawn(seed).choose({ serial } as Cell, 2, 4));
  assertEquals(new Set(versions(1)), new Set([2, 3, 4]));
  assertEquals(versions(1), versions(1));
  assertEquals(versions(1).join() === versions(2).join(), false);
});
