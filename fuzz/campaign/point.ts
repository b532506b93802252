import { z } from "zod";

const whole = z.number().int().nonnegative();

/** A point of the curve of a campaign. */
export interface Point {
  /** Time since the campaign was begun, pauses left out, in seconds. */
  readonly seconds: number;
  /** Runs so far. */
  readonly runs: number;
  /** Recoveries so far. */
  readonly recoveries: number;
  /** Different facts that the runs have shown, in the lane that has seen most. */
  readonly facts: number;
  /** Runs that were kept, over all lanes. */
  readonly corpus: number;
  /** Findings with different causes. */
  readonly findings: number;
  /** Memory of all lanes together, in bytes. */
  readonly memory: number;
}

/** What a point is read with. */
export const pointSchema: z.ZodType<Point> = z.strictObject({
  seconds: z.number().nonnegative(),
  runs: whole,
  recoveries: whole,
  facts: whole,
  corpus: whole,
  findings: whole,
  memory: whole,
});
