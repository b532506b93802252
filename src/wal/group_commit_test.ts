import { assertEquals, assertRejects } from "@std/assert";
import { GroupCommit } from "./group_commit.ts";

Deno.test("GroupCommit serves all who join before the barrier begins with one barrier", async () => {
  let barriers = 0;
  const group: GroupCommit = new GroupCommit(() => {
    barriers++;
    group.settle(3);
  }, queueMicrotask);
  assertEquals(await Promise.all([group.join(1), group.join(2), group.join(3)]), [1, 2, 3]);
  assertEquals(barriers, 1);
});

Deno.test("GroupCommit lets who joins while a barrier is under way wait for the next", async () => {
  const log: string[] = [];
  let late: Promise<unknown> | undefined;
  const group: GroupCommit = new GroupCommit(() => {
    const durable = late === undefined ? 1 : 2;
    log.push(`barrier for ${durable} begins`);
    late ??= group.join(2).then(() => log.push("2 is told"));
    group.settle(durable);
  }, queueMicrotask);
  await group.join(1).then(() => log.push("1 is told"));
  await late;
  assertEquals(log.filter((line) => !line.startsWith("1")), [
    "barrier for 1 begins",
    "barrier for 2 begins",
    "2 is told",
  ]);
});

Deno.test("GroupCommit tells every waiter when the barrier fails, and works for the next", async () => {
  let fails = true;
  const group: GroupCommit = new GroupCommit(() => {
    if (fails) throw new Error("EIO");
    group.settle(9);
  }, queueMicrotask);
  const waiters = [group.join(1), group.join(2)];
  for (const waiter of waiters) await assertRejects(() => waiter, Error, "EIO");
  fails = false;
  assertEquals(await group.join(9), 9);
});

Deno.test("GroupCommit calls no barrier when someone else has settled all", async () => {
  const scheduled: (() => void)[] = [];
  let barriers = 0;
  const group = new GroupCommit(() => void barriers++, (flush) => void scheduled.push(flush));
  const waiter = group.join(1);
  group.settle(1);
  assertEquals(await waiter, 1);
  assertEquals(scheduled.length, 1);
  for (const flush of scheduled) flush();
  assertEquals(barriers, 0);
});
