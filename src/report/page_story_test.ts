import { assertEquals } from "@std/assert";
import type { Counterexample } from "../check/counterexample.ts";
import type { PageLife } from "./page_model.ts";
import { storyOf } from "./page_story.ts";

Deno.test("storyOf() names the life of an op, and says what plugpull itself has asked for", () => {
  const promise = { kind: "promise", at: 6, words: "append of record 1 returns", isIdle: false };
  const lives = [
    { events: [], crash: 2 },
    { events: [promise], crash: null },
  ] as unknown as PageLife[];
  const found = {
    workload: { name: "none", lives: [[]] },
    crash: { points: [2], ops: [["a", "b"]], kept: [] },
    verdict: { clause: "acked record lost", message: "", after: ["append 24 bytes"] },
  } as unknown as Counterexample;
  assertEquals(storyOf(found, lives, "The end."), [
    "After op 2, the power goes. All that was written until then survives.",
    "plugpull itself asks for more, to see whether it goes on: append 24 bytes.",
    "After op 6 of recovery 1, append of record 1 returns.",
    "The end.",
  ]);
});
