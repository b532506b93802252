import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { naiveLog } from "../../scenarios/naive_log.ts";
import { parseCounterexample } from "./counterexample.ts";
import { crashTest } from "./crashtest.ts";
import { replayCounterexample } from "./replay.ts";

const naive = naiveLog({});

Deno.test("crashTest() fails with the smallest crash, and with how to run it again", async () => {
  const { name, message } = await assertRejects(() => crashTest(naive), Error);
  assertEquals(name, "AssertionError");
  assertStringIncludes(message, 'The log "naive log" does not survive power loss\n\nLet      ');
  assertStringIncludes(message, "append 8 bytes\n");
  for (
    const part of [
      "However  ",
      "Disks    ",
      "Replay   run this test again: deno test -A src/check/crashtest_test.ts\n",
    ]
  ) {
    assertStringIncludes(message, `\n${part}`);
  }
  assert(message.split("\n").length < 40, message);
});

Deno.test("crashTest() writes the crash where it is asked to, and nowhere else", async () => {
  const directory = Deno.makeTempDirSync();
  try {
    const findings = join(directory, "findings");
    await assertRejects(() => crashTest(naive));
    const named = { findings, module: "naive_log.ts" };
    const { message } = await assertRejects(() => crashTest(naive, named), Error);
    const [, file] = /\nReplay {3}deno task replay (\S+)$/.exec(message)!;
    const found = parseCounterexample(Deno.readTextFileSync(file!));
    const { violation } = await replayCounterexample(naive, found);
    assertEquals(violation?.message, found.verdict.message);
    assertEquals([...Deno.readDirSync(findings)].length, 1);

    const anonymous = await assertRejects(() => crashTest(naive, { findings }), Error);
    assertStringIncludes(anonymous.message, "Replay   replayCounterexample(log, ");
    Deno.writeTextFileSync(join(directory, "taken"), "");
    const blocked = { findings: join(directory, "taken") };
    const { message: still } = await assertRejects(() => crashTest(naive, blocked), Error);
    assertStringIncludes(still, "However  ");
    assertStringIncludes(still, "(Cannot keep it in ");
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
