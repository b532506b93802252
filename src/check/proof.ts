import type { Counterexample } from "./counterexample.ts";
import { formatCommand } from "./workload.ts";

/** Cells of a crash that are shown; the rest is counted. */
const MOST_CELLS = 8;

/**
 * A counterexample as a proof in plain words: Let (what was done), Then (the crash), However (the
 * broken promise).
 *
 * @param counterexample The document.
 * @returns A few lines of text.
 *
 * @example
 * ```ts
 * import { checkLog, formatProof } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const [found] = (await checkLog(naive)).violations;
 * console.log(formatProof(found!)); // Let … Then … However …
 * ```
 */
export function formatProof(counterexample: Counterexample): string {
  const { workload, crash, disk, verdict } = counterexample;
  const lines = [
    `Let      the log be opened on a disk of ${disk.sectorBytes}-byte sectors, model ${disk.model}`,
  ];
  for (const [i, commands] of workload.lives.entries()) {
    const done = commands.map(formatCommand).join(", ") || "nothing more";
    lines.push(i === 0 ? `         ${done}` : `         it is recovered, then: ${done}`);
    const point = crash.points[i];
    if (point === undefined) continue;
    lines.push(`${i === 0 ? "Then     " : "         "}the power goes after op ${point}`);
    const lost = crash.kept.filter((cell) => cell.life === i && cell.version < cell.newest);
    for (const cell of lost.slice(0, MOST_CELLS)) {
      lines.push(`         the media hold the ${cell.holds}`);
    }
    if (lost.length > MOST_CELLS) lines.push(`         and ${lost.length - MOST_CELLS} more`);
    if (lost.length === 0) lines.push("         the media hold everything written until then");
  }
  lines.push(`However  ${verdict.clause}: ${verdict.message}`);
  return lines.join("\n");
}
