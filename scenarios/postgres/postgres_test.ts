import { assert, assertEquals } from "@std/assert";
import { PostgresImage } from "../../mod.ts";
import { everything, onlySynced, tornPages } from "./crash_sample.ts";
import { formatPostgres, whyNoPostgres } from "./postgres.ts";
import { loadPglite } from "./postgres_parts.ts";
import { POSTGRES_TABLE, type PostgresCommand, runPostgres } from "./postgres_run.ts";

const reason = whyNoPostgres();
if (reason !== undefined) console.warn(`PostgreSQL is skipped: ${reason}`);

Deno.test({
  name: "scenario postgres: a few crash states of each setting have the verdict that is expected",
  ignore: reason !== undefined,
  async fn() {
    const parts = loadPglite();
    const image = await PostgresImage.make(parts, POSTGRES_TABLE);
    const commands: PostgresCommand[] = ["append", "checkpoint", "append", "checkpoint"];
    const rules = () => [everything, onlySynced, tornPages("first")];
    const run = { parts, image, commands, rules, points: 5 };
    const sound = await runPostgres({ ...run, options: {} });
    assertEquals(sound.failures, []);
    assert(sound.states > 5);
    const unsynced = await runPostgres({ ...run, options: { fsync: false }, points: 2 });
    assertEquals(unsynced.barriers, 0);
    assert(unsynced.failures.some(({ clause }) => clause === "acked record lost"));
    const torn = await runPostgres({ ...run, options: { settings: { full_page_writes: "off" } } });
    assert(torn.failures.length > 0);
    for (const { rule, message } of torn.failures) {
      assertEquals(rule, "torn pages, first halves kept");
      assert(message.includes("invalid page"), message);
    }
  },
});

Deno.test("scenario postgres: an outcome is told by kind, each with an example", () => {
  const failures = [
    { clause: "acked record lost", state: "before op 7", rule: "drawn", message: "1 acked" },
    { clause: "acked record lost", state: "before op 8", rule: "drawn", message: "2 acked" },
    { clause: "does not start", state: "before op 9", rule: "drawn", message: "PANIC" },
  ] as const;
  const text = formatPostgres("It holds", { ops: 9, barriers: 2, states: 5, failures });
  assertEquals(text.split("\n"), [
    "It holds",
    "9 ops, 2 barriers; the promise was broken in 3 of 5 crash states, a sample",
    "2 x acked record lost, for example before op 7",
    "    1 acked",
    "1 x does not start, for example before op 9",
    "    PANIC",
  ]);
});
