import { statesNow } from "./cells.js";
import { byId, data, element, filesByPoint, VERDICTS, view } from "./data.js";
import { drawMap } from "./map.js";
import { openLayouts } from "./pieces.js";
import { drawRecords } from "./records.js";
import { forgetBoxes } from "./sectors.js";
import { buildTimeline, drawTimeline, markFuture, showCrashRow } from "./timeline.js";

const slider = byId("slider");

function drawStrip() {
  const strip = byId("strip");
  strip.textContent = "";
  const points = view.life.ops.length + 1;
  byId("controls").style.setProperty("--points", points);
  slider.max = `${points - 1}`;
  const verdictAt = (p) => view.life.moments[p]?.verdict ?? "not searched";
  const counts = {};
  for (let p = 0; p < points;) {
    let q = p;
    const verdict = verdictAt(p);
    while (q + 1 < points && verdictAt(q + 1) === verdict) q++;
    counts[verdict] = (counts[verdict] ?? 0) + q - p + 1;
    const run = element("span", `run ${verdict.replace(" ", "-")}`);
    run.style.flexGrow = `${q - p + 1}`;
    run.title = `${VERDICTS[verdict]}: crash points ${p} to ${q}`;
    if ((q - p + 1) / points > 0.12) run.textContent = VERDICTS[verdict].toLowerCase();
    strip.append(run);
    p = q + 1;
  }
  strip.setAttribute("role", "img");
  strip.setAttribute(
    "aria-label",
    `Verdict at each of ${points} crash points: ` +
      Object.entries(counts).map(([verdict, count]) => `${count} ${verdict}`).join(", "),
  );
  if (view.life.crash !== null) {
    const mark = element("span", "finding");
    mark.style.left = `${(view.life.crash + 0.5) / points * 100}%`;
    mark.title = "the crash of the finding";
    strip.append(mark);
  }
}

function drawLives() {
  const group = byId("lives");
  group.textContent = "";
  group.hidden = data.lives.length < 2;
  data.lives.forEach((one, index) => {
    const button = element("button", "", one.name);
    button.type = "button";
    button.setAttribute("aria-pressed", `${index === view.index}`);
    button.addEventListener("click", () => goTo(index, one.crash ?? one.ops.length));
    group.append(button);
  });
}

const firstError = () => view.life.moments.findIndex((moment) => moment?.verdict === "violates");

function drawNow() {
  const moment = view.life.moments[view.point];
  const verdict = moment?.verdict ?? "not searched";
  const count = view.life.ops.length;
  const box = byId("now");
  box.className = `now ${verdict.replace(" ", "-")}`;
  byId("verdict").textContent = view.life.crash === null
    ? `${view.life.name}.`
    : `${VERDICTS[verdict]}`;
  const op = view.point === 0 ? "before the first op" : `after op ${view.point}`;
  const words = view.point === 0 ? "" : `: ${view.life.ops[view.point - 1].words}`;
  byId("step").textContent = view.life.crash === null
    ? `${op} of ${count}${words}.`
    : `if the power goes ${op} of ${count}${words}.`;
  byId("meaning").textContent = moment?.clause
    ? `${moment.clause[0].toUpperCase()}${moment.clause.slice(1)}. ${moment.message}`
    : verdict === "holds"
    ? `All crash states here keep the promise (${
      moment.recoveries === 1 ? "1 recovery" : `${moment.recoveries} recoveries`
    }).`
    : verdict === "not searched"
    ? "No crash that breaks the promise was found, but not all were tried."
    : "";
  slider.value = `${view.point}`;
  slider.setAttribute("aria-valuetext", `${op} of ${count}: ${verdict}`);
  // Not "disabled": whoever has just pressed a button must not lose their place.
  const disable = (id, is) => byId(id).setAttribute("aria-disabled", `${is}`);
  for (const id of ["back", "first"]) disable(id, view.point === 0);
  for (const id of ["forward", "last"]) disable(id, view.point === count);
  disable("error", firstError() < 0);
}

let shownPoint;

function draw() {
  const states = statesNow();
  drawNow();
  drawTimeline(states);
  markFuture(shownPoint, view.point);
  shownPoint = view.point;
  drawMap(states);
  drawRecords();
  showCrashRow();
}

function goTo(index, point) {
  if (index !== view.index) {
    view.index = index;
    view.point = point;
    begin();
    byId("lives").children[index].focus();
    return;
  }
  const to = Math.min(Math.max(point, 0), view.life.ops.length);
  if (to === view.point) return;
  view.point = to;
  draw();
}

function begin() {
  view.life = data.lives[view.index];
  view.files = filesByPoint(view.life);
  forgetBoxes();
  openLayouts.clear();
  shownPoint = undefined;
  drawLives();
  drawStrip();
  buildTimeline();
  draw();
}

const step = (by) => goTo(view.index, view.point + by);
const jumpToError = () => {
  const point = firstError();
  if (point >= 0) goTo(view.index, point);
};
const jumpToCrash = () => goTo(data.start.life, data.start.point);
const showKeys = () => byId("keys").showModal();
const otherLife = (by) => {
  const other = data.lives[view.index + by];
  if (other) goTo(view.index + by, other.crash ?? other.ops.length);
};

const KEYS = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  Home: () => goTo(view.index, 0),
  End: () => goTo(view.index, view.life.ops.length),
  e: jumpToError,
  c: jumpToCrash,
  "[": () => otherLife(-1),
  "]": () => otherLife(1),
  "?": showKeys,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || byId("keys").open) return;
  const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
  if (act === undefined) return;
  event.preventDefault();
  act();
});
slider.addEventListener("input", () => goTo(view.index, Number(slider.value)));
byId("rows").addEventListener("click", (event) => {
  const point = event.target.closest("tr")?.dataset.point;
  if (point !== undefined && String(getSelection()) === "") goTo(view.index, Number(point));
});
byId("strip").addEventListener("click", (event) => {
  const { left, width } = byId("strip").getBoundingClientRect();
  goTo(view.index, Math.floor((event.clientX - left) / width * (view.life.ops.length + 1)));
});
const BUTTONS = {
  first: KEYS.Home,
  back: KEYS.ArrowLeft,
  forward: KEYS.ArrowRight,
  last: KEYS.End,
  error: jumpToError,
  crash: jumpToCrash,
  help: showKeys,
};
for (const [id, act] of Object.entries(BUTTONS)) byId(id).addEventListener("click", act);

const show = () => {
  for (const id of ["controls", "timeline", "right"]) byId(id).hidden = false;
  begin();
  performance.mark("ready");
};
// The words above and the proof are painted before the pictures are drawn.
requestAnimationFrame(() => setTimeout(show));
