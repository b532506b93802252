import { assert, assertEquals } from "@std/assert";
import { defaultWorkloads } from "../../mod.ts";
import { zoo } from "./zoo.ts";
import { checkEntry } from "./zoo_check.ts";
import { entriesNamed, visitZoo } from "./zoo_tour.ts";

const idsNamed = (name: string | undefined) => entriesNamed(name).map(({ id }) => id);

Deno.test("entriesNamed() takes a number for all its letters, and for no other number", () => {
  assertEquals(idsNamed("1"), ["1a", "1b", "1c"]);
  assertEquals(idsNamed("10"), ["10a", "10b"]);
  assertEquals(idsNamed("13b"), ["13b"]);
  assertEquals(idsNamed("counted"), ["counted", "counted-two-files"]);
  assertEquals(idsNamed("nonesuch"), []);
  assertEquals(idsNamed(undefined), zoo.map(({ id }) => id));
});

Deno.test("checkEntry() finds every mistake with the workloads that every log is checked with", async () => {
  const names = new Set(defaultWorkloads.map(({ name }) => name));
  for (const entry of zoo) {
    if (entry.expected === "holds") continue;
    const { verdict, killer, recoveries, counterexample } = await checkEntry(entry);
    assertEquals(verdict, entry.expected, entry.id);
    assert(names.has(killer!), `${entry.id} needs a workload of its own`);
    assertEquals(counterexample !== undefined, verdict === "violates");
    assert(recoveries > 0 || verdict !== "violates");
  }
});

Deno.test("visitZoo() goes to every model that an entry names, and to no other", async () => {
  const stops = [];
  for await (const stop of visitZoo({ id: "2a" })) stops.push(stop);
  assertEquals(stops.map(({ model }) => model), ["posix", "posix-ra"]);
  for (const { proof, missedBy } of stops) {
    assert(proof?.includes("However  acked record lost"));
    assertEquals(missedBy, ["kill -9"]);
  }
  for await (const _ of visitZoo({ id: "2a", model: "xfs" })) assert(false);
});
