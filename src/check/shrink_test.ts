import { assert, assertEquals } from "@std/assert";
import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
import { compactLog } from "../../scenarios/zoo/compact_log.ts";
import { promisedGroupCommit } from "../../scenarios/zoo/concurrent_logs.ts";
import { mediaFaultKinds } from "../vfs/media.ts";
import { checkLog } from "./check_log.ts";
import type { CheckOptions } from "./check_result.ts";
import type { Counterexample } from "./counterexample.ts";
import { lostCells, turnsOf } from "./crash_size.ts";
import { explainAll, onePerCause } from "./explain.ts";
import { replayCounterexample } from "./replay.ts";
import { shrinkCounterexample } from "./shrink.ts";
import { commandCount, simplerWorkloads } from "./simpler_workloads.ts";
import { weakestDisk } from "./weakest_disk.ts";
import type { Workload } from "./workload.ts";

const unchecked = naiveLog({});

/** Everything that may stand in a workload. */
const RICH: Workload = {
  name: "rich",
  lives: [
    [
      { do: "append", bytes: 700 },
      { do: "sync" },
      { do: "killDuring", calls: [{ do: "append", bytes: 40 }, { do: "sync" }], ops: 3 },
      { do: "concurrent", callers: [[{ do: "append", bytes: 300 }], [{ do: "sync" }]] },
      { do: "burst", bytes: [24, 300], stagger: 2 },
      { do: "reopen" },
      { do: "append", bytes: 24 },
    ],
    [{ do: "append", bytes: 24 }, { do: "sync" }],
    [],
  ],
};

async function foundBy(options: CheckOptions): Promise<Counterexample> {
  const { violations } = await checkLog(unchecked, { workloads: [RICH], ...options });
  return violations[0]!;
}

Deno.test("shrinkCounterexample() leaves one append of a rich workload, and one lost cell", async () => {
  const found = await foundBy({});
  assert(commandCount(found.workload) > 8);
  const shrunk = await shrinkCounterexample(unchecked, found);
  assertEquals(shrunk.workload.lives, [[{ do: "append", bytes: 8 }]]);
  assertEquals(lostCells(shrunk), 1);
  assertEquals(shrunk.verdict.clause, found.verdict.clause);
  assertEquals(shrunk.workload.name, "rich, shrunk");
});

Deno.test("shrinkCounterexample() drops what is special about the disk, unless it is needed", async () => {
  const special: Partial<CheckOptions>[] = [
    { staleTail: true },
    { tearBytes: 1, sectorBytes: 4096 },
    { powersafeOverwrite: false },
    { staleSectors: true },
    { capacityBytes: 1_000_000 },
    { mediaFaults: mediaFaultKinds },
  ];
  for (const options of special) {
    const { disk, verdict } = await shrinkCounterexample(unchecked, await foundBy(options));
    const plain = { model: "posix-ra", sectorBytes: 512, staleTail: false } as const;
    const { mediaFaults: _, ...rest } = disk;
    assertEquals(rest, plain, `${verdict.clause} with ${JSON.stringify(options)}`);
  }
  // The promise is kept by this log while nothing is damaged.
  const options = { mediaFaults: mediaFaultKinds, workloads: [RICH] };
  const sound = naiveLog(allFixes);
  const [damaged] = (await checkLog(sound, options)).violations;
  const { disk } = await shrinkCounterexample(sound, damaged!);
  assertEquals(disk.mediaFaults?.length, 1);
});

Deno.test("shrinkCounterexample() gives back what it cannot replay", async () => {
  const found = await foundBy({});
  const sound = naiveLog(allFixes);
  assertEquals(await shrinkCounterexample(sound, found), found);
  assertEquals(await shrinkCounterexample(unchecked, found, { recoveries: 0 }), found);
});

Deno.test("shrinkCounterexample() ends, and its finding replays, wherever it is cut short", async () => {
  const found = await foundBy({});
  for (const recoveries of [1, 10, 100, 1_000]) {
    const shrunk = await shrinkCounterexample(unchecked, found, { recoveries });
    const { violation } = await replayCounterexample(unchecked, shrunk);
    assertEquals(violation?.message, shrunk.verdict.message, `${recoveries} recoveries`);
  }
});

Deno.test("simplerWorkloads() never leads back, and never to a workload without a command", () => {
  const seen = new Set<string>();
  const queue = [RICH];
  for (let steps = 0; queue.length > 0 && steps < 3_000; steps++) {
    const workload = queue.pop()!;
    for (const simpler of simplerWorkloads(workload)) {
      assert(commandCount(simpler) > 0);
      assert(commandCount(simpler) <= commandCount(workload) + 1);
      const key = JSON.stringify(simpler.lives);
      assert(key !== JSON.stringify(workload.lives), key);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(simpler);
    }
  }
  assertEquals([...simplerWorkloads({ name: "", lives: [[{ do: "append", bytes: 8 }]] })], []);
});

Deno.test("weakestDisk() names what the disks have in common, or the disks", async () => {
  const cases: [Partial<typeof allFixes>, string][] = [
    [{ syncDirectory: false }, "only where a barrier forces nothing but the file or directory"],
    [{ checksum: false }, "only where a file may grow on the media without its bytes"],
  ];
  for (const [fault, words] of cases) {
    const log = naiveLog({ ...allFixes, ...fault });
    const { violations } = await checkLog(log);
    const shrunk = await shrinkCounterexample(log, violations[0]!);
    const label = await weakestDisk(log, shrunk);
    assertEquals(label.words.slice(0, words.length), words);
    assertEquals(label.violates.length + label.holds.length, 7);
  }
});

Deno.test("explainAll() leaves one finding for each cause, the smallest first", async () => {
  const raw = await checkLog(unchecked);
  const { violations, workloads } = await explainAll(unchecked, raw);
  assert(raw.violations.length > 30, `${raw.violations.length}`);
  assert(violations.length < 5, `${violations.length}`);
  assertEquals(workloads, raw.workloads);
  assertEquals(onePerCause(violations), violations);
  for (const found of violations) {
    assert(found.weakestDisk!.violates.length > 0);
    const { violation } = await replayCounterexample(unchecked, found);
    assertEquals(violation?.message, found.verdict.message);
  }
});

Deno.test("shrinkCounterexample() keeps what happens out of turn only where it is needed", async () => {
  const together: Workload = {
    name: "together",
    lives: [[
      { do: "append", bytes: 300 },
      {
        do: "concurrent",
        callers: [[{ do: "append", bytes: 24 }, { do: "append", bytes: 24 }], [{
          do: "append",
          bytes: 300,
        }]],
      },
    ]],
  };
  for (const [log, turns] of [[promisedGroupCommit("waiting after"), 1], [unchecked, 0]] as const) {
    const { violations } = await checkLog(log, { workloads: [together] });
    const shrunk = await shrinkCounterexample(log, violations[0]!);
    assertEquals(turnsOf(shrunk.workload), turns, log.name);
    assert(commandCount(shrunk.workload) <= 2, JSON.stringify(shrunk.workload));
    const { violation } = await replayCounterexample(log, shrunk);
    assertEquals(violation?.message, shrunk.verdict.message);
  }
});

Deno.test("shrinkCounterexample() keeps as few faults as are needed, in the first life", async () => {
  const log = compactLog("short", {
    acks: "sync",
    tail: "rewrite always",
    shortWrite: "is taken for whole",
  });
  const workloads = [RICH];
  const { violations } = await checkLog(log, { workloads, callFaults: 2, depth: 0 });
  const shrunk = await shrinkCounterexample(log, violations[0]!);
  assertEquals(shrunk.faults?.split("; ").length, 1, shrunk.faults);
  assertEquals(shrunk.crash.kept.filter(({ cell }) => cell === "fault").length, 0);
  assert(commandCount(shrunk.workload) <= 2, JSON.stringify(shrunk.workload));
});
