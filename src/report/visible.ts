/** Characters that show nothing, or change how others are shown: controls, and turns of direction. */
// deno-lint-ignore no-control-regex -- they are what this is about
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Text of a log under test (a path, a message, a name) in a form in which every character can be seen.
 *
 * @param text The text.
 * @returns The same with what cannot be seen as `\u{…}`; line feeds become spaces.
 */
export function visible(text: string): string {
  return text.toWellFormed().replaceAll(/\r?\n/g, " ").replaceAll(
    INVISIBLE,
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}

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
