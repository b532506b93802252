import { assertEquals } from "@std/assert";
import { BarrierFileSystem } from "./barrier_file_system.ts";
import { barrierCosts } from "./barrier_costs.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";

Deno.test("barrierCosts() counts barriers for each record, bursts and callers included", async () => {
  const log: LogUnderTest<null> = {
    name: "syncs twice for each record",
    acks: "append",
    open: () => null,
    append: () => {},
    records: () => [],
  };
  const workloads: Workload[] = [
    { name: "two lives", lives: [[{ do: "append", bytes: 1 }], [{ do: "append", bytes: 1 }]] },
    { name: "burst", lives: [[{ do: "burst", bytes: [1, 1], stagger: 0 }]] },
    {
      name: "callers",
      lives: [[{ do: "concurrent", callers: [[{ do: "append", bytes: 1 }, { do: "sync" }]] }]],
    },
  ];
  const costs = await barrierCosts(
    (gate) => ({
      ...log as LogUnderTest,
      open(fs, dir) {
        const gated = new BarrierFileSystem(fs, gate);
        const file = gated.open(`${dir}/log`, { write: true, create: true });
        file.sync();
        return file;
      },
      append(file) {
        const { sync, syncData } = file as { sync(): void; syncData(): void };
        sync.call(file);
        syncData.call(file);
      },
    }),
    workloads,
    {},
    ({ call }) => call,
  );
  // Four records in the first lives, in three processes: 7 barriers by fsync, 4 by fdatasync.
  assertEquals([...costs], [["fsync", 7 / 4], ["fdatasync", 1]]);
});
