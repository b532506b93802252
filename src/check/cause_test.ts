import { assertEquals, assertNotEquals } from "@std/assert";
import type { Blame } from "./blame_document.ts";
import { causeOf } from "./cause.ts";
import type { Counterexample } from "./counterexample.ts";
import { checkLog } from "./check_log.ts";
import { naiveLog } from "../../scenarios/naive_log.ts";

const [found] = (await checkLog(naiveLog({}), {
  workloads: [{ name: "one", lives: [[{ do: "append", bytes: 8 }]] }],
})).violations as [Counterexample];

function blamed(part: Partial<Blame>): Counterexample {
  const others = { hold: 0, of: 0, complete: false };
  const blame: Blame = {
    kind: "logic",
    barriers: [],
    reason: "",
    verified: false,
    others,
    ...part,
  };
  return { ...found, blame };
}

const at = (line: number) => ({ file: "log.ts", line, column: 3 });

Deno.test("causeOf() tells findings apart by the calls that the log does not cope with", () => {
  const one = causeOf(blamed({ places: [at(7)] }));
  assertEquals(one, causeOf(blamed({ places: [{ ...at(7), column: 9 }, at(7)] })));
  assertNotEquals(one, causeOf(blamed({ places: [at(8)] })));
  // Who knows of one hole does not know of all.
  assertNotEquals(one, causeOf(blamed({})));
});

Deno.test("causeOf() tells findings that nothing is blamed for apart by what was lost", () => {
  const cause = causeOf(found);
  assertEquals(causeOf(blamed({})), cause);
  assertNotEquals(causeOf({ ...found, crash: { ...found.crash, kept: [] } }), cause);
});
