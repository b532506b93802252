import { assert, assertEquals } from "@std/assert";
import {
  checkLog,
  type LogUnderTest,
  type ModelName,
  models,
  SimulatedFileSystem,
} from "../../mod.ts";
import { reopens } from "../reopens.ts";
import { outsiders } from "./outsiders.ts";
import { zoo, type ZooEntry } from "./zoo.ts";

const entries: readonly ZooEntry[] = [...zoo, ...outsiders];
const broken = entries.filter(({ expected }) => expected !== "holds");
const sound = entries.filter(({ expected }) => expected === "holds");

function knownModels(entry: ZooEntry): ModelName[] {
  return entry.models.filter((name): name is ModelName => Object.hasOwn(models, name));
}

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
  Deno.test(`zoo ${entry.id} ${entry.expected}: ${entry.title}`, async (t) => {
    const workloads = [entry.shows!];
    for (const model of knownModels(entry)) {
      await t.step(model, async () => {
        const { verdict } = await checkLog(entry.log(), { model, workloads });
        assertEquals(verdict, entry.expected);
      });
    }
    const twin: LogUnderTest = sound.find(({ id }) => id === entry.correct)!.log();
    await t.step(`but not ${twin.name}`, async () => {
      const { violations, complete, reason } = await checkLog(twin, { workloads });
      assertEquals(violations, []);
      assert(complete, reason);
    });
  });
}

for (const entry of sound) {
  Deno.test(`zoo ${entry.id} holds: ${entry.title}`, async (t) => {
    for (const model of knownModels(entry)) {
      await t.step(model, async () => {
        const { verdict, complete, reason } = await checkLog(entry.log(), { model });
        assertEquals(verdict, "holds", reason);
        assert(complete);
      });
    }
  });
}
