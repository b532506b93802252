import { POISON } from "../../mod.ts";
import type { LitmusOp, LitmusTest } from "./schema.ts";

/**
 * A litmus test in words, without its outcomes: the question, the program, when the power goes, and
 * what is special about the device.
 *
 * @param test The test.
 * @returns Lines of text.
 */
export function formatProgram(test: LitmusTest): string {
  const { id, title, question, setup, ops, crash, device, fault, notes } = test;
  const listed = (ops: readonly LitmusOp[]) =>
    ops.length === 0
      ? ["  nothing"]
      : ops.map((op, i) => `  ${`${i}`.padStart(2)}  ${formatLitmusOp(op)}`);
  const quirks = { ...device, ...fault };
  return [
    `${id}  ${title}`,
    question,
    "",
    "Set-up, then a full sync; what is open stays open",
    ...listed(setup),
    "Ops",
    ...listed(ops),
    crash === "end" ? "The power goes after the last op" : "The power goes at any moment",
    ...(device === undefined && fault === undefined ? [] : [`Device: ${inWords(quirks)}`]),
    ...(notes === undefined ? [] : [notes]),
  ].join("\n");
}

function inWords(quirks: Readonly<Record<string, unknown>>): string {
  return Object.entries(quirks)
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}

/**
 * An op of a litmus program in words.
 *
 * @param op The op.
 * @returns For example `write f: 4096 bytes of "a" at 0`.
 */
export function formatLitmusOp(op: LitmusOp): string {
  switch (op.op) {
    case "create":
    case "open": {
      const how = op.op === "create"
        ? ""
        : `${op.trunc ? ", truncating it" : ""}${op.flags === undefined ? "" : `, ${op.flags}`}`;
      return `${op.op} "${op.path}"${op.fd === undefined ? "" : ` as ${op.fd}`}${how}`;
    }
    case "write":
    case "osync_write":
      return `${op.op} ${op.fd}: ${formatRun(op.byte, op.len)} at ${op.off}`;
    case "append":
      return `append ${op.fd}: ${formatRun(op.byte, op.len)}`;
    case "truncate":
      return `truncate ${op.fd} to ${op.size} bytes`;
    case "rename":
    case "link":
      return `${op.op} "${op.from}" to "${op.to}"`;
    case "fsync":
    case "fdatasync":
    case "close":
      return `${op.op} ${op.fd}`;
    default:
      return `${op.op} "${op.path}"`;
  }
}

/** Equal bytes in words. */
function formatRun(byte: number, length: number): string {
  const name = byte === 0 ? "NUL" : byte === POISON ? "garbage" : `"${String.fromCharCode(byte)}"`;
  return `${length} ${length === 1 ? "byte" : "bytes"} of ${name}`;
}
