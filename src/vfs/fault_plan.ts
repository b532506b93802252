/**
 * Fault plans: which calls of a file system fail, and how, in a form that prints and parses back.
 *
 * METHOD. A plan is a list of rules, divided by semicolons. A rule names a call of the seam, which
 * of these calls it is about, and what goes wrong:
 *
 * ```text
 * plan  = [rule {";" rule}]
 * rule  = call [number] [path] [number "times"] ":" fault
 * call  = "open" | "write" | … | "barrier" | "any" | "writeback"
 * fault = error | "short" number | "fails" "block" number ["of" path] | "fails" "journal"
 * path  = a JSON string; before the colon a glob, after "of" a path
 * ```
 *
 * `write 3 "/log/*": ENOSPC` is about the third write to a file in `/log`. Without a number it is
 * about every call, with `2 times` about so many calls in a row. Each rule counts for itself the
 * calls that it is about, from the moment when the plan is set; where several rules strike at one
 * call, the first one does. `barrier` stands for `sync` and `syncData`, `any` for every call of the
 * seam. The barrier of a handle that was opened with `sync: true` counts as a `syncData`. `writeback`
 * is no call: it is the kernel writing back a file on its own.
 *
 * An error changes nothing on the disk, with one exception: a barrier that fails with EIO or ENOSPC
 * could write none of the blocks that it should have written. What that leaves behind says
 * `failed_barrier.ts`. `short` makes a read or a write handle at most so many bytes.
 *
 * @module
 */

import type { FileHandle, FileSystem } from "./file_system.ts";

/** A call of the seam. */
export type CallName = keyof FileSystem | keyof FileHandle;

/** Calls that a rule may be about. `barrier`: `sync` and `syncData`. */
export type CallPattern = CallName | "any" | "barrier" | "writeback";

/** The errors that a call can be made to fail with. */
export type FaultCode = "EINTR" | "EIO" | "EMFILE" | "ENOSPC" | "EROFS";

/** What goes wrong in one call. */
export type Fault =
  /** The call fails. */
  | { readonly kind: "error"; readonly code: FaultCode }
  /** A read or write handles at most so many bytes, from 1. */
  | { readonly kind: "short"; readonly bytes: number }
  /** A block of 4096 bytes, by its number in the file, cannot be written. */
  | { readonly kind: "block"; readonly block: number; readonly path?: string | undefined }
  /** The journal cannot be written. */
  | { readonly kind: "journal" };

/** One rule of a plan. */
export interface FaultRule {
  /** The calls that it is about. */
  readonly call: CallPattern;
  /** The first of them that goes wrong, from 1; `undefined` for every one. */
  readonly number?: number | undefined;
  /** Only calls on paths that match this glob count. */
  readonly path?: string | undefined;
  /** How many in a row go wrong, from `number` on. Default: 1. */
  readonly times?: number | undefined;
  /** What goes wrong. */
  readonly fault: Fault;
}

/** A list of rules. */
export type FaultPlan = readonly FaultRule[];

/** A fault plan that cannot be read. */
export class FaultPlanError extends Error {
  /** Always `"FaultPlanError"`. */
  override readonly name = "FaultPlanError";
}

/**
 * The calls of the seam by their names, always in this order.
 *
 * @example
 * ```ts
 * import { callNames } from "../../mod.ts";
 *
 * console.log(callNames.indexOf("open")); // 0
 * ```
 */
export const callNames: readonly CallName[] = [
  "open",
  "mkdir",
  "list",
  "stat",
  "rename",
  "link",
  "remove",
  "read",
  "write",
  "size",
  "truncate",
  "sync",
  "syncData",
  "close",
];

/** The calls that a rule may name. */
const CALLS: readonly CallPattern[] = [
  ...callNames,
  "barrier",
  "any",
  "writeback",
];
const CODES: readonly FaultCode[] = ["EINTR", "EIO", "EMFILE", "ENOSPC", "EROFS"];
const BARRIERS: readonly CallPattern[] = ["sync", "syncData", "barrier", "any", "writeback"];
const TRANSFERS: readonly CallPattern[] = ["read", "write", "any"];

/**
 * Prints a plan.
 *
 * @param plan The plan.
 * @returns A line that {@linkcode parseFaultPlan} reads back.
 *
 * @example
 * ```ts
 * import { formatFaultPlan } from "../../mod.ts";
 *
 * const rule = { call: "write", number: 2, fault: { kind: "short", bytes: 5 } } as const;
 * console.log(formatFaultPlan([rule])); // write 2: short 5
 * ```
 */
export function formatFaultPlan(plan: FaultPlan): string {
  return plan.map(formatRule).join("; ");
}

function formatRule({ call, number, path, times, fault }: FaultRule): string {
  const parts: (string | number)[] = [call];
  if (number !== undefined) parts.push(number);
  if (path !== undefined) parts.push(JSON.stringify(path));
  if (number !== undefined && times !== undefined && times !== 1) parts.push(times, "times");
  return `${parts.join(" ")}: ${formatFault(fault)}`;
}

/**
 * Prints what goes wrong in one call.
 *
 * @param fault What goes wrong.
 * @returns For example `short 5`.
 *
 * @example
 * ```ts
 * import { formatFault } from "../../mod.ts";
 *
 * console.log(formatFault({ kind: "block", block: 1, path: "/f" })); // fails block 1 of "/f"
 * ```
 */
export function formatFault(fault: Fault): string {
  switch (fault.kind) {
    case "error":
      return fault.code;
    case "short":
      return `short ${fault.bytes}`;
    case "block": {
      const of = fault.path === undefined ? "" : ` of ${JSON.stringify(fault.path)}`;
      return `fails block ${fault.block}${of}`;
    }
    case "journal":
      return "fails journal";
  }
}

/**
 * Reads a plan.
 *
 * @param text The plan; see the top of `fault_plan.ts` for its grammar.
 * @returns The rules, in the order of the text; none for an empty text.
 * @throws {FaultPlanError} When it is not a plan; the message names the place and what was expected.
 *
 * @example
 * ```ts
 * import { parseFaultPlan } from "../../mod.ts";
 *
 * const plan = parseFaultPlan('write 3 "/log/*": ENOSPC; sync 1: fails block 1 of "/f"');
 * console.log(plan.length, plan[0]!.number); // 2 3
 * ```
 */
export function parseFaultPlan(text: string): FaultPlan {
  return new Reader(text).plan();
}

/**
 * Refuses a plan that was built by hand and says what no text says.
 *
 * @throws {FaultPlanError} For counts that are not whole numbers from 1, and `times` without `number`.
 */
export function requireFaultPlan(plan: FaultPlan): void {
  for (const [i, rule] of plan.entries()) {
    for (const key of ["number", "times"] as const) {
      const value = rule[key];
      if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue;
      throw new FaultPlanError(
        `Cannot use rule ${
          i + 1
        } of the fault plan: ${key} is ${value}, expected a whole number from 1`,
      );
    }
    if (rule.times !== undefined && rule.number === undefined) {
      throw new FaultPlanError(
        `Cannot use rule ${
          i + 1
        } of the fault plan: times is ${rule.times}, expected number beside it`,
      );
    }
  }
}

/** A word, number, string or sign of the text. */
interface Token {
  readonly at: number;
  readonly text: string;
}

/** Reads one plan from left to right. */
class Reader {
  readonly #tokens: Token[] = [];
  #next = 0;

  constructor(text: string) {
    for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[\w-]+|[^\s]/gsu)) {
      this.#tokens.push({ at: match.index, text: match[0] });
    }
    this.#tokens.push({ at: text.length, text: "" });
  }

  plan(): FaultRule[] {
    const rules: FaultRule[] = [];
    if (this.#token.text === "") return rules;
    do rules.push(this.#rule()); while (this.#takes(";"));
    if (this.#token.text !== "") throw this.#expected('";" or the end');
    return rules;
  }

  #rule(): FaultRule {
    const call = this.#oneOf(CALLS, "a call");
    let number = this.#number(1);
    let times: number | undefined;
    if (number !== undefined && this.#takes("times")) [number, times] = [1, number];
    const path = this.#path();
    if (times === undefined) {
      times = this.#number(1);
      if (times !== undefined) this.#take("times");
    }
    if (times !== undefined) number ??= 1;
    this.#take(":");
    const fault = this.#fault(call);
    return {
      call,
      ...(number !== undefined && { number }),
      ...(path !== undefined && { path }),
      ...(times !== undefined && times !== 1 && { times }),
      fault,
    };
  }

  #fault(call: CallPattern): Fault {
    if (TRANSFERS.includes(call) && this.#takes("short")) {
      return { kind: "short", bytes: this.#needsNumber(1) };
    }
    if (BARRIERS.includes(call) && this.#takes("fails")) {
      if (this.#takes("journal")) return { kind: "journal" };
      this.#take("block");
      const block = this.#needsNumber(0);
      if (!this.#takes("of")) return { kind: "block", block };
      const path = this.#path();
      if (path === undefined) throw this.#expected("a path in quotes");
      return { kind: "block", block, path };
    }
    const others = [
      ...(TRANSFERS.includes(call) ? ['"short"'] : []),
      ...(BARRIERS.includes(call) ? ['"fails"'] : []),
    ];
    const code = this.#oneOf(CODES, ["an error", ...others].join(" or "));
    return { kind: "error", code };
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #takes(text: string): boolean {
    if (this.#token.text !== text) return false;
    this.#next++;
    return true;
  }

  #take(text: string): void {
    if (!this.#takes(text)) throw this.#expected(`"${text}"`);
  }

  #oneOf<Word extends string>(words: readonly Word[], what: string): Word {
    const word = words.find((word) => word === this.#token.text);
    if (word === undefined) throw this.#expected(`${what} (${words.join(", ")})`);
    this.#next++;
    return word;
  }

  /** A number, when there is one. */
  #number(least: number): number | undefined {
    if (!/^\d+$/.test(this.#token.text)) return undefined;
    const number = Number(this.#token.text);
    if (number < least || !Number.isSafeInteger(number)) {
      throw this.#expected(`a whole number from ${least}`);
    }
    this.#next++;
    return number;
  }

  #needsNumber(least: number): number {
    const number = this.#number(least);
    if (number === undefined) throw this.#expected(`a whole number from ${least}`);
    return number;
  }

  /** A string in quotes, when there is one. */
  #path(): string | undefined {
    const { text } = this.#token;
    if (!text.startsWith('"')) return undefined;
    try {
      const path = JSON.parse(text) as string;
      this.#next++;
      return path;
    } catch {
      throw this.#expected("a path in quotes, escaped as in JSON");
    }
  }

  #expected(what: string): FaultPlanError {
    const { at, text } = this.#token;
    const found = text === "" ? "the end" : JSON.stringify(text);
    return new FaultPlanError(
      `Cannot read the fault plan: character ${at + 1} is ${found}, expected ${what}`,
    );
  }
}
