import { assertEquals, assertThrows } from "@std/assert";
import { LitmusError, parseLitmus } from "./schema.ts";

const sound = () => ({
  format: "plugpull litmus",
  version: 1,
  tests: [{
    id: "ONE",
    title: "one write",
    source: ["nobody"],
    setup: [{ op: "create", path: "/f", fd: "f" }],
    ops: [{ op: "write", fd: "f", off: 0, len: 1, byte: "a" }],
    crash: "end",
    question: "Is it there?",
    outcomes: [{
      id: "there",
      state: "the byte is there",
      predicate: { all: [{ path: "/f", is: "file" }, { path: "/f", content: [["a", 1]] }] },
    }],
    expect: { "posix": { "there": "allowed" } },
    rules: [],
    basis: {},
    modelChecked: false,
  }],
});

/** Sets the field at a path of names, `undefined` to remove it; returns the document. */
function damaged(path: string, value: unknown): string {
  const document = sound();
  const names = path.split(".");
  const last = names.pop()!;
  // deno-lint-ignore no-explicit-any
  const holder = names.reduce<any>((part, name) => part[name], document);
  holder[last] = value;
  return JSON.stringify(document);
}

Deno.test("parseLitmus() reads a sound document, with bytes in place of their names", () => {
  const [test] = parseLitmus(JSON.stringify(sound()));
  assertEquals(test?.ops, [{ op: "write", fd: "f", off: 0, len: 1, byte: 97 }]);
  assertEquals(test?.outcomes[0]?.predicate, {
    kind: "all",
    of: [{ kind: "is", path: "/f", what: "file" }, {
      kind: "content",
      path: "/f",
      runs: [[97, 1]],
    }],
  });
});

/** Where a document is damaged, with what, and what the message must say. */
const damages: readonly (readonly [path: string, value: unknown, message: string])[] = [
  ["version", 2, "version is 2, expected 1"],
  ["version", undefined, "version: Invalid input"],
  ["format", "something else", "format: Invalid input"],
  ["tests.0.title", undefined, "tests.0.title: Invalid input: expected string"],
  ["tests.0.surprise", 1, 'tests.0: Unrecognized key: "surprise"'],
  ["tests.0.id", "one", "tests.0.id: Invalid input: expected an id such as PA-1"],
  ["tests.0.crash", "never", "tests.0.crash: Invalid option"],
  ["tests.0.ops.0.op", "erase", "tests.0.ops.0.op: Invalid discriminator value"],
  ["tests.0.ops.0.len", -1, "tests.0.ops.0.len: Too small"],
  ["tests.0.ops.0.byte", "??", 'tests.0.ops.0.byte: Invalid input: expected "zero", "garbage"'],
  ["tests.0.ops.0.path", "/f", 'tests.0.ops.0: Unrecognized key: "path"'],
  ["tests.0.setup.0.path", "f", "tests.0.setup.0.path: Invalid string"],
  ["tests.0.device", { sector: 100 }, "tests.0.device.sector: Invalid option"],
  ["tests.0.fault", { kind: "fire" }, "tests.0.fault.kind: Invalid discriminator value"],
  ["tests.0.outcomes", [], "tests.0.outcomes: Too small"],
  [
    "tests.0.outcomes.0.predicate.all.1.content",
    [["a", -1]],
    "tests.0.outcomes.0.predicate.all.1.content.0.1: Too small",
  ],
  [
    "tests.0.outcomes.0.predicate.all.0",
    { path: "/f", smells: "bad" },
    "tests.0.outcomes.0.predicate.all.0: Invalid input: expected one of all, any, not",
  ],
  [
    "tests.0.outcomes.0.predicate.all.0",
    { path: "/f", size: 1, is: "file" },
    "tests.0.outcomes.0.predicate.all.0: Invalid input: expected one of all, any, not",
  ],
  ["tests.0.outcomes.0.predicate", 7, "tests.0.outcomes.0.predicate: Invalid input"],
  ["tests.0.expect.posix.there", "maybe", "tests.0.expect.posix.there: Invalid option"],
  ["tests.0.expect.posix", {}, "tests.0.expect.posix.there: the expectation is missing"],
  ["tests.0.expect.posix.gone", "allowed", "tests.0.expect.posix.gone: no outcome has this id"],
  ["tests.0.expect.fat32", {}, "tests.0.expect"],
  ["tests.1", sound().tests[0], 'tests.1.id: "ONE" is taken'],
];

Deno.test("parseLitmus() refuses a damaged document with one line that names the field", () => {
  for (const [path, value, message] of damages) {
    const { message: found } = assertThrows(() => parseLitmus(damaged(path, value)), LitmusError);
    const wanted = `Cannot read the litmus tests: ${message}`;
    assertEquals(found.slice(0, wanted.length), wanted);
    assertEquals(found.includes("\n"), false, found);
  }
  for (const text of ["", "[1, 2", "null", "[]", '"x"']) {
    assertThrows(() => parseLitmus(text), LitmusError, "Cannot read the litmus tests: ");
  }
});
