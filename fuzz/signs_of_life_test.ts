import { assertEquals } from "@std/assert";
import type { Workload } from "../mod.ts";
import { SignsOfLife } from "./signs_of_life.ts";
import type { Message } from "./task.ts";

function watch(): { life: SignsOfLife; told: (Message & { kind: "alive" })[] } {
  const told: (Message & { kind: "alive" })[] = [];
  return { life: new SignsOfLife((message) => void told.push(message)), told };
}

const workloads: Workload[] = ["a", "b", "c"].map((name) => ({ name, lives: [[]] }));

Deno.test("SignsOfLife tells what begins at once, and how far it has come", () => {
  const { life, told } = watch();
  life.begin("zoo", "14 of 59");
  life.begin("check");
  life.onStart(workloads);
  life.onRun(workloads[0]!);
  for (let runs = 0; runs < 1_500; runs++) life.onRun({ ...workloads[0]! });
  life.onRun(workloads[2]!);
  const words = told.map(({ doing }) => doing);
  assertEquals(words.slice(0, 3), ["zoo: 14 of 59", "check", "check: workload 1 of 3"]);
  assertEquals(words.at(-1), "check: workload 3 of 3, 1,502 recoveries");
  assertEquals(told.at(-1)!.workload, "c");
});

Deno.test("SignsOfLife forgets what was done before", () => {
  const { life, told } = watch();
  life.begin("check");
  life.onStart(workloads);
  for (const workload of [...workloads, ...workloads]) life.onRun(workload);
  life.begin("explaining finding 2 of 3", "blame");
  assertEquals(told.at(-1)!.doing, "explaining finding 2 of 3: blame");
  // Where a log hangs now, the last workload is still the best guess.
  assertEquals(told.at(-1)!.workload, "c");
});

Deno.test("SignsOfLife is heard ten times a second, however often the log runs", () => {
  const { now } = performance;
  let clockMs = 0;
  performance.now = () => clockMs;
  try {
    const { life, told } = watch();
    life.begin("fuzz");
    life.reach("workload 7");
    for (let runs = 1; runs <= 2_000; runs++) {
      clockMs = runs;
      life.onRun(workloads[0]!);
    }
    // What begins, the first run, and then one each 100 ms of 2 s.
    assertEquals(told.length, 2 + 19);
    assertEquals(told.at(-1)!.doing, "fuzz: workload 7, 1,901 recoveries");
  } finally {
    performance.now = now;
  }
});
