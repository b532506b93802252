import { assertEquals } from "@std/assert";
import { type CatalogueStop, scenariosNamed, tourCatalogue } from "./catalogue_tour.ts";

async function stopsOf(name: string): Promise<CatalogueStop[]> {
  return await Array.fromAsync(tourCatalogue(name));
}

Deno.test("tourCatalogue() skips what takes more memory than there is, and says so", async () => {
  const { systemMemoryInfo } = Deno;
  Deno.systemMemoryInfo = () => ({ ...systemMemoryInfo(), available: 2 ** 30 });
  try {
    const stops = await stopsOf("postgres");
    assertEquals(stops.map(({ name, result }) => [name, result.verdict, result.reason]), [
      ["postgres", "skipped", "1.0 GiB of memory are available, expected 2.0 GiB"],
      ["postgres/fsync-off", "skipped", "1.0 GiB of memory are available, expected 2.0 GiB"],
      [
        "postgres/full-page-writes-off",
        "skipped",
        "1.0 GiB of memory are available, expected 2.0 GiB",
      ],
    ]);
    assertEquals(stops.map(({ expected }) => expected), ["holds", "violates", "violates"]);
  } finally {
    Deno.systemMemoryInfo = systemMemoryInfo;
  }
});

Deno.test("tourCatalogue() explains a finding only where one scenario is asked for", async () => {
  const [alone] = await stopsOf("zoo/5b");
  assertEquals(alone!.result.verdict, "violates");
  assertEquals(alone!.counterexample?.verdict.clause !== undefined, true);
  const several = await stopsOf("naive");
  assertEquals(several.length > 1, true);
  assertEquals(several.filter(({ counterexample }) => counterexample !== undefined), []);
});

Deno.test("scenariosNamed() leaves out what takes long, unless it is named", () => {
  const usual = scenariosNamed(undefined).map(({ name }) => name);
  assertEquals(usual.includes("reference"), true);
  assertEquals(usual.filter((name) => /^(postgres|sqlite|turso)/.test(name)), []);
  assertEquals(scenariosNamed("postgres").length, 3);
  assertEquals(scenariosNamed("post"), []);
});
