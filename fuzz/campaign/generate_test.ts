import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { parseFaultPlan } from "../../mod.ts";
import { drawAimedFault, drawInput } from "./generate.ts";
import { inputSchema, textOf } from "./input.ts";
import { Random } from "./random.ts";
import type { Bounds } from "./swarm.ts";

const BOUNDS: Bounds = {
  disk: {},
  models: ["posix-ra", "ext4-ordered"],
  faults: true,
  syncs: true,
  forgets: true,
};

function drawn(seed: number, bounds: Bounds = BOUNDS): string[] {
  return Array.from({ length: 300 }, (_, run) => textOf(drawInput(new Random(seed, run), bounds)));
}

Deno.test("drawInput() draws the same from the same seed, and something else from another", () => {
  assertEquals(drawn(1), drawn(1));
  assertNotEquals(drawn(1), drawn(2));
  assert(new Set(drawn(1)).size > 290);
});

Deno.test("drawInput() draws what can be read back, with a fault plan that parses", () => {
  for (const text of drawn(3)) {
    const input = inputSchema.parse(JSON.parse(text));
    assertEquals(textOf(input), text);
    parseFaultPlan(input.faults);
  }
});

Deno.test("drawInput() leaves alone what the user has settled", () => {
  const bounds: Bounds = {
    ...BOUNDS,
    disk: { model: "xfs", sectorBytes: 4096 },
    faults: false,
    syncs: false,
    forgets: false,
    depth: 2,
    recoveries: 7,
  };
  for (const text of drawn(4, bounds)) {
    const { disk, faults, depth, recoveries, workload } = inputSchema.parse(JSON.parse(text));
    assertEquals([disk.model, disk.sectorBytes, disk.capacityBytes], ["xfs", 4096, undefined]);
    assertEquals([faults, depth, recoveries], ["", 2, 7]);
    assert(!/"(sync|truncateFront)"/.test(JSON.stringify(workload)));
  }
});

Deno.test("drawAimedFault() strikes a call that is made", () => {
  const names = new Set<string>();
  const calls = [
    ...[1, 2, 3].map((number) => ({ call: "write", number, role: 1, behind: "write" })),
    { call: "read", number: 1, role: 1, behind: "open" },
    { call: "list", number: 1, role: 1, behind: "read" },
  ];
  for (let seed = 0; seed < 300; seed++) {
    const [rule, ...others] = parseFaultPlan(drawAimedFault(new Random(seed), calls));
    assertEquals(others, []);
    assert(calls.some(({ call, number }) => call === rule!.call && number === rule!.number));
    names.add(rule!.call);
  }
  assertEquals([...names].sort(), ["read", "write"]);
});
