import { visible } from "../../../mod.ts";
import { placeOf } from "../../check_command.ts";
import { inTime } from "../format_campaign.ts";
import type { JudgedFinding } from "../judge.ts";
import {
  counted,
  inMebibytes,
  inTurn,
  placeWords,
  replayCommand,
  type SummaryOrder,
} from "./order.ts";

/** GitHub shows no more than 1 MiB of a job's summary: more findings are counted. */
const FINDINGS_MAX = 20;
const MESSAGE_MAX = 400;

/** A campaign as Markdown, for the page of a GitHub workflow. */
export function formatJobSummary(order: SummaryOrder): string {
  const { module, judgement: { verdict, reasons }, result, command } = order;
  const { standing, points, interrupted } = result;
  const memory = Math.max(standing.memory, ...points.map((point) => point.memory));
  const perSecond = standing.seconds > 0 ? standing.recoveries / standing.seconds : 0;
  return [
    `## Campaign of ${code(module)}: ${verdict}${interrupted ? ", interrupted" : ""}`,
    "",
    ...reasons.map((reason) => `- ${plain(reason)}`),
    ...reasons.length > 0 ? [""] : [],
    ...table(["Time", "Runs", "Recoveries", "per second", "Paths", "Corpus", "Memory, at most"], [[
      inTime(standing.seconds),
      counted(standing.runs),
      counted(standing.recoveries),
      counted(perSecond),
      counted(standing.facts),
      counted(standing.corpus),
      inMebibytes(memory),
    ]]),
    ...findingLines(order.findings),
    ...incidentLines(order),
    ...markLines(order),
    "### Run it again",
    "",
    preformatted(`${order.begin}\n\n${command}`),
    "",
  ].join("\n");
}

function findingLines(findings: readonly JudgedFinding[]): string[] {
  if (findings.length === 0) return [];
  const rows = inTurn(findings).slice(0, FINDINGS_MAX).map((finding) => {
    const { counterexample, news, file } = finding;
    const { subject, verdict: { clause, message } } = counterexample;
    const place = placeOf(counterexample);
    const where = place === undefined ? subject.module ?? "" : placeWords(place);
    return [
      plain(news),
      plain(clause),
      where === "" ? "" : code(where),
      plain(shortened(message)),
      code(replayCommand(file)),
    ];
  });
  const more = findings.length - rows.length;
  return [
    "### Findings",
    "",
    ...table(["", "Clause", "Place", "What was wrong", "Replay"], rows),
    ...more > 0 ? [`and ${more} more`, ""] : [],
  ];
}

function incidentLines({ result: { incidents } }: SummaryOrder): string[] {
  if (incidents.length === 0) return [];
  const rows = incidents.slice(0, FINDINGS_MAX).map(({ incident: { what, run, words }, file }) => [
    plain(what),
    counted(run),
    plain(shortened(words.trim())),
    code(replayCommand(file)),
  ]);
  const more = incidents.length - rows.length;
  return [
    "### Runs without an end",
    "",
    ...table(["", "Run", "Last words", "Replay"], rows),
    ...more > 0 ? [`and ${more} more`, ""] : [],
  ];
}

function markLines({ result: { standing: { marks }, canary } }: SummaryOrder): string[] {
  const lines = [...marks].map(([name, isReached]) =>
    `- ${isReached ? "reached" : "**never reached**"}: ${plain(name)}`
  );
  if (canary.runs > 0) {
    lines.push(
      canary.found.length > 0
        ? `- canary found, after ${canary.found.join(" and ")} of its runs`
        : `- canary **not found** in ${counted(canary.runs)} runs`,
    );
  }
  return lines.length === 0 ? [] : ["### Marks", "", ...lines, ""];
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lineOf = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [lineOf(heads), lineOf(heads.map(() => "---")), ...rows.map(lineOf), ""];
}

/** Text that Markdown takes for nothing else: all that might be a sign becomes a reference. */
function plain(text: string): string {
  return visible(text).replaceAll(
    /[^\p{L}\p{N} .,;"'()=+/-]|(?<=www)\.|^[+=-]|(?<=^\d+)[.)]/giu,
    (char) => `&#${char.codePointAt(0)};`,
  );
}

function code(text: string): string {
  return `<code>${plain(text)}</code>`;
}

/** Several lines as they are; HTML, because a fence might end within. */
function preformatted(text: string): string {
  const lines = text.split("\n").map((line) =>
    plain(line).replace(/^ +/, (all) => "&#32;".repeat(all.length))
  );
  // A blank line would end the block for Markdown.
  return `<pre>${lines.map((line) => line === "" ? "&#32;" : line).join("\n")}</pre>`;
}

function shortened(text: string): string {
  const letters = [...text];
  return letters.length <= MESSAGE_MAX ? text : `${letters.slice(0, MESSAGE_MAX).join("")}…`;
}
