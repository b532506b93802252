/**
 * The curves of a campaign: numbers over time, thinned out to what can be seen.
 *
 * @module
 */
import type { Point } from "../point.ts";
import { counted, inMebibytes } from "./order.ts";

/** A number at a time. */
export type Sample = readonly [seconds: number, value: number];

/** One curve. */
export interface Curve {
  /** What it shows. */
  readonly title: string;
  /** What that is, in a sentence. */
  readonly about: string;
  /** Its numbers; times rise. */
  readonly samples: readonly Sample[];
  /** Whether a number holds until the next one, or changes evenly towards it. */
  readonly shape: "steps" | "line";
  /** A number in words. */
  readonly words: (value: number) => string;
  /** What stands beside the title; the last number where it is left out. */
  readonly sum?: string;
  /** What numbers are divided by on the scale beside the curve, and what comes after them there. */
  readonly scale: { readonly unit: number; readonly suffix: string };
}

/** More samples than that are not told apart on a screen. */
const SAMPLES_MAX = 200;
/** Rates are means over that many parts of the time. */
const WINDOWS_MAX = 80;

const PLAIN = { unit: 1, suffix: "" };

/** All curves, from the points of a journal; none where these are too few. */
export function curvesOf(points: readonly Point[]): Curve[] {
  if (points.length < 2) return [];
  const thin = thinned(points, SAMPLES_MAX);
  const samplesOf = (value: (point: Point) => number): Sample[] =>
    thin.map((point) => [point.seconds, value(point)]);
  return [
    {
      title: "Paths",
      about: "Different facts that the runs have shown, in the lane that has seen most.",
      samples: samplesOf(({ facts }) => facts),
      shape: "line",
      words: counted,
      scale: PLAIN,
    },
    {
      title: "Recoveries per second",
      about: "Crash states that the log was opened in, all lanes together.",
      samples: ratesOf(points, ({ recoveries }) => recoveries),
      sum: `${counted(meanOf(points, ({ recoveries }) => recoveries))} on average`,
      shape: "steps",
      words: counted,
      scale: PLAIN,
    },
    {
      title: "Runs per second",
      about: "A run is a workload on a disk, with several power losses.",
      samples: ratesOf(points, ({ runs }) => runs),
      sum: `${fewOrMany(meanOf(points, ({ runs }) => runs))} on average`,
      shape: "steps",
      words: fewOrMany,
      scale: PLAIN,
    },
    {
      title: "Findings",
      about: "Crashes that break the promise, one for each cause.",
      samples: changesOf(points),
      shape: "steps",
      words: counted,
      scale: PLAIN,
    },
    {
      title: "Corpus",
      about: "Runs that led somewhere new, and were kept to be varied.",
      samples: samplesOf(({ corpus }) => corpus),
      shape: "line",
      words: counted,
      scale: PLAIN,
    },
    {
      title: "Memory",
      about: "In use, all lanes together.",
      samples: samplesOf(({ memory }) => memory),
      shape: "line",
      words: inMebibytes,
      scale: { unit: 2 ** 20, suffix: " MiB" },
    },
  ];
}

/** When findings came: there are few of them, and none is moved by thinning. */
function changesOf(points: readonly Point[]): Sample[] {
  return points
    .filter(({ findings }, i) => findings !== points[i - 1]?.findings || i === points.length - 1)
    .map(({ seconds, findings }) => [seconds, findings]);
}

/** The last point of each of at most `most` equal parts of the time, and the first of all. */
export function thinned(points: readonly Point[], most: number): readonly Point[] {
  const [first] = points;
  const end = points.at(-1)?.seconds ?? 0;
  if (first === undefined || points.length <= most) return points;
  const kept = new Map<number, Point>();
  for (const point of points.slice(1)) {
    kept.set(Math.ceil(point.seconds / end * (most - 1)), point);
  }
  return [first, ...kept.values()];
}

const fewOrMany = (value: number) => value < 10 ? value.toFixed(1) : counted(value);

/** The mean rate over all of the time. */
function meanOf(points: readonly Point[], count: (point: Point) => number): number {
  const last = points.at(-1)!;
  return count(last) / Math.max(last.seconds, 1);
}

/** Mean rates over equal parts of the time; each sample is the begin of its part. */
function ratesOf(points: readonly Point[], count: (point: Point) => number): Sample[] {
  const end = points.at(-1)!.seconds;
  const totals = totalsOf(points, count);
  const windows = Math.min(WINDOWS_MAX, points.length);
  const rates = Array.from({ length: windows }, (_, i): Sample => {
    const [from, to] = [end * i / windows, end * (i + 1) / windows];
    return [from, (totalAt(totals, to) - totalAt(totals, from)) / (to - from)];
  });
  return [...rates, [end, rates.at(-1)![1]]];
}

/** Totals since the very begin: after a resumption, some counts begin from zero again. */
function totalsOf(points: readonly Point[], count: (point: Point) => number): Sample[] {
  const totals: Sample[] = [[0, 0]];
  let [before, total] = [0, 0];
  for (const point of points) {
    const now = count(point);
    total += now >= before ? now - before : now;
    before = now;
    if (point.seconds > totals.at(-1)![0]) totals.push([point.seconds, total]);
  }
  return totals;
}

/** The total at a time, between two samples in proportion. */
function totalAt(totals: readonly Sample[], seconds: number): number {
  const next = totals.findIndex(([at]) => at >= seconds);
  const [to, high] = totals[next < 0 ? totals.length - 1 : next]!;
  const [from, low] = totals[next - 1] ?? [0, 0];
  return to <= from ? high : low + (high - low) * Math.min(1, (seconds - from) / (to - from));
}

/** The value of a curve at a time; before its first sample that of the first. */
export function valueAt({ samples, shape }: Pick<Curve, "samples" | "shape">, seconds: number) {
  const next = samples.findIndex(([at]) => at > seconds);
  if (next < 0) return samples.at(-1)![1];
  const [to, high] = samples[next]!;
  const [from, low] = samples[next - 1] ?? [to, high];
  return shape === "steps" || to === from
    ? low
    : low + (high - low) * (seconds - from) / (to - from);
}
