import type { Verdict } from "../../../mod.ts";
import { inTime } from "../format_campaign.ts";
import type { JudgedFinding } from "../judge.ts";
import type { Point } from "../point.ts";
import { chart } from "./chart.ts";
import { curvesOf } from "./curves.ts";
import { findingCard } from "./finding_card.ts";
import { Markup, markup } from "./markup.ts";
import { numbersTable } from "./numbers_table.ts";
import { counted, inMebibytes, inTurn, replayCommand, type SummaryOrder } from "./order.ts";
import style from "./summary.css" with { type: "text" };

/** A verdict as a part of a title. */
const WORDS: Readonly<Record<Verdict, string>> = {
  "holds": "holds",
  "violates": "violates",
  "harness-broken": "harness broken",
  "not-measured": "not measured",
};

/**
 * A campaign as one HTML page that needs nothing else: what was found, what it has come to over time,
 * and how to run it again.
 *
 * @returns The page; the same campaign gives the same page.
 */
export function renderSummary(order: SummaryOrder): string {
  const { module, judgement: { verdict }, result: { points } } = order;
  const title = `Campaign of ${module}: ${WORDS[verdict]}`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>
${new Markup(style)}</style>
</head>
<body>
${header(order)}
<main>
${findings(order)}
${incidents(order)}
${overTime(points)}
${marks(order)}
${again(order)}
</main>
</body>
</html>
`.text;
}

function header({ module, judgement: { verdict, reasons }, result }: SummaryOrder): Markup {
  const { standing: { seconds, runs, recoveries, facts, corpus }, points, interrupted } = result;
  const memory = Math.max(result.standing.memory, ...points.map((point) => point.memory));
  const tiles = [
    ["Time", inTime(seconds)],
    ["Runs", counted(runs)],
    ["Recoveries", counted(recoveries)],
    ["Paths", counted(facts)],
    ["Corpus", counted(corpus)],
    ["Memory, at most", inMebibytes(memory)],
  ] as const;
  return markup`<header>
<h1><span class="log">${module}</span> <span class="badge ${verdict}">${WORDS[verdict]}</span></h1>
${
    reasons.length > 0
      ? markup`<ul class="reasons">${reasons.map((reason) => markup`<li>${reason}</li>`)}</ul>`
      : markup`<p class="reasons">No run has broken the promise. That does not show that none can.</p>`
  }
${
    interrupted
      ? markup`<p class="note">Somebody has interrupted it: it has not run for its whole time.</p>`
      : ""
  }
<dl class="tiles">${
    tiles.map(([name, value]) =>
      markup`
        <div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>
      `
    )
  }</dl>
</header>`;
}

function findings({ findings, result: { standing: { explaining } } }: SummaryOrder): Markup {
  const isKnown = ({ news }: JudgedFinding) => news === "known";
  const news = inTurn(findings.filter((finding) => !isKnown(finding)));
  return markup`<section class="panel wide" aria-labelledby="findings">
<h2 id="findings">Findings</h2>
${news.length === 0 ? markup`<p class="empty">No new one.</p>` : news.map(findingCard)}
${known(findings.filter(isKnown))}
${
    explaining > 0
      ? markup`<p class="note">${explaining} more, not explained yet: go on with <code>--resume</code>.</p>`
      : ""
  }
</section>`;
}

/** What is known is there for those who ask for it. */
function known(findings: readonly JudgedFinding[]): Markup | undefined {
  if (findings.length === 0) return undefined;
  const title = findings.length === 1 ? "1 known finding" : `${findings.length} known findings`;
  return markup`<details><summary>${title}</summary>${findings.map(findingCard)}</details>`;
}

function incidents({ result: { incidents } }: SummaryOrder): Markup | undefined {
  if (incidents.length === 0) return undefined;
  return markup`<section class="panel wide" aria-labelledby="incidents">
<h2 id="incidents">Runs without an end</h2>
<p class="hint">The log hung, ended its process, or could not be judged.</p>
${
    incidents.map(({ incident: { what, run, words }, file }) =>
      markup`
        <article class="finding">
          <h3><span class="badge small violates">${what}</span> run ${counted(run)}</h3>
          <p>${words.trim() === "" ? "Without a word." : words}</p>
          <pre>${replayCommand(file)}</pre>
        </article>
      `
    )
  }
</section>`;
}

function overTime(points: readonly Point[]): Markup {
  const curves = curvesOf(points);
  return markup`<section class="panel wide" aria-labelledby="over-time">
<h2 id="over-time">Over time</h2>
${
    curves.length === 0
      ? markup`<p class="empty">Too short for curves.</p>`
      : markup`<div class="curves">${curves.map(chart)}</div>`
  }
${numbersTable(points)}
</section>`;
}

function marks({ result: { standing: { marks }, canary } }: SummaryOrder): Markup {
  const found = canary.found.length > 0;
  const reached = [...marks].filter(([, isReached]) => isReached).length;
  return markup`<section class="panel" aria-labelledby="marks">
<h2 id="marks">Marks</h2>
<p class="hint">What a campaign must come across at least once: ${reached} of ${marks.size} reached.</p>
<ul class="marks">${
    [...marks].map(([name, isReached]) =>
      markup`<li class="${isReached ? "reached" : "missed"}"><strong>${
        isReached ? "reached" : "never"
      }</strong> <span>${name}</span></li>`
    )
  }</ul>
${
    canary.runs === 0 ? "" : markup`
      <h3>Canary</h3>
      <p>A log that fails rarely and on purpose was ${found ? "found" : "not found"} ${
      found ? `after ${canary.found.join(" and ")} of its runs` : `in ${counted(canary.runs)} runs`
    }.</p>
    `
  }
</section>`;
}

function again({ begin, command, result: { begun, digests } }: SummaryOrder): Markup {
  const rows = Object.entries(digests).map(([lane, digest]) =>
    markup`
      <tr>
        <th scope="row">${lane} of ${begun.of}</th>
        <td><code>${digest}</code></td>
      </tr>
    `
  );
  return markup`<section class="panel" aria-labelledby="again">
<h2 id="again">Run it again</h2>
<pre class="begin">${begin.split("\n").map((line) => markup`<span>${line}</span>`)}</pre>
<pre>${command}</pre>
${
    rows.length === 0 ? "" : markup`
      <details>
        <summary>Digests of the lanes</summary>
        <p class="hint">The same commit, seed and number of runs give the same digests.</p>
        <table>
          <thead>
            <tr>
              <th scope="col">Lane</th>
              <th scope="col">Digest</th>
            </tr>
          </thead>
          <tbody>${rows}</tbody>
        </table>
      </details>
    `
  }
</section>`;
}
