/**
 * The command line as a process of its own, for the tests of its commands.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";

/** The command line. */
export const MAIN: string = fromFileUrl(new URL("./main.ts", import.meta.url));

/** Where the tests of one module keep their files; gone when they are over. */
export const TEMPORARY: string = Deno.makeTempDirSync({ prefix: "plugpull_" });
globalThis.addEventListener("unload", () => Deno.removeSync(TEMPORARY, { recursive: true }));

/** How a command ended. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fresh working directory that holds the given files. */
export function directoryOf(files: Readonly<Record<string, string>> = {}): string {
  const directory = Deno.makeTempDirSync({ dir: TEMPORARY });
  for (const [name, text] of Object.entries(files)) {
    Deno.writeTextFileSync(`${directory}/${name}`, text);
  }
  return directory;
}

/** Starts the command line. */
export function start(cwd: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "--no-lock", MAIN, ...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits for the end of a command. */
export async function ended(child: Deno.ChildProcess): Promise<Ran> {
  const { code, stdout, stderr } = await child.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { status: code, stdout: out!, stderr: err! };
}

/** One queue for each processor: what the command takes is mostly the time to start. */
const queues = Array.from({ length: navigator.hardwareConcurrency }, () => Promise.resolve());
let queued = 0;

/** Runs the command line as soon as a processor is free. */
export function plugpull(cwd: string, ...args: string[]): Promise<Ran> {
  const queue = queued++ % queues.length;
  const ran = queues[queue]!.then(() => ended(start(cwd, args)));
  queues[queue] = ran.then(() => {});
  return ran;
}
