import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { FileHandle, FileSystem } from "../vfs/file_system.ts";
import { openSlots, type PromisedSlots, SLOT, slotOf } from "./_promised_slots.ts";
import { blame } from "./blame.ts";
import { checkLog } from "./check_log.ts";
import { formatBlame } from "./format_blame.ts";
import type { LogUnderTest } from "./subject.ts";
import { withBarriers } from "./with_barriers.ts";
import type { Workload } from "./workload.ts";

const append = { do: "append", bytes: 24 } as const;
const one: Workload = { name: "one", lives: [[append]] };
const few: Workload = { name: "few", lives: [[append, append, { do: "reopen" }, append]] };

/** What a log of slots has open. */
interface Open {
  readonly count: FileHandle;
  readonly slots: FileHandle;
  readonly records: Uint8Array[];
}

/** Tells a count from what lay there before. */
const COUNTED = 0xc0;

/** Every write of the logs here goes through this one line. */
function writeAt(file: FileHandle, bytes: Uint8Array, offset: number): void {
  file.write(bytes, offset); // shared
}

/** A log whose slots are counted in a file of its own; the count is synced, the slots are not. */
const slotted: LogUnderTest<Open> = {
  name: "slots and their count, through one helper",
  acks: "append",
  open(fs: FileSystem, dir: string) {
    const slots = fs.open(`${dir}/slots`, { read: true, write: true, create: true });
    const count = fs.open(`${dir}/count`, { read: true, write: true, create: true });
    const directory = fs.open(dir);
    directory.sync();
    directory.close();
    const counted = new Uint8Array(2);
    count.read(counted, 0);
    const records: Uint8Array[] = [];
    const length = counted[0] === COUNTED ? counted[1]! : 0;
    for (let i = 0; i < length; i++) {
      const slot = new Uint8Array(SLOT);
      slots.read(slot, i * SLOT);
      records.push(slot.slice(1, 1 + slot[0]!));
    }
    // A process may have been killed before its barrier.
    slots.sync();
    count.sync();
    return { slots, count, records };
  },
  append({ slots, count, records }, record) {
    const slot = new Uint8Array(SLOT);
    slot.set([record.length, ...record]);
    writeAt(slots, slot, records.length * SLOT); // unsynced
    writeAt(count, Uint8Array.of(COUNTED, records.length + 1), 0); // counted
    count.sync();
    records.push(record);
  },
  records: ({ records }) => records,
};

/** The number of the line of this file that ends with a comment. */
function lineOf(comment: string): number {
  const lines = Deno.readTextFileSync(new URL(import.meta.url)).split("\n");
  return lines.findIndex((line) => line.endsWith(`; // ${comment}`)) + 1;
}

Deno.test("blame() names the caller where every write goes through one line of the log", async () => {
  const log = slotted as LogUnderTest;
  const workloads = [one, few];
  const { violations } = await checkLog(log, { workloads: [one] });
  const cause = await blame(log, violations[0]!, { workloads });
  const [barrier] = cause.barriers;
  assertEquals([cause.barriers.length, cause.verified], [1, true]);
  assertEquals([barrier!.place?.line, barrier!.from?.line], [lineOf("shared"), lineOf("unsynced")]);
  const [fix] = formatBlame(cause);
  assertStringIncludes(fix!, `where it is called from line ${lineOf("unsynced")} (op `);
  // What was checked is a barrier behind the calls from that line, and no others.
  assertEquals((await checkLog(withBarriers(log, [barrier!]), { workloads })).verdict, "holds");
  const elsewhere = { ...barrier!, from: { ...barrier!.from!, line: lineOf("counted") } };
  assertEquals((await checkLog(withBarriers(log, [elsewhere]), { workloads })).verdict, "violates");
});

/** A log on promised calls that does not wait for its write. */
function promisedLog({ awaits }: { readonly awaits: boolean }): LogUnderTest {
  const log: LogUnderTest<PromisedSlots> = {
    name: "promised slots",
    acks: "append",
    open: openSlots,
    async append({ file, records }, record) {
      const written = file.write(slotOf(record), records.length * SLOT);
      if (awaits) await written;
      records.push(record);
    },
    records: ({ records }) => records,
  };
  return log as LogUnderTest;
}

Deno.test("blame() says to wait for a call that the log does not wait for", async () => {
  for (const awaits of [true, false]) {
    const log = promisedLog({ awaits });
    const { violations } = await checkLog(log, { workloads: [one] });
    const cause = await blame(log, violations[0]!, { workloads: [one] });
    assertEquals(cause.barriers[0]?.awaited, awaits ? undefined : false, log.name);
    const [fix] = formatBlame(cause);
    const wait = String.raw`, once it has returned \(await it\), sync the file`;
    const expected = `^Fix {6}after .* \\(op \\d+, write "/log/log" 512 bytes at 0\\)`;
    assertMatch(fix!, new RegExp(`${expected}${awaits ? ", sync the file" : wait}`));
  }
});
