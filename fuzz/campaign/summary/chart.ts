/**
 * One curve as a picture: SVG that is stretched to its place, with words beside it that are not.
 *
 * @module
 */
// @ts-types="@types/d3-scale"
import { scaleLinear, scaleUtc } from "d3-scale";
// @ts-types="@types/d3-shape"
import { area, curveLinear, curveStepAfter, line } from "d3-shape";
import { inTime } from "../format_campaign.ts";
import { type Curve, type Sample, valueAt } from "./curves.ts";
import { type Markup, markup } from "./markup.ts";

/** Size of the picture in its own units. */
const [WIDTH, HEIGHT] = [1000, 300];
const TICKS = 4;
/** So many places can be pointed at. */
const COLUMNS = 48;

/** A curve of at least two samples, with its scales and with words for those who do not see it. */
export function chart(curve: Curve): Markup {
  const { title, about, samples, words } = curve;
  const last = samples.at(-1)!;
  const { sum = words(last[1]) } = curve;
  const x = scaleUtc().domain([0, last[0] * 1000]).range([0, WIDTH]);
  const highest = Math.max(...samples.map(([, value]) => value));
  const { unit, suffix } = curve.scale;
  // A scale from 0 to 1 has no other whole numbers; a curve that is flat at 0 lies on the ground.
  const y = scaleLinear().domain([0, Math.max(highest / unit, 1)]).nice(TICKS).range([HEIGHT, 0]);
  const yTicks = y.ticks(TICKS).filter(Number.isInteger);
  const yWords = y.tickFormat(TICKS, "~s");
  const curveOf = curve.shape === "steps" ? curveStepAfter : curveLinear;
  const across = ([seconds]: Sample) => x(seconds * 1000);
  const up = ([, value]: Sample) => y(value / unit);
  const stroke = line<Sample>(across, up).curve(curveOf).digits(1)(samples)!;
  const fill = area<Sample>(across, HEIGHT, up).curve(curveOf).digits(1)(samples)!;
  const xTicks = x.ticks(TICKS);
  const grid = [
    ...yTicks.map((tick) => `M0 ${round(y(tick))}H${WIDTH}`),
    ...xTicks.map((tick) => `M${round(x(tick))} 0V${HEIGHT}`),
  ].join("");
  return markup`
    <figure class="curve">
      <figcaption>
        <h3>${title} <span class="last">${sum}</span></h3>
        <p class="hint">${about}</p>
      </figcaption>
      <div class="plot">
        <div class="up" aria-hidden="true">${
    yTicks.map((tick) =>
      markup`<span style="top:${round(y(tick) / HEIGHT * 100)}%">${
        tick === 0 ? 0 : yWords(tick)
      }${suffix}</span>`
    )
  }</div>
        <div class="field">
          <svg role="img" aria-label="${described(curve)}" viewBox="0 0 ${WIDTH} ${HEIGHT}"
            preserveAspectRatio="none">
            <path class="grid" d="${grid}" />
            <path class="fill" d="${fill}" />
            <path class="stroke" d="${stroke}" />
          </svg>
          <div class="hover" aria-hidden="true">${columns(curve, last[0])}</div>
        </div>
        <div class="across" aria-hidden="true">${
    xTicks.map((tick) => {
      const share = x(tick) / WIDTH;
      const side = share < 0.04 ? "begin" : share > 0.93 ? "end" : "middle";
      return markup`<span class="${side}" style="left:${round(share * 100)}%">${
        hours(tick.getTime() / 1000)
      }</span>`;
    })
  }</div>
      </div>
    </figure>
  `;
}

/** What somebody who points at the picture is told. */
function columns(curve: Curve, end: number): Markup[] {
  return Array.from({ length: COLUMNS }, (_, i) => {
    const seconds = end * (i + 1) / COLUMNS;
    const value = curve.words(valueAt(curve, seconds));
    return markup`<i data-at="${inTime(seconds)}  ${value}"></i>`;
  });
}

/** The curve in a sentence. */
function described({ title, samples, words }: Curve): string {
  const [[begin, first], [end, last]] = [samples[0]!, samples.at(-1)!];
  const [at, highest] = samples.reduce((most, sample) => sample[1] > most[1] ? sample : most);
  const half = samples.find(([, value]) => value >= last / 2)!;
  return [
    `${title} over time: ${words(first)} after ${inTime(begin)}, ${words(last)} after ${
      inTime(end)
    }`,
    highest > last ? `at most ${words(highest)}, after ${inTime(at)}` : undefined,
    last > first ? `half of the ${words(last)} after ${inTime(half[0])}` : undefined,
  ].filter((part) => part !== undefined).join("; ");
}

/** A time on the scale, as short as it can be told. */
function hours(seconds: number): string {
  if (seconds === 0) return "0";
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const parts = [h > 0 ? `${h} h` : "", m > 0 ? `${m} min` : "", s > 0 ? `${round(s)} s` : ""];
  return parts.filter((part) => part !== "").join(" ");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
