import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openSlots, type PromisedSlots, SLOT, slotOf } from "./_promised_slots.ts";
import { logWithFault, naiveFaults } from "../../scenarios/naive_faults.ts";
import { compactLog } from "../../scenarios/zoo/compact_log.ts";
import { blame, type BlameOptions } from "./blame.ts";
import type { Blame } from "./blame_document.ts";
import { checkLog } from "./check_log.ts";
import type { CheckOptions } from "./check_result.ts";
import { type Counterexample, parseCounterexample } from "./counterexample.ts";
import { formatBlame } from "./format_blame.ts";
import { formatProof } from "./proof.ts";
import type { LogUnderTest } from "./subject.ts";
import { withBarriers } from "./with_barriers.ts";
import type { Workload } from "./workload.ts";

const one: Workload = {
  name: "one record",
  lives: [[{ do: "append", bytes: 24 }, { do: "sync" }]],
};

async function findingOf(log: LogUnderTest, options: CheckOptions = {}): Promise<Counterexample> {
  const { violations, verdict, reason } = await checkLog(log, { workloads: [one], ...options });
  assert(violations[0] !== undefined, `${verdict} ${reason}`);
  return violations[0];
}

async function blameOf(log: LogUnderTest, options: BlameOptions = {}): Promise<Blame> {
  return await blame(log, await findingOf(log), options);
}

Deno.test("blame() finds each fault of the naive log, or says that no barrier helps", async (t) => {
  const expected: Record<string, RegExp> = {
    "flush-is-not-fsync": /^Fix {6}before sync returns, sync the file "\/log\/log"/,
    "no-checksum":
      /^Fix {6}No barrier fixes this: scenarios\/naive_log\.ts:\d+:\d+ \(write .*\) may\s+persist in part, and the format cannot tell a torn record/,
    "torn-tail-kept": /^Fix {6}No barrier fixes this. Even a disk on which everything persists/,
    "length-trusted": /^Fix {6}No barrier fixes this. Even a disk on which everything persists/,
    "directory-unsynced":
      /^Fix {6}after scenarios\/naive_log\.ts:\d+:\d+ \(op 1, create "\/log\/log"\), sync the directory "\/log"\n/,
    "reopen-is-not-a-crash":
      /^Fix {6}after scenarios\/naive_log\.ts:\d+:\d+ \(open "\/log\/log"\), sync the file "\/log\/log"\n/,
  };
  for (const fault of naiveFaults) {
    await t.step(fault.id, async () => {
      const log = logWithFault(fault);
      const found = await findingOf(log, { workloads: [fault.workload] });
      const cause = await blame(log, found);
      assertMatch(formatBlame(cause).join("\n"), expected[fault.id]!);
      assertEquals(cause.verified, cause.kind === "barriers");
    });
  }
});

Deno.test("blame() finds two barriers where one is not enough, and no more than that", async () => {
  const log = compactLog("bare", { syncDirectoryOnCreate: false, barrier: "none" });
  const { barriers, verified } = await blameOf(log as LogUnderTest);
  assertEquals(barriers.map(({ role }) => role).toSorted(), ["its directory", "itself"]);
  assert(verified);
  for (const barrier of barriers) {
    const half = withBarriers(log as LogUnderTest, [barrier]);
    assertEquals((await checkLog(half, { workloads: [one] })).verdict, "violates");
  }
});

Deno.test("blame() does not claim a fix that holds for the finding only", async () => {
  // The second mistake shows where a process is killed, and not in this workload.
  const log = compactLog("twice wrong", { barrier: "none", syncShown: false }) as LogUnderTest;
  const cause = await blameOf(log);
  assertEquals([cause.kind, cause.verified], ["barriers", false]);
  assertMatch(cause.others.broken!, /^killed/);
  const words = formatBlame(cause).join("\n");
  assertMatch(words, /\n {9}This is one of several causes: with it, "killed/);
  // The other one is found as well, and with both of them everything holds.
  const { also } = cause.others;
  assertEquals(also?.length, 1);
  assertStringIncludes(words, "\n         1 more barrier is needed:\n");
  assertStringIncludes(words, "\n         Checked: with all of them, every workload holds");
  assertEquals((await checkLog(withBarriers(log, [...cause.barriers, ...also!]))).verdict, "holds");
  assertEquals((await checkLog(withBarriers(log, also!))).verdict, "violates");
  const fixed = withBarriers(log, cause.barriers);
  assertEquals((await checkLog(fixed, { workloads: [one] })).verdict, "holds");
  assertEquals((await checkLog(fixed)).verdict, "violates");
});

Deno.test("blame() claims nothing when the budget ends", async () => {
  const log = compactLog("bare", { barrier: "none" }) as LogUnderTest;
  const soon = await blameOf(log, { recoveries: 3 });
  assertEquals([soon.kind, soon.verified, soon.barriers], ["unknown", false, []]);
  const late = await blameOf(log, { checkRecoveries: 2 });
  assertEquals([late.kind, late.verified], ["barriers", false]);
  assertStringIncludes(formatBlame(late).at(-1)!, "Not proven: no crash is known");
  // Where all others hold, the workload of the finding gets more.
  assert((await blameOf(log, { checkRecoveries: 10 })).verified);
});

Deno.test("blame() names the failing call where the log does not cope with it", async () => {
  const log = compactLog("short", { shortWrite: "is taken for whole" }) as LogUnderTest;
  const found = await findingOf(log, { callFaults: 1, depth: 0 });
  const { kind, reason, barriers } = await blame(log, found);
  assertEquals([kind, barriers], ["logic", []]);
  assertMatch(
    reason,
    /^A power loss alone does no harm here, but zoo\/compact_log\.ts:\d+:\d+ \(write "\/log\/0.*"\) in recovery 1 fails with short \d+: it stores only a part and says so\./,
  );
  // A barrier is missing all the same where the power alone does harm.
  const bare = compactLog("bare", { barrier: "none" }) as LogUnderTest;
  const failing = await findingOf(bare, { faults: "write 1: short 20" });
  assertEquals((await blame(bare, failing)).kind, "barriers");
});

Deno.test("blame() says that nothing helps where barriers lie", async () => {
  const log = compactLog("5a", { acks: "sync", checksum: "none" }) as LogUnderTest;
  const long: Workload = { name: "long", lives: [[{ do: "append", bytes: 1000 }, { do: "sync" }]] };
  const found = await findingOf(log, { workloads: [long], lyingBarriers: true });
  assertMatch((await blame(log, found)).reason, /on this disk barriers do nothing/);
});

Deno.test("blame() finds the place of a promised call", async () => {
  const log: LogUnderTest<PromisedSlots> = {
    name: "promised slots",
    acks: "append",
    open: openSlots,
    async append({ file, records }, record) {
      await file.write(slotOf(record), records.length * SLOT);
      records.push(record);
    },
    records: ({ records }) => records,
  };
  const small: Workload = { name: "one", lives: [[{ do: "append", bytes: 24 }]] };
  const found = await findingOf(log as LogUnderTest, { workloads: [small] });
  const { barriers, verified } = await blame(log, found, { workloads: [small] });
  const [{ call, place, role }] = barriers as [Blame["barriers"][0]];
  assertEquals([barriers.length, call, role, verified], [
    1,
    'write "/log/log" 512 bytes at 0',
    "itself",
    true,
  ]);
  const line = Deno.readTextFileSync(new URL(import.meta.url)).split("\n")[place!.line - 1]!;
  assertStringIncludes(line, "await file.write(");
});

Deno.test("a document carries its blame, and is read without one too", async () => {
  const log = compactLog("bare", { barrier: "none" }) as LogUnderTest;
  const found = await findingOf(log);
  assertEquals(parseCounterexample(JSON.stringify(found)), found);
  const blamed = { ...found, blame: await blame(log, found, { workloads: [one] }) };
  const read = parseCounterexample(JSON.stringify(blamed));
  assertEquals(read, blamed);
  const fix = formatBlame(blamed.blame);
  assertEquals(fix.length, 2);
  // The proof breaks its lines elsewhere.
  const words = (text: string) => text.split(/\s+/).join(" ");
  assertStringIncludes(words(formatProof(read)), words(fix.join(" ")));
  assert(!formatProof(found).includes("Fix "));
});

Deno.test("formatBlame() names four barriers, a line each, and counts the others", () => {
  const barrier: Blame["barriers"][0] = {
    when: "after",
    call: 'close "/log/1"',
    life: 0,
    place: { file: "file:///home/me/my-log/src/log.ts", line: 42, column: 5 },
    target: "/log/1",
    on: "file",
    role: "itself",
  };
  const lines = formatBlame({
    kind: "barriers",
    barriers: [
      barrier,
      { ...barrier, when: "before", place: undefined },
      { ...barrier, call: "write", life: 0, op: 3, awaited: false },
      { ...barrier, life: 1, op: 2, from: { ...barrier.place!, line: 57 } },
      barrier,
    ],
    reason: "Barriers are missing.",
    verified: true,
    others: { hold: 12, of: 12, complete: true },
  });
  assertEquals(lines, [
    'Fix      after src/log.ts:42:5 (close "/log/1"), sync the file "/log/1"',
    '         and before close "/log/1", sync the file "/log/1"',
    "         and after src/log.ts:42:5 (op 3, write), once it has returned (await it), " +
    'sync the file "/log/1"',
    "         and after src/log.ts:42:5 where it is called from line 57 (op 2 of recovery 1, " +
    'close "/log/1"), sync the file "/log/1"',
    "         and 1 more barrier",
    "         Checked: with them, all crash states of this workload hold, and 12 other workloads.",
  ]);
});
