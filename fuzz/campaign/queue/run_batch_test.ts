import { assert, assertEquals, assertRejects } from "@std/assert";
import { appendsOf } from "../../../mod.ts";
import { NAIVE, optionsOf, TEMPORARY } from "./_queue_children.ts";
import { essenceOf, parseOutcome } from "./batch.ts";
import { type BatchTask, LeftError, runBatch, UnrunnableError } from "./run_batch.ts";

/** A module of a log that holds, but for what it does with records of some sizes. */
function moduleOf(name: string, { when, does }: { when: string; does: string }): string {
  const path = `${TEMPORARY}/${name}.ts`;
  Deno.writeTextFileSync(
    path,
    `import { allFixes, naiveLog } from ${JSON.stringify(NAIVE)};
const log = naiveLog(allFixes);
export default {
  ...log,
  append(open, record) {
    if (${when}) ${does}
    return log.append(open, record);
  },
};
`,
  );
  return path;
}

function taskOf(module: string, { runs, hangMs = 10_000 }: { runs: number; hangMs?: number }) {
  const { seed, mode, bounds, canary } = optionsOf({ queue: "" });
  const conditions = { module, seed, mode, bounds, canary, hangMs, runs, batchRuns: 100, code: "" };
  return { conditions, batch: 0, base: [] } satisfies BatchTask;
}

const SOUND = moduleOf("sound", { when: "false", does: "return;" });
const STAYING = new AbortController().signal;

Deno.test("runBatch() gives the same when the log ends its process, and goes on behind it", async () => {
  const module = moduleOf("dies", { when: "record.length === 63", does: "Deno.exit(7);" });
  const task = taskOf(module, { runs: 16 });
  const [one, other] = await Promise.all([runBatch(task, STAYING), runBatch(task, STAYING)]);
  const runs = one.incidents.map(({ run }) => run);
  assert(one.incidents.length > 0, "no run has ended its process");
  assert(one.incidents.every(({ what }) => what === "died"));
  assertEquals(new Set(runs).size, runs.length);
  assertEquals(one.runs, 16);
  assert(one.entries.some(({ run }) => run > runs[0]!), "it did not go on");
  assertEquals(
    essenceOf({ kind: "made", result: other }),
    essenceOf({ kind: "made", result: one }),
  );
  const text = JSON.stringify({ kind: "made", result: one });
  assertEquals(
    essenceOf(parseOutcome(text)),
    essenceOf(parseOutcome(JSON.stringify(parseOutcome(text)))),
  );

  // Up to the first of these runs, it is the log that does not end its process.
  const sound = await runBatch(taskOf(SOUND, { runs: runs[0]! }), STAYING);
  const before = one.entries.filter(({ run }) => run < runs[0]!);
  assertEquals(before, sound.entries);
  assert(before.length > 0, "no run before it has led somewhere new");
});

Deno.test("runBatch() goes on behind a run that hangs", async () => {
  const module = moduleOf("hangs", { when: "record.length === 63", does: "for (;;);" });
  const { incidents, runs } = await runBatch(taskOf(module, { runs: 6, hangMs: 1_500 }), STAYING);
  assertEquals(incidents.map(({ what }) => what), ["hung"]);
  assertEquals(runs, 6);
});

Deno.test("runBatch() makes a run again whose process ended by chance", async () => {
  const marker = JSON.stringify(`${TEMPORARY}/marker`);
  const module = moduleOf("once", {
    when: `record.length === 63 && !Array.from(Deno.readDirSync(${JSON.stringify(TEMPORARY)}))` +
      `.some(({ name }) => name === "marker")`,
    does: `{ Deno.writeTextFileSync(${marker}, ""); Deno.exit(7); }`,
  });
  const task = taskOf(module, { runs: 8 });
  const hit = await runBatch(task, STAYING);
  assert(Deno.statSync(`${TEMPORARY}/marker`).isFile, "no process has ended");
  const calm = await runBatch(task, STAYING);
  assertEquals([hit.incidents, hit.runs], [[], 8]);
  assertEquals(essenceOf({ kind: "made", result: hit }), essenceOf({ kind: "made", result: calm }));
});

Deno.test("runBatch() goes on without an entry of the corpus that no longer ends", async () => {
  const { entries } = await runBatch(taskOf(SOUND, { runs: 8 }), STAYING);
  const broken = entries.find(({ input }) => appendsOf(input.workload).length > 0)!;
  const bytes = appendsOf(broken.input.workload)[0]!;
  const module = moduleOf("ends", { when: `record.length === ${bytes}`, does: "Deno.exit(7);" });
  const task = { ...taskOf(module, { runs: 1 }), base: [broken] };
  const { incidents, runs } = await runBatch(task, STAYING);
  assertEquals(incidents[0]?.input, broken.input);
  assertEquals(runs, 1);
});

Deno.test("runBatch() refuses a log that cannot be loaded, and can be left", async () => {
  const missing = taskOf(`${TEMPORARY}/missing.ts`, { runs: 1 });
  await assertRejects(() => runBatch(missing, STAYING), UnrunnableError, "Cannot load");
  const ends = `${TEMPORARY}/at_once.ts`;
  Deno.writeTextFileSync(ends, "Deno.exit(7);\n");
  await assertRejects(
    () => runBatch(taskOf(ends, { runs: 1 }), STAYING),
    UnrunnableError,
    "its process ended while it was loaded",
  );
  const leaving = new AbortController();
  const left = runBatch(taskOf(SOUND, { runs: 1_000_000 }), leaving.signal);
  setTimeout(() => leaving.abort(), 300);
  await assertRejects(() => left, LeftError);
});
