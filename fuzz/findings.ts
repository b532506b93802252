import { join } from "@std/path";
import {
  type Counterexample,
  CounterexampleError,
  onePerCause,
  parseCounterexample,
  writeFinding,
} from "../mod.ts";
import { complain } from "./options.ts";

/** Where counterexamples are kept, below the working directory. */
export const FINDINGS = ".plugpull/findings";

/** So many findings of earlier checks are looked at; a directory with more wants a human. */
const EARLIER_MAX = 50;

/** A finding of an earlier check. */
export interface EarlierFinding {
  /** The path of the file, relative to the working directory. */
  readonly file: string;
  /** What is in it. */
  readonly counterexample: Counterexample;
}

/**
 * Writes counterexamples. Where that is not possible it says so once and goes on: what was found
 * counts for more than the file.
 *
 * @param found The findings.
 * @returns The paths of the files that were written, relative to the working directory.
 */
export async function writeFindings(found: readonly Counterexample[]): Promise<string[]> {
  const files: string[] = [];
  try {
    for (const counterexample of found) files.push(await writeFinding(counterexample, FINDINGS));
  } catch (error) {
    complain(`Cannot keep counterexamples in "${FINDINGS}": ${(error as Error).message}`);
  }
  return files;
}

/**
 * What earlier checks have found in a module. A file that cannot be read is named and skipped.
 *
 * @param module The module, as it was given to the check.
 * @returns The findings: the smallest of each cause, then the others, each by their names.
 */
export function earlierFindings(module: string): EarlierFinding[] {
  const earlier: EarlierFinding[] = [];
  for (const name of namesIn(FINDINGS)) {
    const file = `${FINDINGS}/${name}`;
    try {
      const counterexample = parseCounterexample(Deno.readTextFileSync(join(Deno.cwd(), file)));
      if (counterexample.subject.module === module) earlier.push({ file, counterexample });
    } catch (error) {
      const reason = error instanceof CounterexampleError
        ? error.message
        : `Cannot read it: ${(error as Error).message}`;
      complain(`Skipped ${file}: ${reason.split("\n")[0]}`);
    }
  }
  if (earlier.length > EARLIER_MAX) {
    complain(`Replayed ${EARLIER_MAX} of ${earlier.length} earlier findings in "${FINDINGS}"`);
  }
  // Where there are too many, every cause has its turn.
  const first = new Set(onePerCause(earlier.map(({ counterexample }) => counterexample)));
  const isFirst = ({ counterexample }: EarlierFinding) => first.has(counterexample) ? 0 : 1;
  return earlier.toSorted((a, b) => isFirst(a) - isFirst(b)).slice(0, EARLIER_MAX);
}

function namesIn(directory: string): string[] {
  try {
    return [...Deno.readDirSync(join(Deno.cwd(), directory))]
      .filter(({ name, isDirectory }) => name.endsWith(".json") && !isDirectory)
      .map(({ name }) => name)
      .toSorted();
  } catch {
    // Nothing was found before.
    return [];
  }
}
