import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { compactLog } from "../../scenarios/zoo/compact_log.ts";
import { blame } from "./blame.ts";
import type { CheckOptions } from "./check_result.ts";
import { checkLog } from "./check_log.ts";
import { type Counterexample, parseCounterexample } from "./counterexample.ts";
import { explain } from "./explain.ts";
import { formatBlame } from "./format_blame.ts";
import { formatProof } from "./proof.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";

type Rules = NonNullable<Parameters<typeof compactLog>[1]>;

async function findingOf(rules: Rules, options: CheckOptions = {}): Promise<Counterexample> {
  const log = compactLog("log", rules) as LogUnderTest;
  const { violations, verdict } = await checkLog(log, options);
  assertEquals(verdict, "violates");
  return await explain(log, violations[0]!);
}

const few: Workload = {
  name: "few",
  lives: [[{ do: "append", bytes: 24 }, { do: "sync" }]],
};

/** Text whose lines are not broken. */
const joined = (text: string) => text.split(/\s+/).join(" ");

Deno.test("formatProof() shows what plugpull itself asked for, and what the log made of it", async () => {
  const found = await findingOf({ tail: "append behind", acks: "sync" });
  const proof = joined(formatProof(found));
  assertMatch(proof, /and plugpull itself, to see whether it goes on, asks it to: kill, append /);
  const { ops } = found.verdict;
  assertStringIncludes(proof, `It calls: 1 ${ops![0]}`);
  assertStringIncludes(proof, `${ops!.length} ${ops!.at(-1)} However`);
  assertEquals(parseCounterexample(JSON.stringify(found)), found);
});

Deno.test("formatProof() shows damage once", async () => {
  const found = await findingOf({}, { mediaFaults: ["bit flip"], workloads: [few] });
  const damaged = found.crash.kept.filter(({ cell }) => cell === "damage");
  assertEquals(damaged.length, 1);
  const lines = formatProof(found).split("\n").filter((line) => /^ {11}\w+ +sector 0 /.test(line));
  assertEquals(lines.map((line) => line.trim().split(" ", 1)[0]), ["damage"]);
});

Deno.test("formatProof() numbers the ops of a recovery as those of a recovery", async () => {
  const overwrites: Workload = {
    name: "torn and overwritten",
    lives: [
      [180, 300, 8].map((bytes) => ({ do: "append", bytes })),
      [{ do: "append", bytes: 300 }],
    ],
  };
  const found = await findingOf({ acks: "sync", tail: "overwrite" }, { workloads: [overwrites] });
  const proof = joined(formatProof(found));
  assertMatch(proof, /The power goes after op \d of recovery 1\. The media hold:/);
  assertMatch(proof, /as op \d of recovery 1 left it \(write /);
  assertMatch(proof, /The power goes after op \d\. The media hold:/);
});

Deno.test("blame() prefers to cut the tail off in recovery to a barrier for every append", async () => {
  const log = compactLog("log", { acks: "sync", tail: "overwrite" }) as LogUnderTest;
  const overwrites: Workload = {
    name: "torn and overwritten",
    lives: [
      [180, 300, 8].map((bytes) => ({ do: "append", bytes })),
      [{ do: "append", bytes: 300 }],
    ],
  };
  const { violations } = await checkLog(log, { workloads: [overwrites] });
  const cause = await blame(log, violations[0]!);
  const [first, second] = formatBlame(cause);
  assertMatch(
    first!,
    /^Fix {6}before zoo\/compact_log\.ts:\d+:\d+ \(write "\/log\/0.*"\) is made for the first time, let recovery cut the file off/,
  );
  assertMatch(second!, /^ {9}or after zoo\/compact_log\.ts:.*, sync the file/);
  // Where nothing is left behind the last record, that is no fix, and none is claimed.
  const bare = compactLog("bare", { barrier: "none" }) as LogUnderTest;
  const [lost] = (await checkLog(bare, { workloads: [few] })).violations;
  assertEquals((await blame(bare, lost!)).instead, undefined);
});

Deno.test("blame() says that a rename tears where that is what breaks the promise", async () => {
  const log = compactLog("log") as LogUnderTest;
  const append = { do: "append", bytes: 300 } as const;
  const forgets: Workload = {
    name: "forgets twice",
    lives: [[
      append,
      append,
      append,
      append,
      append,
      { do: "truncateFront", count: 4 },
      { do: "truncateFront", count: 1 },
    ]],
  };
  const [found] = (await checkLog(log, { model: "posix", workloads: [forgets] })).violations;
  const { kind, reason } = await blame(log, found!);
  assertEquals(kind, "format");
  assertMatch(
    reason,
    /a rename is not atomic, .*zoo\/frames\.ts:\d+:\d+ \(rename "\/log\/front\.tmp"/,
  );
});

Deno.test("blame() says what to do about the write that tears, and where it is made", async () => {
  const append: Workload = { name: "long", lives: [[{ do: "append", bytes: 1000 }]] };
  const reasons: [Rules, RegExp][] = [
    [{ acks: "sync", checksum: "none" }, /Give every record a checksum over its length/],
    [
      { badFrame: "throws when its body is bad", acks: "sync" },
      /Recovery must end at the first record/,
    ],
  ];
  for (const [rules, remedy] of reasons) {
    const { blame } = await findingOf(rules, { workloads: [append] });
    assertMatch(blame!.reason, /^No barrier fixes this: zoo\/compact_log\.ts:\d+:\d+ \(write "/);
    assertMatch(blame!.reason, remedy);
  }
});
