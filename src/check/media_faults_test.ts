/**
 * The corruption oracle: over damaged media a log may refuse or repair; it must never hand over
 * wrong data, nor cut what was acked. Of a device that lies, only "what it once had" can be asked.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { naiveLog } from "../../scenarios/naive_log.ts";
import { referenceLog } from "../../scenarios/reference_log.ts";
import type { FileHandle, FileSystemError } from "../vfs/file_system.ts";
import { type MediaFaultKind, mediaFaultKinds } from "../vfs/media.ts";
import { checkLog } from "./check_log.ts";
import { replayCounterexample } from "./replay.ts";
import { parseCounterexample } from "./counterexample.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";

const SMALL = { segmentBytes: 900, preallocateBytes: 0, bufferBytes: 0 };
const proven = referenceLog({ ...SMALL, provenAcks: true }, "reference log, acks proven");

const workloads: Workload[] = [
  {
    name: "two synced, one not",
    lives: [[{ do: "append", bytes: 40 }, { do: "sync" }, { do: "append", bytes: 700 }, {
      do: "sync",
    }, { do: "append", bytes: 24 }]],
  },
  {
    name: "going on after a power loss",
    lives: [[{ do: "append", bytes: 300 }, { do: "sync" }], [{ do: "append", bytes: 24 }, {
      do: "sync",
    }]],
  },
];
const check = (log: LogUnderTest, mediaFaults: readonly MediaFaultKind[], depth = 0) =>
  checkLog(log, { workloads, mediaFaults, depth });

/** A log of fixed slots, each with its number and a check of its bytes, if `checks`. */
function slotLog({ checks, eioIsEnd = false }: { checks: boolean; eioIsEnd?: boolean }) {
  const SLOT = 1024;
  interface Slots {
    readonly file: FileHandle;
    readonly records: Uint8Array[];
  }
  const sum = (bytes: Uint8Array) => bytes.reduce((total, byte, i) => total + byte * (i + 1), 7);
  const log: LogUnderTest<Slots> = {
    name: "slots",
    acks: "append",
    open: (fs, dir) => {
      const file = fs.open(`${dir}/slots`, { read: true, write: true, create: true });
      const records: Uint8Array[] = [];
      for (;;) {
        const slot = new Uint8Array(SLOT);
        try {
          if (file.read(slot, records.length * SLOT) < SLOT) break;
        } catch (error) {
          if (eioIsEnd && (error as FileSystemError).code === "EIO") break;
          throw error;
        }
        const view = new DataView(slot.buffer);
        const [number, length] = [view.getUint32(0), view.getUint32(4)];
        const record = slot.slice(12, 12 + length);
        if (number !== records.length + 1 || length > SLOT - 12) break;
        if (checks && view.getUint32(8) !== sum(record)) {
          throw new Error(`slot ${number} is damaged`);
        }
        records.push(record);
      }
      file.truncate(records.length * SLOT);
      file.sync();
      const directory = fs.open(dir);
      directory.sync();
      directory.close();
      return { file, records };
    },
    append: ({ file, records }, record) => {
      const slot = new Uint8Array(SLOT);
      const view = new DataView(slot.buffer);
      view.setUint32(0, records.length + 1);
      view.setUint32(4, record.length);
      view.setUint32(8, sum(record));
      slot.set(record, 12);
      file.write(slot, records.length * SLOT);
      file.sync();
      records.push(record);
    },
    records: ({ records }) => records,
  };
  return log as LogUnderTest;
}

Deno.test("a log that proves its acks holds over every kind of damage, also twice recovered", async () => {
  for (const kind of mediaFaultKinds) {
    const { verdict, complete, violations } = await check(proven, [kind], 1);
    assertEquals([verdict, complete, violations], ["holds", true, []], kind);
  }
});

Deno.test("wrong data, and acked records cut, violate", async () => {
  const cases: [LogUnderTest, MediaFaultKind, RegExp][] = [
    [slotLog({ checks: false }), "bit flip", /^Record \d should be/],
    [slotLog({ checks: true, eioIsEnd: true }), "unreadable sector", /^Record \d was acked/],
    // The last record without a proof of its ack cannot be told from a torn one.
    [referenceLog(SMALL), "rotten sector", /^Record \d was acked/],
    [referenceLog(SMALL), "lost write", /^Record \d was acked/],
  ];
  for (const [log, kind, message] of cases) {
    const { verdict, violations } = await check(log, [kind]);
    assertEquals(verdict, "violates", `${log.name}, ${kind}`);
    assertMatch(violations[0]!.verdict.message, message);
  }
});

Deno.test("a finding over damaged media names the damage, and replays", async () => {
  const log = slotLog({ checks: false });
  const { violations } = await check(log, ["bit flip"]);
  const [found] = violations;
  const damage = found!.crash.kept.filter(({ cell }) => cell === "damage");
  assertEquals(damage.length, 1);
  assertMatch(damage[0]!.holds, /^sector \d of "\/log\/slots": a bit of byte \d+ has flipped$/);
  const read = parseCounterexample(JSON.stringify(found));
  const { violation, misfit } = await replayCounterexample(log, read);
  assertEquals([violation?.message, misfit], [found!.verdict.message, undefined]);
});

Deno.test("without damage nothing is excused", async () => {
  const refusing: LogUnderTest = {
    ...proven,
    open: (fs, dir) => {
      const log = proven.open(fs, dir);
      if ([...proven.records(log as never) as Iterable<Uint8Array>].length === 2) {
        throw new Error("no");
      }
      return log;
    },
  };
  const { verdict, violations } = await check(refusing, ["unreadable sector"]);
  assertEquals(verdict, "violates");
  assertEquals(violations[0]!.verdict.clause, "open failed");
});

Deno.test("of a device that lies, a log owes some moment of its past, and no more", async () => {
  const lying = { lyingBarriers: true, workloads } as const;
  assertEquals((await checkLog(referenceLog(SMALL), lying)).verdict, "holds");
  assertEquals((await checkLog(slotLog({ checks: true }), lying)).verdict, "holds");
  // Records that never were are wrong there, too.
  const { verdict, violations } = await checkLog(naiveLog({}), lying);
  assertEquals(verdict, "violates");
  assert(!violations.some(({ verdict }) => verdict.clause === "acked record lost"));
});
