import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { existsSync } from "@std/fs";
import { SimulatedFileSystem } from "../simulated_file_system.ts";
import { denoFs } from "./deno_fs.ts";
import { replaceDeno, restoreDeno, withDeno } from "./replace_deno.ts";

const real = Deno;
const PATH = "/plugpull_nowhere";

Deno.test("withDeno() replaces the global for a function, and puts it back", () => {
  const deno = denoFs(new SimulatedFileSystem());
  const size = withDeno(deno, () => {
    Deno.writeTextFileSync(PATH, "hello");
    return Deno.statSync(PATH).size;
  });
  assertEquals([size, existsSync(PATH)], [5, false]);
  assertStrictEquals(Deno, real);
  assertThrows(() => withDeno(deno, () => Deno.openSync("/none")), Deno.errors.NotFound);
  assertStrictEquals(Deno, real);
});

Deno.test("withDeno() keeps the global replaced until a promise settles", async () => {
  const deno = denoFs(new SimulatedFileSystem());
  await withDeno(deno, async () => {
    await new Promise((resolve) => setTimeout(resolve));
    await Deno.writeTextFile(PATH, "hello");
    await Deno.rename(PATH, "/a");
  });
  assertEquals([deno.readTextFileSync("/a"), existsSync(PATH)], ["hello", false]);
  await assertRejects(() => withDeno(deno, () => Deno.open("/none")), Deno.errors.NotFound);
  assertStrictEquals(Deno, real);
});

Deno.test("withDeno() may be called within withDeno()", () => {
  const [outer, inner] = [denoFs(new SimulatedFileSystem()), denoFs(new SimulatedFileSystem())];
  withDeno(outer, () => {
    withDeno(inner, () => Deno.writeTextFileSync("/inner", ""));
    Deno.writeTextFileSync("/outer", "");
  });
  const names = (deno: typeof outer) => Array.from(deno.readDirSync("/"), ({ name }) => name);
  assertEquals([names(outer), names(inner)], [["outer"], ["inner"]]);
});

Deno.test("replaceDeno() refuses to put back what somebody else has replaced since", () => {
  const first = replaceDeno(denoFs(new SimulatedFileSystem()));
  const second = replaceDeno(denoFs(new SimulatedFileSystem()));
  const message = "Cannot put Deno back: something else has replaced it since";
  assertThrows(() => first[Symbol.dispose](), Error, message);
  second[Symbol.dispose]();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assertStrictEquals(Deno, real);
});

Deno.test("restoreDeno() puts the real one back, and lets nobody do it again", () => {
  const shims = [1, 2].map(() => denoFs(new SimulatedFileSystem()));
  const replaced = shims.map(replaceDeno);
  restoreDeno();
  assertStrictEquals(Deno, real);
  for (const one of replaced) one[Symbol.dispose]();
  restoreDeno();
  assertStrictEquals(Deno, real);
});

Deno.test("replaceDeno() does not reach what a module has taken out before", () => {
  const { statSync } = Deno;
  using _replaced = replaceDeno(denoFs(new SimulatedFileSystem()));
  const here = new URL(import.meta.url);
  assertEquals(statSync(here).isFile, true);
  assertThrows(() => Deno.statSync(here), Error, "No such file or directory");
});
