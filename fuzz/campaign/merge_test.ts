import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { checkLog, RealFileSystem, writeFinding } from "../../mod.ts";
import { keptRun } from "./_journal_store.ts";
import { Journal, type Kept, tell } from "./journal.ts";
import { mergedEntries, mergeDirectories } from "./merge.ts";

const corpus = fc.array(
  fc.record({ seed: fc.nat(6), run: fc.nat(9) })
    .map(({ seed, run }): Kept => ({ ...keptRun(seed), run })),
);

Deno.test("mergedEntries() is the same in any order, any grouping, and any number of times", () => {
  fc.assert(fc.property(corpus, corpus, corpus, (a, b, c) => {
    const merged = mergedEntries([a, b, c]);
    assertEquals(mergedEntries([c, a, b]), merged);
    assertEquals(mergedEntries([mergedEntries([a, b]), c]), merged);
    assertEquals(mergedEntries([merged, a]), merged);
    assertEquals(new Set(merged.map(({ input }) => input.seed)).size, merged.length);
    const wanted = new Set([...a, ...b, ...c].map(({ input }) => input.seed));
    assertEquals(merged.length, wanted.size, "nothing is left out");
  }));
});

Deno.test("mergeDirectories() puts corpora and findings of several machines together", async () => {
  const root = Deno.makeTempDirSync();
  const [found] = (await checkLog((await import("../../scenarios/" + "naive_log.ts")).default, {
    workloads: [{ name: "one", lives: [[{ do: "append", bytes: 8 }]] }],
  })).violations;
  const machine = async (name: string, runs: readonly number[]) => {
    const directory = join(root, name);
    const journal = join(directory, "campaigns", "my-log", "journal");
    Deno.mkdirSync(journal, { recursive: true });
    using opened = Journal.open(new RealFileSystem(), journal);
    for (const run of runs) opened.append({ kind: "entry", entry: keptRun(run) });
    opened.sync();
    await writeFinding(found!, join(directory, "findings"));
    return directory;
  };
  const [a, b] = [await machine("a", [1, 2]), await machine("b", [2, 3])];
  const into = join(root, "into");
  const inJournal = (directory: string) => {
    using opened = Journal.open(
      new RealFileSystem(),
      join(directory, "campaigns", "my-log", "journal"),
    );
    const { base, own } = tell(opened.lines());
    return [...base, ...own].map(({ run }) => run).toSorted();
  };
  for (let times = 0; times < 2; times++) {
    const merged = mergeDirectories([a, b], into);
    assertEquals(merged.corpora, { "my-log": 3 });
    assertEquals(merged.findings.length, 1);
    assertEquals(inJournal(into), [1, 2, 3]);
  }
  const other = join(root, "other");
  mergeDirectories([b], other);
  mergeDirectories([a], other);
  assertEquals(inJournal(other), [1, 2, 3]);
  Deno.removeSync(root, { recursive: true });
});
