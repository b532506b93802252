import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { groupCommitLog, referenceLog } from "../../scenarios/reference_log.ts";
import {
  offsetReader,
  promisedGroupCommit,
  synchronousLog,
  timedFlusher,
} from "../../scenarios/zoo/concurrent_logs.ts";
import { checkLog } from "./check_log.ts";
import type { CheckOptions, CheckResult } from "./check_result.ts";
import { replayCounterexample } from "./replay.ts";
import { freshDisk, parseCounterexample, traceDigest } from "./counterexample.ts";
import { type Decision, follow } from "./interleaving.ts";
import { withFakeTime } from "./interleaving_clock.ts";
import { scheduleOf, Schedules } from "./interleaving_schedules.ts";
import { formatProof } from "./proof.ts";
import { LOG_DIRECTORY, LogRun } from "./run_log.ts";
import { drive } from "./settle.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Command, SingleCall, Workload } from "./workload.ts";

const append = (bytes: number): SingleCall => ({ do: "append", bytes });
const concurrent = (...callers: SingleCall[][]): Command => ({ do: "concurrent", callers });
const two = concurrent([append(24)], [append(40)]);

function only(...life: Command[]): { workloads: readonly Workload[] } {
  return { workloads: [{ name: "only", lives: [life] }] };
}

function timeless(result: CheckResult): string {
  return JSON.stringify(
    result,
    (key, value) => key === "milliseconds" ? 0 : typeof value === "bigint" ? `${value}n` : value,
  );
}

/** Every schedule must be run, and none may show anything. */
async function assertHolds(log: LogUnderTest, options: CheckOptions): Promise<CheckResult> {
  const result = await checkLog(log, { schedules: 10_000, ...options });
  assertEquals([result.verdict, result.reason], ["holds", undefined], proofOf(result));
  assertEquals([result.complete, result.schedules.of], [true, result.schedules.run]);
  return result;
}

/** A schedule must show it, and show it again when replayed from the document. */
async function assertViolates(log: LogUnderTest, options: CheckOptions): Promise<CheckResult> {
  const result = await checkLog(log, options);
  assertEquals([result.verdict, result.reason], ["violates", undefined]);
  for (const found of result.violations) {
    const document = parseCounterexample(JSON.stringify(found));
    const { violation, sameTrace, misfit } = await replayCounterexample(log, document);
    assertEquals([violation?.message, sameTrace, misfit], [found.verdict.message, true, undefined]);
  }
  return result;
}

function proofOf({ violations }: CheckResult): string {
  return violations.map(formatProof).join("\n\n");
}

Deno.test("checkLog() finds who is acked for a barrier that began before, out of turn only", async () => {
  const log = promisedGroupCommit("waiting after");
  const inTurn = await checkLog(log, { ...only(two), schedules: 1 });
  assertEquals([inTurn.verdict, inTurn.schedules], ["holds", {
    run: 1,
    of: undefined,
    distinct: 1,
  }]);
  const { violations: [found], schedules } = await assertViolates(log, only(two));
  assert(schedules.run > 1);
  assertEquals(found!.verdict.clause, "acked record lost");
  assertEquals(found!.workload.schedule!.filter((pick) => pick > 0).length, 1);
  assertStringIncludes(formatProof(found!), "in this order (1 out of turn)");
  assertStringIncludes(formatProof(found!), "caller 2 calls append 40 bytes, while caller 1 waits");
});

Deno.test("checkLog() lets a group commit on promised calls hold, under every schedule", async () => {
  const log = promisedGroupCommit("joined before");
  for (const life of [[two], [concurrent([append(24), append(24)], [append(40)])]]) {
    const { schedules } = await assertHolds(log, only(...life));
    assert(schedules.distinct > 1 && schedules.distinct < schedules.run);
  }
});

Deno.test("checkLog() finds a flusher on a timer that acks before its barrier", async () => {
  const { violations } = await assertViolates(timedFlusher("before the barrier"), only(append(24)));
  assertEquals(violations[0]!.verdict.clause, "acked record lost");
  const sound = timedFlusher("after the barrier");
  await assertHolds(sound, only(append(24), { do: "burst", bytes: [24, 24], stagger: 1 }));
  const { schedules } = await assertHolds(sound, only(concurrent([append(24)], [append(40)])));
  assertEquals(schedules.run, schedules.of);
  assert(schedules.run > 1);
});

Deno.test("checkLog() finds appenders that race for an offset", async () => {
  const { violations } = await assertViolates(offsetReader("at once"), only(two));
  assertMatch(violations[0]!.verdict.clause, /wrong record|acked record lost|hole/);
  await assertHolds(offsetReader("one by one"), only(two));
});

Deno.test("checkLog() finds all of them with the default workloads, and keeps the sound ones", async () => {
  const broken = [
    promisedGroupCommit("waiting after"),
    timedFlusher("before the barrier"),
    offsetReader("at once"),
  ];
  for (const log of broken) assertEquals((await checkLog(log)).verdict, "violates", log.name);
  const sound = [
    promisedGroupCommit("joined before"),
    timedFlusher("after the barrier"),
    offsetReader("one by one"),
  ];
  for (const log of sound) {
    const result = await checkLog(log, { budget: { recoveries: 3000 } });
    assertEquals(result.verdict, "holds", `${log.name}: ${result.reason} ${proofOf(result)}`);
  }
});

Deno.test("checkLog() does the same twice, whatever the schedule", async () => {
  const cases: [() => LogUnderTest, CheckOptions][] = [
    [() => promisedGroupCommit("waiting after"), {}],
    [() => promisedGroupCommit("joined before"), { ...only(two), schedules: 7, seed: 3 }],
    [() => timedFlusher("before the barrier"), {}],
    [() => offsetReader("at once"), only(two)],
    [() => groupCommitLog(), { budget: { recoveries: 50 } }],
  ];
  for (const [log, options] of cases) {
    assertEquals(
      timeless(await checkLog(log(), options)),
      timeless(await checkLog(log(), options)),
    );
  }
});

Deno.test("checkLog() runs a synchronous log with one schedule, without waiting", async () => {
  const { schedules, workloads } = await checkLog(referenceLog(), { budget: { recoveries: 1 } });
  assertEquals(schedules.run, workloads.length);
  assertEquals(schedules.of, workloads.length);
  const run = new LogRun(referenceLog(), freshDisk({}, LOG_DIRECTORY));
  const lived = drive(run.live([two, { do: "sync" }]));
  assert(!(lived instanceof Promise));
  assertEquals(run.waits, false);
});

Deno.test("checkLog() runs no more schedules than it may, and draws the last ones from the seed", async () => {
  const log = promisedGroupCommit("joined before");
  const life = only(concurrent([append(24), append(24)], [append(40), append(24)]));
  const seen = new Set<string>();
  for (const seed of [1, 2]) {
    const result = await checkLog(log, { ...life, schedules: 20, seed });
    assertEquals([result.verdict, result.schedules.run], ["holds", 20]);
    assertEquals(result.schedules.of, undefined);
    seen.add(timeless(result));
  }
  assertEquals(seen.size, 2);
});

/** Runs the first life of a workload once. */
async function live(log: LogUnderTest, life: readonly Command[], schedule: readonly number[]) {
  const disk = freshDisk({}, LOG_DIRECTORY);
  const run = new LogRun(log, disk, { decide: follow(schedule) });
  await withFakeTime(async () => void await drive(run.live(life), run.interleaving));
  const { decisions, story } = run.interleaving;
  return { decisions, story, doing: traceDigest(disk.life.trace).digest + run.timeline };
}

/** All schedules, by counting up the last decision that can still be counted up. */
async function allOf(log: LogUnderTest, life: readonly Command[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let schedule: number[] | undefined = [];
  while (schedule !== undefined) {
    const { decisions, doing } = await live(log, life, schedule);
    found.set(scheduleOf(decisions).join(), doing);
    const at = decisions.findLastIndex(({ picked, options }) => picked + 1 < options);
    schedule = at < 0
      ? undefined
      : [...decisions.slice(0, at).map(({ picked }) => picked), decisions[at]!.picked + 1];
  }
  return found;
}

Deno.test("Schedules come up once each, and all of them, as brute force has them", async () => {
  const cases: [() => LogUnderTest, Command[]][] = [
    [() => promisedGroupCommit("waiting after"), [two]],
    [() => offsetReader("at once"), [two]],
    [() => timedFlusher("after the barrier"), [concurrent([append(1), append(2)], [append(3)])]],
    [() => groupCommitLog(), [concurrent([append(1)], [append(2)], [append(3), append(4)])]],
    [() => promisedGroupCommit("joined before"), [append(24)]],
  ];
  for (const [log, life] of cases) {
    const expected = await allOf(log(), life);
    const found = new Map<string, string>();
    const deviations: number[] = [];
    const schedules = new Schedules(Infinity, 1);
    for (let decide = schedules.next(); decide !== undefined; decide = schedules.next()) {
      const picks: Decision[] = [];
      const disk = freshDisk({}, LOG_DIRECTORY);
      const run = new LogRun(log(), disk, { decide });
      await withFakeTime(async () => void await drive(run.live(life), run.interleaving));
      picks.push(...run.interleaving.decisions);
      assert(schedules.ran(picks));
      const schedule = scheduleOf(picks);
      assert(!found.has(schedule.join()), `${schedule} came up twice`);
      found.set(schedule.join(), traceDigest(disk.life.trace).digest + run.timeline);
      deviations.push(schedule.filter((pick) => pick > 0).length);
    }
    assertEquals(schedules.of, expected.size);
    assertEquals([...found].sort(), [...expected].sort());
    assertEquals(deviations, deviations.toSorted((a, b) => a - b));
  }
});

Deno.test("a schedule that is too long, or names events that are not there, still runs", async () => {
  const log = promisedGroupCommit("joined before");
  const { decisions } = await live(log, [two], Array(40).fill(99));
  assert(decisions.every(({ picked, options }) => picked === options - 1));
});

Deno.test("a log waits for what never happens: the check says so, in the first life and later", async () => {
  const expected =
    "The log waits for something that never happens: no timer and no file call is pending";
  const never = synchronousLog("waits", () => new Promise(() => {}));
  for (const life of [[append(24)], [two], [{ do: "burst", bytes: [1, 2], stagger: 0 } as const]]) {
    const { verdict, reason } = await checkLog(never, only(...life));
    assertEquals([verdict, reason], ["harness-broken", expected]);
  }
  let opened = 0;
  const sound = timedFlusher("after the barrier");
  const later: LogUnderTest = {
    ...sound,
    open: (fs, dir) => opened++ < 2 ? sound.open(fs, dir) : new Promise(() => {}),
  };
  assertEquals((await checkLog(later, only(append(24)))).reason, expected);
  const [found] = (await checkLog(promisedGroupCommit("waiting after"), only(two))).violations;
  let thrown: unknown;
  await replayCounterexample(never, found!).catch((error) => thrown = error);
  assertEquals((thrown as Error).message, expected);
});

Deno.test("a log that polls for ever, or throws in a timer, cannot be judged", async () => {
  const polling = synchronousLog("polls", () =>
    new Promise<void>(() => {
      setInterval(() => {}, 10);
    }));
  assertMatch(
    (await checkLog(polling, only(append(24)))).reason!,
    /its timers have fired 10000 times/,
  );
  const throwing = synchronousLog("throws", () =>
    new Promise<void>(() => {
      setTimeout(() => {
        throw new Error("no key");
      }, 10);
    }));
  assertEquals(
    (await checkLog(throwing, only(append(24)))).reason,
    "The log threw in a timer: Error: no key",
  );
  const swallowing = synchronousLog("swallows", async (file) => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      try {
        file.size();
      } catch { /* once more */ }
    }
  });
  assertMatch(
    (await checkLog(swallowing, { ...only(append(24)), budget: { steps: 200 } })).reason!,
    /does not end: it made more than 200 file-system calls/,
  );
});

Deno.test("a log may compute with WebCrypto, and wait for what no schedule shows", async () => {
  const hashing = synchronousLog("hashes", async (file) => {
    await crypto.subtle.digest("SHA-256", new Uint8Array(9));
    file.sync();
  });
  for (const life of [[append(24), append(40)], [two], [concurrent([append(24)], [append(9)])]]) {
    const { verdict, reason } = await checkLog(hashing, only(...life));
    assertEquals([verdict, reason], ["holds", undefined]);
  }
  const { verdict, reason } = await checkLog(
    synchronousLog("compresses", async (file) => {
      const stream = new Blob(["text"]).stream().pipeThrough(new CompressionStream("gzip"));
      await new Response(stream).bytes();
      file.sync();
    }),
    { ...only(append(24), append(40)), budget: { recoveries: 20 } },
  );
  assertEquals([verdict, reason], ["holds", undefined]);
});

Deno.test("a killed process does not go on: neither its timers nor its file calls", async () => {
  const killed = (ops: number, ...calls: (SingleCall | typeof two)[]): Command =>
    ({ do: "killDuring", calls, ops }) as Command;
  for (const log of [promisedGroupCommit("joined before"), timedFlusher("after the barrier")]) {
    for (const ops of [0, 1, 2, 3]) {
      const options = only(append(24), killed(ops, append(24), append(40)), append(24));
      assertEquals((await checkLog(log, options)).violations, []);
      const shared = only(append(24), killed(ops, two as never), append(24));
      const { verdict, violations, reason } = await checkLog(log, shared);
      assertEquals([verdict, violations, reason], ["holds", [], undefined]);
    }
  }
});

Deno.test("a log lives in its own time, and nobody else does", async () => {
  const { digest } = crypto.subtle;
  const real = { setTimeout, Date, now: performance.now, setInterval, digest };
  const times: string[] = [];
  let outside = 0;
  const telling = synchronousLog("tells the time", async (file) => {
    const before = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 3_600_000));
    times.push(`${new Date().toISOString()} ${Date.now() % 1000} ${performance.now() - before}`);
    file.sync();
  });
  const started = performance.now();
  const onRun = () => {
    assert(Math.abs(Date.now() - Temporal.Now.instant().epochMilliseconds) < 1000);
    assert(new Date().getFullYear() > 2020);
    outside++;
  };
  const { verdict } = await checkLog(telling, { ...only(append(24)), onRun });
  assertEquals(verdict, "holds");
  assert(outside > 2 && performance.now() - started < 3_600_000);
  assertEquals(times[0], "2000-01-01T01:00:00.000Z 0 3600000");
  assertEquals(times[0], times[1]);
  assert(new Set(times).size > 3, "every recovery comes at another time");
  assertEquals(
    { setTimeout, Date, now: performance.now, setInterval, digest: crypto.subtle.digest },
    real,
  );
});

Deno.test("checks that are started together run one after the other", async () => {
  const options = only(two);
  const log = () => timedFlusher("after the barrier");
  const alone = timeless(await checkLog(log(), options));
  const results = await Promise.all([
    checkLog(log(), options),
    checkLog(promisedGroupCommit("joined before"), options),
    checkLog(log(), options),
  ]);
  assertEquals([timeless(results[0]), timeless(results[2])], [alone, alone]);
});
