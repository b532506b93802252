import type { MutantReport, MutantResult, MutantVerdict } from "../check/mutants.ts";
import type { BarrierSite, Mutation } from "../check/mutation.ts";
import { formatCheck, formatCount, formatCoverage, type Paint } from "./format_check.ts";

/** How a report is written. */
export interface FormatMutantsOptions {
  /** How to colour a verdict: what is noticed is good. */
  readonly paint?: Paint;
  /** What to call a source file, which is given as a URL. Default: the URL. */
  readonly nameFile?: (file: string) => string;
}

const HEADINGS: Readonly<Record<Mutation, string>> = {
  dropped: "Each barrier deleted",
  delayed: "Each barrier delayed until just before the next one",
  weakened: "Each fsync of a file weakened to fdatasync",
};

const VERDICTS: Readonly<Record<MutantVerdict, string>> = {
  "noticed": "noticed",
  "not-noticed": "NOT NOTICED",
  "not-reached": "not reached",
  "not-measured": "not measured",
};

/** Longer reasons are cut; the report itself has them whole. */
const REASON_CHARS_MAX = 160;

/**
 * What became of the mutants of a log: for each barrier the workload that would notice its loss, or
 * that none would.
 *
 * @param report The result of `checkMutants`.
 * @param options How to write it.
 * @returns Lines of text.
 *
 * @example
 * ```ts
 * import { checkMutants, formatMutants } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * console.log(formatMutants(await checkMutants(naive))); // violates … No barrier was changed …
 * ```
 */
export function formatMutants(report: MutantReport, options: FormatMutantsOptions = {}): string {
  const { check, mutants } = report;
  if (check.verdict !== "holds") {
    const { paint } = options;
    return `${formatCheck(check, paint && { paint })}\n\n` +
      "  No barrier was changed: a mutant tells something only where the log itself holds";
  }
  const lines = [
    `mutants of ${check.name}  (${check.model}, ${check.sectorBytes}-byte sectors)`,
    `  the log itself holds${check.complete ? "" : " as far as searched"}: ${
      formatCoverage(check)
    }, ${formatMs(check.milliseconds)}`,
  ];
  for (const mutation of ["dropped", "delayed", "weakened"] as const) {
    const group = mutants.filter((mutant) => mutant.mutation === mutation);
    if (group.length === 0) continue;
    lines.push("", `  ${HEADINGS[mutation]}`);
    for (const mutant of group) lines.push(...linesOf(mutant, options));
  }
  lines.push("", ...summaryOf(report), ...caveatOf(report));
  return lines.join("\n");
}

function linesOf(mutant: MutantResult, options: FormatMutantsOptions): string[] {
  const { site, verdict } = mutant;
  const paint: Paint = options.paint ?? ((_verdict, text) => text);
  const likeVerdict = verdict === "noticed"
    ? "holds"
    : verdict === "not-measured"
    ? "not-measured"
    : "violates";
  const place = site.line === 0
    ? "(place unknown)"
    : `${options.nameFile?.(site.file) ?? site.file}:${site.line}:${site.column}`;
  const word = paint(likeVerdict, VERDICTS[verdict].padEnd(12));
  return [
    `    ${word}  ${kindOf(site).padEnd(20)}  ${place}`,
    `${" ".repeat(18)}${detailOf(mutant)}`,
    ...costOf(mutant),
  ];
}

/** What a barrier costs is said once, and most of all where nobody misses it. */
function costOf({ mutation, verdict, site: { perRecord, call } }: MutantResult): string[] {
  if (mutation !== "dropped" || perRecord === undefined) return [];
  const often = perRecord > 0 && perRecord < 0.05 ? "less than 0.1" : perRecord.toFixed(1);
  const made = perRecord === 0
    ? "made only in recovery after a power loss"
    : `${often} per record over these workloads`;
  const idle = verdict === "not-noticed" && perRecord > 0;
  return [
    `${" ".repeat(18)}${made}${idle ? `: what this ${call} costs, perhaps for nothing` : ""}`,
  ];
}

function kindOf({ call, on }: BarrierSite): string {
  return on === "file" ? call : `${call} of a ${on}`;
}

function detailOf(mutant: MutantResult): string {
  const { workload, reason, verdict, recoveries, milliseconds, complete } = mutant;
  const runs = formatCount(BigInt(recoveries));
  const cost = ` (${runs} ${recoveries === 1 ? "recovery" : "recoveries"}, ${
    formatMs(milliseconds)
  })`;
  switch (verdict) {
    case "noticed":
      return shortened(reason ?? "") + (workload === undefined ? "" : `, in "${workload}"${cost}`);
    case "not-noticed":
      return `your workloads would not notice if ${changeOf(mutant)}` +
        (complete ? "" : ", as far as searched") + cost;
    case "not-reached":
      return "no workload made it";
    case "not-measured":
      return "the budget ended before anything was shown";
  }
}

function changeOf({ site: { call }, mutation }: MutantResult): string {
  if (mutation === "dropped") {
    return call === "synchronous write"
      ? "these writes were not synchronous"
      : `this ${call} were deleted`;
  }
  const subject = call === "synchronous write" ? "the barrier of these writes" : `this ${call}`;
  return mutation === "delayed"
    ? `${subject} came as late as the next barrier`
    : `${subject} were an fdatasync`;
}

function summaryOf({ sites, mutants }: MutantReport): string[] {
  if (sites.length === 0) return ["  The log made no barrier"];
  const dropped = mutants.filter(({ mutation }) => mutation === "dropped");
  if (dropped.length === 0) return [];
  const missed = dropped.filter(({ verdict }) => verdict === "noticed").length;
  return [
    dropped.length === 1
      ? `  The only barrier would ${missed === 1 ? "" : "not "}be missed if it were deleted`
      : `  ${missed} of ${dropped.length} barriers would be missed if they were deleted`,
  ];
}

/** What the summary must not be taken for. */
function caveatOf({ check: { model, workloads } }: MutantReport): string[] {
  return [
    `  This is evidence over ${workloads.length} ${
      workloads.length === 1 ? "workload" : "workloads"
    } and the model ${model}, not a proof: what nobody`,
    "  misses here may be needed elsewhere. A barrier that no workload makes is not listed.",
  ];
}

function formatMs(milliseconds: number): string {
  return `${Math.round(milliseconds).toLocaleString("en-US")} ms`;
}

function shortened(text: string): string {
  return text.length <= REASON_CHARS_MAX ? text : `${text.slice(0, REASON_CHARS_MAX)}…`;
}
