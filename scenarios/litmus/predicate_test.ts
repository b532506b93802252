import { assertEquals } from "@std/assert";
import { type Cell, FileSystemError, POISON, SimulatedFileSystem } from "../../mod.ts";
import { alternativesOf, questionOf, type State } from "./predicate.ts";
import { predicate } from "./predicate_schema.ts";

/** `/f` holds "aab", a NUL and a stale byte; `/d` is a directory with the empty file `/d/e`. */
function stateWith(before: Partial<State> = {}): State {
  const fs = new SimulatedFileSystem();
  fs.mkdir("/d");
  fs.open("/d/e", { write: true, create: true }).close();
  const file = fs.open("/f", { write: true, create: true });
  file.write(new Uint8Array([97, 97, 98, 0, POISON]), 0);
  file.close();
  return { fs, returned: [], cached: new Map(), mount: "read-write", ...before };
}

const runs = [["a", 2], ["b", 1], ["zero", 1], ["garbage", 1]];
const state = stateWith({
  returned: ["0", "EIO"],
  cached: new Map([["/f", new Uint8Array([120])]]),
  mount: "shutdown",
});

/** Predicates as a document writes them, each with one of its kind that is true and one that is not. */
const cases: readonly { readonly holds: unknown; readonly fails: unknown }[] = [
  { holds: { path: "/f", is: "file" }, fails: { path: "/f", is: "dir" } },
  { holds: { path: "/d", is: "dir" }, fails: { path: "/d", is: "file" } },
  { holds: { path: "/x", is: "absent" }, fails: { path: "/d/e", is: "absent" } },
  { holds: { path: "/f/x", is: "absent" }, fails: { path: "/f/x", is: "file" } },
  { holds: { path: "/f", content: runs }, fails: { path: "/f", content: runs.slice(0, 3) } },
  { holds: { path: "/d/e", content: [] }, fails: { path: "/d", content: [] } },
  { holds: { path: "/f", startsWith: runs.slice(0, 3) }, fails: { path: "/x", startsWith: [] } },
  {
    holds: { path: "/f", startsWith: runs },
    fails: { path: "/f", startsWith: [...runs, ["a", 1]] },
  },
  {
    holds: { path: "/f", prefixOf: [...runs, ["c", 9]], min: 5 },
    fails: { path: "/f", prefixOf: [...runs, ["c", 9]], min: 6 },
  },
  {
    holds: { path: "/f", prefixOf: runs },
    fails: { path: "/f", prefixOf: [["a", 3], ["zero", 1], ["garbage", 1]] },
  },
  { holds: { path: "/f", size: 5 }, fails: { path: "/f", size: 4 } },
  { holds: { path: "/d/e", size: 0 }, fails: { path: "/d", size: 0 } },
  {
    holds: { path: "/f", hasByte: "zero", from: 0 },
    fails: { path: "/f", hasByte: "zero", from: 4 },
  },
  {
    holds: { path: "/f", hasByte: "garbage", from: 4, to: 99 },
    fails: { path: "/f", hasByte: "garbage", from: 0, to: 4 },
  },
  { holds: { path: "/f", byteAt: 2, eq: "b" }, fails: { path: "/f", byteAt: 5, eq: "zero" } },
  { holds: { not: { path: "/x", size: 0 } }, fails: { not: { path: "/f", size: 5 } } },
  {
    holds: { all: [{ path: "/f", size: 5 }, { path: "/d", is: "dir" }] },
    fails: { all: [{ path: "/f", size: 5 }, { path: "/d", is: "file" }] },
  },
  {
    holds: { any: [{ path: "/f", size: 4 }, { path: "/d", is: "dir" }] },
    fails: { any: [{ path: "/f", size: 4 }, { path: "/d", is: "file" }] },
  },
  { holds: { ret: { op: 1, is: "EIO" } }, fails: { ret: { op: 1, is: "0" } } },
  { holds: { ret: { op: 0, is: "0" } }, fails: { ret: { op: 2, is: "0" } } },
  {
    holds: { cacheRead: { path: "/f", content: [["x", 1]] } },
    fails: { cacheRead: { path: "/f", content: [["x", 2]] } },
  },
  { holds: { mount: "shutdown" }, fails: { mount: "read-only" } },
  {
    holds: { not: { readError: { path: "/f", off: 0 } } },
    fails: { readError: { path: "/f", off: 0 } },
  },
];

Deno.test("predicate: every kind is true of some states and false of others", () => {
  for (const { holds, fails } of cases) {
    assertEquals(questionOf(predicate.parse(holds), 512)(state), true, JSON.stringify(holds));
    assertEquals(questionOf(predicate.parse(fails), 512)(state), false, JSON.stringify(fails));
  }
});

Deno.test("predicate: one of its alternatives is true exactly when it is", () => {
  const reading = { cellBytes: 2, lengthMax: 5 };
  for (const { holds, fails } of cases) {
    for (const document of [holds, fails]) {
      const alternatives = alternativesOf(predicate.parse(document), reading);
      const found = alternatives.some((one) => questionOf(one, reading.cellBytes)(state));
      assertEquals(found, document === holds, JSON.stringify(document));
    }
  }
});

Deno.test("predicate: a byte somewhere has one alternative for each cell", () => {
  const somewhere = { path: "/f", hasByte: "a", from: 100 };
  const ranges = alternativesOf(predicate.parse(somewhere), { cellBytes: 512, lengthMax: 1300 })
    .map((one) => one.kind === "hasByte" && [one.from, one.to]);
  assertEquals(ranges, [[100, 512], [512, 1024], [1024, 1300]]);
  const both = predicate.parse({ all: [somewhere, somewhere] });
  assertEquals(alternativesOf(both, { cellBytes: 512, lengthMax: 1300 }).length, 9);
});

Deno.test("predicate: a read error is one, and the file then has no known content", () => {
  const { fs } = stateWith();
  const failing: State = {
    ...state,
    fs: {
      ...fs,
      open: (path: string) => {
        const handle = fs.open(path);
        return new Proxy(handle, {
          get: (target, key) =>
            key === "read"
              ? () => {
                throw new FileSystemError("EIO", "read", path);
              }
              : Reflect.get(target, key).bind(target),
        });
      },
    } as State["fs"],
  };
  const ask = (document: unknown) => questionOf(predicate.parse(document), 512)(failing);
  assertEquals(ask({ readError: { path: "/f", off: 0 } }), true);
  assertEquals(ask({ readError: { path: "/x", off: 0 } }), false);
  assertEquals(ask({ path: "/f", content: runs }), false);
  assertEquals(ask({ path: "/f", size: 5 }), true);
});

Deno.test("predicate: reads no cell that it does not need", () => {
  const fs = new SimulatedFileSystem();
  const file = fs.open("/f", { write: true, create: true });
  file.write(new Uint8Array(2048).fill(97), 0);
  fs.disk.powerCut();
  const read = (document: unknown) => {
    const cells: string[] = [];
    const choose = (cell: Cell, _from: number, to: number) => {
      cells.push(cell.kind === "sector" ? `sector ${cell.place}` : cell.kind);
      return to;
    };
    fs.disk.rewind();
    fs.disk.chooser = { choose };
    questionOf(predicate.parse(document), 512)({ ...state, fs: new SimulatedFileSystem(fs.disk) });
    return cells.join(", ");
  };
  assertEquals(read({ path: "/f", is: "absent" }), "name");
  assertEquals(read({ path: "/f", size: 2048 }), "name, size");
  assertEquals(read({ path: "/f", content: [["a", 2047]] }), "name, size");
  assertEquals(read({ path: "/f", content: [["b", 2048]] }), "name, size, sector 0");
  assertEquals(read({ path: "/f", byteAt: 1024, eq: "a" }), "name, size, sector 2");
});
