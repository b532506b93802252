import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import naive from "../../scenarios/naive_log.ts";
import { checkLog } from "./check_log.ts";
import { type Counterexample, CounterexampleError, parseCounterexample } from "./counterexample.ts";
import { formatProof } from "./proof.ts";
import type { Command, Workload } from "./workload.ts";

const workload: Workload = { name: "one", lives: [[{ do: "append", bytes: 24 }, { do: "sync" }]] };
const [found] = (await checkLog(naive, { workloads: [workload], module: "naive_log.ts" }))
  .violations as [Counterexample];

function refused(text: string, reason: string): void {
  const { message } = assertThrows(() => parseCounterexample(text), CounterexampleError);
  assertEquals(message, `Cannot read the counterexample: ${reason}`);
}

Deno.test("parseCounterexample() says in which line and column the text is no JSON", () => {
  const lines = ["{", '  "format": "plugpull counterexample",', '  "version": 1'];
  refused(
    [...lines, '  "disk": 2}'].join("\n"),
    "it is not JSON at line 4, column 3: Expected ',' or '}' after property value",
  );
  refused(
    lines.join("\n").replace("1", "one"),
    "it is not JSON at line 3, column 14: Unexpected token 'o'",
  );
  refused(
    `${lines.join("\n")},\n "a": "b`,
    "it is not JSON at line 4, column 9: Unterminated string",
  );
  refused("{\u001b", "it is not JSON at line 1, column 2: Expected property name or '}'");
  refused("[\u001b", "it is not JSON at line 1, column 2: Unexpected token '\\u{1b}'");
  refused("", "it is not JSON at line 1, column 1: Unexpected end of JSON input");
});

Deno.test("parseCounterexample() refuses a workload that would never end, and names the field", () => {
  const withLife = (commands: readonly Command[]) =>
    JSON.stringify({ ...found, workload: { name: "huge", lives: [commands] } });
  const small = { do: "append", bytes: 1 } as const;
  refused(
    withLife([small, { do: "append", bytes: 1e9 }]),
    "workload.lives.0.1.bytes is more than can be lived through again, expected at most 67108864 " +
      "bytes in the whole workload",
  );
  refused(
    withLife(Array.from({ length: 200_000 }, () => small)),
    "workload.lives.0.20000.bytes is more than can be lived through again, expected at most 20000 " +
      "calls in the whole workload",
  );
  refused(
    withLife(Array.from({ length: 20_001 }, () => ({ do: "sync" }))),
    "workload.lives.0.20000.do is more than can be lived through again, expected at most 20000 calls " +
      "in the whole workload",
  );
  const burst = {
    do: "burst",
    bytes: Array.from({ length: 20_001 }, () => 0),
    stagger: 0,
  } as const;
  assertMatch(
    assertThrows(() => parseCounterexample(withLife([burst])), CounterexampleError).message,
    /workload\.lives\.0\.0\.bytes\.\d+ is more/,
  );
  const most = Array.from({ length: 20_000 }, () => small);
  assertEquals(parseCounterexample(withLife(most)).workload.lives[0]!.length, 20_000);
});

Deno.test("parseCounterexample() refuses a module without a name", () => {
  const nameless = { ...found, subject: { ...found.subject, module: "" } };
  refused(JSON.stringify(nameless), 'subject.module is "", expected a text that is not empty');
});

Deno.test("formatProof() shows what a terminal would obey", () => {
  const message = "gone\u001b[2J\u202e and\nmore";
  const proof = formatProof({ ...found, verdict: { ...found.verdict, message } });
  assertMatch(proof, /gone\\u\{1b\}\[2J\\u\{202e\} and more/);
});
