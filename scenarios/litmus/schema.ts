/**
 * The litmus document: small programs with the outcomes that each persistence model must allow and
 * forbid after a power loss, and where that is documented.
 *
 * @module
 */
import { z } from "zod";
import { type ModelName, models } from "../../mod.ts";
import { byte, type Predicate, predicate } from "./predicate_schema.ts";

const whole = z.number().int().nonnegative();
const path = z.string().startsWith("/");
const fd = z.string().min(1);
const fill = { fd, len: whole, byte };
const written = { ...fill, off: whole };
const moved = { from: path, to: path };
const sector = z.literal([512, 4096]);

const op = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("create"), path, fd: fd.optional() }),
  z.strictObject({
    op: z.literal("open"),
    path,
    fd,
    trunc: z.literal(true).optional(),
    flags: z.literal("O_SYNC").optional(),
  }),
  z.strictObject({ op: z.literal("write"), ...written }),
  z.strictObject({ op: z.literal("osync_write"), ...written }),
  z.strictObject({ op: z.literal("append"), ...fill }),
  z.strictObject({ op: z.literal("truncate"), fd, size: whole }),
  z.strictObject({ op: z.literal("rename"), ...moved }),
  z.strictObject({ op: z.literal("link"), ...moved }),
  z.strictObject({
    op: z.literal(["unlink", "rmdir", "mkdir", "fsyncdir", "evict", "writeback"]),
    path,
  }),
  z.strictObject({ op: z.literal(["fsync", "fdatasync", "close"]), fd }),
]);

const place = z.strictObject({ path, off: whole });
const damaged = { path, off: whole, len: whole };
const fault = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("write-eio"),
    target: z.enum(["data", "journal"]),
    path: path.optional(),
    block: whole.optional(),
    /** How often; -1 for always. */
    times: z.number().int().min(-1),
  }),
  z.strictObject({
    kind: z.literal(["latent-sector-error", "bit-flip", "lost-write"]),
    ...damaged,
  }),
  z.strictObject({ kind: z.literal("misdirected-write"), from: place, to: place, len: whole }),
]);

const device = z.strictObject({
  sector: sector.optional(),
  sectorAtomic: z.boolean().optional(),
  shornUnit: z.literal(512).optional(),
  powersafeOverwrite: z.boolean().optional(),
  flushHonest: z.boolean().optional(),
  /** What is not flushed may drain in any order. There is no disk here that does otherwise. */
  cacheReorder: z.literal(true).optional(),
});

const expectation = z.enum(["allowed", "forbidden", "unspecified"]);
const modelName = z.enum(Object.keys(models) as [ModelName, ...ModelName[]]);

const test = z.strictObject({
  id: z.string().regex(/^[A-Z0-9]+(-[A-Z0-9]+)*$/, "Invalid input: expected an id such as PA-1"),
  title: z.string(),
  source: z.array(z.string()).min(1),
  setup: z.array(op),
  ops: z.array(op),
  crash: z.enum(["anywhere", "end"]),
  granularity: z.literal([512, 4096]).optional(),
  device: device.optional(),
  fault: fault.optional(),
  question: z.string(),
  outcomes: z.array(z.strictObject({ id: z.string(), state: z.string(), predicate })).min(1),
  expect: z.partialRecord(modelName, z.record(z.string(), expectation)),
  rules: z.array(z.string()),
  basis: z.record(z.string(), z.string()),
  notes: z.string().optional(),
  modelChecked: z.boolean(),
}).superRefine(({ outcomes, expect }, context) => {
  const ids = outcomes.map(({ id }) => id);
  for (const [model, cells] of Object.entries(expect)) {
    for (const id of new Set([...ids, ...Object.keys(cells)])) {
      if (id in cells && ids.includes(id)) continue;
      const message = id in cells ? "no outcome has this id" : "the expectation is missing";
      context.addIssue({ code: "custom", path: ["expect", model, id], message });
    }
  }
});

const schema = z.strictObject({
  format: z.literal("plugpull litmus"),
  version: z.literal(1),
  tests: z.array(test),
}).superRefine(({ tests }, context) => {
  const ids = tests.map(({ id }) => id);
  for (const [i, id] of ids.entries()) {
    if (ids.indexOf(id) === i) continue;
    context.addIssue({ code: "custom", path: ["tests", i, "id"], message: `"${id}" is taken` });
  }
});

/** One call of a litmus program. */
export type LitmusOp = z.infer<typeof op>;

/** What is wrong with the device while the program runs. */
export type LitmusFault = z.infer<typeof fault>;

/** What a model must do about an outcome. */
export type Expectation = z.infer<typeof expectation>;

/** A litmus test: a program, a question, and what each model answers. */
export type LitmusTest = z.infer<typeof test>;

/** One possible answer: a state after the power loss, in words and as a predicate. */
export interface Outcome {
  /** Its name within the test. */
  readonly id: string;
  /** The state in words. */
  readonly state: string;
  /** Whether a state is of the kind. */
  readonly predicate: Predicate;
}

/** A litmus document that cannot be used: not JSON, or not of the format. */
export class LitmusError extends Error {
  /** Always `"LitmusError"`. */
  override readonly name = "LitmusError";
}

/**
 * Reads a litmus document.
 *
 * @param text The document, as JSON.
 * @returns The tests.
 * @throws {LitmusError} When it is damaged; the message names the field.
 */
export function parseLitmus(text: string): LitmusTest[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new LitmusError(`Cannot read the litmus tests: ${(error as Error).message}`);
  }
  const version = (json as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version !== 1) {
    throw new LitmusError(`Cannot read the litmus tests: version is ${version}, expected 1`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data.tests;
  const issue = parsed.error.issues[0]!;
  const field = issue.path.join(".") || "the document";
  throw new LitmusError(`Cannot read the litmus tests: ${field}: ${issue.message}`);
}
