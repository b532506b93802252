import type { ModelName } from "../../mod.ts";

/** An expectation of the document that the simulated disk does not meet, with the reason. */
export interface KnownDisagreement {
  /** The test. */
  readonly test: string;
  /** The model. */
  readonly model: ModelName;
  /** The outcome. */
  readonly outcome: string;
  /** Why the disk does otherwise. */
  readonly argument: string;
  /** Where that is documented. */
  readonly source: string;
}

/** All known disagreements. One that is none any more fails the suite, and must leave the list. */
export const knownDisagreements: readonly KnownDisagreement[] = [];
