import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import naive from "../../scenarios/naive_log.ts";
import { Cell } from "../vfs/cell.ts";
import { Life } from "../vfs/life.ts";
import type { Op } from "../vfs/op.ts";
import { checkLog } from "./check_log.ts";
import {
  type Counterexample,
  CounterexampleError,
  parseCounterexample,
  pin,
  Script,
  traceDigest,
} from "./counterexample.ts";
import type { Workload } from "./workload.ts";

/** A small workload that shows a fault after a second power loss. */
const WORKLOAD: Workload = {
  name: "two lives",
  lives: [[{ do: "append", bytes: 5 }], [{ do: "append", bytes: 7 }, { do: "sync" }]],
};

/** Every command there is. */
const COMMANDS: Workload["lives"][number] = [
  { do: "append", bytes: 24 },
  { do: "burst", bytes: [0, 300], stagger: 2 },
  { do: "sync" },
  { do: "reopen" },
  { do: "kill" },
  { do: "killDuring", calls: [{ do: "append", bytes: 7 }], ops: 1 },
  { do: "truncateFront", count: 1 },
  { do: "concurrent", callers: [[{ do: "append", bytes: 8 }, { do: "sync" }], []] },
];

const { violations } = await checkLog(naive, { workloads: [WORKLOAD], module: "naive_log.ts" });
const found = violations[0]!;
const everything: Counterexample = {
  ...found,
  workload: { name: "every command", lives: [COMMANDS, []] },
};

/** A place in a document: the keys that lead there. */
type Path = readonly string[];

/** Every place of a document, the document itself among them. */
function placesOf(value: unknown, path: Path = []): { readonly path: Path; value: unknown }[] {
  const below = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [{ path, value }, ...below.flatMap(([key, part]) => placesOf(part, [...path, key]))];
}

/** The document with one place changed; `undefined` leaves it out. */
function withChange(path: Path, changed: unknown): string {
  if (path.length === 0) return JSON.stringify(changed);
  const document = JSON.parse(JSON.stringify(everything));
  let at = document;
  for (const key of path.slice(0, -1)) at = at[key];
  at[path.at(-1)!] = changed;
  return JSON.stringify(document);
}

/** Values of another type than `value`, or out of its range. */
function misfitsFor(value: unknown): unknown[] {
  if (typeof value === "string") return [null, 7.5, true, {}, []];
  if (typeof value === "number") return [null, -1, 1.5, 2 ** 53, true, {}, []];
  if (typeof value === "boolean") return [null, 0, "true", {}];
  return [null, 7, "x", true, Array.isArray(value) ? {} : []];
}

function refusalOf(text: string): string {
  return assertThrows(
    () => parseCounterexample(text),
    CounterexampleError,
    "Cannot read the counterexample: ",
  ).message;
}

Deno.test("parseCounterexample() gives back what was found", async () => {
  const { violations } = await checkLog(naive, { budget: { recoveries: 40 } });
  assert(violations.length > 10);
  for (const one of [...violations, everything]) {
    assertEquals(parseCounterexample(JSON.stringify(one)), JSON.parse(JSON.stringify(one)));
    assertEquals(parseCounterexample(JSON.stringify(one, null, 2)), one);
  }
  const { module: _, ...anonymous } = found.subject;
  const unnamed = { ...found, subject: anonymous };
  assertEquals(parseCounterexample(JSON.stringify(unnamed)), unnamed);
  const ordered = {
    ...everything,
    workload: { ...everything.workload, schedule: [0, 2] },
    interleaving: ["caller 1 calls append 8 bytes"],
  };
  assertEquals(parseCounterexample(JSON.stringify(ordered)), ordered);
});

Deno.test("parseCounterexample() refuses a document that is cut off, wherever", () => {
  const text = JSON.stringify(everything);
  for (let end = 0; end < text.length; end++) refusalOf(text.slice(0, end));
  const bytes = new TextEncoder().encode(text);
  for (let end = 0; end < bytes.length; end += 7) {
    refusalOf(new TextDecoder().decode(bytes.subarray(0, end)));
  }
});

Deno.test("parseCounterexample() never fails otherwise on a document with a wrong character", () => {
  const text = JSON.stringify(found);
  let refused = 0;
  for (let i = 0; i < text.length; i++) {
    for (const wrong of ['"', "}", "0", "\u0000", "\ud800"]) {
      try {
        parseCounterexample(text.slice(0, i) + wrong + text.slice(i + 1));
      } catch (error) {
        assert(error instanceof CounterexampleError, String(error));
        refused++;
      }
    }
  }
  assert(refused > text.length * 2, `only ${refused} were refused`);
});

Deno.test("parseCounterexample() names the field that is missing", () => {
  const fields = placesOf(everything).filter(({ path }) =>
    path.length > 0 && !/^\d+$/.test(path.at(-1)!) && path.join(".") !== "subject.module"
  );
  assert(fields.length > 40);
  for (const { path } of fields) {
    assertStringIncludes(refusalOf(withChange(path, undefined)), `: ${path.join(".")}`);
  }
});

Deno.test("parseCounterexample() names the field that has another type", () => {
  let tried = 0;
  for (const { path, value } of placesOf(everything)) {
    for (const misfit of misfitsFor(value)) {
      const refusal = refusalOf(withChange(path, misfit));
      assertStringIncludes(refusal, `: ${path.join(".") || "the document"}`);
      tried++;
    }
  }
  assert(tried > 300, `only ${tried} were tried`);
});

Deno.test("parseCounterexample() names the field that has a value out of its set", () => {
  for (const field of ["format", "disk.model", "crash.kept.0.cell", "workload.lives.0.0.do"]) {
    const refusal = refusalOf(withChange(field.split("."), "x"));
    assertStringIncludes(refusal, `: ${field} is "x", expected `);
  }
  for (const bytes of [0, 511, 1024]) {
    assertStringIncludes(refusalOf(withChange(["disk", "sectorBytes"], bytes)), ": disk.sectorB");
  }
  const torn = (tearBytes: number, sectorBytes: number) =>
    refusalOf(withChange(["disk"], { model: "xfs", staleTail: false, sectorBytes, tearBytes }));
  assertStringIncludes(torn(1024, 512), ": disk.tearBytes is 1024, expected at most the 512");
  assertStringIncludes(torn(3, 512), ": disk.tearBytes");
  assertStringIncludes(
    refusalOf(withChange(["workload", "lives"], [])),
    ": workload.lives is an empty list, expected at least 1 of them",
  );
  const schedule = withChange(["workload", "schedule"], [0, -1]);
  assertStringIncludes(refusalOf(schedule), ": workload.schedule.1 is -1, expected 0 or more");
  for (const field of ["workload.lives.0.0.bytes", "workload.lives.0.1.stagger"]) {
    assertStringIncludes(
      refusalOf(withChange(field.split("."), 1e15)),
      `: ${field} is 1000000000000000, expected `,
    );
  }
});

Deno.test("parseCounterexample() says what was expected, in words of its own", () => {
  const wrong: [string, unknown, string][] = [
    ["subject.name", 7, "subject.name is 7, expected a text"],
    ["crash.points", undefined, "crash.points is missing, expected a list"],
    ["disk.staleTail", "no", 'disk.staleTail is "no", expected true or false'],
    ["workload.lives.0.0.bytes", 1.5, "workload.lives.0.0.bytes is 1.5, expected a whole number"],
    ["disk.sectorBytes", 1024, "disk.sectorBytes is 1024, expected one of 512, 4096"],
    ["workload.lives.0.0.do", "fly", 'workload.lives.0.0.do is "fly", expected one of "append", '],
    ["crash.kept.0.place", null, "crash.kept.0.place is null, expected a whole number or a name"],
    ["crash.kept", {}, "crash.kept is an object, expected a list"],
  ];
  for (const [field, value, expected] of wrong) {
    assertStringIncludes(refusalOf(withChange(field.split("."), value)), `: ${expected}`);
  }
  const faulty = JSON.stringify({ ...everything, faults: "write 0: EIO" });
  assertStringIncludes(refusalOf(faulty), ': faults is "write 0: EIO", expected a fault plan');
});

Deno.test("parseCounterexample() reads a document with and without what was found out later", () => {
  const weakestDisk = { violates: ["posix"], holds: ["xfs"], words: "on posix" } as const;
  const later = { ...everything, weakestDisk };
  assertEquals(parseCounterexample(JSON.stringify(later)), later);
  const unknown = { ...later, weakestDisk: { ...weakestDisk, violates: ["fat"] } };
  assertStringIncludes(refusalOf(JSON.stringify(unknown)), ': weakestDisk.violates.0 is "fat", ');
});

Deno.test("parseCounterexample() says which version it cannot read", () => {
  for (const version of [0, 2, 17]) {
    assertEquals(
      refusalOf(withChange(["version"], version)),
      `Cannot read the counterexample: version is ${version}, expected 1`,
    );
  }
});

Deno.test("parseCounterexample() refuses what is not a counterexample at all", () => {
  for (const text of ["", "{", "no", "\u0000", "1 2"]) refusalOf(text);
  for (const text of ["null", "42", '"text"', "[]"]) {
    assertStringIncludes(refusalOf(text), ": the document is ");
  }
  for (const text of ["{}", '{"name":"pkg","version":"1.0.0"}']) {
    const expected = ': format is missing, expected "plugpull counterexample"';
    assertStringIncludes(refusalOf(text), expected);
  }
});

Deno.test("parseCounterexample() refuses fields that it does not know, at every level", () => {
  const objects = placesOf(everything).filter(({ value }) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
  );
  assert(objects.length > 10);
  for (const { path, value } of objects) {
    const refusal = refusalOf(withChange(path, { ...value as object, surplus: 1 }));
    assertStringIncludes(refusal, `: ${path.join(".") || "the document"} has a field`);
    assertStringIncludes(refusal, 'that is not known: "surplus"');
  }
});

Deno.test("traceDigest() tells traces apart by op, path, place and bytes", () => {
  const op: Op = { kind: "write", path: "/a", inode: 2, offset: 0, bytes: new Uint8Array([1, 2]) };
  const others: Op[] = [
    { ...op, path: "/b" },
    { ...op, offset: 1 },
    { ...op, bytes: new Uint8Array([1, 3]) },
    { ...op, bytes: new Uint8Array([1]) },
    { kind: "sync", path: "/a", inode: 2 },
  ];
  const digests = [[op], [op, op], [], ...others.map((other) => [other])].map((trace) => {
    assertEquals(traceDigest(trace).ops, trace.length);
    return traceDigest(trace).digest;
  });
  assertEquals(new Set(digests).size, digests.length);
  assertEquals(traceDigest([op]), traceDigest([{ ...op, bytes: new Uint8Array([1, 2]) }]));
});

Deno.test("Script.choose() takes the version of the document, or the newest and says so", () => {
  const cell = new Cell(new Life(0), "sector", 3, 1);
  const kept = { life: 0, cell: "sector", inode: 3, place: 1, newest: 9, holds: "" } as const;
  const script = new Script([{ ...kept, version: 2 }]);
  assertEquals(script.choose(cell, 0, 4, undefined), 2);
  assertEquals(script.choose(cell, 0, 4, [3, 2]), 2);
  assertEquals(script.misfit, undefined);
  assertEquals(script.choose(cell, 3, 4, undefined), 4);
  assertEquals(script.misfit, "sector 1 of inode 3 (life 0)");
  const untold = new Script([]);
  assertEquals(untold.choose(cell, 0, 4, [3, 1]), 4);
  assertEquals(untold.misfit, "sector 1 of inode 3 (life 0)");
});

Deno.test("pin() keeps the crash point within the life", () => {
  const life = new Life(0);
  life.trace.push(...Array<Op>(3).fill({ kind: "sync", path: "/", inode: 1 }));
  for (const [point, pinned] of [[0, 0], [2, 2], [9, 3], [Infinity, 3]] as const) {
    pin(life, point);
    assertEquals([life.lo, life.hi], [pinned, pinned]);
  }
});
