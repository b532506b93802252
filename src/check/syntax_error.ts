import { visible } from "./visible.ts";

/**
 * What is wrong with text that should be JSON, and where.
 *
 * @param text The text.
 * @param error What `JSON.parse` has thrown.
 * @returns For example `it is not JSON at line 3, column 14: Unexpected token '}'`.
 */
export function syntaxError(text: string, error: Error): string {
  const before = text.slice(0, positionOf(text, error.message)).split("\n");
  const reason = error.message.replace(/( in JSON at position \d+.*|, (\.{3})?".*)$/s, "");
  return `it is not JSON at line ${before.length}, column ${before.at(-1)!.length + 1}: ${
    visible(reason)
  }`;
}

/** V8 names the position of most errors, and of others shows only what is around them. */
function positionOf(text: string, message: string): number {
  const named = /at position (\d+)/.exec(message);
  if (named !== null) return Number(named[1]);
  if (isAtEnd(message)) return text.length;
  // The longest beginning that goes on well ends where the error is.
  let [good, bad] = [0, text.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (mayGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isAtEnd(message: string): boolean {
  return /end of JSON input|^Unterminated/.test(message);
}

/** Whether nothing is wrong with the beginning of a text but that it ends. */
function mayGoOn(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const named = /at position (\d+)/.exec(message);
    return isAtEnd(message) || Number(named?.[1]) === beginning.length;
  }
}
