/**
 * Processes of a shared campaign, for the tests.
 *
 * @module
 */
import { fromFileUrl, resolve, toFileUrl } from "@std/path";
import { RealFileSystem } from "../../../mod.ts";
import { nameOf } from "../input.ts";
import { Journal, tell, type Told } from "../journal.ts";
import type { QueueCampaignOptions } from "./queue_campaign.ts";

const PROCESS = fromFileUrl(new URL("./_queue_process.ts", import.meta.url));

/** Where the tests of one module keep their files; gone when they are over. */
export const TEMPORARY: string = Deno.makeTempDirSync({ prefix: "plugpull_" });
globalThis.addEventListener("unload", () => Deno.removeSync(TEMPORARY, { recursive: true }));

/** A log that everybody writes first, as a module: it breaks its promise in several ways. */
export const NAIVE: string = toFileUrl(resolve("scenarios/naive_log.ts")).href;

/** A shared campaign, as small as it can be; the directory is a new one. */
export function optionsOf(
  options: Pick<QueueCampaignOptions, "queue"> & Partial<QueueCampaignOptions>,
): QueueCampaignOptions {
  const directory = Deno.makeTempDirSync({ dir: TEMPORARY });
  return {
    module: NAIVE,
    seed: 7,
    jobs: 1,
    mode: "guided",
    bounds: { disk: {}, models: ["posix-ra"], faults: false },
    hangMs: 10_000,
    canary: false,
    directory,
    findings: `${directory}/findings`,
    runs: 64,
    batchRuns: 16,
    leaseMs: 1_000,
    ...options,
  };
}

/** A process that takes part. */
export class Child {
  /** Where it keeps its journal. */
  readonly directory: string;
  readonly #child: Deno.ChildProcess;
  #lines: string[] = [];
  #onLine: (() => void)[] = [];
  readonly #read: Promise<void>;
  readonly #words: Promise<string>;

  /** Starts it. */
  constructor(options: QueueCampaignOptions) {
    this.directory = options.directory;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--no-lock", PROCESS, JSON.stringify(options)],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#words = new Response(this.#child.stderr).text();
    this.#read = this.#readLines();
  }

  async #readLines(): Promise<void> {
    let text = "";
    for await (const part of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (text + part).split("\n");
      text = lines.pop()!;
      this.#lines.push(...lines);
      this.#wake();
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#onLine.splice(0)) wake();
  }

  /** Waits until it knows so many runs. */
  async knows(runs: number): Promise<void> {
    let isOver = false;
    this.#read.then(() => isOver = true);
    for (;;) {
      if (this.#lines.some((line) => JSON.parse(line).runs >= runs)) return;
      if (isOver) throw new Error(`It has ended: ${await this.#words}`);
      await new Promise<void>((resolve) => this.#onLine.push(resolve));
    }
  }

  /** Sends it a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for its end. */
  async ended(): Promise<{ code: number; words: string; result: Result }> {
    await this.#read;
    const { code } = await this.#child.status;
    const last = this.#lines.at(-1);
    const result = last === undefined ? undefined : JSON.parse(last).result;
    return { code, words: await this.#words, result };
  }
}

/** What a process says at its end, as far as it does not depend on the time. */
export interface Result {
  readonly runs: number;
  readonly recoveries: number;
  readonly corpus: number;
  readonly corpusDigest: string;
  readonly digests: Readonly<Record<number, string>>;
  readonly findings: readonly string[];
  readonly incidents: readonly (readonly [what: string, run: number])[];
  readonly interrupted: boolean;
  readonly isKept: boolean;
  readonly batches: {
    readonly known: number;
    readonly failed: readonly { readonly batch: number; readonly words: string }[];
    readonly doubtful: readonly number[];
  };
}

/** What the journal of a process tells. */
export function toldBy(directory: string): Told {
  using journal = Journal.open(new RealFileSystem(), resolve(directory, "journal"));
  return tell(journal.lines());
}

/** The entries of a journal, each as its run and its name, in their order. */
export function entriesIn(directory: string): string[] {
  const { base, own } = toldBy(directory);
  return [...base, ...own].map(({ run, input }) => `${run} ${nameOf(input)}`);
}
