/**
 * The process of a lane, as the campaign sees it.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Input } from "./input.ts";
import type { LaneMessage, LaneTask } from "./protocol.ts";
import { ON_DEMAND, ONE_THREAD } from "./v8_flags.ts";

/** How a process ended. */
export type LaneEnd =
  /** As it should. */
  | { readonly why: "done" | "told" | "memory" }
  /** It was given something that cannot be run. */
  | { readonly why: "refused"; readonly message: string }
  /** It gave no sign of life, or ended by itself, in the middle of a run. */
  | {
    readonly why: "hung" | "died";
    readonly run: number | undefined;
    readonly input: Input | undefined;
    /** Whether it was an entry of the corpus, run again to begin with. */
    readonly isEntry: boolean;
    /** The last words on its standard error. */
    readonly words: string;
    /** The signal that has ended it, if any. */
    readonly signal: Deno.Signal | null;
  };

/** So much of what a log prints is kept, in characters. */
const WORDS_MAX = 2_000;

/** How long a process may take to start, in milliseconds: it loads the log and all that it needs. */
const START_MS = 60_000;

/** How much memory V8 may use beside what asks for a new process, in mebibytes. */
const HEAP_MB = 1_500;

/** A silent process that got a smaller part of a processor than that is taken for a starved one, */
const STARVED = 0.5;
/** for so many times as long as another one. */
const STARVED_MAX = 10;

/** A lane in a process of its own. */
export class LaneChild {
  /** How it ended. */
  readonly ended: Promise<LaneEnd>;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #hangMs: number;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #run: Extract<LaneMessage, { kind: "run" }> | undefined;
  /** Whether it still runs the corpus again, to know what that shows. */
  isLearning = true;
  /** How many entries of the corpus it has begun to run again. */
  learned = 0;
  #end: LaneEnd | undefined;
  #isHung = false;

  /**
   * Starts it.
   *
   * @param task What it does.
   * @param hangMs How long it may be silent.
   * @param onMessage Called with all that it tells but the signs of life.
   */
  constructor(
    task: LaneTask,
    { hangMs, onMessage }: {
      readonly hangMs: number;
      readonly onMessage: (message: LaneMessage) => void;
    },
  ) {
    this.#hangMs = hangMs;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "-A",
        `--v8-flags=${ONE_THREAD},${ON_DEMAND},--max-old-space-size=${HEAP_MB}`,
        new URL("./lane_process.ts", import.meta.url).href,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#say(JSON.stringify(task));
    this.#feed(START_MS);
    this.ended = this.#follow(onMessage);
  }

  /** Asks it to stop after the present run. */
  stop(): void {
    this.#say("stop");
  }

  /** Stops it at once. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  #noteRun(run: Extract<LaneMessage, { kind: "run" }>): void {
    this.#run = run;
    this.isLearning = run.isEntry === true;
    if (run.isEntry) this.learned++;
  }

  #say(line: string): void {
    // A process that is gone does not listen.
    this.#stdin.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
  }

  #feed(ms = this.#hangMs): void {
    clearTimeout(this.#watchdog);
    const half = ms / 2;
    this.#watchdog = setTimeout(() => this.#watchOver(half, processorMs(this.#child.pid)), half);
  }

  /** It was silent for some time: unless it only had no processor, it hangs when that time is over again. */
  #watchOver(ms: number, before: number | undefined, times = 1): void {
    this.#watchdog = setTimeout(() => {
      const used = processorMs(this.#child.pid);
      const isStarved = before !== undefined && used !== undefined &&
        used > before && used - before < ms * times * STARVED;
      if (isStarved && times < STARVED_MAX) return this.#watchOver(ms, before, times + 1);
      this.#isHung = true;
      this.kill();
    }, ms);
  }

  async #follow(onMessage: (message: LaneMessage) => void): Promise<LaneEnd> {
    const words = lastWords(this.#child.stderr);
    const lines = createInterface({ input: Readable.fromWeb(this.#child.stdout as never) });
    for await (const line of lines) {
      const message = messageIn(line);
      if (message === undefined) continue;
      this.#feed();
      if (message.kind === "run") this.#noteRun(message);
      else if (message.kind === "end") this.#end = { why: message.why };
      else if (message.kind === "refused") this.#end = { why: "refused", message: message.message };
      else onMessage(message);
    }
    const { signal } = await this.#child.status;
    clearTimeout(this.#watchdog);
    await this.#stdin.close().catch(() => {});
    return this.#end ?? {
      why: this.#isHung ? "hung" : "died",
      run: this.#run?.run,
      input: this.#run?.input,
      isEntry: this.#run?.isEntry === true,
      words: await words,
      signal,
    };
  }
}

/**
 * How much processor time a process has used, in milliseconds; `undefined` where nobody says. From the
 * fields utime and stime, in ticks of 10 ms (proc_pid_stat(5)).
 */
function processorMs(pid: number): number | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

/** A message, or nothing: a log may have written to standard output behind everybody's back. */
function messageIn(line: string): LaneMessage | undefined {
  try {
    const message = JSON.parse(line);
    return typeof message?.kind === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

async function lastWords(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let words = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    words = (words + text).slice(-WORDS_MAX);
  }
  return words;
}
