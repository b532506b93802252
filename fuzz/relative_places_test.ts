import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkLog, type Counterexample, explain, formatProof } from "../mod.ts";
import naive from "../scenarios/naive_log.ts";
import { annotationOf } from "./annotations.ts";
import { placeOf } from "./check_command.ts";
import { withRelativePlaces } from "./relative_places.ts";

async function finding(): Promise<Counterexample> {
  const { violations } = await checkLog(naive);
  const found = await explain(naive, violations[0]!);
  assertEquals(found.blame?.barriers, [], "no barrier: the place is in the words");
  return withRelativePlaces(found);
}

Deno.test("withRelativePlaces() names files in words as they are named from here", async () => {
  const { blame } = await finding();
  const [place] = blame!.places!;
  assertEquals(place!.file, "scenarios/naive_log.ts");
  assertStringIncludes(blame!.reason, `scenarios/naive_log.ts:${place!.line}:${place!.column}`);
  const before = Deno.cwd();
  try {
    Deno.chdir("scenarios");
    const below = await finding();
    assertEquals(below.blame!.places![0]!.file, "naive_log.ts");
    assertStringIncludes(below.blame!.reason, ` naive_log.ts:${place!.line}:`);
    assert(!formatProof(below).includes("scenarios/"));
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("annotationOf() is on the line that is to blame where the reason is words", async () => {
  const found = await finding();
  const [{ file, line, column }] = found.blame!.places as [
    { file: string; line: number; column: number },
  ];
  const annotation = annotationOf(found, placeOf(found), "f.json");
  assertStringIncludes(annotation, `::error file=${file},line=${line},col=${column},title=`);
  assertStringIncludes(annotation, "%0AReplay: deno task replay f.json");
});
