import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { plugpull, TEMPORARY } from "./_run_plugpull.ts";

Deno.test("litmus prints the program, the verdict of each model, and how each outcome is reached", async () => {
  const { status, stdout, stderr } = await plugpull(TEMPORARY, "litmus", "arvr");
  assertEquals(stderr, "");
  assertEquals(status, 0);
  assertStringIncludes(stdout, '   3  rename "/file.tmp" to "/file"');
  assertMatch(stdout, /│ garbage │ A yes │ A yes +│ F no /);
  assertStringIncludes(stdout, "missing: no entry named file\n  on posix, the power goes after");
  assertMatch(stdout, /1 test, 45 requirements: 45 agree; 4 unspecified\. \d+ recoveries/);
});

Deno.test("litmus --json takes a prefix and one model", async () => {
  const { status, stdout } = await plugpull(TEMPORARY, "litmus", "OV", "--model", "xfs", "--json");
  assertEquals(status, 0);
  const { tests, totals } = JSON.parse(stdout);
  assertEquals(tests.length, totals.tests);
  assertEquals(tests[0].id, "OV-SAME");
  assertEquals(tests[0].cells[0].witness.crash, "after the last op");
  assertEquals(
    new Set(
      tests.flatMap((test: { cells: { model: string }[] }) => test.cells.map(({ model }) => model)),
    ),
    new Set(["xfs"]),
  );
});

Deno.test("litmus refuses an id that no test has", async () => {
  const { status, stdout, stderr } = await plugpull(TEMPORARY, "litmus", "NOPE", "--json");
  assertEquals(status, 2);
  assertMatch(stderr, /^plugpull: Cannot find the litmus test "NOPE", expected one of: PA-1, /);
  assertEquals(JSON.parse(stdout).status, 2);
});

Deno.test("models prints what a model promises, with sources", async () => {
  const { status, stdout } = await plugpull(TEMPORARY, "models", "xfs");
  assertEquals(status, 0);
  assertMatch(stdout, /│ P9 +│ a rename persists whole or not at all +│ yes +│/);
  assertStringIncludes(stdout, "Sources of the properties");
  const { columns, models } = JSON.parse((await plugpull(TEMPORARY, "models", "--json")).stdout);
  for (const model of models) assertEquals(typeof model.summary, "string");
  for (const { key } of columns) assertEquals(models.some((model: object) => key in model), true);
  assertEquals((await plugpull(TEMPORARY, "models", "fat32")).status, 2);
});
