import { assertEquals, assertThrows } from "@std/assert";
import { formatOp, SimulatedFileSystem } from "../../mod.ts";
import { lengthMaxOf, runProgram } from "./program.ts";
import { LitmusError, type LitmusOp, type LitmusTest } from "./schema.ts";
import { loadLitmus } from "./suite.ts";

const [template] = loadLitmus();

/** A test with nothing but these ops. */
function testOf(ops: LitmusOp[], rest: Partial<LitmusTest> = {}): LitmusTest {
  return { ...template!, id: "OWN", setup: [], ops, outcomes: [], ...rest };
}

Deno.test("runProgram() makes the calls that the ops name, and knows when each has completed", () => {
  const { disk, ends, returned } = runProgram(
    testOf([
      { op: "mkdir", path: "/d" },
      { op: "create", path: "/d/f", fd: "f" },
      { op: "append", fd: "f", len: 3, byte: 97 },
      { op: "append", fd: "f", len: 2, byte: 97 },
      { op: "osync_write", fd: "f", off: 1, len: 1, byte: 98 },
      { op: "fdatasync", fd: "f" },
      { op: "open", path: "/d/f", fd: "g", trunc: true },
      { op: "truncate", fd: "g", size: 9 },
      { op: "close", fd: "g" },
      { op: "link", from: "/d/f", to: "/d/g" },
      { op: "rename", from: "/d/f", to: "/h" },
      { op: "unlink", path: "/d/g" },
      { op: "fsyncdir", path: "/d" },
      { op: "rmdir", path: "/d" },
    ]),
    "posix-ra",
  );
  assertEquals(disk.lives[0]!.trace.map(formatOp), [
    'mkdir "/d"',
    'create "/d/f"',
    'write "/d/f" 3 bytes at 0',
    'write "/d/f" 2 bytes at 3',
    'write "/d/f" 1 bytes at 1',
    'sync "/d/f"',
    'syncData "/d/f"',
    'truncate "/d/f" to 0 bytes',
    'truncate "/d/f" to 9 bytes',
    'link "/d/f" to "/d/g"',
    'rename "/d/f" to "/h"',
    'remove "/d/g"',
    'sync "/d"',
    'remove "/d"',
  ]);
  assertEquals(ends, [1, 2, 3, 4, 6, 7, 8, 9, 9, 10, 11, 12, 13, 14]);
  assertEquals(new Set(returned), new Set(["0"]));
});

Deno.test("runProgram() makes the set-up durable, and leaves its descriptors open", () => {
  const setup: LitmusOp[] = [{ op: "create", path: "/f", fd: "f" }];
  const { disk } = runProgram(testOf([{ op: "fsync", fd: "f" }], { setup }), "posix");
  assertEquals(disk.lives[0]!.trace.map(formatOp), ['sync "/f"']);
  disk.chooser = { choose: (_cell, oldest) => oldest };
  assertEquals(new SimulatedFileSystem(disk).list("/"), ["f"]);
});

Deno.test("runProgram() gives the disk the properties that the device has", () => {
  const optionsOf = (device: LitmusTest["device"]) =>
    runProgram(testOf([], { device }), "xfs").disk.options;
  const plain = { model: "xfs", sectorBytes: 512, lyingBarriers: false };
  assertEquals<unknown>(optionsOf(undefined), plain);
  assertEquals<unknown>(optionsOf({ sector: 4096, sectorAtomic: true }), {
    ...plain,
    sectorBytes: 4096,
  });
  assertEquals<unknown>(optionsOf({ sectorAtomic: false }), { ...plain, tearBytes: 128 });
  assertEquals<unknown>(optionsOf({ sectorAtomic: false, shornUnit: 512 }), {
    ...plain,
    tearBytes: 512,
  });
  assertEquals<unknown>(optionsOf({ powersafeOverwrite: false, flushHonest: false }), {
    ...plain,
    powersafeOverwrite: false,
    lyingBarriers: true,
  });
});

Deno.test("runProgram() names the test and the op that cannot be carried out", () => {
  for (
    const op of [
      { op: "fsync", fd: "q" },
      { op: "unlink", path: "/none" },
      { op: "evict", path: "/f" },
    ] as const
  ) {
    assertThrows(() => runProgram(testOf([op]), "posix"), LitmusError, `OWN: "${op.op} `);
  }
});

Deno.test("lengthMaxOf() is never too short", () => {
  const setup: LitmusOp[] = [{ op: "write", fd: "f", off: 10, len: 10, byte: 97 }];
  assertEquals(lengthMaxOf(testOf([{ op: "append", fd: "f", len: 5, byte: 97 }], { setup })), 25);
  assertEquals(lengthMaxOf(testOf([{ op: "truncate", fd: "f", size: 70 }], { setup })), 70);
});
