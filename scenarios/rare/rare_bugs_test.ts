import { assert, assertEquals } from "@std/assert";
import { checkLog, type CheckOptions, type Workload } from "../../mod.ts";
import { type RareBug, rareBugs, type Run } from "./rare_bugs.ts";

function optionsOf({ workload, disk, faults }: Run): CheckOptions {
  return {
    ...disk,
    faults,
    workloads: [workload],
    depth: 1,
    budget: { recoveries: 300, counting: false },
  };
}

/** Small workloads that come near to several mistakes. */
const NEAR: readonly Workload[] = [
  {
    name: "rotated, forgotten, reopened",
    lives: [[
      ...Array<Workload["lives"][number][number]>(6).fill({ do: "append", bytes: 500 }),
      { do: "sync" },
      { do: "truncateFront", count: 3 },
      { do: "reopen" },
      { do: "append", bytes: 24 },
      { do: "sync" },
    ], [{ do: "append", bytes: 24 }, { do: "sync" }]],
  },
  {
    name: "synced, then not, then killed",
    lives: [[{ do: "append", bytes: 24 }, { do: "sync" }, { do: "append", bytes: 700 }, {
      do: "kill",
    }]],
  },
];

for (const bug of rareBugs) {
  Deno.test(`the bug "${bug.id}" shows in a small run, and its fixed twin holds there`, async () => {
    const run = bug.shownBy;
    assert(bug.mayShow(run), "the run has what the bug needs at least");
    assertEquals((await checkLog(bug.log, optionsOf(run))).verdict, "violates");
    assertEquals((await checkLog(bug.sound, optionsOf(run))).verdict, "holds");
  });

  Deno.test(`the fixed twin of "${bug.id}" holds in workloads that come near, and in all defaults`, async () => {
    await holdsNear(bug);
    const budget = { recoveries: 60, counting: false };
    const { verdict, violations } = await checkLog(bug.sound, { budget });
    assertEquals(verdict, "holds", violations[0]?.verdict.message);
  });
}

async function holdsNear({ sound }: RareBug): Promise<void> {
  const workloads = NEAR.filter(({ lives }) =>
    sound.truncateFront !== undefined || !JSON.stringify(lives).includes("truncateFront")
  );
  const budget = { recoveries: 300, counting: false };
  for (const faults of ["", "barrier 4: EIO", "write 3: ENOSPC", "rename 2: EIO"]) {
    const { verdict, violations } = await checkLog(sound, { workloads, budget, faults });
    // A plan whose calls are not made shows nothing, which is no failure of the log.
    assert(verdict === "holds" || verdict === "not-measured", violations[0]?.verdict.message);
  }
}

Deno.test("rare bugs have names of their own, stories and sources", () => {
  assert(rareBugs.length >= 12);
  assertEquals(new Set(rareBugs.map(({ id }) => id)).size, rareBugs.length);
  for (const { story, source } of rareBugs) assert(story.length > 40 && source.length > 40);
});
