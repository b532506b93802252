import process from "node:process";

/** Methods of the console that print where results go, or past the progress. */
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
  "warn",
] as const;

/** Whatever a log prints with the console from now on goes where its errors go. */
export function divertConsole(): void {
  for (const method of PRINTING) console[method] = console.error;
}

/** Whatever a log prints from now on goes to standard error: the other one is for messages. */
export function divertOutput(): void {
  divertConsole();
  process.stdout.write =
    ((text: string) => process.stderr.write(text)) as typeof process.stderr.write;
}
