/** A path, cut into names. */
export interface ParsedPath {
  /** The names, without empty ones and `.`. */
  readonly names: readonly string[];
  /** The path ends in `/`, `/.` or `/..`, so that only a directory will do. */
  readonly directory: boolean;
  /** The path ends in `.` or `..`, which name what exists: nothing is made or removed there. */
  readonly dot: boolean;
}

const parsed = new Map<string, ParsedPath>();
const MOST = 10_000;

/**
 * Cuts a path into names. Remembers the answer: recoveries open the same few paths again and again.
 *
 * @param path Names separated by `/`.
 * @returns The names.
 */
export function parsePath(path: string): ParsedPath {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const parts = path.split("/");
  const last = parts.at(-1)!;
  const answer = {
    names: parts.filter((part) => part !== "" && part !== "."),
    directory: last === "" || last === "." || last === "..",
    dot: /(^|\/)\.\.?\/*$/.test(path),
  };
  if (parsed.size >= MOST) parsed.clear();
  parsed.set(path, answer);
  return answer;
}
