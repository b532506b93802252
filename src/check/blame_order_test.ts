import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openSlots, type PromisedSlots, SLOT, slotOf } from "./_promised_slots.ts";
import { blame } from "./blame.ts";
import type { Blame } from "./blame_document.ts";
import { NO_SET, UNKNOWN } from "./blame_reasons.ts";
import { inOrder } from "./call_order.ts";
import { checkLog } from "./check_log.ts";
import { explainAll } from "./explain.ts";
import { formatBlame } from "./format_blame.ts";
import { keyValues, type StoreUnderTest, type UnderTest } from "./store.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";

/** A log of slots, on promised calls. */
interface Slots extends PromisedSlots {
  end: number;
  last: Promise<unknown>;
}

function slots(
  name: string,
  append: (log: Slots, record: Uint8Array) => Promise<unknown>,
): LogUnderTest {
  const log: LogUnderTest<Slots> = {
    name,
    acks: "append",
    async open(below, dir) {
      const { file, records } = await openSlots(below, dir);
      return { file, records, end: records.length * SLOT, last: Promise.resolve() };
    },
    append,
    records: ({ records }) => records,
  };
  return log as LogUnderTest;
}

/** Every append writes at a place of its own, and syncs: one may be acked before an earlier one. */
const overlapping = slots("slots whose appends overlap", async (log, record) => {
  const slot = nextSlot(log, record);
  await log.file.write(slot, log.end - SLOT); // overlapping
  await log.file.sync();
});

/** One after the other, but the barrier of each is not waited for. */
const hasty = slots("slots that do not wait for their barrier", (log, record) => {
  return log.last = log.last.then(async () => {
    const slot = nextSlot(log, record);
    await log.file.write(slot, log.end - SLOT);
    void log.file.sync(); // hasty
  });
});

function nextSlot(log: Slots, record: Uint8Array): Uint8Array {
  log.end += SLOT;
  log.records.push(record);
  return slotOf(record);
}

const atOnce: Workload = {
  name: "two at once",
  lives: [[{ do: "burst", bytes: [8, 8], stagger: 0 }]],
};
const one: Workload = { name: "one", lives: [[{ do: "append", bytes: 8 }]] };

async function blamed(log: UnderTest, workloads: readonly Workload[]): Promise<Blame> {
  const { violations } = await checkLog(log, { workloads });
  assert(violations[0] !== undefined);
  return await blame(log, violations[0], { workloads });
}

/** The number of the line of this file that ends with a comment. */
function lineOf(comment: string): number {
  const lines = Deno.readTextFileSync(new URL(import.meta.url)).split("\n");
  return lines.findIndex((line) => line.endsWith(`; // ${comment}`)) + 1;
}

Deno.test("blame() says that a later call returns before an earlier one, and what to do", async () => {
  const { kind, reason, barriers, places } = await blamed(overlapping, [atOnce, one]);
  assertEquals([kind, barriers], ["logic", []]);
  assertStringIncludes(reason, "a later call returns before an earlier one is on the disk");
  assertStringIncludes(reason, "Let no call return before those that were made earlier have");
  assert(!reason.includes(UNKNOWN) && !reason.includes(NO_SET));
  assertEquals(places?.map(({ line }) => line), [lineOf("overlapping")]);
  // It is what was checked.
  const workloads = [atOnce, one];
  assertEquals((await checkLog(overlapping, { workloads })).verdict, "violates");
  assertEquals((await checkLog(inOrder(overlapping, "acks"), { workloads })).verdict, "holds");
});

Deno.test("inOrder() with calls lets one begin only when the one before has returned", async () => {
  const begun: number[] = [];
  const waits: PromiseWithResolvers<void>[] = [];
  const log = inOrder({
    name: "waiting",
    acks: "append",
    open: () => ({}),
    append(_, record) {
      begun.push(record.length);
      const wait = Promise.withResolvers<void>();
      waits.push(wait);
      return wait.promise;
    },
    records: () => [],
  }, "calls");
  const all = [1, 2].map((bytes) => log.append({}, new Uint8Array(bytes)));
  assertEquals(begun, [1]);
  waits[0]!.reject(new Error("failed"));
  await Promise.allSettled([all[0]]);
  await Promise.resolve();
  assertEquals(begun, [1, 2]);
  waits[1]!.resolve();
  await all[1];
});

Deno.test("blame() says to wait for a barrier that is under way, and not to make another", async () => {
  const { kind, reason, barriers, places } = await blamed(hasty, [one]);
  assertEquals([kind, barriers], ["logic", []]);
  assertMatch(reason, /^The log does not wait for \S+ \(sync "\/log\/log"\).*Await it/);
  assertStringIncludes(reason, "Checked: where it does, the promise is kept");
  assertEquals(places?.[0]?.line, lineOf("hasty"));
});

Deno.test("blame() says of a file that is overwritten whole that it must be replaced", async () => {
  const store: StoreUnderTest<
    { write: (text: string) => void; values: Record<string, string> }
  > = {
    name: "a state in one file",
    acks: "apply",
    ...keyValues,
    open(fs, dir) {
      const file = fs.open(`${dir}/state`, { read: true, write: true, create: true });
      const directory = fs.open(dir);
      directory.sync();
      directory.close();
      file.sync();
      const bytes = new Uint8Array(file.size());
      file.read(bytes, 0);
      const text = new TextDecoder().decode(bytes).trim();
      const write = (text: string) => {
        file.write(new TextEncoder().encode(text.padEnd(2 * SLOT)), 0); // in place
        file.sync();
      };
      return { write, values: text === "" ? {} : JSON.parse(text) };
    },
    apply({ write, values }, command) {
      if ("set" in command) values[command.set] = command.value;
      else delete values[command.remove];
      write(JSON.stringify(values));
    },
    observe: ({ values }) => values,
  };
  const cause = await blamed(store as UnderTest, [one]);
  const words = formatBlame(cause).join(" ").replaceAll(/ +/g, " ");
  assertEquals(cause.kind, "format");
  assertStringIncludes(words, "it writes over the only copy");
  assertStringIncludes(words, "Write them to another file, sync that, rename it over the old one");
  assert(!words.includes("first record"), words);
  assertEquals(cause.places?.[0]?.line, lineOf("in place"));
});

Deno.test("blame() keeps the words of a log that appends", async () => {
  const { violations } = await explainAll(
    hasty,
    await checkLog(hasty, { workloads: [one] }),
  );
  // Its budget is not used up, and nobody is told that it was.
  for (const { blame } of violations) assert(!blame!.reason.includes(UNKNOWN));
  const few = await blame(hasty, violations[0]!, { workloads: [one], recoveries: 2 });
  assertEquals([few.kind, few.reason], ["unknown", UNKNOWN]);
});
