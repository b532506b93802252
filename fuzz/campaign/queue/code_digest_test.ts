import { assertEquals, assertNotEquals } from "@std/assert";
import { codeDigestOf } from "./code_digest.ts";

/** A module that imports another one, in a directory of its own. */
function moduleWith(part: string): string {
  const directory = Deno.makeTempDirSync({ prefix: "plugpull_" });
  Deno.writeTextFileSync(`${directory}/part.ts`, part);
  Deno.writeTextFileSync(`${directory}/log.ts`, 'export { part } from "./part.ts";\n');
  globalThis.addEventListener("unload", () => Deno.removeSync(directory, { recursive: true }));
  return `${directory}/log.ts`;
}

Deno.test("codeDigestOf() is that of all that a module imports, wherever it is", async () => {
  const part = "export const part = 1;\n";
  const [one, same, other] = await Promise.all(
    [part, part, "export const part = 2;\n"].map((text) => codeDigestOf(moduleWith(text))),
  );
  assertEquals(one, same);
  assertNotEquals(one, other);
});
