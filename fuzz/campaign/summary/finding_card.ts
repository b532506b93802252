import { causeOf, formatBlame } from "../../../mod.ts";
import { placeOf } from "../../check_command.ts";
import type { JudgedFinding } from "../judge.ts";
import { type Markup, markup } from "./markup.ts";
import { placeWords, replayCommand } from "./order.ts";

/** A finding, as far as it is told without its own page. */
export function findingCard(finding: JudgedFinding): Markup {
  const { counterexample, file, news } = finding;
  const { subject, verdict: { clause, message }, blame, weakestDisk } = counterexample;
  const place = placeOf(counterexample);
  const fix = blame === undefined
    ? ""
    : sentences(formatBlame(blame, { nameFile: (file) => file }));
  const rows = [
    ["Log", subject.name],
    ["Place", place === undefined ? undefined : placeWords(place)],
    ["Cause", causeOf(counterexample)],
    ["Disk", weakestDisk?.words],
    ["Document", file],
  ] as const;
  return markup`<article class="finding">
<h3><span class="badge small ${
    news === "known" ? "known" : "violates"
  }">${news}</span> ${clause}</h3>
<p>${message}</p>
${fix === "" ? "" : markup`<p class="fix"><strong>Fix</strong> ${fix}</p>`}
<dl>${
    rows.map(([name, words]) =>
      words === undefined ? "" : markup`
        <div>
          <dt>${name}</dt>
          <dd>${words}</dd>
        </div>
      `
    )
  }</dl>
<pre>${replayCommand(file)}</pre>
</article>`;
}

/** Lines that belong together, as sentences. */
function sentences(lines: readonly string[]): string {
  const [first = "", ...rest] = lines.map((line) => line.replace(/^Fix /, "").trim());
  return rest.reduce((text, line) => {
    const isNext = /^[A-Z]/.test(line) && !/[.:;,]$/.test(text);
    return `${text}${isNext ? "." : ""} ${line}`;
  }, first);
}
