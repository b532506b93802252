import { assert, assertEquals } from "@std/assert";
import { checkLog, type CheckOptions, type LogUnderTest } from "../../mod.ts";
import { Features } from "./features.ts";
import { Watch } from "./watch.ts";

const canary: LogUnderTest = (await import("../../scenarios/canary.ts")).default;

async function watched(options: CheckOptions) {
  const features = new Features();
  const watch = new Watch(features);
  await checkLog(canary, { ...options, observer: watch });
  return { watch, ...features.take({ keep: true }) };
}

const one = [{ name: "one", lives: [[{ do: "append", bytes: 100 }, { do: "sync" }]] }] as const;

Deno.test("Watch notes the same facts about the same run", async () => {
  const first = await watched({ workloads: one });
  const again = await watched({ workloads: one });
  assert(first.fresh > 10);
  assertEquals([again.fresh, again.digest], [first.fresh, first.digest]);
});

Deno.test("Watch notes the same facts about a run, whatever ran before it", async () => {
  // The first call fails: what came before it is nothing.
  const failing: CheckOptions = { workloads: one, faults: "any 1: EIO" };
  const alone = await watched(failing);
  const features = new Features();
  const watch = new Watch(features);
  // A run of other calls, that ends with others.
  await checkLog(canary, { workloads: one, depth: 2, observer: watch });
  features.take({ keep: false });
  await checkLog(canary, { ...failing, observer: watch });
  assertEquals(watch.calls, alone.watch.calls);
  assertEquals(features.take({ keep: false }).digest, alone.digest);
});

Deno.test("Watch.lastEnd is where the last write of the first life ended", async () => {
  // A header of eight bytes, and the record.
  assertEquals((await watched({ workloads: one })).watch.lastEnd, 108);
});

Deno.test("Watch.calls counts the calls of the first life, and not those of recoveries", async () => {
  const { watch } = await watched({ workloads: one, depth: 2 });
  const of = (name: string) => watch.calls.filter(({ call }) => call === name);
  assertEquals(of("write").map(({ number }) => number), [1]);
  // The file and its directory as it is opened, and the file as it is synced.
  assertEquals(of("barrier").map(({ number }) => number), [1, 2, 3]);
  assert(watch.recoveries > 1);
});

Deno.test("Watch tells a call that failed from one that did not", async () => {
  const plain = await watched({ workloads: one });
  const failed = await watched({ workloads: one, faults: "barrier 3: EIO" });
  assert(failed.digest !== plain.digest);
  assertEquals(plain.watch.reached.get("an fsync failed"), 0);
  assert(failed.watch.reached.get("an fsync failed")! > 0);
  const failing = (watch: Watch) => watch.calls.filter(({ fails }) => fails);
  assertEquals(failing(plain.watch), []);
  assertEquals(failing(failed.watch).map(({ call, number }) => [call, number]), [["barrier", 3]]);
});

Deno.test("Watch sees a torn frame only where one can be", async () => {
  const torn = [{ name: "torn", lives: [[{ do: "append", bytes: 1500 }]] }] as const;
  assertEquals(
    (await watched({ workloads: one })).watch.reached.get("a crash landed inside a frame"),
    0,
  );
  assert(
    (await watched({ workloads: torn })).watch.reached.get("a crash landed inside a frame")! > 0,
  );
});

Deno.test("Watch.mark() and probe() note facts of their own", () => {
  const features = new Features();
  const watch = new Watch(features);
  watch.mark("retry");
  watch.mark("retry");
  watch.mark("tail cut");
  watch.probe(1);
  watch.probe(2);
  assertEquals(features.take({ keep: true }).fresh, 4);
});
