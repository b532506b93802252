import process from "node:process";

const PRINTING = [
  "count",
  "debug",
  "dir",
  "dirxml",
  "info",
  "log",
  "table",
  "timeEnd",
  "timeLog",
] as const;

/** Whatever a log prints from now on goes to standard error: the other one is for messages. */
export function divertOutput(): void {
  for (const method of PRINTING) console[method] = console.error;
  process.stdout.write =
    ((text: string) => process.stderr.write(text)) as typeof process.stderr.write;
}
