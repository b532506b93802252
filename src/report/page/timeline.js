import { sectorsOf, wordsOfCells } from "./cells.js";
import { brief, byId, chip, element, view } from "./data.js";

let opRows = [];
let crashRow;
let groupEnds = [];
let touchedBy = [];

function row(kind, cells) {
  const tr = element("tr", kind);
  tr.setAttribute("role", "row");
  for (const [className, content] of cells) {
    const td = element("td", className);
    td.setAttribute("role", "cell");
    if (typeof content === "string") td.textContent = content;
    else if (content) td.append(content);
    tr.append(td);
  }
  return tr;
}

function opWords(op, k) {
  const part = document.createDocumentFragment();
  const words = element("span", "", ` ${brief(op.words)}`);
  words.title = op.words;
  part.append(element("span", "number", `${k}`), words);
  return part;
}

/** What a barrier did for the media. */
function forcedWords({ isFailed, forced }) {
  if (isFailed) return forced ? `failed: made durable only ${forced}` : "failed: forced nothing";
  return forced ? `makes durable: ${forced}` : "nothing was left to force";
}

export function buildTimeline() {
  drawnFates = [];
  const rows = byId("rows");
  rows.textContent = "";
  opRows = [undefined];
  groupEnds = [];
  const all = document.createDocumentFragment();
  const started = element("tr", "event start");
  started.setAttribute("role", "row");
  const td = element(
    "td",
    "app",
    view.index === 0 ? "Power on: the directory is empty" : "Power on",
  );
  td.colSpan = 3;
  td.setAttribute("role", "cell");
  started.append(td);
  all.append(started);
  let last = started;
  let event = 0;
  for (let k = 0; k <= view.life.ops.length; k++) {
    if (k > 0) {
      const op = view.life.ops[k - 1];
      const failed = op.isFailed ? " failed" : "";
      last = row(op.isBarrier ? `op barrier${failed}` : "op", [["app", ""], [
        "cache",
        opWords(op, k),
      ], [
        "media",
        "",
      ]]);
      const fate = element("div", "fate");
      last.lastChild.append(fate);
      if (op.isBarrier) fate.append(element("span", "forced", brief(forcedWords(op))));
      last.dataset.point = k;
      opRows[k] = last;
      all.append(last);
    }
    for (; event < view.life.events.length && view.life.events[event].at === k; event++) {
      const { words, kind, isIdle } = view.life.events[event];
      const idle = isIdle ? element("span", "idle", "no op on the disk") : "";
      last = row(`event ${kind}`, [["app", words], ["cache", idle], ["media", ""]]);
      last.dataset.point = k;
      all.append(last);
    }
    groupEnds[k] = last;
  }
  crashRow = element("tr", "crash");
  crashRow.setAttribute("role", "row");
  const line = element("td");
  line.colSpan = 3;
  line.setAttribute("role", "cell");
  crashRow.append(line);
  rows.append(all);
  touchedBy = view.life.ops.map(() => []);
  view.life.cells.forEach((cell, index) => {
    cell.made.forEach((made, version) => {
      if (made === 0 || version === 0) return;
      const list = touchedBy[made - 1];
      if (list === undefined) return;
      const same = list.find((one) => one.index === index);
      if (same) same.last = version;
      else list.push({ index, first: version, last: version });
    });
  });
}

/** What became of one version of a cell. */
function fateOf({ first, last }, { cell, oldest, version, state }) {
  if (state === "damaged") return "damaged";
  if (last <= oldest) return cell.flavour[last] === "F" ? "lost" : "synced";
  if (version === -1) return "risk";
  if (version >= last) return cell.flavour[version] === "F" ? "lost" : "kept";
  if (version < first) return "lost";
  return cell.flavour[version] === "G" ? "garbage" : "torn";
}

let drawnFates = [];

export function drawTimeline(states) {
  const last = view.point;
  const isCrash = view.life.crash !== null;
  for (let k = 1; k < opRows.length; k++) {
    const tr = opRows[k];
    if (view.life.ops[k - 1].isBarrier) continue;
    let text = "";
    let words = new Map();
    const groups = new Map();
    if (k <= last) {
      for (const touch of touchedBy[k - 1]) {
        const state = fateOf(touch, states[touch.index]);
        groups.set(state, [...groups.get(state) ?? [], states[touch.index]]);
      }
      words = new Map([...groups].map(([state, cells]) => {
        const others = [...groups].flatMap(([other, cells]) => other === state ? [] : cells);
        return [state, wordsOfCells(cells, sectorsOf(others))];
      }));
      text = [...words].flat().join(" ");
    }
    if (drawnFates[k] === text) continue;
    drawnFates[k] = text;
    const fate = tr.querySelector(".fate");
    fate.textContent = "";
    for (const [state, cells] of words) {
      const part = element("span", "part");
      part.append(chip(state), ` ${brief(cells)}`);
      fate.append(part);
    }
  }
  const verdict = view.life.moments[last]?.verdict ?? "not searched";
  crashRow.className = `crash ${verdict.replace(" ", "-")}`;
  const after = last === 0 ? "before the first op" : `after op ${last}`;
  const mine = last === view.life.crash ? " (the crash of the finding)" : "";
  crashRow.firstChild.textContent = isCrash
    ? `The power goes ${after}${mine}`
    : last === view.life.ops.length
    ? "Here the recovery is judged"
    : `You are here, ${after}`;
  groupEnds[last].after(crashRow);
}

export function markFuture(from, to) {
  const [low, high] = from < to ? [from, to] : [to, from];
  for (const tr of byId("rows").children) {
    const point = Number(tr.dataset.point ?? -1);
    if (from === undefined || (point > low && point <= high)) {
      tr.classList.toggle("future", point > view.point);
    }
  }
}

export function showCrashRow() {
  const box = byId("scroll");
  const top = crashRow.offsetTop;
  const margin = 90;
  if (top < box.scrollTop + margin) box.scrollTop = top - margin;
  else if (top > box.scrollTop + box.clientHeight - margin) {
    box.scrollTop = top - box.clientHeight + margin;
  }
}
