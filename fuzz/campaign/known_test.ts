import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { causeOf, checkLog } from "../../mod.ts";
import { addKnown, KnownError, newsOf, readKnown } from "./known.ts";

Deno.test("a finding is new, then known, then fixed, and then it comes back", async () => {
  const directory = Deno.makeTempDirSync();
  const file = join(directory, "known.json");
  const { default: naive } = await import("../../scenarios/" + "naive_log.ts");
  const [found] = (await checkLog(naive, {
    workloads: [{ name: "one", lives: [[{ do: "append", bytes: 8 }]] }],
  })).violations;
  assertEquals(newsOf(found!, readKnown(file)), "new");
  const failing = new Map([[causeOf(found!), "f.json"]]);
  assertEquals(newsOf(found!, readKnown(file), failing), "still fails");
  addKnown([found!], "open", file);
  assertEquals(newsOf(found!, readKnown(file), failing), "known");
  addKnown([found!], "fixed", file);
  assertEquals(newsOf(found!, readKnown(file)), "came back");
  assertEquals(readKnown(file).length, 1);
  const other = { ...found!, subject: { ...found!.subject, name: "another log" } };
  assertEquals(newsOf(other, readKnown(file)), "new");
  for (
    const text of ["{", '{"format":"plugpull known findings","version":2,"findings":[]}', "[]"]
  ) {
    Deno.writeTextFileSync(file, text);
    assertThrows(() => readKnown(file), KnownError, file);
  }
  Deno.removeSync(directory, { recursive: true });
});
