import { assertEquals, assertThrows } from "@std/assert";
import type { Cell } from "./cell.ts";
import type { DiskOptions } from "./disk.ts";
import { FileSystemError } from "./file_system.ts";
import { Media, type MediaFaultKind, mediaFaultKinds } from "./media.ts";
import { SimulatedFileSystem } from "./simulated_file_system.ts";

/** A file of three sectors of 1, 2 and 3, durable; sector 1 was 9 before. */
function durable(options: DiskOptions = {}): SimulatedFileSystem {
  const fs = new SimulatedFileSystem(options);
  const file = fs.open("/f", { write: true, create: true });
  file.write(new Uint8Array(512).fill(9), 512);
  for (const sector of [0, 1, 2]) {
    file.write(new Uint8Array(512).fill(sector + 1), sector * 512);
  }
  file.sync();
  fs.disk.settle();
  return fs;
}

/** What is wrong, of all ways that are offered, as `pick` says. */
function damaged(
  fs: SimulatedFileSystem,
  pick: (words: readonly string[], cell: Cell) => number,
): { asked: string[]; read: (sector: number) => string } {
  const asked: string[] = [];
  fs.disk.chooser = {
    choose: (cell, _from, to) => {
      if (cell.words === undefined) return to;
      asked.push(String(cell));
      const picked = pick(cell.words, cell);
      return picked < 0 ? to : picked;
    },
  };
  fs.disk.powerCut();
  const file = new SimulatedFileSystem(fs.disk).open("/f", { read: true, write: true });
  return {
    asked,
    read: (sector) => {
      const bytes = new Uint8Array(512);
      try {
        file.read(bytes, sector * 512);
      } catch (error) {
        return (error as FileSystemError).code;
      }
      return [...new Set(bytes)].join();
    },
  };
}

const find = (part: string) => (words: readonly string[], { place }: Cell) =>
  place === 1 ? words.findIndex((word) => word.includes(part)) : -1;

Deno.test("Media asks once about each sector that is read, and about no other", () => {
  const { asked, read } = damaged(durable({ mediaFaults: mediaFaultKinds }), () => -1);
  assertEquals([read(0), read(2), read(0)], ["1", "3", "1"]);
  assertEquals(asked, [
    "damage to sector 0 of inode 2 (life 1)",
    "damage to sector 2 of inode 2 (life 1)",
  ]);
});

Deno.test("Media damages one sector, in each of the ways", () => {
  const cases: [MediaFaultKind, string, string][] = [
    ["bit flip", "byte 0 has", "3,2"],
    ["rotten sector", "garbage", "219"],
    ["unreadable sector", "cannot be read", "EIO"],
    ["lost write", "was lost", "9"],
  ];
  for (const [kind, words, shown] of cases) {
    const { asked, read } = damaged(durable({ mediaFaults: [kind] }), find(words));
    assertEquals([read(0), read(1), read(2), read(1)], ["1", shown, "3", shown], kind);
    assertEquals(asked.length, 2, `${kind}: after one fault, nothing else is asked`);
  }
});

Deno.test("Media lets a write land on the sector before or behind its own", () => {
  const fs = () => durable({ mediaFaults: ["misdirected write"] });
  const early = damaged(fs(), find("write to sector 2 went to it"));
  assertEquals([early.read(0), early.read(1), early.read(2)], ["1", "3", "219"]);
  const late = damaged(fs(), find("went to sector 2"));
  assertEquals([late.read(0), late.read(1), late.read(2)], ["1", "9", "2"]);
  // Where the neighbour was read already, and was sound, there is nothing to swap.
  const read = damaged(fs(), find("sector 2"));
  assertEquals([read.read(2), read.read(1)], ["3", "2"]);
});

Deno.test("Media is read as EIO where data carry checksums", () => {
  for (const kind of ["bit flip", "rotten sector"] as const) {
    const { read } = damaged(durable({ mediaFaults: [kind], model: "btrfs" }), () => 0);
    assertEquals(read(0), "EIO", kind);
  }
});

Deno.test("an unreadable sector can be written whole, and then read; not in part", () => {
  const fs = durable();
  fs.disk.powerCut();
  fs.disk.media = new Media({
    given: [{ kind: "unreadable sector", inode: 2, offset: 600 }],
  }, 512);
  const file = new SimulatedFileSystem(fs.disk).open("/f", { read: true, write: true });
  const sector = new Uint8Array(512).fill(7);
  assertThrows(() => file.read(sector, 1000), FileSystemError, "EIO");
  assertThrows(() => file.write(new Uint8Array(4), 600), FileSystemError, "EIO");
  assertThrows(() => file.write(new Uint8Array(600), 512 + 1), FileSystemError, "EIO");
  assertEquals(file.write(new Uint8Array(512).fill(8), 512), 512);
  file.read(sector, 512);
  assertEquals(sector[0], 8);
  file.sync();
  // The next boot reads what was written, not what was damaged.
  fs.disk.powerCut();
  new SimulatedFileSystem(fs.disk).open("/f").read(sector, 512);
  assertEquals(sector[0], 8);
});
