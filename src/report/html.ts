import type { Counterexample } from "../check/counterexample.ts";
import { formatProof } from "../check/proof.ts";
import { replayCommand } from "../check/replay_command.ts";
import type { UnderTest } from "../check/store.ts";
import { pageModel } from "./html_data.ts";
import style from "./page/page.css" with { type: "text" };
import template from "./page/page.html" with { type: "text" };
import { script } from "./page_script.ts";
import { escapeHtml, jsonForHtml, visible } from "./visible.ts";

/** What a page says besides what the finding tells. */
export interface HtmlOptions {
  /** Where the finding is kept, for the command that replays it. */
  readonly file?: string;
  /** Called again and again while crash points are tried: a sign of life. */
  readonly onRun?: () => void;
}

/**
 * A finding as one HTML page that needs nothing else: what happened op by op, what the media held
 * when the power went, what was owed and what came back, and what a crash at any other moment would
 * have done.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test. Its optional `decode` draws the frames over the sectors.
 * @param counterexample The finding.
 * @param options Where it is kept, and whom to tell that it goes on.
 * @returns The page; the same finding gives the same page.
 * @throws {TypeError} When `log` is not a log under test.
 * @throws {StepBudgetError} When a life makes too many file-system calls.
 * @throws {StuckError} When the log waits for something that never happens.
 *
 * @example
 * ```ts
 * import { checkLog, renderHtml } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const [found] = (await checkLog(naive)).violations;
 * const page = await renderHtml(naive, found!);
 * console.log(page.startsWith("<!doctype html>"), page.includes("http://")); // true false
 * ```
 */
export async function renderHtml<Log>(
  log: UnderTest<Log>,
  counterexample: Counterexample,
  options: HtmlOptions = {},
): Promise<string> {
  const model = await pageModel(log, counterexample, options.onRun);
  const { title } = model;
  const proof = formatProof(counterexample).split("\n");
  const fix = title.verdict === "holds" ? "" : sectionOf(proof, "Fix");
  const words = title.verdict === "violates" ? "violates its promise" : "holds now";
  const file = options.file ?? "FINDING.json";
  const parts: Readonly<Record<string, string>> = {
    title: escapeHtml(`${title.log} ${words}`),
    log: escapeHtml(title.log),
    verdict: title.verdict,
    verdictWords: words,
    subject: model.terms.subject,
    sentence: escapeHtml(title.sentence),
    why: escapeHtml(title.why),
    about: escapeHtml(title.about),
    notes: title.notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join(""),
    story: title.story.length === 0
      ? ""
      : `<ol class="story">${
        title.story.map((step) => `<li>${escapeHtml(step)}</li>`).join("")
      }</ol>`,
    fix: fix === "" ? "" : `<p class="fix"><strong>Fix</strong> ${escapeHtml(visible(fix))}</p>`,
    proof: proof.map(proofLine).join(""),
    replay: escapeHtml(visible(replayCommand(quoted(file)))),
    data: `<script type="application/json" id="data">${jsonForHtml(model)}</script>`,
    style: `<style>\n${style}</style>`,
    script: `<script>\n${script}</script>`,
  };
  // A function, because in a string "$&" and the like would be replaced once more.
  return template.replaceAll(
    /\{\{ (\w+) \}\}|<!-- (\w+) -->/g,
    (_, text: string | undefined, element: string) => parts[text ?? element]!,
  );
}

/** The words of one section of a proof: what follows a word at the begin of a line. */
function sectionOf(proof: readonly string[], word: string): string {
  const from = proof.findIndex((line) => line.startsWith(`${word} `));
  if (from < 0) return "";
  const length = proof.slice(from + 1).findIndex((line) => !line.startsWith(" "));
  const lines = proof.slice(from, length < 0 ? undefined : from + 1 + length);
  const [first, ...rest] = lines.map((line, i) => line.slice(i === 0 ? word.length : 0).trim());
  return rest.reduce((text, line) => {
    const isNext = /^[A-Z]/.test(line) && !/[.:;,]$/.test(text);
    return `${text}${isNext ? "." : ""} ${line}`;
  }, first!);
}

/** A line of the proof; what does not fit goes on below where its words begin. */
function proofLine(line: string): string {
  const [indent] = /^(\w+ +| *(?:(?:\d+|!|-) {2})?)/.exec(line)!;
  return `<span class="line" style="--in:${indent.length}">${escapeHtml(visible(line))}\n</span>`;
}

/** A word of a shell, in quotes where that is needed. */
function quoted(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
