import type { DiskOptions } from "../vfs/disk.ts";
import type { Counterexample, Kept } from "./counterexample.ts";
import { formatBlame } from "./format_blame.ts";
import { opOfLife } from "./op_of_life.ts";
import { visible } from "./visible.ts";
import { formatCommand } from "./workload.ts";

/** Who asks for what no workload has: every recovery must be readable and appendable. */
const HARNESS = "plugpull itself, to see whether it goes on,";

/** Ops and cells of a life that are shown; of more, the last ones, and how many came before. */
const MOST = 10;

/**
 * A counterexample as a proof in plain words: Let (what was done), Then (the crash), However (the
 * broken promise).
 *
 * @param counterexample The document.
 * @returns A screenful of text.
 *
 * @example
 * ```ts
 * import { checkLog, formatProof } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const { violations } = await checkLog(naive);
 * console.log(formatProof(violations[0]!).includes("However")); // true
 * ```
 */
export function formatProof(counterexample: Counterexample): string {
  const { subject, workload, crash, disk, verdict, weakestDisk, blame } = counterexample;
  const noun = subject.commands === undefined ? "log" : "store";
  const words = subject.commands?.values();
  const what = words && ((bytes: number) => words.next().value ?? `apply ${bytes} bytes`);
  const lines: string[] = [];
  for (const [i, commands] of workload.lives.entries()) {
    const isLast = i === crash.points.length;
    if (i > crash.points.length) break;
    if (isLast && i > 0 && commands.length === 0 && faultsOf(counterexample, i).length === 0) break;
    const done = commands.map((command) => formatCommand(command, what)).join(", ");
    const ops = crash.ops[i];
    const kept = crash.kept.filter(({ life, cell }) => life === i && !isFault(cell));
    // What is wrong with the media is found by the life that reads them.
    const damage = crash.kept.filter(({ life, cell }) => life === i + 1 && cell === "damage");
    const isDamaged = (one: Kept) =>
      damage.some(({ inode, place }) => one.inode === inode && one.place === place);
    const sound = kept.filter((one) => one.cell !== "sector" || !isDamaged(one));
    const faults = faultsOf(counterexample, i);
    if (i > 0 && ops?.length === 0 && kept.length + damage.length + faults.length === 0) {
      lines.push(
        `         The ${noun} is recovered, and the power goes before that changes anything.`,
      );
      continue;
    }
    const recovered = `         The ${noun} is recovered${
      done === "" ? "." : `, and asked to: ${done}`
    }`;
    lines.push(i === 0 ? `Let      the ${noun} be asked to: ${done || "nothing more"}` : recovered);
    if (i === 0) lines.push(...orderOf(counterexample));
    lines.push(...faults);
    if (ops === undefined) continue;
    lines.push(`${i === 0 ? "Then     " : "         "}it calls, on a disk that may lose power:`);
    lines.push(...shownOf(ops, kept.map(({ holds }) => holds)));
    const point = crash.points[i]!;
    lines.push(
      `         The power goes ${
        point === 0 ? "before any op" : `after ${opOfLife(point, i)}`
      }. The media hold:`,
    );
    lines.push(...damage.map(({ holds }) => `           damage  ${holds}`), ...cellsOf(sound));
  }
  const last = faultsOf(counterexample, workload.lives.length);
  if (last.length > 0) lines.push(`         The ${noun} is recovered,`, ...last);
  if (verdict.after !== undefined) {
    lines.push(
      `         The ${noun} is recovered, and ${HARNESS} asks it to: ${verdict.after.join(", ")}`,
    );
  }
  if (verdict.ops !== undefined) {
    lines.push("         It calls:", ...lastOf(verdict.ops.map((op, i) => lineOf(i, op))));
  }
  lines.push(`However  ${verdict.clause}.`);
  for (const part of verdict.message.split(/ (?=\()/)) lines.push(`         ${part}`);
  const quirks = quirksOf(disk).map((quirk) => `, ${quirk}`).join("");
  lines.push(`         (model ${disk.model}, sectors of ${disk.sectorBytes} bytes${quirks})`);
  if (weakestDisk !== undefined) {
    lines.push(`Disks    with these commands it shows ${weakestDisk.words}`);
  }
  if (blame !== undefined) lines.push(...formatBlame(blame));
  // A document may come from anywhere, and a log may say anything.
  return lines.map(visible).flatMap(wrapped).join("\n");
}

/** A line that is too long goes on below, two columns further in. */
function wrapped(line: string): string[] {
  const space = line.lastIndexOf(" ", COLUMNS);
  const indent = /^(?: {11}(?:older |newest|damage|\d+|[!-]) +|\w+ +| *)/.exec(line)![0].length;
  if (line.length <= COLUMNS || space <= indent) return [line];
  return [line.slice(0, space), ...wrapped(" ".repeat(indent) + line.slice(space + 1))];
}

/** The width of a terminal that nobody has to widen. */
const COLUMNS = 100;

/** A choice that is not about what persisted. */
function isFault(cell: Kept["cell"]): boolean {
  return cell === "fault" || cell === "damage";
}

/** What is special about a disk, in words: `barriers that lie`. */
export function quirksOf(disk: DiskOptions): string[] {
  const { sectorBytes = 512, tearBytes = sectorBytes } = disk;
  const tears = `sectors that tear into units of ${tearBytes}`;
  const quirks: [boolean | undefined, string][] = [
    [disk.staleTail, "a stale tail"],
    [disk.staleSectors, "stale sectors"],
    [disk.staleSectors === false, "no stale sectors"],
    [disk.dioreadNolock === false, "no dioread_nolock"],
    [tearBytes < sectorBytes, tears],
    [disk.powersafeOverwrite === false, "overwriting that is not powersafe"],
    [disk.lyingBarriers, "barriers that lie"],
    [disk.capacityBytes !== undefined, `room for ${disk.capacityBytes} bytes`],
  ];
  return quirks.filter(([is]) => is === true).map(([, words]) => words);
}

/** What happened when, where that was open. */
function orderOf({ interleaving, workload }: Counterexample): string[] {
  if (interleaving === undefined || interleaving.length === 0) return [];
  const picks = workload.schedule?.filter((pick) => pick > 0).length ?? 0;
  const order = picks === 0 ? "first come, first served" : `${picks} out of turn`;
  return [
    `         in this order (${order}):`,
    ...lastOf(interleaving.map((line) => `           -  ${line}`)),
  ];
}

/** The calls of a life that fail. */
function faultsOf({ faults, crash }: Counterexample, life: number): string[] {
  const chosen = crash.kept.filter((kept) => kept.cell === "fault" && kept.life === life);
  const lines = [...(life === 0 && faults ? faults.split("; ") : []), ...chosen.map(holdsOf)];
  return lines.length === 0
    ? []
    : ["         with these faults:", ...lines.map((line) => `           !  ${line}`)];
}

function holdsOf({ holds }: Kept): string {
  return holds;
}

/** Lost cells first: what the crash took is what the proof is about. */
function cellsOf(kept: readonly Kept[]): string[] {
  if (kept.length === 0) return ["           everything that was written until then"];
  const lost = kept.filter(({ version, newest }) => version < newest);
  const whole = kept.filter(({ version, newest }) => version === newest);
  const lines = [...lost.map(({ holds }) => `           older   ${holds}`)];
  lines.push(...whole.map(({ holds }) => `           newest  ${holds}`));
  if (lines.length <= MOST) return lines;
  return [...lines.slice(0, MOST), `           and ${lines.length - MOST} more`];
}

function lastOf(lines: readonly string[]): string[] {
  const hidden = lines.length - MOST;
  if (hidden <= 1) return [...lines];
  return [`           (${hidden} calls before)`, ...lines.slice(-MOST)];
}

/** The last ops of a life, and those that the cells refer to. */
function shownOf(ops: readonly string[], cells: readonly string[]): string[] {
  const cited = new Set(cells.flatMap((holds) => Number(/\bop (\d+)/.exec(holds)?.[1] ?? 0)));
  const lines: string[] = [];
  let hidden = 0;
  for (const [i, op] of ops.entries()) {
    if (i < ops.length - MOST && !cited.has(i + 1)) {
      hidden++;
      continue;
    }
    // One op is as long as what would be said of it.
    if (hidden === 1) lines.push(lineOf(i - 1, ops[i - 1]!));
    else if (hidden > 1) lines.push(`           (${hidden} calls)`);
    hidden = 0;
    lines.push(lineOf(i, op));
  }
  return lines;
}

function lineOf(i: number, op: string): string {
  return `           ${i + 1}  ${op}`;
}
