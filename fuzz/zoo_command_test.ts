import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { plugpull, type Ran, TEMPORARY } from "./_run_plugpull.ts";

function zoo(...args: string[]): Promise<Ran> {
  return plugpull(TEMPORARY, "zoo", ...args);
}

Deno.test("zoo with an id tells its story, and proves it", async () => {
  const { status, stdout } = await zoo("7", "--model", "posix-ra");
  assertEquals(status, 0);
  const parts = ["Rule     ", "Crash    ", "Twin     base-sync", "Found    posix-ra: violates in"];
  for (const part of [...parts, "Let      ", "However  ", "1 mistake killed"]) {
    assertStringIncludes(stdout, part);
  }
  assertStringIncludes(stdout, "Missed   by kill -9, drop all unsynced, cut tail");
});

Deno.test("zoo --json prints one object with what was found", async () => {
  const { status, stdout } = await zoo("2a", "--json");
  const { stops, summary } = JSON.parse(stdout);
  assertEquals(status, 0);
  assertEquals(stops.map(({ model }: { model: string }) => model), ["posix", "posix-ra"]);
  assertEquals([summary.mistakes, summary.killed, summary.falseAlarms], [1, 1, 0]);
  assert(summary.medianKillMs > 0);
});

Deno.test("zoo exits with 2 for an id or a model that there is not", async () => {
  const unknown = await zoo("nonesuch");
  assertEquals([unknown.status, unknown.stdout], [2, ""]);
  assertStringIncludes(unknown.stderr, 'Cannot find "nonesuch" in the zoo, expected one of: 1a,');
  assertEquals((await zoo("1a", "--model", "fat")).status, 2);
});
