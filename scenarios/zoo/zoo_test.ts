import { assert, assertEquals } from "@std/assert";
import { checkLog, defaultWorkloads, models, SimulatedFileSystem } from "../../mod.ts";
import { reopens } from "../reopens.ts";
import { outsiders } from "./outsiders.ts";
import { zoo, type ZooEntry } from "./zoo.ts";

const entries: readonly ZooEntry[] = [...zoo, ...outsiders];
const broken = entries.filter(({ expected }) => expected !== "holds");
const sound = entries.filter(({ expected }) => expected === "holds");

/** Everything but kills in the middle of a call: for time, and `deno task zoo` has them as well. */
const quickWorkloads = defaultWorkloads.filter(({ name }) => !/^killed (in|while)/.test(name));

Deno.test("zoo names every entry once, and a sound twin for every mistake", () => {
  const ids = entries.map(({ id }) => id);
  assertEquals(new Set(ids).size, ids.length);
  const names = entries.map((entry) => entry.log().name);
  assertEquals(new Set(names).size, names.length);
  for (const { id, kill, shows, correct } of broken) {
    assert(kill !== undefined && shows !== undefined, id);
    assert(sound.some((twin) => twin.id === correct), `${id} has no twin "${correct}"`);
  }
});

Deno.test("zoo entries make a claim about each model once, the default model included", () => {
  for (const { id, models: claimed } of entries) {
    assertEquals(new Set(claimed).size, claimed.length, id);
    assert(claimed.every((model) => Object.hasOwn(models, model)), id);
    assert(claimed.includes("posix-ra"), id);
  }
});

Deno.test("zoo logs give back what was appended, as long as the power stays on", async (t) => {
  const records = [24, 0, 700, 700, 1300, 5].map((bytes, i) => new Uint8Array(bytes).fill(i + 1));
  for (const entry of entries) {
    await t.step(entry.id, async () => {
      const fs = new SimulatedFileSystem();
      fs.mkdir("/log");
      assert(await reopens(entry.log(), fs, { dir: "/log", records }));
    });
  }
});

for (const entry of broken) {
  Deno.test(`zoo ${entry.id} ${entry.expected}, its twin does not: ${entry.title}`, async (t) => {
    const { sectorBytes = 512, faultOptions } = entry;
    const shown = { workloads: [entry.shows!], sectorBytes, ...faultOptions } as const;
    const twin = sound.find(({ id }) => id === entry.correct)!;
    for (const model of entry.models) {
      await t.step(model, async () => {
        const { verdict } = await checkLog(entry.log(), {
          model,
          ...shown,
          ...(faultOptions && { depth: 0 }),
        });
        assertEquals(verdict, entry.expected);
        // What shows without a fault is another mistake than the one that was planted.
        if (faultOptions !== undefined) {
          const calm = await checkLog(entry.log(), { model, workloads: shown.workloads, depth: 0 });
          assertEquals(calm.violations, []);
        }
        const options = { model, ...shown, depth: 0 };
        const { violations, complete, reason } = await checkLog(twin.log(), options);
        assertEquals(violations, []);
        assert(complete, reason);
      });
    }
  });
}

for (const entry of sound) {
  Deno.test(`zoo ${entry.id} holds: ${entry.title}`, async (t) => {
    for (const model of entry.models) {
      await t.step(model, async () => {
        const options = model === "posix-ra" ? {} : { depth: 0, workloads: quickWorkloads };
        const { verdict, complete, reason } = await checkLog(entry.log(), { model, ...options });
        assertEquals(verdict, "holds", reason);
        assert(complete);
      });
    }
  });
}
