export { visible } from "../check/visible.ts";

/**
 * Text as a part of HTML, in an element or in a quoted attribute.
 *
 * @param text The text.
 * @returns The same with `&`, `<`, `>` and quotes as references.
 */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/**
 * A value as JSON inside of a `script` element: nothing in it can end the element or begin a comment.
 *
 * @param value The value.
 * @returns JSON without `<`, `>` and `&`.
 */
export function jsonForHtml(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
