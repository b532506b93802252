import { assert, assertEquals } from "@std/assert";
import {
  blame,
  checkLog,
  type LogUnderTest,
  type ModelName,
  shrinkCounterexample,
  withBarriers,
} from "../../mod.ts";
import { tursoScenarios, tursoWorkloads } from "./turso.ts";

for (const { name, log, workloads, checkOptions, expected } of tursoScenarios) {
  Deno.test(`scenario ${name}: the verdict on every model is as expected`, async () => {
    const found: Partial<Record<ModelName, string>> = {};
    for (const model of Object.keys(expected) as ModelName[]) {
      const result = await checkLog(await log(), { ...checkOptions, model, workloads: workloads! });
      found[model] = result.verdict;
      assert(result.verdict !== "holds" || result.complete, `${model} was not covered`);
    }
    assertEquals(found, expected);
  });
}

/** The first finding, as small as it gets, and what is to blame. */
async function blamed(index: number, model: ModelName) {
  const scenario = tursoScenarios[index]!;
  const log = await scenario.log();
  const options = { ...scenario.checkOptions, model, workloads: tursoWorkloads.slice(0, 1) };
  const [found] = (await checkLog(log, options)).violations;
  const shrunk = await shrinkCounterexample(log, found!);
  const cause = await blame(log, shrunk, { workloads: options.workloads });
  return { log, options, shrunk, cause };
}

Deno.test("scenario turso: the barrier that is missing is one on the database file", async () => {
  const { log, options, shrunk, cause } = await blamed(0, "xfs");
  assertEquals(shrunk.verdict.clause, "acked record lost");
  const lost = shrunk.crash.kept.filter(({ version, newest }) => version < newest);
  assertEquals(lost.map(({ holds }) => holds), ['size of "/log/db": 0 bytes']);
  assertEquals(cause.kind, "barriers");
  assertEquals(cause.barriers.map(({ target }) => target), ["/log/db"]);
  assert(cause.verified);
  const fixed = await checkLog(withBarriers(log as LogUnderTest, cause.barriers), options);
  assertEquals([fixed.verdict, fixed.complete], ["holds", true]);
});

Deno.test("scenario turso/durable-first: the missing barrier is one on the log", async () => {
  const { cause } = await blamed(1, "xfs");
  assertEquals(cause.barriers.map(({ target, call }) => [target, call.split(" ")[0]]), [
    ["/log/db-wal", "write"],
  ]);
  assert(cause.verified);
});
