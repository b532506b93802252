import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { logWithFault, naiveFaults } from "../../scenarios/naive_faults.ts";
import naive, { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
import { referenceLog } from "../../scenarios/reference_log.ts";
import { outsiders } from "../../scenarios/zoo/outsiders.ts";
import { zoo } from "../../scenarios/zoo/zoo.ts";
import { FaultPlanError } from "../vfs/fault_plan.ts";
import type { FileSystem } from "../vfs/file_system.ts";
import type { ShimmedFileSystem } from "../vfs/shimmed_file_system.ts";
import { checkLog } from "./check_log.ts";
import type { CheckOptions, CheckResult } from "./check_result.ts";
import { replayCounterexample } from "./replay.ts";
import { parseCounterexample } from "./counterexample.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Command, Workload } from "./workload.ts";

const append = (bytes: number): Command => ({ do: "append", bytes });
const forget = (count: number): Command => ({ do: "truncateFront", count });
const sync: Command = { do: "sync" };
const reopen: Command = { do: "reopen" };

/** One workload, and no power loss beyond those that it names. */
function only(
  ...lives: readonly (readonly Command[])[]
): { workloads: readonly Workload[]; depth: number } {
  return { workloads: [{ name: "only", lives }], depth: 0 };
}

/** A log that holds, with some of its methods replaced. */
const sound: LogUnderTest = naiveLog(allFixes, "sound");
const soundBut = (changes: Partial<LogUnderTest>): LogUnderTest => ({ ...sound, ...changes });

/** A log that keeps nothing and promises nothing. */
const mute: LogUnderTest = {
  name: "mute",
  acks: "append",
  open: () => ({}),
  append: () => {
    throw new Error("read only");
  },
  records: () => [],
};

/** The same log, with a promise wherever the interface allows one. */
function asynchronous(log: LogUnderTest): LogUnderTest {
  async function* stream(records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
    yield* records as AsyncIterable<Uint8Array>;
  }
  return {
    name: log.name,
    acks: log.acks,
    open: async (fs, dir) => await log.open(fs, dir),
    append: async (open, record) => await log.append(open, record),
    records: async (open) => stream(await log.records(open)),
    ...log.sync && { sync: async (open) => await log.sync!(open) },
    ...log.truncateFront &&
      { truncateFront: async (open, count) => await log.truncateFront!(open, count) },
    ...log.close && { close: async (open) => await log.close!(open) },
  };
}

function fail(): never {
  throw new Error("no key");
}

/** A result without its times. */
function timeless(result: CheckResult): string {
  return JSON.stringify(
    result,
    (key, value) => key === "milliseconds" ? 0 : typeof value === "bigint" ? `${value}n` : value,
  );
}

/** Checks that the log cannot be judged; returns the reason. */
async function brokenReason(log: LogUnderTest, options: CheckOptions = {}): Promise<string> {
  const { verdict, reason, violations } = await checkLog(log, options);
  assertEquals(verdict, "harness-broken", reason);
  assertEquals(violations, []);
  return reason!;
}

/** Checks that the log violates in the only workload; returns the clause and the message. */
async function violationOf(log: LogUnderTest, options: CheckOptions): Promise<string> {
  const { verdict, reason, violations, complete } = await checkLog(log, options);
  assertEquals(verdict, "violates", reason);
  assertEquals([violations.length, complete], [1, false]);
  return `${violations[0]!.verdict.clause}: ${violations[0]!.verdict.message}`;
}

Deno.test("checkLog() holds for a log that holds, and covers everything", async () => {
  const seen: string[] = [];
  const result = await checkLog(sound, { onWorkload: ({ workload }) => seen.push(workload.name) });
  assertEquals([result.verdict, result.reason], ["holds", undefined]);
  assertEquals([result.strategy, result.complete], ["exhaustive", true]);
  assertEquals([result.name, result.model, result.sectorBytes], ["sound", "posix-ra", 512]);
  assertEquals(result.covered, result.crashStates);
  assertEquals(result.violations, []);
  assertEquals(seen, result.workloads.map(({ workload }) => workload.name));
  for (const { workload, verdict, exploration } of result.workloads) {
    assertEquals(verdict, "holds", workload.name);
    assert(exploration!.complete && exploration!.covered === exploration!.crashStates);
    assert(exploration!.recoveries > 0 && exploration!.leaves > 0);
  }
});

Deno.test("checkLog() violates for a log that violates, with a document for each workload", async () => {
  const { verdict, violations, workloads, complete } = await checkLog(naive, {
    module: "naive.ts",
  });
  assertEquals([verdict, complete], ["violates", false]);
  assert(violations.length > 10);
  const broken = workloads.filter(({ verdict }) => verdict === "violates");
  assertEquals(violations, broken.map(({ counterexample }) => counterexample!));
  for (const { workload, counterexample } of broken) {
    const { schedule: _, ...commands } = counterexample!.workload;
    assertEquals(commands, workload);
    assertEquals(counterexample!.subject.name, "naive log");
    assertEquals(counterexample!.subject.module, "naive.ts");
  }
});

Deno.test("checkLog() measures nothing without a budget", async () => {
  const result = await checkLog(sound, { budget: { recoveries: 0 }, ...only([append(5), sync]) });
  assertEquals(result.verdict, "not-measured");
  assertEquals(result.reason, "The budget ended before anything was shown");
  assertEquals([result.complete, result.recoveries, result.covered], [false, 0, 0n]);
  assert(result.crashStates > 0n);
});

Deno.test("checkLog() measures nothing with a log that acks no record", async () => {
  for (const log of [mute, soundBut({ sync: () => Promise.reject(new Error("disk full")) })]) {
    const { verdict, reason } = await checkLog(log, only([append(5), sync]));
    assertEquals(verdict, "not-measured");
    assertMatch(reason!, /acked no record/);
  }
  assertEquals((await checkLog(sound, only([append(5)]))).verdict, "not-measured");
  assertEquals((await checkLog(sound, { workloads: [] })).verdict, "not-measured");
});

Deno.test("checkLog() runs no more recoveries than the budget allows, and says so", async () => {
  const lives = [append(300), append(300), append(300), sync, append(300)];
  const all = await checkLog(sound, only(lives));
  for (const recoveries of [1, 2, 3, 7, 50]) {
    const { workloads, ...part } = await checkLog(sound, {
      budget: { recoveries },
      ...only(lives),
    });
    assertEquals([part.verdict, part.complete], ["holds", false]);
    assert(part.recoveries <= recoveries, `${part.recoveries} of ${recoveries}`);
    assertEquals(part.crashStates, all.crashStates);
    assert(part.covered! > 0n && part.covered! < part.crashStates);
    assertEquals(part.strategy, workloads[0]!.exploration!.strategy);
  }
});

Deno.test("checkLog() is broken by a recovery that reads elsewhere on the same disk", async () => {
  let opened = 0;
  const restless = soundBut({
    open: (fs, dir) => {
      const names = fs.list(dir);
      if (opened++ % 2 === 1) names.reverse();
      for (const name of names) fs.stat(`${dir}/${name}`);
      const other = fs.open(`${dir}/other`, { write: true, create: true });
      other.write(new Uint8Array(1), 0);
      other.close();
      return sound.open(fs, dir);
    },
  });
  assertMatch(
    await brokenReason(restless, only([append(5)])),
    /^Recovery is not deterministic: on the same disk it first read size of "\/log\/\S+", then read s/,
  );
});

Deno.test("checkLog() is broken by a recovery that reads the same and returns another result", async () => {
  let [opened, hidden] = [0, 0];
  const moody = soundBut({
    records: (log) => {
      const all = [...sound.records(log) as Iterable<Uint8Array>];
      // Two first lives of one opening each, then three openings in every run. Nothing was acked
      // when a run begins, so that it may show what is there, or nothing of it.
      if (++opened % 3 === 0) hidden = opened % 2 === 0 ? 0 : all.length;
      return all.slice(hidden);
    },
  });
  assertMatch(
    await brokenReason(moody, only([append(5)])),
    /^Recovery is not deterministic: on the same disk it first gave records .*, then records /,
  );
});

Deno.test("checkLog() is broken by a first life that does not repeat itself", async () => {
  let opened = 0;
  const dated = soundBut({
    open: (fs, dir) => {
      const file = fs.open(`${dir}/date`, { write: true, create: true });
      file.write(new Uint8Array([opened++]), 0);
      file.sync();
      file.close();
      return sound.open(fs, dir);
    },
  });
  assertMatch(
    await brokenReason(dated, only([append(5), sync])),
    /^The log is not deterministic: the workload "only" made (\d+) calls .*, and \1 others when it /,
  );
});

Deno.test("checkLog() is broken by a breach that does not show again", async () => {
  let read = 0;
  const shy = soundBut({ records: (log) => ++read === 2 ? [] : sound.records(log) });
  assertMatch(
    await brokenReason(shy, only([append(5), sync, reopen])),
    /it first gave "Record 1 was acked, and is missing .*", then, on the same disk, "no violation"/,
  );
});

Deno.test("checkLog() is broken by a recovery that never ends", async () => {
  const waits = (fs: ShimmedFileSystem, dir: string) => {
    while (fs.list(dir).length === 0);
    return sound.open(fs, dir);
  };
  const budget = { steps: 500 };
  const [inFirst, expected] = ["The life before the first power loss", "Recovery"]
    .map((what) => `${what} does not end: it made more than 500 file-system calls`) as [
      string,
      string,
    ];
  const first = soundBut({ open: waits });
  assertEquals(await brokenReason(first, { budget, ...only([append(5), sync]) }), inFirst);
  // Only after a crash: the first life creates the file without waiting for it.
  let born = 0;
  const later = soundBut({
    open: (fs, dir) => born++ < 2 ? sound.open(fs, dir) : waits(fs, dir),
  });
  assertEquals(await brokenReason(later, { budget, ...only([append(5), sync]) }), expected);
  assertEquals(await brokenReason(asynchronous(first), { budget, ...only([append(5)]) }), inFirst);
});

Deno.test("checkLog() is broken by a log that swallows what should stop it", async () => {
  const budget = { steps: 300 };
  const stubborn = (fs: ShimmedFileSystem, dir: string) => {
    for (let i = 0; i < 1000; i++) {
      try {
        fs.stat(dir);
      } catch { /* once more */ }
    }
  };
  const [inFirst, expected] = ["The life before the first power loss", "Recovery"]
    .map((what) => `${what} does not end: it made more than 300 file-system calls`) as [
      string,
      string,
    ];
  const always = soundBut({
    open: (fs, dir) => {
      const log = sound.open(fs, dir);
      stubborn(fs, dir);
      return log;
    },
  });
  assertEquals(await brokenReason(always, { budget, ...only([append(5), sync]) }), inFirst);
  let born = 0;
  const atFirst = soundBut({
    open: (fs, dir) => {
      if (born++ < 2) stubborn(fs, dir);
      return {};
    },
    append: () => {},
    sync: () => {},
    records: () => [],
  });
  assertEquals(await brokenReason(atFirst, { budget, ...only([append(5), sync]) }), inFirst);
  born = 0;
  const later = soundBut({
    open: (fs, dir) => {
      if (born++ >= 2) stubborn(fs, dir);
      return sound.open(fs, dir);
    },
  });
  assertEquals(await brokenReason(later, { budget, ...only([append(5), sync]) }), expected);
});

Deno.test("checkLog() is broken by a log that does not open in an empty directory", async () => {
  const never = soundBut({ open: () => fail() });
  assertEquals(
    await brokenReason(never),
    "Cannot open the log in an empty directory: Error: no key",
  );
  assertEquals(
    await brokenReason(soundBut({ open: () => Promise.reject("no reason") })),
    "Cannot open the log in an empty directory: no reason",
  );
  assertMatch(
    await brokenReason(soundBut({ records: () => ["text"] as unknown as Uint8Array[] })),
    /^Cannot open the log in an empty directory: TypeError: .* not a Uint8Array: text$/,
  );
  assertMatch(
    await brokenReason(soundBut({ records: () => undefined as unknown as Uint8Array[] })),
    /^Cannot open the log in an empty directory: TypeError: /,
  );
});

Deno.test("checkLog() violates for a log that does not open, or cannot be read, after a crash", async () => {
  const isNew = (fs: FileSystem, dir: string) => fs.list(dir).length === 0;
  const options = only([append(5), sync]);
  const refuses = soundBut({
    open: (fs, dir) => isNew(fs, dir) ? sound.open(fs, dir) : fail(),
  });
  assertEquals(await violationOf(refuses, options), "open failed: Error: no key");
  assertEquals(await violationOf(asynchronous(refuses), options), "open failed: Error: no key");
  const unreadable = soundBut({
    open: (fs, dir) => ({ old: !isNew(fs, dir), log: sound.open(fs, dir) }),
    append: (it, record) => sound.append((it as { log: unknown }).log, record),
    sync: (it) => sound.sync!((it as { log: unknown }).log),
    close: (it) => sound.close!((it as { log: unknown }).log),
    records: function* (it) {
      const { old, log } = it as { old: boolean; log: unknown };
      yield* sound.records(log) as Iterable<Uint8Array>;
      if (old) throw new Error("no key");
    },
  });
  assertEquals(await violationOf(unreadable, options), "records failed: Error: no key");
});

Deno.test("checkLog() refuses what is not a log, in words", async () => {
  const wrong: [Partial<Record<keyof LogUnderTest, unknown>>, string][] = [
    [{ open: undefined }, "open is not a function"],
    [{ append: 1 }, "append is not a function"],
    [{ records: [] }, "records is not a function"],
    [{ name: undefined }, "name is not a string"],
    [{ acks: undefined }, 'acks is undefined, expected "append", "sync" or "never"'],
    [{ acks: "fsync" }, 'acks is "fsync", expected "append", "sync" or "never"'],
    [{ sync: undefined }, 'acks is "sync", but sync is not a function'],
    [{ acks: "append", sync: true }, "sync is neither left out nor a function"],
    [{ truncateFront: 1 }, "truncateFront is neither left out nor a function"],
    [{ close: null }, "close is neither left out nor a function"],
  ];
  const [found] = (await checkLog(naive, only([append(5), sync]))).violations;
  for (const [changes, message] of wrong) {
    const log = { ...sound, ...changes } as LogUnderTest;
    const expected = `Cannot check the log: ${message}`;
    await assertRejects(() => checkLog(log), TypeError, expected);
    await assertRejects(() => replayCounterexample(log, found!), TypeError, expected);
  }
  for (const nothing of [undefined, null, 42, "log", {}]) {
    await assertRejects(
      () => checkLog(nothing as unknown as LogUnderTest),
      TypeError,
      "Cannot check the log: open is not a function",
    );
  }
});

Deno.test("checkLog() says the same of a log whether it returns promises or not", async () => {
  const forgetting = only([append(24), append(300), sync, forget(1), append(24)], []);
  const cases: [LogUnderTest, CheckOptions][] = [
    [sound, { budget: { recoveries: 20 } }],
    [naive, { budget: { recoveries: 20 } }],
    [referenceLog(), forgetting],
  ];
  const unscheduled = (result: CheckResult) =>
    timeless(result).replaceAll(/"schedules":{.*?}/g, "");
  for (const [log, options] of cases) {
    const promised = await checkLog(asynchronous(log), { ...options, schedules: 1 });
    assertEquals(unscheduled(promised), unscheduled(await checkLog(log, options)));
  }
});

Deno.test("checkLog() takes records as an array, an iterable and a stream, and copies them", async () => {
  const reused = new Uint8Array(700);
  const shapes: Partial<LogUnderTest>[] = [
    { records: (log) => new Set(sound.records(log) as Iterable<Uint8Array>) },
    {
      async *records(log) {
        yield* sound.records(log) as Iterable<Uint8Array>;
      },
    },
    {
      *records(log) {
        for (const record of sound.records(log) as Iterable<Uint8Array>) {
          reused.set(record);
          yield reused.subarray(0, record.length);
        }
      },
    },
    {
      // Thenables that are not promises.
      append: (log, record) => {
        sound.append(log, record);
        return { then: (done: () => void) => done() } as unknown as Promise<void>;
      },
    },
    { open: sound.open, append: (log, record) => void sound.append(log, record.fill(0, 0, 0)) },
  ];
  for (const changes of shapes) {
    const { verdict, complete } = await checkLog(
      soundBut(changes),
      only([append(5), append(600), sync, append(7)]),
    );
    assertEquals([verdict, complete], ["holds", true]);
  }
});

Deno.test("checkLog() gives a log a copy of the record, not the one it compares with", async () => {
  const scribbling = soundBut({
    append: (log, record) => {
      sound.append(log, record);
      record.fill(0xee);
    },
  });
  assertEquals((await checkLog(scribbling, only([append(5), sync]))).verdict, "holds");
});

Deno.test("checkLog() asks for the same records of a second recovery", async () => {
  interface Counting {
    readonly log: unknown;
    readonly openings: number;
  }
  const forgetful: LogUnderTest<Counting> = {
    name: "forgetful",
    acks: "sync",
    open: (fs, dir) => {
      const file = fs.open(`${dir}/openings`, { read: true, write: true, create: true });
      const openings = file.size();
      file.write(new Uint8Array(1), openings);
      file.sync();
      file.close();
      return { log: sound.open(fs, dir), openings };
    },
    append: ({ log }, record) => sound.append(log, record),
    sync: ({ log }) => sound.sync!(log),
    records: ({ log, openings }) => openings < 2 ? sound.records(log) : [],
  };
  assertMatch(
    await violationOf(forgetful as LogUnderTest, only([append(5), sync])),
    /^shown record lost: Record 1 had been shown by an earlier open, and is missing/,
  );
});

Deno.test("checkLog() asks of a recovered log that it can be appended to", async () => {
  const kept = logWithFault(naiveFaults.find(({ id }) => id === "torn-tail-kept")!);
  assertMatch(
    await violationOf(kept, only([append(5)])),
    /^acked record lost: Record \d was acked, and is missing/,
  );
});

Deno.test("checkLog() judges a crash in recovery by what the life before had promised", async () => {
  // Recovery writes the log anew, in place and without a barrier between.
  const rewriting = soundBut({
    open: (fs, dir) => {
      const old = fs.list(dir).length > 0;
      if (old) {
        const file = fs.open(`${dir}/log`, { read: true, write: true });
        const bytes = new Uint8Array(file.size());
        file.read(bytes, 0);
        file.truncate(0);
        file.write(bytes, 0);
        file.close();
      }
      return sound.open(fs, dir);
    },
  });
  assertEquals((await checkLog(rewriting, only([append(5), sync]))).verdict, "holds");
  const found = await checkLog(rewriting, only([append(5), sync], []));
  const { crash, verdict } = found.violations[0]!;
  assertEquals(verdict.clause, "acked record lost");
  assertEquals(crash.points.length, 2);
  // The same by itself: the power goes in a recovery unless that is not wanted.
  const { workloads } = only([append(5), sync]);
  const [again] = (await checkLog(rewriting, { workloads })).violations;
  assertEquals([again!.verdict, again!.workload.lives.length], [verdict, 2]);
});

Deno.test("checkLog() lets the power go in as many recoveries as it is told to", async () => {
  // Writes the log anew from a durable copy. Who was cut there goes on from the copy, and that part
  // gives the copy up too early: only a second crash in recovery shows it.
  const careless = soundBut({
    open: (fs, dir) => {
      const bytesOf = (name: string) => {
        if (!fs.list(dir).includes(name)) return new Uint8Array(0);
        const file = fs.open(`${dir}/${name}`);
        const bytes = new Uint8Array(file.size());
        file.read(bytes, 0);
        file.close();
        return bytes;
      };
      const write = (name: string, bytes: Uint8Array, synced: boolean) => {
        const file = fs.open(`${dir}/${name}`, { write: true, create: true, truncate: true });
        file.write(bytes, 0);
        if (synced) file.sync();
        file.close();
      };
      const [log, copy] = [bytesOf("log"), bytesOf("copy")];
      if (copy.length > 0) write("copy", new Uint8Array(0), false);
      else if (log.length > 0) {
        write("new", log, true);
        fs.rename(`${dir}/new`, `${dir}/copy`);
        syncDirectory(fs, dir);
      }
      if (log.length + copy.length > 0) {
        write("log", copy.length > 0 ? copy : log, true);
        fs.remove(`${dir}/copy`);
        syncDirectory(fs, dir);
      }
      return sound.open(fs, dir);
    },
  });
  const { workloads } = only([append(5), sync]);
  const verdicts = [];
  for (const depth of [0, 1, 2]) {
    verdicts.push((await checkLog(careless, { workloads, depth })).verdict);
  }
  assertEquals(verdicts, ["holds", "holds", "violates"]);
});

Deno.test("checkLog() does not hold a refused call against a log", async () => {
  const reference = referenceLog();
  const count = (log: unknown) =>
    [...reference.records(log as never) as Iterable<Uint8Array>].length;
  const strict: LogUnderTest = {
    ...reference as LogUnderTest,
    append: (log, record) => {
      if (record.length === 0) throw new RangeError("A record has at least one byte");
      return reference.append(log as never, record);
    },
    truncateFront: (log, n) => {
      if (n > count(log)) throw new RangeError("There are not that many records");
      return reference.truncateFront!(log as never, n);
    },
  };
  for (
    const life of [
      [append(24), forget(3), append(24), sync, forget(1), sync],
      [append(0), append(24), append(25), sync, forget(1), sync, reopen],
      [append(24), forget(2), sync, append(0), append(24), sync, forget(2), sync, append(9), sync],
    ]
  ) {
    const { verdict, violations } = await checkLog(strict, only(life));
    assertEquals(violations, []);
    assertEquals(verdict, "holds");
  }
});

Deno.test("checkLog() does not count what a log says after its process was killed", async () => {
  const deaf = soundBut({
    append: (log, record) => {
      try {
        sound.append(log, record);
      } catch { /* says that all is well */ }
    },
    sync: (log) => {
      try {
        sound.sync!(log);
      } catch { /* says that all is well */ }
    },
  });
  for (const ops of [0, 1, 2]) {
    const killed: Command = {
      do: "killDuring",
      calls: [{ do: "append", bytes: 24 }, { do: "sync" }],
      ops,
    };
    const { verdict, violations } = await checkLog(deaf, only([append(5), sync, killed]));
    assertEquals([verdict, violations], ["holds", []]);
  }
});

Deno.test("checkLog() leaves out what a log cannot do", async () => {
  const { workloads } = await checkLog(sound, { budget: { recoveries: 1 } });
  const commands = workloads.flatMap(({ workload }) => workload.lives.flat());
  assert(!commands.some((command) => command.do === "truncateFront"));
});

Deno.test("checkLog() gives each life its own steps, and replays with as many", async () => {
  const busy = (calls: number): LogUnderTest => ({
    ...mute,
    open: (fs, dir) => {
      for (let i = 0; i < calls; i++) fs.stat(dir);
      return {};
    },
    append: () => {},
  });
  for (const [calls, steps] of [[100, 150], [110_000, 120_000]] as const) {
    assertMatch(
      await violationOf(busy(calls), { budget: { steps }, ...only([append(5)]) }),
      /^acked record lost: /,
    );
  }
});

Deno.test("checkLog() lets what a killed process had begun fail unheard", async () => {
  const lateWriter: LogUnderTest = {
    ...mute,
    open: (fs, dir) => fs.open(`${dir}/log`, { write: true, create: true }),
    append: (file) => {
      // A write that nobody waits for, long after the process is gone.
      void (async () => {
        for (let turn = 0; turn < 60; turn++) await undefined;
        (file as ReturnType<FileSystem["open"]>).write(new Uint8Array(1), 0);
      })();
      return Promise.resolve();
    },
  };
  const { violations } = await checkLog(lateWriter, only([append(5), { do: "kill" }]));
  const { violation } = await replayCounterexample(lateWriter, violations[0]!);
  assertEquals(violation?.clause, "acked record lost");
});

Deno.test("checkLog() gives exactly the same result twice", async () => {
  const eager = zoo.find(({ id }) => id === "eager-reader")!;
  const torn = zoo.find(({ id }) => id === "7")!;
  const cases: [() => LogUnderTest, CheckOptions][] = [
    [() => naive, { budget: { recoveries: 60 } }],
    [eager.log, { budget: { recoveries: 100 }, seed: 3 }],
    [torn.log, { workloads: [torn.shows!] }],
    [() => naive, { model: "posix", sectorBytes: 4096, staleTail: true, ...only([append(5)]) }],
  ];
  for (const [log, options] of cases) {
    assertEquals(
      timeless(await checkLog(log(), options)),
      timeless(await checkLog(log(), options)),
    );
  }
});

const broken = [...zoo, ...outsiders].filter(({ expected }) => expected === "violates");

Deno.test("replayCounterexample() shows the same for every broken log of the zoo", async (t) => {
  assert(broken.length > 25);
  for (const { id, log, shows, models, faultOptions } of broken) {
    await t.step(id, async () => {
      const model = models.includes("posix-ra") ? "posix-ra" : "posix";
      const wrong = faultOptions && { depth: 0, ...faultOptions };
      const { violations } = await checkLog(log(), { model, workloads: [shows!], ...wrong });
      const document = parseCounterexample(JSON.stringify(violations[0]));
      const { violation, sameTrace, misfit } = await replayCounterexample(log(), document);
      assertEquals(
        [violation?.clause, violation?.message],
        [document.verdict.clause, document.verdict.message],
      );
      assertEquals([sameTrace, misfit], [true, undefined]);
    });
  }
});

Deno.test("replayCounterexample() shows the same for every fault of the naive log", async () => {
  for (const fault of naiveFaults) {
    for (const model of ["posix", "posix-ra"] as const) {
      const workloads = [fault.workload];
      const { violations } = await checkLog(logWithFault(fault), { model, workloads });
      const document = parseCounterexample(JSON.stringify(violations[0]));
      const { violation, sameTrace } = await replayCounterexample(logWithFault(fault), document);
      assertEquals([violation?.message, sameTrace], [document.verdict.message, true]);
    }
  }
});

Deno.test("replayCounterexample() says that a fixed log holds, and that it has changed", async () => {
  const [found] = (await checkLog(naive, only([append(5), sync]))).violations;
  const fixed = await replayCounterexample(sound, found!);
  assertEquals([fixed.violation, fixed.sameTrace], [undefined, false]);
  const fault = naiveFaults.find(({ id }) => id === "length-trusted")!;
  const [trusting] =
    (await checkLog(logWithFault(fault), { workloads: [fault.workload] })).violations;
  const again = await replayCounterexample(sound, trusting!);
  assertEquals([again.violation, again.misfit], [undefined, undefined]);
});

Deno.test("replayCounterexample() names a cell that the log did not have before", async () => {
  const [found] = (await checkLog(naive, only([append(5), sync]))).violations;
  const elsewhere: LogUnderTest = {
    ...naive,
    open: (fs, dir) => {
      fs.open(`${dir}/lock`, { write: true, create: true }).close();
      return naive.open(fs, dir);
    },
  };
  const { sameTrace, misfit } = await replayCounterexample(elsewhere, found!);
  assertEquals(sameTrace, false);
  assertMatch(misfit!, /^name "lock" in directory inode \d+ \(life 0\)$/);
});

Deno.test("replayCounterexample() needs no seed, also where samples found the crash", async () => {
  // Opens but where about half of the sectors of a map are lost, which is far from both ends.
  const picky = soundBut({
    open: (fs, dir) => {
      const file = fs.open(`${dir}/map`, { read: true, write: true, create: true });
      const map = new Uint8Array(16 * 512);
      const got = file.read(map, 0);
      if (got === 0) file.write(map.fill(1), 0);
      const lost = map.filter((byte, i) => i % 512 === 0 && byte !== 1).length;
      return got === map.length && lost >= 8 && lost <= 12 ? fail() : sound.open(fs, dir);
    },
  });
  let found = 0;
  for (const seed of [1, 2, 3, 4]) {
    const options = { seed, budget: { recoveries: 600 }, ...only([append(5)]) };
    const { violations: [document], strategy } = await checkLog(picky, options);
    if (document === undefined) continue;
    found++;
    assertEquals(strategy, "sampling");
    assert(!/seed/i.test(JSON.stringify(document)));
    const { violation, misfit } = await replayCounterexample(picky, document);
    assertEquals([violation?.message, misfit], [document.verdict.message, undefined]);
  }
  assert(found > 0, "no seed has found it");
});

Deno.test("replayCounterexample() replays a breach that needs no crash", async () => {
  let kept: Uint8Array[] = [];
  const volatile: LogUnderTest = {
    ...mute,
    name: "volatile",
    open: () => kept = [],
    append: (_log, record) => void kept.push(record),
    records: () => kept,
  };
  const { verdict, violations } = await checkLog(volatile, only([append(5), reopen]));
  assertEquals(verdict, "violates");
  assertEquals(violations[0]!.crash.points, []);
  const { violation, sameTrace } = await replayCounterexample(volatile, violations[0]!);
  assertEquals([violation?.clause, sameTrace], ["acked record lost", true]);
});

Deno.test("replayCounterexample() stops a log that never ends", async () => {
  const [found] = (await checkLog(naive, only([append(5), sync]))).violations;
  const endless = soundBut({
    open: (fs, dir) => {
      for (;;) fs.stat(dir);
    },
  });
  await assertRejects(() => replayCounterexample(endless, found!), Error, "does not end");
});

Deno.test("checkLog() refuses counts that mean nothing, and plans that no text says", async () => {
  const log = naiveLog(allFixes);
  const wrong: [CheckOptions, string][] = [
    [{ depth: -1 }, "depth is -1, expected a whole number from 0"],
    [{ depth: 1.5 }, "depth is 1.5, expected"],
    [{ schedules: 0 }, "schedules is 0, expected a whole number from 1"],
    [{ callFaults: 3 as 2 }, "callFaults is 3, expected a whole number from 0 to 2"],
    [{ budget: { recoveries: NaN } }, "budget.recoveries is NaN, expected"],
    [{ budget: { steps: 0 } }, "budget.steps is 0, expected a whole number from 1"],
  ];
  for (const [options, part] of wrong) {
    await assertRejects(() => checkLog(log, options), RangeError, part);
  }
  const fault = { kind: "error", code: "EIO" } as const;
  for (const rule of [{ times: 2 }, { number: 0 }, { number: 1, times: Infinity }]) {
    const faults = [{ call: "write", ...rule, fault }] as const;
    await assertRejects(() => checkLog(log, { faults }), FaultPlanError, "rule 1");
  }
});
