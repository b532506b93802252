import type { DiskOptions } from "../vfs/disk.ts";
import type { AskedBarrier } from "./barrier_file_system.ts";
import { firstLife } from "./first_life.ts";
import { follow } from "./interleaving.ts";
import { forgiving } from "./replay.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Command, Workload } from "./workload.ts";

/**
 * How often a log makes each barrier for one record that is appended, as long as the power stays on.
 *
 * @param gated The log, with a gate that hands each barrier over before it is made.
 * @param workloads What it is asked to; the first life of each counts.
 * @param disk The disk.
 * @param keyOf Tells barriers apart.
 * @returns The barriers per record, by key.
 */
export async function barrierCosts(
  gated: (gate: (asked: AskedBarrier) => void) => LogUnderTest,
  workloads: readonly Workload[],
  disk: DiskOptions,
  keyOf: (asked: AskedBarrier) => string,
): Promise<ReadonlyMap<string, number>> {
  const made = new Map<string, number>();
  const log = gated((asked) => {
    const key = keyOf(asked);
    made.set(key, (made.get(key) ?? 0) + 1);
    asked.make();
  });
  const records = workloads.reduce((sum, { lives }) => sum + recordsIn(lives[0] ?? []), 0);
  await forgiving(async () => {
    for (const workload of workloads) {
      const options = { ...disk, budget: { recoveries: 1 }, faults: [] };
      await firstLife(log, workload, options, follow(workload.schedule ?? []));
    }
  });
  return new Map([...made].map(([key, count]) => [key, count / Math.max(records, 1)]));
}

/** How many records some commands append. */
function recordsIn(commands: readonly Command[]): number {
  let records = 0;
  for (const command of commands) {
    if (command.do === "append") records++;
    else if (command.do === "burst") records += command.bytes.length;
    else if (command.do === "killDuring") records += recordsIn(command.calls);
    else if (command.do === "concurrent") records += recordsIn(command.callers.flat());
  }
  return records;
}
