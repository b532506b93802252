import { NondeterminismError } from "../explore/choices.ts";
import { StepBudgetError } from "../vfs/disk.ts";
import { StuckError } from "./interleaving.ts";

/**
 * Whether an error means that a log cannot be judged, whatever it makes of the error: it does not
 * repeat itself, does not end, or waits for something that never happens.
 */
export function isUnjudgeable(
  error: unknown,
): error is NondeterminismError | StepBudgetError | StuckError {
  return error instanceof NondeterminismError || error instanceof StepBudgetError ||
    error instanceof StuckError;
}
