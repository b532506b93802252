import { holds, sectorOf } from "./cells.js";
import { byId, chip, element, plural, unit, view } from "./data.js";
import { drawLegend } from "./legend.js";
import { layoutList } from "./pieces.js";
import { gapBoxes, sectorBox, together, turnBoxes } from "./sectors.js";

function factLine(one, text) {
  const line = element("div", "fact");
  line.append(chip(one.state, one.word), ` ${text}`);
  return line;
}

function sizeLine(one) {
  const { cell, state, version, newest, oldest } = one;
  const bytes = (v) => plural(cell.values[v], "byte");
  if (state === "risk") {
    return factLine(one, `size: ${bytes(newest)}, or only ${bytes(oldest)} after a crash`);
  }
  const was = version === newest ? "" : `, was ${bytes(newest)}`;
  const how = holds(one);
  return factLine(one, `size: ${bytes(version)}${was}${how ? ` (${how})` : ""}`);
}

function nameLine(one, target) {
  const { cell, state, version, newest, oldest } = one;
  const bearer = (v) => cell.values[v];
  const said = (v) =>
    bearer(v) === target
      ? "leads here"
      : bearer(v) === -1
      ? "is not there"
      : `leads to ${view.life.files[bearer(v)].path}`;
  const where = view.life.files[cell.file].path;
  const name = `name "${cell.place}" in ${where}`;
  if (state === "risk") {
    return factLine(one, `${name}: ${said(newest)}; after a crash it perhaps ${said(oldest)}`);
  }
  const how = holds(one);
  return factLine(one, `${name}: ${said(version)}${how ? ` (${how})` : ""}`);
}

/** Whether a name leads to a file: it does, a crash has taken the last one, the program has. */
const [LOST, NAMED] = [0, 1];

/** A file without a name is a loss, unless that is what the program wanted. */
function namelessLine(named) {
  return named === LOST
    ? element("div", "fact warning", "No name leads to this file: recovery cannot find it.")
    : element("div", "fact gone", "Replaced or removed on purpose: no name leads to it any more.");
}

function fileBlock(known, states) {
  const { file, size, named, layout } = known;
  const block = element("article", "file");
  block.append(element("h3", "", view.life.files[file].path));
  const facts = element("div", "facts");
  const isCrash = view.life.moments[view.point]?.verdict === "violates";
  for (const one of states) {
    if (one.cell.kind === "name" && one.newest > 0 && one.cell.values.includes(file)) {
      if (one.cell.made.some((made) => made > 0)) facts.append(nameLine(one, file));
    }
  }
  const sized = states.find(({ cell }) => cell.kind === "size" && cell.file === file);
  if (sized !== undefined && sized.newest > 0) facts.append(sizeLine(sized));
  else facts.append(element("div", "fact", `size: ${plural(size, "byte")}`));
  if (named !== NAMED) facts.append(namelessLine(named));
  block.append(facts);
  const cached = sized === undefined
    ? size
    : sized.newest > 0
    ? sized.cell.values[sized.newest]
    : size;
  const shown = Math.max(size, cached);
  const strip = element("ul", "sectors");
  const mine = Map.groupBy(
    states.filter(({ cell, newest }) => cell.kind === "sector" && cell.file === file && newest > 0),
    ({ cell }) => sectorOf(cell),
  );
  let next = 0;
  for (const [sector, parts] of [...mine].sort((a, b) => a[0] - b[0])) {
    const start = sector * unit.sectorBytes;
    if (start >= shown) continue;
    if (sector > next) strip.append(...gapBoxes(file, next, sector));
    const isCut = isCrash && start >= size;
    const cut = {
      state: "lost",
      notes: [`behind the end: only ${plural(size, "byte")} survived`],
    };
    strip.append(sectorBox(
      { file, sector, ...(isCut ? cut : together(parts)) },
      { start, end: Math.min(start + unit.sectorBytes, isCut ? start : size), layout },
    ));
    next = sector + 1;
  }
  const sectors = Math.ceil(shown / unit.sectorBytes);
  if (sectors > next) strip.append(...gapBoxes(file, next, sectors));
  if (strip.firstChild) block.append(strip);
  else block.append(element("p", "empty", "The file is empty."));
  const list = layoutList(layout, file);
  if (list) block.append(list);
  return block;
}

let isQuietOpen = false;

/** Files with which nothing can happen any more, folded away. */
function quietBlock(quiet, states, nothing) {
  const rest = element("details", "quiet");
  rest.append(
    element("summary", "", `${plural(quiet.length, "file")} more, of which nothing ${nothing}`),
  );
  const fill = () => rest.append(...quiet.map((one) => fileBlock(one, states)));
  rest.open = isQuietOpen;
  if (isQuietOpen) fill();
  rest.addEventListener("toggle", () => {
    isQuietOpen = rest.open;
    if (rest.open && rest.children.length === 1) fill();
  });
  return rest;
}

/** The names in a directory that lead to no file; `undefined` when there are none. */
function namesBlock(directory, states) {
  const names = states.filter(({ cell, newest }) =>
    cell.kind === "name" && cell.file === directory && newest > 0 &&
    cell.made.some((made) => made > 0) &&
    !cell.values.some((bearer) => bearer >= 0 && view.life.files[bearer].kind === "file")
  );
  if (names.length === 0) return undefined;
  const block = element("article", "file");
  block.append(element("h3", "", `Names in ${view.life.files[directory].path}`));
  const facts = element("div", "facts");
  for (const one of names) {
    const was = one.cell.values[Math.max(one.version, 0)] === -1 ? "is not there" : "is there";
    const text = `"${one.cell.place}"${one.state === "risk" ? "" : ` ${was}`} (${holds(one)})`;
    facts.append(factLine(one, text));
  }
  block.append(facts);
  return block;
}

/** What kind of picture the map is. */
function mapHint(moment) {
  if (!moment) return "This crash point was not looked at.";
  switch (moment.verdict) {
    case "violates":
      return view.point === view.life.crash
        ? "One crash that the disk allows here: the one of the finding."
        : "One crash that the disk allows here: the smallest that breaks the promise, of those tried.";
    case "holds":
      return "Whatever of this a crash keeps or loses, the promise is kept.";
    case "none":
      return "What a power loss here could take along.";
    default:
      return "Not every crash was tried here.";
  }
}

export function drawMap(states) {
  const moment = view.life.moments[view.point];
  const map = byId("map");
  const blocks = document.createDocumentFragment();
  turnBoxes();
  const known = view.files[view.point] ?? new Map();
  const shown = [...known.values()].filter(({ file }) => view.life.files[file].kind === "file");
  const isCrash = moment?.verdict === "violates";
  const calm = isCrash ? ["synced", "before", "risk"] : ["synced", "before"];
  const isQuiet = ({ file, named }) =>
    named !== LOST && states.every(({ cell, state }) =>
      calm.includes(state) ||
      (cell.kind === "name" ? !cell.values.includes(file) : cell.file !== file)
    );
  const quiet = shown.length > 2 ? shown.filter(isQuiet) : [];
  for (const one of shown) if (!quiet.includes(one)) blocks.append(fileBlock(one, states));
  if (quiet.length > 0) {
    blocks.append(quietBlock(quiet, states, isCrash ? "was lost" : "is at risk"));
  }
  for (const [directory, { kind }] of view.life.files.entries()) {
    const names = kind === "directory" ? namesBlock(directory, states) : undefined;
    if (names !== undefined) blocks.append(names);
  }
  if (!blocks.firstChild) blocks.append(element("p", "empty", "There is no file yet."));
  map.replaceChildren(blocks);
  drawLegend(new Set([...map.querySelectorAll(".chip")].map((one) => one.classList[1])));
  byId("map-hint").textContent = mapHint(moment);
}
