import { assert, assertEquals } from "@std/assert";
import { type KnownDisagreement, knownDisagreements } from "./known.ts";
import { type LitmusCell, loadLitmus, runLitmus } from "./suite.ts";

const tests = loadLitmus();

function complain(cell: LitmusCell): string {
  const { model, outcome, expected, reachable, judgement, witness } = cell;
  if (judgement === "stale") return `${model}: "${outcome}" agrees, take it off the known list`;
  const found = reachable === undefined ? "not decided" : reachable ? "reachable" : "not reachable";
  const how = witness && [`the power goes ${witness.crash}`, ...witness.kept].join("\n    ");
  return `${model}: "${outcome}" is ${expected}, and ${found}${how ? `\n    ${how}` : ""}`;
}

Deno.test("litmus: every outcome is reachable where a model allows it, and nowhere else", async (t) => {
  for (const test of tests) {
    const fn = async () => {
      const { cells } = await runLitmus(test);
      const wrong = cells.filter(({ judgement }) =>
        judgement === "differs" || judgement === "stale"
      );
      assert(wrong.length === 0, [test.title, ...wrong.map(complain)].join("\n  "));
    };
    await t.step(test.id, fn);
  }
});

Deno.test("litmus: known disagreements are about cells that exist, and say why", () => {
  for (const { test: id, model, outcome, argument, source } of knownDisagreements) {
    const test = tests.find((test) => test.id === id);
    assert(test?.expect[model]?.[outcome] !== undefined, `${id}, ${model}, ${outcome}`);
    assert(argument.length > 20 && source.length > 0, id);
  }
});

Deno.test("litmus: a known disagreement passes, and one that agrees again does not", async () => {
  const original = tests.find(({ id }) => id === "OV-8K")!;
  const expect = { ...original.expect["posix-ra"], "old": "forbidden" as const };
  const test = { ...original, expect: { "posix-ra": expect } };
  const entry = (outcome: string): KnownDisagreement => ({
    test: "OV-8K",
    model: "posix-ra",
    outcome,
    argument: "planted",
    source: "none",
  });
  const judgements = async (known: readonly KnownDisagreement[]) =>
    (await runLitmus(test, { known })).cells.map(({ judgement }) => judgement).join();
  assertEquals(await judgements([]), "differs,agrees,agrees,agrees");
  assertEquals(await judgements([entry("old")]), "known,agrees,agrees,agrees");
  assertEquals(await judgements([entry("old"), entry("new")]), "known,stale,agrees,agrees");
});

Deno.test("litmus: a reachable outcome comes with a crash that reaches it", async () => {
  const test = tests.find(({ id }) => id === "ARVR")!;
  const { cells } = await runLitmus(test, { models: ["posix"] });
  for (const { reachable, witness } of cells) assertEquals(witness !== undefined, reachable);
  const crashes = Object.fromEntries(cells.map(({ outcome, witness }) => [outcome, witness]));
  assertEquals(crashes["partial"], {
    crash: "after the last op",
    kept: [
      'name "file": as op 3 (rename) left it',
      'size of "/file.tmp": 4096 bytes, half-way through op 1 (write)',
      'bytes 0 to 4095 of "/file.tmp": as op 1 (write) left it',
    ],
  });
  assertEquals(
    crashes["garbage"]?.kept.at(-1),
    [
      'bytes 0 to 511 of "/file.tmp": allocated by op 1 (write), but not written',
    ][0],
  );
  assertEquals(crashes["missing"]?.kept, ['name "file": half-way through op 3 (rename)']);
});

Deno.test("litmus: of a test that crashes at the end, only that crash counts", async () => {
  const original = tests.find(({ id }) => id === "TRUNC-FDATASYNC")!;
  const found = async (crash: "anywhere" | "end") =>
    (await runLitmus({ ...original, crash }, { models: ["posix-ra"] })).cells[0]?.reachable;
  assertEquals(await found("end"), false);
  assertEquals(await found("anywhere"), true);
});
