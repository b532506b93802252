import { compare } from "./balance.js";
import { byId, data, element, plural, terms, view } from "./data.js";
import { stateTable } from "./states.js";
import { tableOf } from "./table.js";

function recordWords(id) {
  const { bytes, head, text, note } = data.records[id];
  if (text !== undefined) return text;
  const shown = head.replace(/../g, "$& ").trim();
  if (bytes === 0) return "0 bytes";
  const more = note ? `, ${note}` : "";
  return `${plural(bytes, "byte")} [${shown}${bytes * 2 > head.length ? " …" : ""}]${more}`;
}

/** Around the first wrong record so many are shown, and at most so many in all. */
const NEAR = 3;
const MOST = 12;

/** What is owed and what came back, in a sentence. */
function recordsHint(moment) {
  const { owed, issued, frontOwed, recovered, state, clause, message, isLater } = moment;
  const range = `${plural(Math.max(owed - frontOwed, 0), terms.item)} owed, ` +
    `${Math.max(issued - frontOwed, 0)} ${terms.called}`;
  const isState = state >= 0;
  const meaning = "Owed means: its durability was promised, or it was shown.";
  if (isLater) return `${range}. What breaks the promise comes only after this recovery.`;
  if (isState && data.states[state].isJudged) {
    const { after } = data.states[state];
    const reached = after < 0
      ? "no number of whole commands leads to the state that came back"
      : `what came back is the state after ${plural(after, terms.item)}`;
    return `${range}; ${reached}. Owed means: its durability was promised.`;
  }
  if (recovered !== null) return `${range}, ${recovered.length} came back. ${meaning}`;
  if (clause) return `${range}, and nothing comes back: ${message}`;
  return isState
    ? `${range}. Recovery must give back the state after so many whole commands: at least the first, at most the second.`
    : `${range}. Recovery must give back at least the first, at most the second, in order.`;
}

/** Of many rows those around the first wrong one, else the last. */
function rangeOf(rows) {
  if (rows.length <= MOST) return [0, rows.length];
  const wrong = rows.findIndex((one) => one.ok === false);
  const center = wrong >= 0 ? wrong : rows.length - 1;
  const from = Math.max(0, Math.min(center - NEAR, rows.length - 2 * NEAR - 1));
  return [from, Math.min(rows.length, from + 2 * NEAR + 1)];
}

function markOf({ ok, got }) {
  if (ok) return got === null ? "may be" : "same";
  return got === null ? "lost" : "wrong";
}

function recordRow(one, { isJudged, isFirstWrong }) {
  const isWrong = one.ok === false || one.effect === "lost";
  const tr = element("tr", isWrong ? (isFirstWrong ? "wrong first" : "wrong") : "");
  tr.append(element("th", "", `${one.place + 1}`));
  tr.firstChild.scope = "row";
  tr.append(element("td", "bytes", one.want === undefined ? "" : recordWords(one.want)));
  tr.append(element("td", "promise", one.promise));
  if (isJudged) {
    tr.append(element("td", "bytes", one.got === null ? "missing" : recordWords(one.got)));
    tr.append(element("td", "mark", markOf(one)));
  }
  if (one.effect !== undefined) tr.append(element("td", "mark", one.effect));
  return tr;
}

function skippedRow(rows, isJudged) {
  const tr = element("tr", "skipped");
  const ok = isJudged && rows.every((one) => one.ok) ? ", all as they should be" : "";
  const td = element("td", "", `${plural(rows.length, `more ${terms.item}`)}${ok}`);
  td.colSpan = isJudged ? 5 : 3;
  tr.append(td);
  return tr;
}

function recordTable(rows, isJudged) {
  const wrong = rows.findIndex((one) => one.ok === false);
  const [from, to] = rangeOf(rows);
  const shown = rows.slice(from, to).map((one, i) =>
    recordRow(one, { isJudged, isFirstWrong: from + i === wrong })
  );
  if (from > 0) shown.unshift(skippedRow(rows.slice(0, from), isJudged));
  if (to < rows.length) shown.push(skippedRow(rows.slice(to), isJudged));
  const hasEffects = rows.some(({ effect }) => effect !== undefined);
  const called = `${terms.called[0].toUpperCase()}${terms.called.slice(1)}`;
  const titles = isJudged ? ["Came back", ""] : hasEffects ? ["In what came back"] : [];
  return tableOf(["", called, "Promise", ...titles], shown);
}

export function drawRecords() {
  const box = byId("records");
  const moment = view.life.moments[view.point];
  const key = JSON.stringify(
    moment && [
      moment.account,
      moment.owed,
      moment.issued,
      moment.frontOwed,
      moment.frontIssued,
      moment.recovered,
      moment.state,
      moment.message,
    ],
  );
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  box.textContent = "";
  byId("records-hint").textContent = moment
    ? recordsHint(moment)
    : "Unknown: this crash point was not looked at.";
  if (!moment) return;
  if (moment.state >= 0) box.append(stateTable(data.states[moment.state]));
  const rows = compare(moment);
  if (rows.length > 0) box.append(recordTable(rows, moment.recovered !== null));
}
