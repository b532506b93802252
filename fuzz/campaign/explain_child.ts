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
 * @returns The finding, smaller and with its blame; as it is where that does not work; `undefined` where
 * the process was killed, twice, before it knew.
 */
export async function explainInProcess(
  found: Counterexample,
  module: string,
  { hangMs, signal }: Patience,
): Promise<Counterexample | undefined> {
  const text = JSON.stringify(found);
  const patienceMs = HANGS * hangMs;
  const ask = () => oneShot("./explain_process.ts", { module, text, patienceMs, signal });
  let answer = await ask();
  if (answer.isKilled && !signal.aborted) answer = await ask();
  if (answer.isKilled) return undefined;
  try {
    return answer.code === 0 ? parseCounterexample(answer.stdout) : found;
  } catch {
    return found;
  }
}
