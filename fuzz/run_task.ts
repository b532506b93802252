import { startProgress } from "./progress.ts";
import type { Message, Task } from "./task.ts";

/** How a task ended. */
export type Ending =
  | { readonly kind: "finished" }
  | { readonly kind: "failed"; readonly status: 2 | 3; readonly message: string }
  | { readonly kind: "interrupted" };

/** How a task is watched. */
export interface Watch {
  /** How long a log may be silent, in milliseconds. */
  readonly hangMs: number;
  /** Whether the output is for a program: then nobody is shown what is going on. */
  readonly json?: boolean | undefined;
}

/**
 * Runs a task in a worker and passes on what it reports. A log that gives no sign of life is
 * stopped; so is everything at an interrupt. Where it was stopped in the middle of a call, its
 * thread goes on until the process exits.
 *
 * @param task What to do.
 * @param watch How long a log may be silent, and whether somebody looks.
 * @param onMessage Called with every message but the last.
 * @returns How it ended.
 */
export function runTask(
  task: Task,
  { hangMs, json }: Watch,
  onMessage: (message: Message) => void,
): Promise<Ending> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const progress = startProgress(task.kind, { json });
  return new Promise((resolve) => {
    let workload: string | undefined;
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const where = () =>
      workload === undefined ? "while it was loaded" : `in workload "${workload}"`;
    const end = (ending: Ending) => {
      clearTimeout(watchdog);
      Deno.removeSignalListener("SIGINT", interrupt);
      worker.terminate();
      progress.clear();
      resolve(ending);
    };
    const interrupt = () => end({ kind: "interrupted" });
    const feed = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        const message = `The log hangs: no run ended for ${hangMs / 1000} s ${where()}`;
        end({ kind: "failed", status: 3, message });
      }, hangMs);
    };
    Deno.addSignalListener("SIGINT", interrupt);
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      feed();
      if (data.kind === "alive") {
        workload = data.workload;
        progress.show(data.doing);
      }
      if (data.kind === "failed") return end(data);
      if (data.kind === "escaped") {
        const message = `The log ${data.what} (${where()})`;
        return end({ kind: "failed", status: 3, message });
      }
      onMessage(data);
      if (LAST.has(data.kind)) end({ kind: "finished" });
    };
    worker.onerror = (event) => {
      event.preventDefault();
      end({ kind: "failed", status: 3, message: `The log ended the harness: ${event.message}` });
    };
    feed();
    worker.postMessage(task);
  });
}

/** Messages after which nothing comes. */
const LAST: ReadonlySet<Message["kind"]> = new Set([
  "checked",
  "replayed",
  "page",
  "catalogued",
  "mutated",
]);
