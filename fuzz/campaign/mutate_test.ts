import { assert, assertEquals } from "@std/assert";
import { appendsOf, parseFaultPlan } from "../../mod.ts";
import { drawInput } from "./generate.ts";
import { type Input, inputSchema, textOf } from "./input.ts";
import { mutated } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Bounds } from "./swarm.ts";

const BOUNDS: Bounds = {
  disk: {},
  models: ["posix-ra", "btrfs"],
  faults: true,
  syncs: true,
  forgets: true,
};

/** A chain of runs, each a variant of the one before. */
function chain(seed: number, bounds = BOUNDS): Input[] {
  const chained = [drawInput(new Random(seed), bounds)];
  for (let i = 1; i <= 60; i++) {
    const random = new Random(seed, i);
    chained.push(mutated(chained.at(-1)!, random, {
      bounds,
      other: drawInput(random, bounds),
      lastEnd: random.below(9000),
      calls: [
        { call: "write", number: 1, role: 1, behind: "open" },
        { call: "barrier", number: 1, role: 1, behind: "write" },
      ],
    }));
  }
  return chained;
}

Deno.test("mutated() varies the same in the same way", () => {
  for (let seed = 0; seed < 20; seed++) {
    assertEquals(chain(seed).map(textOf), chain(seed).map(textOf));
  }
});

Deno.test("mutated() stays within bounds, however often a run is varied", () => {
  for (let seed = 0; seed < 100; seed++) {
    for (const input of chain(seed)) {
      inputSchema.parse(input);
      parseFaultPlan(input.faults);
      const { lives } = input.workload;
      assert(lives.length >= 1 && lives.length <= 6, `${lives.length} lives`);
      assert(lives.flat().length <= 100, `${lives.flat().length} commands`);
      assert(appendsOf(input.workload).every((bytes) => bytes >= 0 && bytes <= 16_384));
    }
  }
});

Deno.test("mutated() adds no fault where the user wants none, and no command that the log lacks", () => {
  const bounds = { ...BOUNDS, faults: false, syncs: false, forgets: false };
  for (let seed = 0; seed < 50; seed++) {
    for (const { faults, workload } of chain(seed, bounds)) {
      assertEquals(faults, "");
      assert(!/"(sync|truncateFront)"/.test(JSON.stringify(workload)));
    }
  }
});

Deno.test("mutated() does not write into the run that it varies", () => {
  const input = drawInput(new Random(9), BOUNDS);
  const before = textOf(input);
  for (let i = 0; i < 200; i++) {
    mutated(input, new Random(9, i), {
      bounds: BOUNDS,
      other: input,
      lastEnd: 700,
      calls: [],
    });
  }
  assertEquals(textOf(input), before);
});

Deno.test("mutated() leads to aligned ends: it fits the last append of the first life", () => {
  const input: Input = {
    workload: { name: "one", lives: [[{ do: "append", bytes: 100 }]] },
    disk: drawInput(new Random(1), BOUNDS).disk,
    faults: "",
    depth: 0,
    recoveries: 8,
    seed: 1,
  };
  const sizes = Array.from({ length: 400 }, (_, i) =>
    appendsOf(
      mutated(input, new Random(2, i), {
        bounds: BOUNDS,
        other: input,
        lastEnd: 130,
        calls: [],
      })
        .workload,
    ));
  assert(sizes.some(([bytes]) => bytes === 100 + 512 - 130));
  assert(sizes.some(([bytes]) => bytes === 100 + 4096 - 130));
});

Deno.test("mutated() adds a fault to what is done as it is: else it would miss the call it aims at", () => {
  const input = drawInput(new Random(3), { ...BOUNDS, faults: false });
  const variants = Array.from({ length: 400 }, (_, i) =>
    mutated(input, new Random(3, i), {
      bounds: BOUNDS,
      other: input,
      lastEnd: 0,
      calls: [{ call: "rename", number: 7, role: 1, behind: "sync" }],
    }));
  const aimed = variants.filter(({ faults, workload }) =>
    faults.startsWith("rename 7") && workload === input.workload
  );
  assert(aimed.length > 40, `${aimed.length} of 400`);
});

Deno.test("mutated() forgets all records at times, and never where the log forgets none", () => {
  const lives = [Array(9).fill({ do: "append", bytes: 8 })];
  const input: Input = {
    ...drawInput(new Random(4), BOUNDS),
    workload: { name: "nine", lives },
  };
  const forgetful = (forgets: boolean) =>
    Array.from({ length: 600 }, (_, i) => {
      const bounds = { ...BOUNDS, forgets };
      const other = { ...input, workload: { name: "none", lives: [[]] } };
      const sources = { bounds, other, lastEnd: 0, calls: [] };
      return JSON.stringify(mutated(input, new Random(4, i), sources).workload);
    }).filter((text) => text.includes('{"do":"truncateFront","count":9}')).length;
  assert(forgetful(true) > 5);
  assertEquals(forgetful(false), 0);
});

Deno.test("mutated() lets a second call fail behind the first", () => {
  const input = { ...drawInput(new Random(5), BOUNDS), faults: "write 2: EIO" };
  const calls = Array.from({ length: 90 }, (_, i) => ({
    call: "write",
    number: i + 1,
    role: 1,
    behind: "write",
    ...(i === 1 && { fails: true } as const),
  }));
  const seconds = Array.from(
    { length: 400 },
    (_, i) =>
      mutated(input, new Random(5, i), { bounds: BOUNDS, other: input, lastEnd: 0, calls }).faults,
  )
    .filter((faults) => faults.startsWith("write 2: EIO; "))
    .map((faults) => Number(/; write (\d+)/.exec(faults)![1]));
  assert(seconds.length > 20, `${seconds.length} of 400`);
  assert(seconds.every((number) => number > 2 && number <= 34), `${seconds}`);
});
