import type { Workload } from "./workload.ts";

/** So many calls, and so many bytes of records, are lived through in seconds. */
const CALLS_MAX = 20_000;
const BYTES_MAX = 2 ** 26;

/**
 * What is too much in a workload that somebody else has written: no check would ever end with it.
 *
 * @param workload The workload.
 * @returns The field at which it becomes too much, and what was expected; `undefined` where it is not.
 */
export function excessOf({ lives }: Workload): string | undefined {
  let [calls, bytes] = [0, 0];
  const visit = (value: unknown, path: string): string | undefined => {
    if (typeof value === "number" && /\.bytes(\.\d+)?$/.test(path)) {
      calls++;
      bytes += value;
    }
    if (bytes > BYTES_MAX || calls > CALLS_MAX) {
      const most = bytes > BYTES_MAX ? `${BYTES_MAX} bytes` : `${CALLS_MAX} calls`;
      return `${path} is more than can be lived through again, expected at most ${most} in the ` +
        "whole workload";
    }
    if (typeof value !== "object" || value === null) return undefined;
    if ("do" in value && value.do !== "append") calls++;
    for (const [key, part] of Object.entries(value)) {
      const excess = visit(part, `${path}.${key}`);
      if (excess !== undefined) return excess;
    }
    return undefined;
  };
  return visit(lives, "workload.lives");
}
