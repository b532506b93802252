/**
 * What makes a shared campaign: everybody who takes part must mean the same.
 *
 * @module
 */
import { z } from "zod";
import { CampaignError, type CampaignOptions } from "../campaign.ts";
import { digestOf } from "../input.ts";

const FORMAT = "plugpull shared campaign";
/** Version of everything that is kept in Redis. */
const VERSION = 1;

/** What all processes of a shared campaign have in common. */
export interface Conditions extends
  Pick<
    CampaignOptions,
    "module" | "mode" | "bounds" | "canary" | "hangMs"
  > {
  /** Seed of everything that is drawn. */
  readonly seed: number;
  /** Runs of all batches together. */
  readonly runs: number;
  /** Runs of a batch. */
  readonly batchRuns: number;
  /** A digest of the code of the log and of the harness. */
  readonly code: string;
}

/** The fields, each with its words. */
const WORDS = {
  module: "module",
  seed: "seed",
  runs: "number of runs",
  batchRuns: "number of runs of a batch",
  mode: "mode",
  bounds: "disk, faults, depth or budget",
  canary: "search for the canary",
  hangMs: "longest silence in milliseconds",
  code: "code (the log, plugpull, or Deno)",
} as const satisfies Record<keyof Conditions, string>;

const FIELDS = Object.keys(WORDS) as (keyof Conditions)[];

/** What is announced in Redis. */
const announcedSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  conditions: z.record(z.string(), z.string()),
  /** A digest of the corpus that every batch begins with. */
  base: z.string(),
});

/** The name of a campaign in Redis: that of a module and a seed. */
export function nameOfCampaign({ module, seed }: Pick<Conditions, "module" | "seed">): string {
  return `campaign-${digestOf(JSON.stringify([module, seed]))}`;
}

/** How many batches there are. */
export function batchesOf({ runs, batchRuns }: Conditions): number {
  return Math.ceil(runs / batchRuns);
}

/** The conditions as text: that which is announced, and kept in the journal. */
export function announce(conditions: Conditions, base: string): string {
  return JSON.stringify({
    format: FORMAT,
    version: VERSION,
    conditions: Object.fromEntries(FIELDS.map((field) => [field, textOf(conditions, field)])),
    base,
  });
}

/**
 * Makes sure that a campaign that is under way is the one that is meant.
 *
 * @param announced What is announced of it.
 * @param conditions What is meant.
 * @param place Where it is, for messages.
 * @returns The digest of its base corpus.
 * @throws {CampaignError} When it is another one, or was begun by another version.
 */
export function requireSame(announced: string, conditions: Conditions, place: string): string {
  const fail = (reason: string): never => {
    throw new CampaignError(
      `Cannot join the campaign of "${conditions.module}" with seed ${conditions.seed} at ` +
        `${place}: ${reason}`,
    );
  };
  let document: { version?: unknown } | null = null;
  try {
    document = JSON.parse(announced);
  } catch {
    fail("what is announced there is no JSON");
  }
  if (document?.version !== VERSION) {
    fail(`its version is ${JSON.stringify(document?.version)}, expected ${VERSION}`);
  }
  const parsed = announcedSchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fail(`${issue!.path.join(".") || "the announcement"}: ${issue!.message}`);
  }
  for (const field of FIELDS) {
    const [theirs, ours] = [parsed.data.conditions[field], textOf(conditions, field)];
    if (theirs === ours) continue;
    fail(
      `its ${WORDS[field]} is ${theirs}, expected ${ours}; another campaign needs another --seed`,
    );
  }
  return parsed.data.base;
}

function textOf(conditions: Conditions, field: keyof Conditions): string {
  return JSON.stringify(conditions[field]);
}
