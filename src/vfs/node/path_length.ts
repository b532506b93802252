/**
 * How long names and paths may be, as on Linux.
 *
 * @module
 */

/** Of a name, in bytes. */
const NAME_BYTES_MAX = 255;
/** Of a path, in bytes, with the zero at its end. */
const PATH_BYTES_MAX = 4096;
/** No character of a string takes more of UTF-8. */
const BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();

function bytesIn(text: string): number {
  return encoder.encode(text).length;
}

/** Whether a path is too long, or one of the names in it. */
export function isTooLong(path: string): boolean {
  return path.length * BYTES_PER_UNIT > NAME_BYTES_MAX && aboveLongName(path) !== undefined;
}

/** The path up to the first name that is too long; nothing of a path that is too long as a whole. */
export function aboveLongName(path: string): string | undefined {
  if (bytesIn(path) >= PATH_BYTES_MAX) return "";
  let at = 0;
  for (const name of path.split("/")) {
    if (bytesIn(name) > NAME_BYTES_MAX) return path.slice(0, at);
    at += name.length + 1;
  }
  return undefined;
}
