import type { CheckResult, Verdict } from "../check/check_result.ts";
import { replayCommand } from "../check/replay_command.ts";
import { formatProof, quirksOf } from "../check/proof.ts";
import { findingSize } from "../check/crash_size.ts";

/** Turns a verdict's words into coloured words, or leaves them alone. */
export type Paint = (verdict: Verdict, text: string) => string;

/** Leaves text as it is. */
const plain: Paint = (_verdict, text) => text;

/**
 * A large count, short enough to read: exact below ten million, else as `4.8e29`.
 *
 * @param count The count.
 * @returns For example `1,204` or `4.8e29`.
 *
 * @example
 * ```ts
 * import { formatCount } from "../../mod.ts";
 *
 * console.log(formatCount(480000000000000000000000000000n)); // 4.8e29
 * ```
 */
export function formatCount(count: bigint): string {
  if (count < 10_000_000n) return count.toLocaleString("en-US");
  const digits = count.toString();
  return `${digits[0]}.${digits[1]}e${digits.length - 1}`;
}

/**
 * What a search covered, in words that never claim more than was covered.
 *
 * @param result The result of a check.
 * @returns For example `all 2,346 crash states, 978 recoveries`.
 *
 * @example
 * ```ts
 * import { checkLog, formatCoverage } from "../../mod.ts";
 * import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
 *
 * console.log(formatCoverage(await checkLog(naiveLog(allFixes)))); // all … crash states, … recoveries
 * ```
 */
export function formatCoverage(result: CheckResult): string {
  const { crashStates, covered, complete, recoveries, strategy, verdict } = result;
  const runs = `${recoveries.toLocaleString("en-US")} ${
    recoveries === 1 ? "recovery" : "recoveries"
  }`;
  if (complete) {
    const states = `all ${formatCount(crashStates)} crash states`;
    return `${states}${orders(result)}${placements(result)}, ${runs}`;
  }
  if (recoveries === 0) {
    if (verdict === "violates") return "no power loss was needed";
    return verdict === "harness-broken" ? "no search was finished" : "nothing was run";
  }
  const share = covered === undefined || crashStates === 0n
    ? `a part of ${formatCount(crashStates)} crash states`
    : `${formatCount(covered)} of ${formatCount(crashStates)} crash states` +
      ` (${percent(covered, crashStates)})`;
  const how = strategy === "exhaustive"
    ? ""
    : strategy === "deviations"
    ? ", fewest deviations first"
    : ", fewest deviations first, then samples";
  return `${share}${orders(result)}${placements(result)}, ${runs}${how}`;
}

/** In how many ways calls were made to fail. */
function placements({ placements: { run, of }, workloads }: CheckResult): string {
  const isOpen = workloads.some(({ schedules }) => schedules.of !== 1);
  if (of === 0) return "";
  const number = (count: number) => count.toLocaleString("en-US");
  const share = of === undefined
    ? `${number(run)} ways (there are more)`
    : run < of
    ? `${number(run)} of ${number(of)} ways`
    : `all ${number(run)} ways`;
  return `, with calls failing in ${share}${isOpen ? " (in the first order only)" : ""}`;
}

/** In how many orders of what happened at once, where there was more than one. */
function orders({ schedules, workloads }: CheckResult): string {
  const open = workloads.filter(({ schedules }) => schedules.of !== 1);
  if (open.length === 0) return "";
  const number = (count: number) => count.toLocaleString("en-US");
  const run = schedules.run - (workloads.length - open.length);
  return schedules.of === undefined
    ? ` of ${number(run)} schedules (there are more)`
    : ` of all ${number(run)} schedules`;
}

/**
 * A check in a few lines: the verdict, what was covered, and a proof where the promise is broken.
 *
 * @param result The result of a check.
 * @param options Where the counterexamples were written, and how to colour the verdict.
 * @returns Lines of text.
 *
 * @example
 * ```ts
 * import { checkLog, formatCheck } from "../../mod.ts";
 * import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
 *
 * console.log(formatCheck(await checkLog(naiveLog(allFixes), { sectorBytes: 4096 }))); // holds …
 * ```
 */
export function formatCheck(
  result: CheckResult,
  options: { readonly files?: readonly string[]; readonly paint?: Paint } = {},
): string {
  const paint = options.paint ?? plain;
  const { name, verdict, model, sectorBytes, disk, milliseconds, violations, reason } = result;
  const lines = [
    `${paint(verdict, verdict)}${isPartial(result) ? " as far as searched" : ""}  ${name}  (${
      [model, `${sectorBytes}-byte sectors`, ...quirksOf(disk)].join(", ")
    })`,
    `  ${formatCoverage(result)}, ${Math.round(milliseconds).toLocaleString("en-US")} ms`,
  ];
  if (result.promise === "some prefix") {
    lines.push(
      disk.lyingBarriers
        ? "  Where barriers lie, a log owes no more than what it held at some moment, or a refusal"
        : "  No call promises durability: what is recovered must be what was there at some moment",
    );
  }
  if (disk.mediaFaults !== undefined) {
    lines.push(`  One sector at a time is damaged: ${disk.mediaFaults.join(", ")}`);
  }
  if (reason !== undefined) lines.push(`  ${reason}`);
  const [smallest] = [...violations.entries()].sort(([, a], [, b]) =>
    findingSize(a) - findingSize(b)
  );
  if (smallest !== undefined) {
    const broken = result.workloads.filter(({ verdict }) => verdict === "violates").length;
    const [index, counterexample] = smallest;
    const file = options.files?.[index];
    lines.push("", indent(formatProof(counterexample)));
    if (file !== undefined) lines.push(`  Replay   ${replayCommand(file)}`);
    for (const [i, { verdict }] of violations.entries()) {
      const other = options.files?.[i];
      if (i === index || other === undefined) continue;
      lines.push(`  Also     ${verdict.clause}: ${replayCommand(other)}`);
    }
    if (broken > 1) {
      const isGrouped = violations.length > 1 && violations.length < broken;
      const ways = isGrouped ? ` in ${violations.length} ways` : "";
      lines.push(`  (${broken} workloads break the promise${ways}; this is the smallest)`);
    }
  }
  return lines.join("\n");
}

/** Whether a verdict rests on a part of the crash states, or of the schedules, only. */
function isPartial({ verdict, complete, schedules }: CheckResult): boolean {
  return verdict === "holds" && (!complete || schedules.of === undefined);
}

function indent(text: string): string {
  return text.split("\n").map((line) => `  ${line}`).join("\n");
}

/** A share in percent, rounded down so that it says 100 only for all. */
function percent(part: bigint, whole: bigint): string {
  const hundredths = Number(part * 10_000n / whole);
  return hundredths === 0 && part > 0n ? "< 0.01 %" : `${(hundredths / 100).toFixed(2)} %`;
}
