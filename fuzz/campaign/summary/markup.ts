/**
 * HTML from templates in which nothing that was put in can be taken for HTML.
 *
 * @module
 */
import { visible } from "../../../mod.ts";

/** What is HTML already. */
export class Markup {
  /** The HTML. */
  readonly text: string;

  /** Trusts a text of this project, never one of a log. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What may be put into a template: texts are escaped, `undefined` leaves nothing behind. */
export type Part = string | number | Markup | undefined | readonly Part[];

/** A template of HTML. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    strings.map((text, i) => i === 0 ? text : `${rendered(parts[i - 1])}${text}`).join(""),
  );
}

function rendered(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(rendered).join("");
  return visible(`${part}`).replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
