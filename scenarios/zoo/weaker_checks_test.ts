import { assertEquals, assertNotEquals } from "@std/assert";
import { defaultWorkloads } from "../../mod.ts";
import { outsiders } from "./outsiders.ts";
import { caughtBy, type WeakerCheck, weakerChecks } from "./weaker_checks.ts";
import { zoo, type ZooEntry } from "./zoo.ts";

const entries: readonly ZooEntry[] = [...zoo, ...outsiders];

function entryOf(id: string): ZooEntry {
  return entries.find((entry) => entry.id === id)!;
}

/** The weaker checks that find the mistake of an entry, with the workload that shows it. */
async function caught(id: string): Promise<WeakerCheck[]> {
  const { log, shows } = entryOf(id);
  const found: WeakerCheck[] = [];
  for (const check of weakerChecks) {
    if (await caughtBy(check, log(), { workloads: [shows!] }) !== undefined) found.push(check);
  }
  return found;
}

/** A mistake for every set of weaker checks that there is, and why. */
const cases: readonly { id: string; why: string; by: readonly WeakerCheck[] }[] = [
  { id: "13a", why: "for a moment there is no file", by: ["kill -9", "cut tail"] },
  { id: "14b", why: "for a moment the index is ahead", by: weakerChecks },
  { id: "1a", why: "needs lost data", by: ["drop all unsynced", "cut tail"] },
  { id: "2a", why: "needs a lost name", by: ["drop all unsynced", "cut tail"] },
  { id: "6", why: "needs a torn tail", by: ["cut tail"] },
  { id: "9a", why: "needs a torn tail", by: ["cut tail"] },
  { id: "5a", why: "needs the size without the bytes", by: [] },
  { id: "5b", why: "needs the size without the bytes", by: [] },
  { id: "7", why: "needs a later sector without an earlier one", by: [] },
  { id: "8", why: "needs a later sector without an earlier one", by: [] },
  { id: "9b", why: "needs a whole length and a torn body", by: [] },
  { id: "14a", why: "needs one file without what was written to another before", by: [] },
  { id: "cut-unsynced", why: "needs the new bytes with the old size", by: [] },
];

for (const { id, why, by } of cases) {
  Deno.test(`caughtBy() ${id} ${why}: ${by.join(", ") || "no weaker check"}`, async () => {
    assertEquals(await caught(id), by);
  });
}

Deno.test("caughtBy() finds something with each check, and misses something with each", () => {
  for (const check of weakerChecks) {
    assertNotEquals(cases.filter(({ by }) => by.includes(check)), []);
    assertNotEquals(cases.filter(({ by }) => !by.includes(check)), []);
  }
});

Deno.test("caughtBy() says nothing against sound logs, with all workloads", async (t) => {
  for (const id of ["base-sync", "rewriting", "group-commit", "indexed", "slots", "pointer"]) {
    await t.step(id, async () => {
      for (const check of weakerChecks) {
        const log = entryOf(id).log();
        assertEquals(await caughtBy(check, log, { workloads: defaultWorkloads }), undefined, check);
      }
    });
  }
});

Deno.test("caughtBy() says nothing against any sound log, with some workloads", async () => {
  for (const entry of entries) {
    if (entry.expected !== "holds") continue;
    const workloads = defaultWorkloads.slice(0, 6);
    assertEquals(await caughtBy("cut tail", entry.log(), { workloads }), undefined, entry.id);
  }
});
