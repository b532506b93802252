/**
 * The tasks of a bench, spread over processes.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Rate } from "./rate.ts";
import { ONE_THREAD } from "../v8_flags.ts";
import type { Sought, Way } from "./seek.ts";

/** Looks for a bug in one way with one seed. */
export interface SeekTask {
  readonly kind: "seek";
  /** Id of the bug. */
  readonly bug: string;
  readonly way: Way;
  readonly seed: number;
  /** Processor time after which it is given up, in seconds. */
  readonly capSeconds: number;
}

/** Counts how often plain random runs show a bug. */
export interface RateTask {
  readonly kind: "rate";
  /** Id of the bug. */
  readonly bug: string;
  readonly seed: number;
  readonly runs: number;
}

/** What a process of the bench does. */
export type BenchTask = SeekTask | RateTask;

/** A task that was done. */
export type Done =
  | { readonly task: SeekTask; readonly answer: Sought }
  | { readonly task: RateTask; readonly answer: Rate };

/**
 * Does tasks in several processes.
 *
 * @throws {Error} When a process ends before it has answered.
 */
export async function doTasks(
  tasks: readonly BenchTask[],
  { jobs, onDone }: { readonly jobs: number; readonly onDone: (done: Done) => void },
): Promise<void> {
  const left = [...tasks];
  await Promise.all(Array.from({ length: Math.min(jobs, tasks.length) }, () => work(left, onDone)));
}

async function work(left: BenchTask[], onDone: (done: Done) => void): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      `--v8-flags=${ONE_THREAD}`,
      new URL("./bench_process.ts", import.meta.url).href,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const lines = createInterface({ input: Readable.fromWeb(child.stdout as never) })
    [Symbol.asyncIterator]();
  try {
    for (let task = left.shift(); task !== undefined; task = left.shift()) {
      await writer.write(new TextEncoder().encode(`${JSON.stringify(task)}\n`));
      const { value, done } = await lines.next();
      if (done) throw new Error(`A process of the bench ended while it looked for "${task.bug}"`);
      onDone({ task, answer: JSON.parse(value) } as Done);
    }
  } finally {
    await writer.close().catch(() => {});
    await child.status;
  }
}
