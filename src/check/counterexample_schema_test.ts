import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import naive from "../../scenarios/naive_log.ts";
import { checkLog } from "./check_log.ts";
import { counterexampleSchema, SCHEMA_FILE } from "./counterexample_schema.ts";
import { explain } from "./explain.ts";

const published = JSON.parse(Deno.readTextFileSync(SCHEMA_FILE));
const { violations, workloads } = await checkLog(naive, { budget: { recoveries: 40 } });

Deno.test("counterexample.schema.json is what documents are read with", () => {
  const how = "Write it anew with `deno run -A src/check/counterexample_schema.ts`";
  assertEquals(published, counterexampleSchema(), how);
});

Deno.test("counterexample.schema.json accepts what a check writes, and nothing else", async () => {
  const accepts = (document: unknown) =>
    z.fromJSONSchema(published).safeParse(JSON.parse(JSON.stringify(document)));
  const explained = await explain(naive, violations[0]!);
  // As `check --json` prints them, workload by workload.
  const found = workloads.flatMap(({ counterexample }) => counterexample ?? []);
  assert(found.length > 1);
  for (const document of [...violations, ...found, explained]) {
    const { success, error } = accepts(document);
    assert(success, String(error));
  }
  const damaged = [
    { ...explained, version: 2 },
    { ...explained, surplus: 1 },
    { ...explained, disk: { ...explained.disk, model: "fat" } },
    { ...explained, workload: { name: "no lives" } },
    { ...explained, crash: { ...explained.crash, points: [-1] } },
  ];
  for (const document of damaged) assert(!accepts(document).success, JSON.stringify(document));
});
