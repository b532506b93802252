import { type Counterexample, parseCounterexample } from "../../mod.ts";
import type { Patience } from "./ends_alone.ts";
import { oneShot } from "./one_shot.ts";

/** How often a log may be silent for so long before its explanation is given up. */
const HANGS = 12;

/**
 * Explains a finding in a process of its own.
 *
 * @param found The finding.
 * @param module The module of the log.
 * @param patience How long the log may be silent; an explanation runs it many times.
 * @returns The finding, smaller and with its blame; `undefined` where that did not work.
 */
export async function explainInProcess(
  found: Counterexample,
  module: string,
  { hangMs, signal }: Patience,
): Promise<Counterexample | undefined> {
  const text = JSON.stringify(found);
  const patienceMs = HANGS * hangMs;
  const answer = await oneShot("./explain_process.ts", { module, text, patienceMs, signal });
  if (answer.code !== 0) return undefined;
  try {
    return parseCounterexample(answer.stdout);
  } catch {
    return undefined;
  }
}
