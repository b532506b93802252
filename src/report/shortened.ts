/** Longer texts are shortened. */
const CHARS_MAX = 64;
/** So much of what texts have in common is shown before they differ. */
const BEFORE = 10;

/** A text that may be long: its begin, and how long it is. */
export function shortened(text: string): string {
  return shortenedApart([text])[0]!;
}

/**
 * Texts that are shown side by side: each is shortened so that it can be seen where they differ.
 *
 * @param texts The texts.
 * @returns The same, the long ones in part and with their length.
 */
export function shortenedApart(texts: readonly string[]): string[] {
  const [first = "", ...others] = texts.filter((text) => text.length > CHARS_MAX);
  const same = Math.min(...others.map((other) => commonLength(first, other)));
  const from = Number.isFinite(same) && same < first.length && same > CHARS_MAX - BEFORE
    ? same - BEFORE
    : 0;
  return texts.map((text) => {
    if (text.length <= CHARS_MAX) return text;
    const end = from + CHARS_MAX;
    const part = `${from > 0 ? "…" : ""}${text.slice(from, end)}${end < text.length ? "…" : ""}`;
    return `${part} (${text.length} characters)`;
  });
}

function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  for (let i = 0; i < most; i++) if (a[i] !== b[i]) return i;
  return most;
}
