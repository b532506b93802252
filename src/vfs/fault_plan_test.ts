import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type CallPattern,
  type Fault,
  FaultPlanError,
  type FaultRule,
  formatFaultPlan,
  parseFaultPlan,
} from "./fault_plan.ts";

const codes = ["EINTR", "EIO", "EMFILE", "ENOSPC", "EROFS"] as const;
const others: CallPattern[] = ["open", "mkdir", "list", "stat", "rename", "link", "remove", "size"];
const error = fc.constantFrom(...codes).map((code): Fault => ({ kind: "error", code }));
const short = fc.integer({ min: 1 }).map((bytes): Fault => ({ kind: "short", bytes }));
const fails = fc.oneof(
  fc.constant<Fault>({ kind: "journal" }),
  fc.nat().map((block): Fault => ({ kind: "block", block })),
  fc.record({ kind: fc.constant("block" as const), block: fc.nat(), path: fc.string() }),
);
const where = fc.oneof(
  fc.record({ path: fc.string({ unit: "binary" }) }, { requiredKeys: [] }),
  fc.record({
    number: fc.integer({ min: 1 }),
    path: fc.string({ unit: "binary" }),
    times: fc.integer({ min: 2 }),
  }, { requiredKeys: ["number"] }),
);
const rule: fc.Arbitrary<FaultRule> = fc.oneof(
  fc.record({ call: fc.constantFrom(...others), where, fault: error }),
  fc.record({ call: fc.constantFrom("read", "write"), where, fault: fc.oneof(error, short) }),
  fc.record({
    call: fc.constantFrom("sync", "syncData", "barrier", "writeback"),
    where,
    fault: fc.oneof(error, fails),
  }),
  fc.record({ call: fc.constant("any"), where, fault: fc.oneof(error, short, fails) }),
).map(({ call, where, fault }) => ({ call: call as CallPattern, ...where, fault }));

Deno.test("parseFaultPlan() reads back whatever formatFaultPlan() prints", () => {
  fc.assert(fc.property(fc.array(rule), (plan) => {
    assertEquals(parseFaultPlan(formatFaultPlan(plan)), plan);
  }));
});

Deno.test("parseFaultPlan() reads every form, however it is spaced", () => {
  const text =
    'write 3 "/log/*":ENOSPC;sync 1 : EIO; write 2: short 5;\n read 1 2 times: short 1;' +
    ' open: EMFILE; any 7: EIO; barrier "/f" 2 times: fails block 1 of "/f"; sync 3 times: EINTR;' +
    " syncData 1: fails journal";
  assertEquals(
    formatFaultPlan(parseFaultPlan(text)),
    'write 3 "/log/*": ENOSPC; sync 1: EIO; write 2: short 5; read 1 2 times: short 1; ' +
      'open: EMFILE; any 7: EIO; barrier 1 "/f" 2 times: fails block 1 of "/f"; ' +
      "sync 1 3 times: EINTR; syncData 1: fails journal",
  );
  assertEquals(parseFaultPlan(" "), []);
});

Deno.test("parseFaultPlan() names the place and what was expected", () => {
  const messages = {
    "wirte 1: EIO": /character 1 is "wirte", expected a call \(open, mkdir, /,
    "write 0: EIO": /character 7 is "0", expected a whole number from 1/,
    "write 1 EIO": /character 9 is "EIO", expected ":"/,
    "write 1: EFBIG":
      /character 10 is "EFBIG", expected an error or "short" \(EINTR, EIO, EMFILE, ENOSPC, EROFS\)/,
    "open 1: short 3": /character 9 is "short", expected an error \(/,
    "write 1: fails journal": /character 10 is "fails", expected an error or "short"/,
    "sync 1: fails": /character 14 is the end, expected "block"/,
    "sync 1: fails block 1 of f": /character 26 is "f", expected a path in quotes/,
    "sync 1: EIO sync 2: EIO": /character 13 is "sync", expected ";" or the end/,
    "sync 1: EIO;": /character 13 is the end, expected a call/,
    "write 1 2: EIO": /character 10 is ":", expected "times"/,
    'write 1 "\\q": EIO': /character 9 is .* expected a path in quotes, escaped as in JSON/,
    "write 1: short 0": /character 16 is "0", expected a whole number from 1/,
  };
  for (const [text, message] of Object.entries(messages)) {
    const thrown = assertThrows(() => parseFaultPlan(text), FaultPlanError);
    assertEquals(message.test(thrown.message), true, `${text}: ${thrown.message}`);
  }
});
