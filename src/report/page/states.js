import { element, plural } from "./data.js";
import { tableOf } from "./table.js";

/** States of a store side by side, key by key: where what came back is wrong stands first. */
export function stateTable({ columns, rows, more, moreWrong, isJudged }) {
  const shown = rows.map(([key, values, isWrong], i) => {
    const tr = element("tr", isWrong ? (i === 0 ? "wrong first" : "wrong") : "");
    const th = element("th", "key", key);
    th.scope = "row";
    tr.append(th, ...values.map((value) => element("td", "bytes", value)));
    if (isJudged) tr.append(element("td", "mark", isWrong ? "wrong" : "right"));
    return tr;
  });
  if (rows.length === 0) shown.push(wideRow("No key in any of these states", columns));
  if (more > 0) {
    const wrong = moreWrong > 0 ? `, ${moreWrong} of them wrong` : isJudged ? ", all right" : "";
    shown.push(wideRow(`${plural(more, "more key")}${wrong}`, columns));
  }
  const table = tableOf(["Key", ...columns, ...(isJudged ? [""] : [])], shown);
  table.className = "states";
  return table;
}

function wideRow(words, columns) {
  const tr = element("tr", "skipped");
  const td = element("td", "", words);
  td.colSpan = columns.length + 2;
  tr.append(td);
  return tr;
}
