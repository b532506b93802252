import { HELD, heldAt, holds, perSector } from "./cells.js";
import { chip, data, element, placesInWords, STATES, unit } from "./data.js";
import { pieceBar } from "./pieces.js";

/** Boxes of the step before: most sectors look the same in the next one. */
let boxes = new Map();
let oldBoxes = new Map();

export function sectorBox(one, range) {
  const { start, end, layout } = range;
  const pieces = (data.layouts[layout] ?? []).filter(([offset, length]) =>
    offset < end && offset + length > start
  );
  const key = JSON.stringify([
    one.file,
    one.sector,
    one.state,
    one.word,
    one.notes,
    start,
    end,
    pieces,
  ]);
  const box = oldBoxes.get(key) ?? newSectorBox(one, range);
  boxes.set(key, box);
  return box;
}

function newSectorBox(one, { start, end, layout }) {
  const box = element("li", `sector ${one.state}`);
  const head = element("div", "sector-head");
  head.append(
    element("span", "place", `${unit.name} ${one.sector}`),
    chip(one.state, one.word),
  );
  box.append(head, ...one.notes.map((note) => element("div", "holds", note)));
  if (end > start) {
    if (end - start < unit.sectorBytes) {
      box.append(element("div", "used", `bytes ${start} to ${end}; the rest is empty`));
    }
    if (layout >= 0) box.append(pieceBar(layout, start, end));
  }
  return box;
}

/** A sector may have parts, of which each has its own fate: then it is torn. */
export function together(parts) {
  const [first] = parts;
  const sorted = [...parts].sort((a, b) => a.cell.place - b.cell.place);
  const runs = [];
  for (const one of sorted) {
    const last = runs[runs.length - 1];
    const from = one.cell.place * unit.bytes;
    const to = (one.cell.place + one.cell.span) * unit.bytes;
    const same = last !== undefined && last.to === from && last.words === holds(one) &&
      last.state === one.state;
    if (same) last.to = to;
    else runs.push({ from, to, words: holds(one), state: one.state });
  }
  const isOne = parts.every(({ state }) => state === first.state);
  if (runs.length === 1) return { state: first.state, word: first.word, notes: [holds(first)] };
  const shown = runs.slice(0, PARTS_MAX).map(({ from, to, state, words }) =>
    `bytes ${from} to ${to}: ${isOne ? "" : `${STATES[state][0]}, `}${words}`
  );
  if (runs.length > PARTS_MAX) shown.push(`and ${runs.length - PARTS_MAX} parts more`);
  // What no barrier has forced is whole in the page cache, and may tear only in a crash.
  const isTorn = parts.some(({ state }) => state === "lost" || state === "garbage") &&
    parts.some(({ state }) => state !== "lost" && state !== "garbage");
  const state = isOne
    ? first.state
    : isTorn
    ? "torn"
    : ["damaged", "garbage", "lost", "torn", "risk", "kept", "synced"].find((state) =>
      parts.some((one) => one.state === state)
    ) ?? first.state;
  return { state, word: first.state === state ? first.word : undefined, notes: shown };
}

const PARTS_MAX = 4;

/** Sectors that this life has not written, together as far as the same became of them before. */
export function gapBoxes(file, from, to) {
  const runs = [];
  for (let sector = from; sector < to; sector++) {
    const units = Array.from({ length: perSector }, (_, i) => heldAt(file, sector * perSector + i));
    const held = [...new Set(units)].join(" ");
    const last = runs.at(-1);
    if (last?.held === held) last.to = sector + 1;
    else runs.push({ held, from: sector, to: sector + 1 });
  }
  return runs.map(gapBox);
}

function gapBox({ held, from, to }) {
  const places = Array.from({ length: Math.min(to - from, 2) }, (_, i) => from + i);
  const name = to - from > 2 ? `${unit.name}s ${from} to ${to - 1}` : placesInWords(places);
  const box = element("li", held === "kept" ? "sector before" : "sector gap");
  const head = element("div", "sector-head");
  head.append(element("span", "place", name));
  if (held === "kept") head.append(chip("before"));
  const words = held.split(" ").map((one) => HELD[one]);
  const part = words.length > 1 ? "in part " : "";
  box.append(head, element("div", "holds", words.map((one) => `${part}${one}`).join(", ")));
  return box;
}

/** Before a step is drawn: what it does not draw again is forgotten. */
export function turnBoxes() {
  [oldBoxes, boxes] = [boxes, new Map()];
}

/** Another life is looked at. */
export function forgetBoxes() {
  boxes.clear();
}
