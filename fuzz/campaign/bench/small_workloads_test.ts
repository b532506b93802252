import { assert, assertEquals } from "@std/assert";
import { smallWorkloads } from "./small_workloads.ts";

Deno.test("smallWorkloads() gives every small workload once, smaller ones first", () => {
  // With five commands: 5 of one, 2 × 25 of two, 3 × 125 of three.
  const first = [...smallWorkloads({ forgets: false }).take(5 + 50 + 375)];
  assertEquals(new Set(first.map(({ lives }) => JSON.stringify(lives))).size, first.length);
  const sizes = first.map(({ lives }) => lives.flat().length);
  assertEquals(sizes, sizes.toSorted((a, b) => a - b));
  assertEquals(sizes.at(-1), 3);
});

Deno.test("smallWorkloads() forgets only where the log can", () => {
  const text = (forgets: boolean) => JSON.stringify([...smallWorkloads({ forgets }).take(200)]);
  assert(text(true).includes("truncateFront"));
  assert(!text(false).includes("truncateFront"));
});
