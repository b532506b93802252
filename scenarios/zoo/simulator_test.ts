/**
 * Mistakes that simulators have shipped, planted in this one: a law for each, and a plant that breaks
 * it. A law that no plant breaks would prove nothing.
 *
 * METHOD. A law does some work on a disk, lets the power go after the last op, and looks at every
 * crash state. A plant stands in for a part of the simulator: the file system that the program is
 * given, or the one that recovery is given, the choice of what the media kept, or the power cut.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  type Chooser,
  type Disk,
  explore,
  type FileHandle,
  type FileSystem,
  FileSystemError,
  SimulatedFileSystem,
} from "../../mod.ts";

/** The parts of a simulator that a plant may replace. */
interface Simulator {
  readonly program?: (fs: FileSystem) => FileSystem;
  readonly recovery?: (fs: FileSystem) => FileSystem;
  readonly luck?: (search: Chooser) => Chooser;
  readonly powerCut?: (disk: Disk) => void;
}

/** What is done, and what is looked at. */
interface Trial {
  readonly setUp?: (fs: FileSystem) => void;
  readonly work: (fs: FileSystem) => void;
  readonly look: (fs: FileSystem, powerCut: () => FileSystem) => string;
}

const same = (fs: FileSystem) => fs;

/** Everything that recovery may see when the power goes after the last op, in the order seen. */
async function sights(
  { program = same, recovery = same, luck, powerCut = (disk) => disk.powerCut() }: Simulator,
  { setUp, work, look }: Trial,
  recoveries = 50_000,
): Promise<string[]> {
  const fs = new SimulatedFileSystem();
  const { disk } = fs;
  setUp?.(fs);
  disk.settle();
  work(program(fs));
  powerCut(disk);
  const [first] = disk.lives;
  const seen: string[] = [];
  let search: Chooser | undefined;
  const run = (fs: SimulatedFileSystem) => {
    search ??= disk.chooser;
    if (luck !== undefined) disk.chooser = luck(search);
    first!.lo = first!.hi;
    return look(recovery(fs), () => {
      powerCut(disk);
      return new SimulatedFileSystem(disk);
    });
  };
  await explore(disk, run, (sight) => void seen.push(sight), { budget: { recoveries }, seed: 7 });
  return seen;
}

async function survivors(simulator: Simulator, trial: Trial): Promise<string> {
  return [...new Set(await sights(simulator, trial))].toSorted().join(" ");
}

const RW = { read: true, write: true, create: true };

function put(fs: FileSystem, path: string, text: string, offset = 0): void {
  const file = fs.open(path, RW);
  file.write(new TextEncoder().encode(text), offset);
  file.close();
}

/** The letters at some offsets of a file. */
function letters(fs: FileSystem, path: string, ...offsets: number[]): string {
  try {
    const file = fs.open(path);
    const byte = new Uint8Array(1);
    const read = (at: number) => file.read(byte, at) === 0 ? "-" : String.fromCharCode(byte[0]!);
    const text = offsets.map(read).join("");
    file.close();
    return text;
  } catch (error) {
    if (error instanceof FileSystemError) return error.code;
    throw error;
  }
}

const atFirst = (fs: FileSystem) => letters(fs, "/a", 0);

/** Whether a simulator keeps to what its user relies on. */
type Law = (simulator: Simulator) => Promise<boolean>;

const laws: Readonly<Record<string, Law>> = {
  "close is no barrier": async (simulator) => {
    const setUp = (fs: FileSystem) => put(fs, "/a", "A");
    const work = (fs: FileSystem) => put(fs, "/a", "B");
    return await survivors(simulator, { setUp, work, look: atFirst }) === "A B";
  },
  "the sync of a file does not make its name durable": async (simulator) => {
    const work = (fs: FileSystem) => {
      const file = fs.open("/a", RW);
      file.write(new Uint8Array([0x41]), 0);
      file.sync();
    };
    return await survivors(simulator, { work, look: atFirst }) === "A ENOENT";
  },
  "an unlink that nobody synced may have happened or not": async (simulator) => {
    const setUp = (fs: FileSystem) => put(fs, "/a", "A");
    const work = (fs: FileSystem) => fs.remove("/a");
    return await survivors(simulator, { setUp, work, look: atFirst }) === "A ENOENT";
  },
  "any version of a sector may be the one that is left": async (simulator) => {
    const setUp = (fs: FileSystem) => put(fs, "/a", "A");
    const work = (fs: FileSystem) => ["B", "C", "D"].forEach((text) => put(fs, "/a", text));
    return await survivors(simulator, { setUp, work, look: atFirst }) === "A B C D";
  },
  "a later write may be left without an earlier one": async (simulator) => {
    const setUp = (fs: FileSystem) => put(fs, "/a", "A".repeat(1024));
    const work = (fs: FileSystem) => {
      put(fs, "/a", "B", 0);
      put(fs, "/a", "C", 512);
    };
    const look = (fs: FileSystem) => letters(fs, "/a", 0, 512);
    return await survivors(simulator, { setUp, work, look }) === "AA AC BA BC";
  },
  "the same seed draws the same, in whatever order the files were made": async (simulator) => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    const look = (fs: FileSystem) => fs.list("/").toSorted().join("");
    const made = (order: readonly string[]): Trial => ({
      work: (fs) => order.forEach((name) => fs.open(`/${name}`, RW).close()),
      look,
    });
    // Far fewer recoveries than there are crash states, so that most of them are drawn.
    const one = await sights(simulator, made(names), 60);
    const other = await sights(simulator, made(names.toReversed()), 60);
    assert(new Set(one).size > 20, "the budget leaves room for samples");
    return one.join() === other.join();
  },
  "a process that is killed loses nothing, a power loss does": async (simulator) => {
    const { program = same } = simulator;
    const fs = new SimulatedFileSystem();
    put(program(fs), "/a", "A");
    fs.kill();
    const next = new SimulatedFileSystem(fs.disk);
    const spared = letters(next, "/a", 0) === "A";
    const work = (fs: FileSystem) => put(fs, "/a", "A");
    return spared && (await survivors(simulator, { work, look: atFirst })).includes("ENOENT");
  },
  "what recovery writes may be lost as well": async (simulator) => {
    const setUp = (fs: FileSystem) => put(fs, "/a", "A");
    const look = (fs: FileSystem, powerCut: () => FileSystem) => {
      put(fs, "/a", "R");
      return letters(powerCut(), "/a", 0);
    };
    return await survivors(simulator, { setUp, work: () => {}, look }) === "A R";
  },
};

/** A file system whose files have some other calls. */
function withFiles(
  fs: FileSystem,
  change: (file: FileHandle, path: string) => Partial<FileHandle>,
): FileSystem {
  return {
    open: (path, options) => {
      const file = fs.open(path, options);
      const whole: FileHandle = {
        read: (into, offset) => file.read(into, offset),
        write: (bytes, offset) => file.write(bytes, offset),
        size: () => file.size(),
        truncate: (size) => file.truncate(size),
        sync: () => file.sync(),
        syncData: () => file.syncData(),
        close: () => file.close(),
      };
      return { ...whole, ...change(file, path) };
    },
    mkdir: (path) => fs.mkdir(path),
    list: (path) => fs.list(path),
    stat: (path) => fs.stat(path),
    rename: (from, to) => fs.rename(from, to),
    link: (existing, created) => fs.link(existing, created),
    remove: (path) => fs.remove(path),
  };
}

/** A choice among those versions that a plant lets through. */
function among(
  search: Chooser,
  isKept: (version: number, cell: Parameters<Chooser["choose"]>[0], newest: number) => boolean,
): Chooser {
  return {
    choose: (cell, from, to, feasible) => {
      const all = feasible ?? Array.from({ length: to - from + 1 }, (_, i) => to - i);
      return search.choose(cell, from, to, all.filter((version) => isKept(version, cell, to)));
    },
  };
}

/** Loses the last ops, and nothing else. */
function onlyLast(search: Chooser): Chooser {
  // P, the last op that is kept, lies between these.
  let [lo, hi] = [0, Infinity];
  const next = (version: number, cell: { readonly made: readonly number[] }) =>
    cell.made[version + 1] ?? Infinity;
  return {
    choose: (cell, from, to, feasible) => {
      const version = among(
        search,
        (version) => cell.made[version]! <= hi && next(version, cell) > lo,
      ).choose(cell, from, to, feasible);
      lo = Math.max(lo, cell.made[version]!);
      hi = Math.min(hi, next(version, cell) - 1);
      return version;
    },
  };
}

/** The mistakes of other simulators, and the law that each breaks. */
const plants: readonly { name: string; law: keyof typeof laws; simulator: Simulator }[] = [
  {
    name: "close acts as sync",
    law: "close is no barrier",
    simulator: {
      program: (fs) =>
        withFiles(fs, (file) => ({
          close: () => {
            file.sync();
            file.close();
          },
        })),
    },
  },
  {
    name: "the sync of a file also syncs the directory",
    law: "the sync of a file does not make its name durable",
    simulator: {
      program: (fs) =>
        withFiles(fs, (file) => ({
          sync: () => {
            file.sync();
            fs.open("/").sync();
          },
        })),
    },
  },
  {
    name: "an unlink that nobody synced never lands",
    law: "an unlink that nobody synced may have happened or not",
    simulator: {
      luck: (search) =>
        among(
          search,
          (version, cell) => cell.kind !== "name" || version === 0 || cell.values[version] !== 0,
        ),
    },
  },
  {
    name: "an unlink always lands",
    law: "an unlink that nobody synced may have happened or not",
    simulator: {
      luck: (search) =>
        among(search, (version, cell, to) => cell.kind !== "name" || version === to),
    },
  },
  {
    name: "only the first or the last version of a sector is left",
    law: "any version of a sector may be the one that is left",
    simulator: {
      luck: (search) =>
        among(search, (version, cell, to) => version === cell.forced || version === to),
    },
  },
  {
    name: "loss only as a prefix",
    law: "a later write may be left without an earlier one",
    simulator: { luck: onlyLast },
  },
  {
    name: "names in the order in which they were made",
    law: "the same seed draws the same, in whatever order the files were made",
    simulator: {
      recovery: (fs) => ({
        ...withFiles(fs, () => ({})),
        list: () => inOrderMade(fs as SimulatedFileSystem),
      }),
    },
  },
  {
    name: "a kill passed off as a power loss",
    law: "a process that is killed loses nothing, a power loss does",
    simulator: {
      powerCut: (disk) => {
        disk.settle();
        disk.powerCut();
      },
    },
  },
  {
    name: "the loss knob left at zero",
    law: "a process that is killed loses nothing, a power loss does",
    simulator: { luck: (search) => among(search, (version, _cell, to) => version === to) },
  },
  {
    name: "recovery is spared",
    law: "what recovery writes may be lost as well",
    simulator: {
      powerCut: (disk) => {
        if (disk.lives.length > 1) disk.settle();
        disk.powerCut();
      },
    },
  },
];

/** The names in the root, decided in the order in which they were made. */
function inOrderMade(fs: SimulatedFileSystem): string[] {
  const names = fs.disk.lives[0]!.trace.map(({ name }) => name!);
  return names.filter((name) => {
    try {
      return fs.stat(`/${name}`) !== undefined;
    } catch {
      return false;
    }
  });
}

for (const [name, law] of Object.entries(laws)) {
  Deno.test(`simulator: ${name}`, async () => {
    assert(await law({}));
  });
}

for (const { name, law, simulator } of plants) {
  Deno.test(`simulator: the law notices that ${name}`, async () => {
    assertEquals(await laws[law]!(simulator), false);
  });
}

Deno.test("simulator: every law has a plant that breaks it", () => {
  const broken = new Set(plants.map(({ law }) => law));
  assertEquals(Object.keys(laws).filter((law) => !broken.has(law)), []);
});
