import { inTime } from "../format_campaign.ts";
import type { Point } from "../point.ts";
import { thinned } from "./curves.ts";
import { type Markup, markup } from "./markup.ts";
import { counted, inMebibytes } from "./order.ts";

/** More rows than that nobody reads. */
const ROWS_MAX = 30;

/** The numbers behind the curves. */
export function numbersTable(points: readonly Point[]): Markup | undefined {
  if (points.length === 0) return undefined;
  const rows = thinned(points, ROWS_MAX).map((point) =>
    markup`<tr><th scope="row">${inTime(point.seconds)}</th>${
      [
        counted(point.runs),
        counted(point.recoveries),
        counted(point.facts),
        counted(point.corpus),
        counted(point.findings),
        inMebibytes(point.memory),
      ].map((cell) => markup`<td>${cell}</td>`)
    }</tr>\n`
  );
  const heads = ["Time", "Runs", "Recoveries", "Paths", "Corpus", "Findings", "Memory"];
  return markup`
    <details>
      <summary>The same in numbers</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Numbers over time">
        <table class="numbers">
          <thead>
            <tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr>
          </thead>
          <tbody>
    ${rows}</tbody>
        </table>
      </div>
    </details>
  `;
}
