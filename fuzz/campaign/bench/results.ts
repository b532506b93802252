/**
 * What a bench has shown, in numbers and as a table.
 *
 * @module
 */
import Table from "cli-table3";
import type { Rate } from "./rate.ts";
import type { Sought, Way } from "./seek.ts";
import type { Done } from "./tasks.ts";

/** All seeds of one bug in one way. */
export interface Outcome {
  readonly way: Way;
  /** In how many of the seeds it was found. */
  readonly found: number;
  readonly seeds: number;
  /**
   * The median over all seeds, those that did not find it counted as infinite; `undefined` where that
   * is infinite.
   */
  readonly medianRuns: number | undefined;
  /** The same of processor time, in seconds. */
  readonly medianSeconds: number | undefined;
  /** What all seeds have spent. */
  readonly totalRuns: number;
  readonly totalSeconds: number;
}

/** Everything about one bug. */
export interface BugResult {
  readonly bug: string;
  readonly rate: Rate | undefined;
  readonly outcomes: readonly Outcome[];
}

/** Sums up what was done. */
export function resultsOf(done: readonly Done[]): BugResult[] {
  return [...Map.groupBy(done, ({ task }) => task.bug)].map(([bug, ofBug]) => {
    const sought = ofBug.flatMap(({ task, answer }) =>
      task.kind === "seek" ? { way: task.way, ...answer as Sought } : []
    );
    const rated = ofBug.find(({ task }) => task.kind === "rate");
    return {
      bug,
      rate: rated?.answer as Rate | undefined,
      outcomes: [...Map.groupBy(sought, ({ way }) => way)].map(([way, all]) => outcome(way, all)),
    };
  }).toSorted((a, b) => a.bug < b.bug ? -1 : 1);
}

function outcome(way: Way, all: readonly Sought[]): Outcome {
  const median = (of: (one: Sought) => number) => {
    const values = all.map((one) => one.found ? of(one) : Infinity).toSorted((a, b) => a - b);
    const middle = values[Math.floor((values.length - 1) / 2)]!;
    return middle === Infinity ? undefined : middle;
  };
  return {
    way,
    found: all.filter(({ found }) => found).length,
    seeds: all.length,
    medianRuns: median(({ runs }) => runs),
    medianSeconds: median(({ cpuSeconds }) => cpuSeconds),
    totalRuns: all.reduce((sum, { runs }) => sum + runs, 0),
    totalSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  };
}

/** The results as a table: of each way how many seeds found it, then the medians. */
export function formatResults(results: readonly BugResult[], ways: readonly Way[]): string {
  const table = new Table({
    head: ["bug", "plain rate (95 %)", ...ways.flatMap((way) => [way, "runs", "CPU s"])],
    style: { head: [], border: [] },
  });
  for (const { bug, rate, outcomes } of results) {
    table.push([bug, formatRate(rate), ...ways.flatMap((way) => cellsOf(outcomes, way))]);
  }
  return table.toString();
}

function cellsOf(outcomes: readonly Outcome[], way: Way): string[] {
  const one = outcomes.find((outcome) => outcome.way === way);
  if (one === undefined) return ["", "", ""];
  return [
    `${one.found}/${one.seeds}`,
    one.medianRuns === undefined ? "–" : `${one.medianRuns}`,
    one.medianSeconds === undefined ? "–" : one.medianSeconds.toFixed(1),
  ];
}

function formatRate(rate: Rate | undefined): string {
  if (rate === undefined) return "";
  const [low, high] = rate.interval.map((bound) => bound.toExponential(1));
  return `${rate.hits}/${rate.drawn} (${low} to ${high})`;
}
