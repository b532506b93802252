import { opsInWords, placesInWords, unit, view } from "./data.js";

function newestAt(cell, point) {
  let version = cell.made.length - 1;
  while (cell.made[version] > point) version--;
  return version;
}

function oldestAt(cell, point) {
  let version = 0;
  while (cell.until[version] !== null && cell.until[version] < point) version++;
  return version;
}

/** What is known about the cells at the present crash point. */
export function statesNow() {
  const moment = view.life.moments[view.point];
  const kept = new Map(moment?.kept ?? []);
  const damage = moment?.damage ?? [];
  const damageTo = ({ file, place, span }) =>
    damage.find((one) => one[0] === file && one[1] >= place && one[1] < place + span)?.[2];
  const isCrash = moment?.verdict === "violates";
  return view.life.cells.map((cell, index) => {
    const newest = newestAt(cell, view.point);
    const oldest = oldestAt(cell, view.point);
    const decided = kept.get(index);
    const version = oldest === newest ? newest : decided ?? -1;
    const base = { cell, newest, oldest, version };
    const words = cell.kind === "sector" ? damageTo(cell) : undefined;
    if (words !== undefined) return { ...base, state: "damaged", words };
    if (version === -1) {
      return { ...base, state: "risk", word: isCrash ? "not read" : undefined };
    }
    const flavour = cell.flavour[version];
    if (oldest === newest) {
      const state = cell.made[version] === 0 ? "before" : { G: "garbage", F: "lost" }[flavour];
      return { ...base, state: state ?? "synced" };
    }
    const state = { G: "garbage", T: "torn", F: "lost" }[flavour];
    return { ...base, state: state ?? (version === newest ? "kept" : "lost") };
  });
}

/** What became of what an earlier life had written, in words. */
export const HELD = {
  kept: "as before this life",
  lost: "gone before this life: reads as zeros",
  unknown: "written before this life, and not looked at since: perhaps lost",
  never: "never written",
};

/** What a cell of a file held when this life began: a word of `HELD`. */
export function heldAt(file, place) {
  const found = view.life.held.find(([of, from, to]) => of === file && from <= place && place < to);
  return found === undefined ? "never" : found[3];
}

/** What a cell held before this life, in words. */
function wordsOfBefore({ kind, file, place }) {
  if (kind !== "sector") return HELD.kept;
  const held = heldAt(file, place);
  return held === "kept" || held === "unknown" ? HELD[held] : "reads as zeros";
}

/** What a cell holds, in a few words. */
export function holds({ cell, state, version, newest, oldest, words }) {
  if (state === "damaged") return words;
  const left = (v) => cell.made[v] > 0 ? `as op ${cell.made[v]} left it` : wordsOfBefore(cell);
  const gone = opsInWords(cell.made.slice(Math.max(version, 0) + 1, newest + 1));
  switch (state) {
    case "synced":
    case "kept":
      return left(version);
    case "risk":
      return `${opsInWords(cell.made.slice(oldest + 1, newest + 1))} not forced`;
    case "garbage":
      return `taken by op ${cell.made[version]}, not written: reads as 0xDB`;
    case "torn":
      return `op ${cell.made[version]} half-way`;
    case "lost": {
      if (cell.flavour[version] === "F") return `op ${cell.made[version]} could not write it`;
      if (version > 0 && cell.made[version] > 0) return `${left(version)}; ${gone} lost`;
      return `${left(0)}; ${gone} lost`;
    }
    default:
      return "";
  }
}

/** How many cells a sector has: more than one where it may tear. */
export const perSector = unit.sectorBytes / unit.bytes;
export const sectorOf = ({ place }) => Math.floor(place / perSector);
export const sectorsOf = (states) =>
  new Set(states.filter(({ cell }) => cell.kind === "sector").map(({ cell }) => sectorOf(cell)));

/** Cells in words; of a sector that is also in `others`, they are a part. */
export function wordsOfCells(states, others = new Set()) {
  const sectors = [...sectorsOf(states)];
  const parts = sectors.filter((sector) => others.has(sector));
  const wholes = sectors.filter((sector) => !others.has(sector));
  return [
    ...(wholes.length > 0 ? [placesInWords(wholes)] : []),
    ...(parts.length > 0 ? [`a part of ${placesInWords(parts)}`] : []),
    ...(states.some(({ cell }) => cell.kind === "size") ? ["size"] : []),
    ...states.filter(({ cell }) => cell.kind === "name").map(({ cell }) => `name "${cell.place}"`),
  ].join(", ");
}
