/** Characters that show nothing, or change how others are shown: controls, and turns of direction. */
// deno-lint-ignore no-control-regex -- they are what this is about
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Text of a log under test (a path, a message, a name) in a form in which every character can be seen.
 *
 * @param text The text.
 * @returns The same with what cannot be seen as `\u{…}`; line feeds become spaces.
 *
 * @example
 * ```ts
 * import { visible } from "../../mod.ts";
 *
 * console.log(visible("gone\u001b[2J")); // gone\u{1b}[2J
 * ```
 */
export function visible(text: string): string {
  return text.toWellFormed().replaceAll(/\r?\n/g, " ").replaceAll(
    INVISIBLE,
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}
