import { assertEquals, assertThrows } from "@std/assert";
import { Disk } from "../vfs/disk.ts";
import type { FileSystem } from "../vfs/file_system.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { EVERYWHERE, type Insertion, watched, watcherOf } from "./insertion.ts";
import type { LogUnderTest } from "./subject.ts";
import type { CallWatcher } from "./watched_file_system.ts";

/** A log that writes twice, from two lines, and makes no barrier. */
const log = {
  name: "two writes",
  acks: "append",
  open: (fs: FileSystem, dir: string) => fs.open(`${dir}/log`, { write: true, create: true }),
  append(file: ReturnType<FileSystem["open"]>) {
    file.write(new Uint8Array([1]), 0);
    file.write(new Uint8Array([2]), 1);
  },
  records: () => [],
} as unknown as LogUnderTest;

function opsWith(watcher: CallWatcher, killedAfter = Infinity): string[] {
  const disk = new Disk();
  const fs = new SimulatedFileSystem(disk);
  const subject = watched(log, watcher);
  const file = subject.open(fs, "");
  fs.killAfter(killedAfter);
  const append = () => subject.append(file, new Uint8Array());
  if (killedAfter === Infinity) append();
  else assertThrows(append, Error, "EBADF");
  return disk.life.trace.map(({ kind, path }) => `${kind} ${path}`);
}

/** The place of the n-th call of a name. */
function placeOf(name: string, n: number): Insertion["place"] {
  const places: Insertion["place"][] = [];
  opsWith({
    seesReturns: false,
    before: (call) => {
      if (call.name === name) places.push(call.place());
    },
    after: () => {},
  });
  return places[n]!;
}

Deno.test("watcherOf() makes barriers at one place, before or after the call", () => {
  const second = { name: "write", place: placeOf("write", 1), target: { is: "itself" } } as const;
  const [create, write, sync] = ["create /log", "write /log", "sync /log"] as const;
  assertEquals(opsWith(watcherOf([{ when: "after", ...second }])), [create, write, write, sync]);
  assertEquals(opsWith(watcherOf([{ when: "before", ...second }])), [create, write, sync, write]);
  const directory = { ...second, target: { is: "its directory" } } as const;
  const both = watcherOf([{ when: "after", ...second }, { when: "after", ...directory }]);
  assertEquals(opsWith(both), [create, write, write, sync, "sync /"]);
});

Deno.test("watcherOf() makes barriers before the log returns", () => {
  const place = { file: "unknown", line: 0, column: 0 };
  const target = { is: "the file used last" } as const;
  const watcher = watcherOf([{ when: "before", name: "append returns", place, target }]);
  assertEquals(opsWith(watcher).at(-1), "sync /log");
});

Deno.test("an inserted barrier counts among the calls until a kill only where it should", () => {
  const place = placeOf("write", 0);
  const first = { when: "after", name: "write", place, target: { is: "itself" } } as const;
  const spared = opsWith(watcherOf([first]), 1);
  assertEquals(spared, ["create /log", "write /log", "sync /log"]);
  assertEquals(opsWith(watcherOf([first], { counts: true }), 1), ["create /log", "write /log"]);
});

Deno.test("EVERYWHERE leaves nothing that waits for a barrier", () => {
  assertEquals(opsWith(EVERYWHERE), [
    "create /log",
    "sync /",
    "write /log",
    "sync /log",
    "write /log",
    "sync /log",
  ]);
});
