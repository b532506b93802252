import { z } from "zod";
import { POISON } from "../../mod.ts";

const whole = z.number().int().nonnegative();
const path = z.string().startsWith("/");

/** A byte by name: `zero`, `garbage`, or a letter or digit that stands for itself. */
export const byte = z.string()
  .regex(/^(zero|garbage|[0-9A-Za-z])$/, 'Invalid input: expected "zero", "garbage" or one letter')
  .transform((name) => name === "zero" ? 0 : name === "garbage" ? POISON : name.charCodeAt(0));

/** Bytes as runs, each a byte and how often it comes. */
const runs = z.array(z.tuple([byte, whole]).readonly()).readonly();

/** Bytes as runs: each a byte and how often it comes. */
export type Runs = z.infer<typeof runs>;

/** A statement about a state, which is true or false of it. */
export type Predicate =
  | { readonly kind: "all" | "any"; readonly of: readonly Predicate[] }
  | { readonly kind: "not"; readonly of: Predicate }
  /** What bears the name. */
  | { readonly kind: "is"; readonly path: string; readonly what: "file" | "dir" | "absent" }
  /** A file of exactly these bytes. */
  | { readonly kind: "content"; readonly path: string; readonly runs: Runs }
  /** A file that begins with these bytes. */
  | { readonly kind: "startsWith"; readonly path: string; readonly runs: Runs }
  /** A file of the first of these bytes, at least `min` of them. */
  | { readonly kind: "prefixOf"; readonly path: string; readonly runs: Runs; readonly min: number }
  /** A file of exactly so many bytes. */
  | { readonly kind: "size"; readonly path: string; readonly size: number }
  /** A file that has the byte somewhere from `from` to before `to`, or to its end. */
  | {
    readonly kind: "hasByte";
    readonly path: string;
    readonly byte: number;
    readonly from: number;
    readonly to: number;
  }
  /** What a call returned, by the number of its op: 0 or an error. */
  | { readonly kind: "ret"; readonly op: number; readonly is: string }
  /** What was read before the power went: a file of exactly these bytes. */
  | { readonly kind: "cacheRead"; readonly path: string; readonly runs: Runs }
  /** A read of this place fails. */
  | { readonly kind: "readError"; readonly path: string; readonly offset: number }
  /** What became of the file system before the power went. */
  | { readonly kind: "mount"; readonly state: "read-only" | "shutdown" };

/** The forms in which a document writes predicates, by the field that tells them apart. */
const FORMS: Readonly<Record<string, z.ZodType<Predicate>>> = {
  all: z.strictObject({ all: z.lazy(() => z.array(predicate)) })
    .transform(({ all }) => ({ kind: "all", of: all })),
  any: z.strictObject({ any: z.lazy(() => z.array(predicate)) })
    .transform(({ any }) => ({ kind: "any", of: any })),
  not: z.strictObject({ not: z.lazy(() => predicate) })
    .transform(({ not }) => ({ kind: "not", of: not })),
  ret: z.strictObject({ ret: z.strictObject({ op: whole, is: z.enum(["0", "EIO"]) }) })
    .transform(({ ret }) => ({ kind: "ret", ...ret })),
  cacheRead: z.strictObject({ cacheRead: z.strictObject({ path, content: runs }) })
    .transform(({ cacheRead }) => ({
      kind: "cacheRead",
      path: cacheRead.path,
      runs: cacheRead.content,
    })),
  readError: z.strictObject({ readError: z.strictObject({ path, off: whole }) })
    .transform(({ readError }) => ({
      kind: "readError",
      path: readError.path,
      offset: readError.off,
    })),
  mount: z.strictObject({ mount: z.enum(["read-only", "shutdown"]) })
    .transform(({ mount }) => ({ kind: "mount", state: mount })),
  is: z.strictObject({ path, is: z.enum(["file", "dir", "absent"]) })
    .transform(({ path, is }) => ({ kind: "is", path, what: is })),
  content: z.strictObject({ path, content: runs })
    .transform(({ path, content }) => ({ kind: "content", path, runs: content })),
  startsWith: z.strictObject({ path, startsWith: runs })
    .transform(({ path, startsWith }) => ({ kind: "startsWith", path, runs: startsWith })),
  prefixOf: z.strictObject({ path, prefixOf: runs, min: whole.default(0) })
    .transform(({ path, prefixOf, min }) => ({ kind: "prefixOf", path, runs: prefixOf, min })),
  size: z.strictObject({ path, size: whole })
    .transform(({ path, size }) => ({ kind: "size", path, size })),
  hasByte: z.strictObject({ path, hasByte: byte, from: whole, to: whole.default(Infinity) })
    .transform(({ path, hasByte, from, to }) => ({
      kind: "hasByte",
      path,
      byte: hasByte,
      from,
      to,
    })),
  byteAt: z.strictObject({ path, byteAt: whole, eq: byte })
    .transform(({ path, byteAt, eq }) => ({
      kind: "hasByte",
      path,
      byte: eq,
      from: byteAt,
      to: byteAt + 1,
    })),
};

/**
 * A predicate as a document writes it. The form is told by its fields, and only then read, so that
 * an error names the field that is wrong and not every form that it might have been.
 */
export const predicate: z.ZodType<Predicate> = z.record(z.string(), z.unknown())
  .transform((document, context) => {
    const forms = Object.keys(FORMS).filter((name) => Object.hasOwn(document, name));
    if (forms.length !== 1) {
      const message = `Invalid input: expected one of ${Object.keys(FORMS).join(", ")}`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
    const parsed = FORMS[forms[0]!]!.safeParse(document);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
    return z.NEVER;
  });
