import { assert, assertEquals } from "@std/assert";
import { type Blame, blame, checkLog, type ModelName, shrinkCounterexample } from "../../mod.ts";
import { NO_BARRIER, type StoreScenario } from "./store_scenario.ts";
import { storeScenarios } from "./stores.ts";

for (const scenario of storeScenarios) {
  const { name, log, workloads, checkOptions, expected } = scenario;
  Deno.test(`scenario ${name}: the verdict on every model is as expected`, async () => {
    const subject = await log();
    const found: Partial<Record<ModelName, string>> = {};
    for (const model of Object.keys(expected) as ModelName[]) {
      const result = await checkLog(subject, { ...checkOptions, model, workloads });
      found[model] = result.verdict;
      assert(result.verdict !== "holds" || result.complete, `${model} was not covered`);
    }
    assertEquals(found, expected);
  });

  if (Object.values(expected).includes("violates")) {
    Deno.test(`scenario ${name}: the finding is small, and blamed on what is wrong`, () =>
      assertBlamed(scenario));
  }
}

async function assertBlamed({ log, workloads, checkOptions, blamed }: StoreScenario) {
  assert(blamed !== undefined, "What violates must say what is to blame");
  const { model, clause, on } = blamed;
  const subject = await log();
  const { violations } = await checkLog(subject, { ...checkOptions, model, workloads });
  const shrunk = await shrinkCounterexample(subject, violations[0]!, { recoveries: 2_000 });
  assertEquals(shrunk.verdict.clause, clause);
  assert(shrunk.workload.lives.flat().length <= 3, "More than three commands are left");
  const cause = await blame(subject, shrunk, { workloads, recoveries: 4_000 });
  assertEquals(blamedOn(cause), on);
  // With the barrier, the package holds: on the workload of the finding and on all others.
  assertEquals(cause.verified, on !== NO_BARRIER);
}

/** The place before or after which a barrier is missing, or that none helps. */
function blamedOn({ barriers, reason }: Blame): string | undefined {
  if (barriers.length === 0 && reason.startsWith("No barrier fixes this")) return NO_BARRIER;
  const place = barriers[0]?.place;
  // A module that was imported after others had been forgotten has a query behind its name.
  return place && `${place.file.replace(/^npm:|\?.*$/g, "")}:${place.line}`;
}

Deno.test("storeScenarios run ten packages and more, and some of them with what others lack", () => {
  const packages = new Set(storeScenarios.map((scenario) => scenario.package));
  assert(packages.size >= 14, `There are only ${packages.size} packages`);
  const repaired = [...packages].filter((name) => {
    const own = storeScenarios.filter((scenario) => scenario.package === name);
    const verdicts = own.map(({ expected }) => new Set(Object.values(expected)));
    return verdicts.some((set) => set.has("violates")) &&
      verdicts.some((set) => !set.has("violates"));
  });
  assert(repaired.length >= 3, `Only ${repaired.join(", ")} have a variant that holds`);
});
