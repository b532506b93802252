import type { Counterexample } from "../check/counterexample.ts";
import { opOfLife } from "../check/op_of_life.ts";
import type { PageLife } from "./page_model.ts";
import { visible } from "./visible.ts";

/** Of more cells that were lost, the first are named. */
const CELLS_MAX = 4;

/**
 * What happened, in a few steps: the promise, the power loss, and what it took along.
 *
 * @param counterexample The finding.
 * @param lives Its lives, as they are now.
 * @param end What the log does in the end: the sentence of the violation.
 * @returns One sentence or two for each step.
 */
export function storyOf(
  { crash, faults, verdict, workload }: Counterexample,
  lives: readonly PageLife[],
  end: string,
): string[] {
  const steps: string[] = [];
  for (const [i, { events, crash: point }] of lives.entries()) {
    const struck = [
      ...(i === 0 && faults !== undefined ? faults.split("; ") : []),
      ...crash.kept.filter(({ cell, life }) => cell === "fault" && life === i).map(({ holds }) =>
        holds
      ),
    ];
    if (struck.length > 0) steps.push(`A call fails: ${struck.join("; ")}.`);
    if (i === workload.lives.length && verdict.after !== undefined) {
      steps.push(
        `plugpull itself asks for more, to see whether it goes on: ${verdict.after.join(", ")}.`,
      );
    }
    const until = point ?? Infinity;
    const promise = events.findLast(({ kind, at }) => kind === "promise" && at <= until);
    if (promise !== undefined) {
      const idle = promise.isIdle ? ", and that took no op on the disk" : "";
      const words = promise.words.replace(/^The /, "the ");
      steps.push(capitalised(`${when(promise.at, i)}${words}${idle}.`));
    }
    if (point === null) continue;
    const again = i === 0 ? "the power goes" : "the power goes again";
    const moment = point === 0 ? "Before the first op, " : when(point, i);
    steps.push(`${capitalised(`${moment}${again}`)}. ${taken(crash.kept, i)}`);
    const damage = crash.kept.filter(({ cell, life }) => cell === "damage" && life === i + 1);
    for (const { holds } of damage) steps.push(`The media spoil what was durable: ${holds}.`);
  }
  steps.push(end);
  return steps.map(visible);
}

function when(point: number, life: number): string {
  return point === 0 ? "" : `after ${opOfLife(point, life)}, `;
}

function capitalised(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

/** What a power loss has taken along. */
function taken(kept: Counterexample["crash"]["kept"], life: number): string {
  const lost = kept.filter((one) =>
    one.life === life && one.version < one.newest && one.cell !== "damage" && one.cell !== "fault"
  );
  if (lost.length === 0) return "All that was written until then survives.";
  const named = lost.slice(0, CELLS_MAX).map(({ holds }) => holds.replace(/ \([^(]*\)$/, ""));
  const more = lost.length > CELLS_MAX ? `; and ${lost.length - CELLS_MAX} more` : "";
  return "It may take along what no barrier has forced. Here the media hold something older than " +
    `what was written: ${named.join("; ")}${more}.`;
}
