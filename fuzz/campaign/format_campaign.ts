/**
 * A campaign in words.
 *
 * @module
 */
import { causeOf, formatBlame, formatProof, type Paint, replayCommand } from "../../mod.ts";
import type { CampaignOptions, CampaignResult, Standing } from "./campaign.ts";
import type { JudgedFinding, Judgement } from "./judge.ts";
import type { News } from "./known.ts";

/** What makes the campaign, in one block: everything that is needed to run it again. */
export function formatBegin(
  options: CampaignOptions,
  seed: number,
  base: number | undefined,
): string {
  const { module, shard, jobs, mode, bounds, runs, timeMs } = options;
  const first = shard.index * jobs;
  const lanes = jobs === 1 ? `lane ${first}` : `lanes ${first} to ${first + jobs - 1}`;
  const settled = Object.entries(bounds.disk).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`);
  const draws = [
    [...new Set(bounds.models)].join(" "),
    ...settled,
    bounds.faults ? "failing calls" : "no failing calls",
    bounds.depth === undefined ? "power losses in recovery" : `depth ${bounds.depth}`,
  ];
  const shards = shard.of === 1 ? "" : ` --shard ${shard.index + 1}/${shard.of}`;
  const limits = [
    ...runs === undefined ? [] : [`${runs.toLocaleString("en-US")} runs`],
    ...timeMs === undefined ? [] : [inTime(timeMs / 1000)],
  ];
  return [
    `campaign  ${module}`,
    `  Seed     ${seed}${shards} --jobs ${jobs}, ${lanes} of ${shard.of * jobs}, ${mode}`,
    `  Draws    ${draws.join(", ")}; of these each run a part`,
    `  Until    ${limits.join(" or ") || "interrupted"}`,
    ...base === undefined
      ? []
      : [`  Corpus   ${base === 0 ? "empty" : `${base} runs of earlier campaigns`}`],
  ].join("\n");
}

/** Seconds as hours, minutes and seconds. */
export function inTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return `${h}:${String(m).padStart(2, "0")}:${String(s).padStart(2, "0")}`;
}

const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** How it stands, in one line. */
export function formatStanding(now: Standing, before: Standing | undefined): string {
  const { seconds, runs, recoveries, facts, corpus, findings, marks, explaining, learning } = now;
  const span = Math.max(seconds - (before?.seconds ?? 0), 0.1);
  const rate = (count: (standing: Standing) => number) =>
    short.format((count(now) - (before === undefined ? 0 : count(before))) / span);
  const reached = [...marks.values()].filter((isReached) => isReached).length;
  return [
    inTime(seconds),
    `${short.format(runs)} runs (${rate(({ runs }) => runs)}/s)`,
    `${short.format(recoveries)} recoveries (${rate(({ recoveries }) => recoveries)}/s)`,
    `${short.format(facts)} paths`,
    learning === undefined
      ? `corpus ${short.format(corpus)}`
      : `${learning} of ${corpus} of the corpus run again`,
    `${findings} ${findings === 1 ? "finding" : "findings"}${
      explaining > 0 ? ` (+${explaining} being explained)` : ""
    }`,
    `reached ${reached} of ${marks.size}`,
  ].join("  ");
}

/** A finding in two lines. */
export function formatNews(
  { counterexample, file, news }: Omit<JudgedFinding, "news"> & { readonly news: News | "earlier" },
): string {
  const { verdict: { clause, message } } = counterexample;
  return `  ${news.padEnd(11)}  ${clause}: ${message.split(" (")[0]}\n` +
    `${" ".repeat(15)}${replayCommand(file)}`;
}

/** What it came to. */
export function formatCampaign(
  result: CampaignResult,
  findings: readonly JudgedFinding[],
  { verdict, reasons }: Judgement,
  paint: Paint,
): string {
  const { standing, canary, interrupted } = result;
  const lines: string[] = [];
  const first = findings.find(({ news }) => news !== "known");
  if (first !== undefined) {
    lines.push(formatProof(first.counterexample), `  ${replayCommand(first.file)}`, "");
  }
  const { runs, recoveries, seconds, facts, corpus, marks } = standing;
  lines.push(
    `${paint(verdict, verdict)}  ${runs.toLocaleString("en-US")} runs, ${
      recoveries.toLocaleString("en-US")
    } recoveries, ${facts.toLocaleString("en-US")} paths, corpus ${corpus}, ${inTime(seconds)}` +
      (interrupted ? ", interrupted" : ""),
  );
  for (const reason of reasons) lines.push(`  because ${reason}`);
  const reached = [...marks].filter(([, isReached]) => isReached).map(([name]) => name);
  if (reached.length > 0) lines.push(`  Reached  ${reached.join(", ")}`);
  if (canary.runs > 0) {
    lines.push(
      `  Canary   ${
        canary.found.length > 0
          ? `found, after ${canary.found.join(" and ")} of its runs`
          : `not found yet, in ${canary.runs} runs`
      }`,
    );
  }
  if (standing.explaining > 0) {
    const waiting = standing.explaining === 1
      ? "1 more finding waits for its explanation"
      : `${standing.explaining} more findings wait for their explanation`;
    lines.push(`  ${waiting}: --resume`);
  }
  return lines.join("\n");
}

/** A finding as a part of a JSON line. */
export function summaryOf({ counterexample, file, news }: JudgedFinding): Record<string, unknown> {
  const { verdict: { clause, message }, blame } = counterexample;
  return {
    news,
    file,
    clause,
    message,
    cause: causeOf(counterexample),
    fix: blame === undefined ? undefined : formatBlame(blame).map((line) => line.trim()),
  };
}
