import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Bounds } from "./bounds.ts";
import { addRule, Cell, tie } from "./cell.ts";
import { Life } from "./life.ts";

/** What one op does: a version of `cell`, a rule or a tie with `other`, a barrier. */
interface Step {
  readonly cell: number;
  readonly other: number;
  readonly then: "nothing" | "rule" | "tie" | "barrier";
}

const CELLS = 4;

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    cell: fc.nat(CELLS - 1),
    other: fc.nat(CELLS - 1),
    then: fc.constantFrom("nothing", "rule", "rule", "tie", "tie", "barrier"),
  }),
  { maxLength: 9 },
);

/** A life as ops make it: each rule is about the newest versions. */
function lived(steps: readonly Step[]): Life {
  const life = new Life(0);
  const cells = Array.from({ length: CELLS }, (_, i) => new Cell(life, "name", 1, `${i}`));
  for (const { cell, other, then } of steps) {
    const [a, b] = [cells[cell]!, cells[other]!];
    const made = life.trace.push({ kind: "sync", path: "/", inode: 1 });
    if (then === "barrier") {
      a.force(a.newest, made - 1);
      continue;
    }
    a.push(made, made);
    if (a === b || then === "nothing") continue;
    if (then === "rule") addRule(a, a.newest, b, b.newest);
    else {
      b.push(made, made);
      tie(a, b);
    }
  }
  life.end();
  return life;
}

/** All legal crash states, each as a version of every cell: by trying all. */
function* legal({ cells, trace }: Life): Generator<number[]> {
  const inWindow = (cell: Cell, version: number, point: number) =>
    cell.made[version]! <= point && point <= cell.until[version]!;
  for (let point = 0; point <= trace.length; point++) {
    for (const state of states(cells)) {
      const holds = cells.every((cell, i) =>
        inWindow(cell, state[i]!, point) &&
        (cell.lifts ?? []).every(({ from, other, to }) =>
          state[i]! < from || state[other.serial]! >= to
        )
      );
      if (holds) yield state;
    }
  }
}

function* states([first, ...rest]: readonly Cell[]): Generator<number[]> {
  if (first === undefined) return yield [];
  for (let version = 0; version <= first.newest; version++) {
    for (const state of states(rest)) yield [version, ...state];
  }
}

Deno.test("Bounds.feasible() finds just the versions of which a crash state is left", () => {
  let least = Infinity;
  const property = fc.property(steps, fc.array(fc.nat(), { maxLength: CELLS }), (steps, draws) => {
    const life = lived(steps);
    const bounds = new Bounds();
    let left = [...legal(life)];
    for (const [i, cell] of life.cells.entries()) {
      for (const other of life.cells) bounds.touch(other);
      const expected = [...new Set(left.map((state) => state[i]!))].sort((a, b) => b - a);
      const before = [life.lo, life.hi];
      assertEquals(bounds.feasible(cell, 0, cell.newest), expected);
      assertEquals([life.lo, life.hi], before, "trying changes nothing");
      assertEquals(bounds.feasible(cell, 0, cell.newest), expected);
      // The bounds are tight: of a cell without rules nobody asks more, and pages show them.
      assertEquals([bounds.highest(cell), bounds.lowest(cell)], [expected[0], expected.at(-1)]);
      const version = expected[(draws[i] ?? 0) % expected.length]!;
      bounds.decide(cell, version);
      left = left.filter((state) => state[i] === version);
      least = Math.min(least, expected.length - cell.newest);
    }
  });
  fc.assert(property, { numRuns: 2000, seed: 1 });
  assert(least < -1, "some versions were left out");
});

Deno.test("a rule on an older version goes where its threshold belongs", () => {
  const life = new Life(0);
  const [a, b] = [new Cell(life, "sector", 1, 0), new Cell(life, "size", 1, 0)];
  for (const made of [1, 2, 3]) {
    a.push(0, made);
    b.push(0, made);
  }
  addRule(a, 2, b, 3);
  addRule(a, 3, b, 1);
  assertEquals(b.caps!.map(({ from }) => from), [1, 3]);
  assertEquals(a.lifts!.map(({ from }) => from), [2, 3]);
});
