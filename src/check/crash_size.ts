import type { Choices } from "../explore/choices.ts";
import type { Counterexample } from "./counterexample.ts";
import type { Violation } from "./run_log.ts";
import type { Workload } from "./workload.ts";

/**
 * How much there is to understand in a crash, to be compared place by place: how many cells were
 * lost or torn, how many faults struck, how late the power went, and how far the cells went back.
 *
 * @param violation What the crash has shown.
 * @param choices What the media kept.
 * @returns The four numbers.
 */
export function crashSize(violation: Violation, choices: Choices): number[] {
  let [lost, struck, back] = [0, 0, 0];
  for (const choice of choices.made) {
    const { cell, to } = choice;
    const version = choices.version(choice);
    if (cell.words !== undefined) {
      if (version < to) struck++;
      continue;
    }
    const newest = cell.newestAt(violation.crashPoints[cell.life.index] ?? Infinity);
    if (version < newest) lost++;
    back += Math.max(newest - version, 0);
  }
  return [lost, struck, violation.crashPoints.reduce((sum, point) => sum + point, 0), back];
}

/**
 * How many cells a crash has lost or torn.
 *
 * @param counterexample The finding.
 * @returns How many cells the media hold in an older version than there was.
 */
export function lostCells({ crash }: Counterexample): number {
  const isCell = (cell: string) => cell !== "damage" && cell !== "fault";
  return crash.kept.filter(({ cell, version, newest }) => isCell(cell) && version < newest).length;
}

/** Whether one size is smaller than another: what comes first counts first. */
export function isSmaller(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && a[at]! < b[at]!;
}

/**
 * How much there is to read in a finding; one that loses power tells more than one that kills.
 *
 * @param counterexample The finding.
 * @returns A number to sort by.
 */
export function findingSize({ workload, crash }: Counterexample): number {
  const commands = workload.lives.flat();
  const kills = commands.filter((command) => command.do.startsWith("kill")).length;
  const calls = commands.reduce(
    (sum, command) => sum + (command.do === "concurrent" ? command.callers.flat().length : 0) + 1,
    0,
  );
  const turns = turnsOf(workload);
  const lives = workload.lives.length;
  return lives * 100 + kills * 50 + turns * 20 + calls * 10 + (crash.ops[0]?.length ?? 0);
}

/** How often something happens out of turn. */
export function turnsOf({ schedule }: Workload): number {
  return schedule?.filter((pick) => pick > 0).length ?? 0;
}
