import type { Input } from "./input.ts";
import { oneShot } from "./one_shot.ts";

/** A run on its own may take so many times as long as a log may be silent. */
const HANGS = 3;

/** How long a log is waited for. */
export interface Patience {
  /** How long it may be silent. */
  readonly hangMs: number;
  /** Aborted where nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Makes a run again, in a process of its own that does nothing else.
 *
 * @returns Whether it comes to its end; `undefined` where the process was killed before it knew.
 */
export async function endsAlone(
  input: Input,
  module: string,
  { hangMs, signal }: Patience,
): Promise<boolean | undefined> {
  const text = JSON.stringify(input);
  const patienceMs = HANGS * hangMs;
  const question = { module, text, patienceMs, signal };
  const { code, isKilled } = await oneShot("./rerun_process.ts", question);
  return isKilled ? undefined : code === RERUN_ENDED;
}

/** The exit status of a run that came to its end: one that a log would not choose. */
export const RERUN_ENDED = 77;
