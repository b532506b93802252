import { addKnown, KNOWN_FILE, KnownError } from "./campaign/known.ts";
import { InputError } from "./load_subject.ts";
import { readCounterexample } from "./read_counterexample.ts";
import { refuse } from "./options.ts";

/** Notes findings as known, or as fixed; returns the exit status. */
export function noteKnown(
  files: readonly string[],
  { fixed = false }: { readonly fixed?: boolean },
): number {
  const state = fixed ? "fixed" : "open";
  try {
    addKnown(files.map(readCounterexample), state);
  } catch (error) {
    if (!(error instanceof KnownError) && !(error instanceof InputError)) throw error;
    return refuse({ status: 2, message: error.message }, {});
  }
  console.log(`${files.length} noted as ${state} in ${KNOWN_FILE}`);
  return 0;
}
