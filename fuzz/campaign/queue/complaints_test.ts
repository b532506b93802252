import { assertEquals } from "@std/assert";
import { complaintsOf } from "./complaints.ts";

Deno.test("complaintsOf() names each batch that went wrong", () => {
  const batches = { of: 9, known: 9, failed: [{ batch: 3, words: "it stalled" }], doubtful: [4] };
  assertEquals(complaintsOf({ batches }), [
    "batch 3 failed three times: it stalled",
    "batch 4 is not deterministic: two processes made it, and it showed something else",
  ]);
  assertEquals(complaintsOf({ batches: { ...batches, failed: [], doubtful: [] } }), []);
});
