/**
 * Laws of the persistence models, on random traces: what must hold whatever the table says.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Chooser, Disk, DiskOptions } from "../vfs/disk.ts";
import type { ModelName } from "../vfs/model.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { type Call, call, dump, options, workload } from "./_random_calls.ts";
import { CrashStateCounter } from "./count.ts";
import { explore } from "./explore.ts";

/** Wider than this, a search takes too long. */
const MOST_STATES = 3000n;

/** Everything that the media may hold after a power loss, at whatever moment. */
async function outcomes(disk: Disk): Promise<Set<string>> {
  const seen = new Set<string>();
  const { complete } = await explore(disk, (fs) => dump(fs), (text) => void seen.add(text));
  assert(complete, "the search must be exhaustive");
  return seen;
}

/** Each model beside a weaker one: what the first can leave behind, the second can. */
const STRONGER: readonly (readonly [ModelName, ModelName])[] = [
  ["posix-ra", "posix"],
  ["ext4-writeback", "posix-ra"],
  ["ext4-ordered", "ext4-writeback"],
  ["xfs", "ext4-ordered"],
  ["ext4-journal", "xfs"],
  ["ext4-journal", "btrfs"],
  ["btrfs", "posix-ra"],
];

/** What one element of `a` is missing in `b`, if any. */
function extra(a: ReadonlySet<string>, b: ReadonlySet<string>): string | undefined {
  return [...a].find((text) => !b.has(text));
}

/** Checks `law` on disks that are small enough, and that there were enough of them. */
async function holdsFor(
  atLeast: number,
  runs: number,
  law: (calls: readonly Call[], options: DiskOptions) => Promise<boolean>,
): Promise<void> {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 9 }), options, async (calls, options) => {
      if (await law(calls, options)) compared++;
    }),
    { numRuns: runs, seed: 3 },
  );
  assert(compared >= atLeast, `only ${compared} workloads were small enough to compare`);
}

function isSmall(disk: Disk): boolean {
  return new CrashStateCounter(disk.lives[0]!).count() <= MOST_STATES;
}

Deno.test("a stronger model leaves nothing behind that a weaker one cannot", async () => {
  await holdsFor(450, 900, async (calls, given) => {
    // A stale tail shows by cells, and where blocks persist whole these are larger than sectors.
    const { staleTail, sectorBytes = 512, lyingBarriers } = given;
    const shows = staleTail === true && sectorBytes === 4096;
    const disks = (model: ModelName) =>
      workload(calls, { model, staleTail: shows, sectorBytes, lyingBarriers });
    if (!isSmall(disks("posix"))) return false;
    const left = new Map<ModelName, Set<string>>();
    for (const name of new Set(STRONGER.flat())) left.set(name, await outcomes(disks(name)));
    for (const [strong, weak] of STRONGER) {
      assertEquals(extra(left.get(strong)!, left.get(weak)!), undefined, `${strong}, not ${weak}`);
    }
    return true;
  });
});

Deno.test("an option that promises more leaves nothing behind that was not there", async () => {
  const weaker: readonly (readonly [DiskOptions, DiskOptions])[] = [
    [{ dioreadNolock: false }, { dioreadNolock: true }],
    [{ staleSectors: false }, { staleSectors: true }],
    [{ tearBytes: undefined }, { tearBytes: 256 }],
    [{ tearBytes: 512 }, { tearBytes: 128 }],
    [{ sectorBytes: 512, tearBytes: undefined }, { sectorBytes: 4096, tearBytes: 512 }],
    [{ powersafeOverwrite: true }, { powersafeOverwrite: false }],
    [{ lyingBarriers: false }, { lyingBarriers: true }],
  ];
  await holdsFor(360, 900, async (calls, given) => {
    if (
      !isSmall(workload(calls, { ...given, ...Object.assign({}, ...weaker.map(([, w]) => w)) }))
    ) {
      return false;
    }
    for (const [more, less] of weaker) {
      const [few, many] = [more, less].map((option) => workload(calls, { ...given, ...option }));
      const message = Object.keys(more).join();
      assertEquals(extra(await outcomes(few!), await outcomes(many!)), undefined, message);
    }
    return true;
  });
});

Deno.test("one more barrier never adds an outcome", async () => {
  const paths = ["/a", "/b", "/d", "/", "/d/a", "/e", "/e/a"];
  await holdsFor(450, 1500, async (calls, given) => {
    const without = workload(calls, given);
    if (!isSmall(without)) return false;
    const before = await outcomes(without);
    // Every place, and in turn the paths and both barriers, so that each pair comes up.
    for (let at = 0; at <= calls.length; at++) {
      const path = paths[(at + calls.length) % paths.length]!;
      const barrier: Call = { call: at % 3 === 0 ? "syncData" : "sync", path };
      const more = workload([...calls.slice(0, at), barrier, ...calls.slice(at)], given);
      assertEquals(
        extra(await outcomes(more), before),
        undefined,
        `${barrier.call} ${path} at ${at}`,
      );
    }
    return true;
  });
});

/** Reads everything with one choice made everywhere; tells cells that the choice did not fit. */
function readAllBy(disk: Disk, choose: Chooser["choose"]): string {
  disk.rewind();
  const [first] = disk.lives;
  first!.lo = first!.hi;
  disk.chooser = { choose };
  return dump(new SimulatedFileSystem(disk));
}

Deno.test("all persisted and only what was forced are always among the outcomes", async () => {
  await holdsFor(250, 400, (calls, given) => {
    const disk = workload(calls, given);
    readAllBy(disk, (cell, _from, to) => {
      assertEquals(to, cell.newest, `${cell} as it was written last`);
      return to;
    });
    readAllBy(disk, (cell, from) => {
      assertEquals(from, cell.forced, `${cell} as it was forced`);
      return from;
    });
    return Promise.resolve(true);
  });
});
