import type { z } from "zod";

/** Longer values are cut when they are shown. */
const SHOWN_CHARS_MAX = 40;

/**
 * What is wrong with a field of a document, in plain words: the field, its value, what was expected.
 *
 * @param issue What the schema has to say.
 * @param document The document.
 * @returns For example `disk.model is "fat", expected one of "posix", "xfs"`.
 */
export function fieldError(issue: z.core.$ZodIssue, document: unknown): string {
  const field = issue.path.join(".") || "the document";
  if (issue.code === "unrecognized_keys") {
    const fields = issue.keys.map((key) => `"${key}"`).join(", ");
    return `${field} has ${
      issue.keys.length === 1 ? "a field that is" : "fields that are"
    } not known: ${fields}`;
  }
  const value = valueAt(document, issue.path);
  const is = value === undefined ? "is missing" : `is ${shown(value)}`;
  return `${field} ${is}, expected ${expectedBy(issue)}`;
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document;
  for (const key of path) {
    value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  }
  return value;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
}

/** Types, as JSON has them, in words. */
const TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "an object",
  string: "a text",
};

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "invalid_value":
      return oneOf(issue.values);
    case "too_small":
      if (issue.origin === "string") return "a text that is not empty";
      return issue.origin === "array"
        ? `at least ${issue.minimum} of them`
        : `${issue.minimum} or more`;
    case "too_big":
      return issue.origin === "array"
        ? `at most ${issue.maximum} of them`
        : `${issue.maximum} or less`;
    case "invalid_union": {
      const { options } = issue as { readonly options?: readonly unknown[] };
      return options === undefined ? wordsOf(issue) : oneOf(options);
    }
    default:
      return wordsOf(issue);
  }
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value));
  return words.length === 1 ? words[0]! : `one of ${words.join(", ")}`;
}

/** What the schema itself says was expected. */
function wordsOf({ message }: z.core.$ZodIssue): string {
  return message.replace(/^Invalid input: expected /, "");
}
