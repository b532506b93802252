/**
 * A campaign that many processes share: its batches are jobs in Redis. Every process that is started
 * with the same command takes jobs and collects what all have found; it may join and leave at any time.
 *
 * METHOD. A batch is a lane of its own: its result follows from the seed, its number, the corpus that
 * the campaign began with, and the code. So a batch may be made twice, by a process that has lost its
 * lease and by the one that took over; the first result counts, and the second one must be the same.
 * Everybody takes every result in once, by the number of the batch. When all are in, findings are
 * handed out in the same way, one of each cause, to be explained.
 *
 * @module
 */
import { causeOf, type Counterexample, onePerCause, writeFinding } from "../../../mod.ts";
import {
  CampaignError,
  type CampaignFinding,
  type CampaignOptions,
  type CampaignResult,
  type CampaignWatch,
  fitted,
  type Standing,
} from "../campaign.ts";
import { explainInProcess } from "../explain_child.ts";
import { type Incident, writeIncident } from "../incident.ts";
import type { Begun, Kept } from "../journal.ts";
import type { Point } from "../point.ts";
import { type Outcome, parseOutcome } from "./batch.ts";
import { codeDigestOf } from "./code_digest.ts";
import { announce, batchesOf, type Conditions, nameOfCampaign } from "./conditions.ts";
import { Connection } from "./connection.ts";
import { Jobs, type JobTask } from "./jobs.ts";
import { LocalState } from "./local_state.ts";
import { corpusDigestOf, type FailedBatch, Merged } from "./merged.ts";
import { LeftError, runBatch, UnrunnableError } from "./run_batch.ts";
import { SharedState } from "./shared_state.ts";
import { pause, unlessAborted, within } from "./waiting.ts";

/** What a shared campaign is, as one process sees it. */
export interface QueueCampaignOptions extends
  Pick<
    CampaignOptions,
    | "module"
    | "jobs"
    | "mode"
    | "bounds"
    | "hangMs"
    | "canary"
    | "directory"
    | "findings"
  > {
  /** Seed of everything that is drawn; with the module, it names the campaign. */
  readonly seed: number;
  /** Where Redis is: a URL such as `redis://127.0.0.1:6379`. */
  readonly queue: string;
  /** How many runs are made over all batches. */
  readonly runs: number;
  /** How many runs a batch has. Default: 256 */
  readonly batchRuns?: number;
  /** A process that is silent for so long loses its batch, in milliseconds. Default: 30 seconds */
  readonly leaseMs?: number;
  /** How long Redis may be away, in milliseconds. Default: one minute */
  readonly patienceMs?: number;
  /** Aborted to leave: what is under way here is left to others. */
  readonly signal?: AbortSignal;
}

/** What a shared campaign came to: the same for everybody who stays to its end, but for times. */
export interface QueueCampaignResult extends CampaignResult {
  /** How many batches there are, how many are known, and which went wrong. */
  readonly batches: {
    readonly of: number;
    readonly known: number;
    /** Those that nobody could make. */
    readonly failed: readonly FailedBatch[];
    /** Those that two processes made, and not in the same way: the log is not deterministic. */
    readonly doubtful: readonly number[];
  };
  /** A digest of all that was kept, in its order. */
  readonly corpusDigest: string;
  /** Whether it was kept in the directory; if not, another process of this machine does it. */
  readonly isKept: boolean;
}

const BATCH_RUNS = 256;
const LEASE_MS = 30_000;
const PATIENCE_MS = 60_000;
/** How often what is new is asked for, in milliseconds. */
const BEAT_MS = 500;
/** How much longer the next stretch of the curve is than all before it. */
const STRETCH = 0.01;

/**
 * Takes part in a shared campaign until its end, or until it is left.
 *
 * @throws {CampaignError} When it cannot be joined, when the log cannot be loaded, or when Redis stays
 *   away. What was known by then is kept in the directory.
 */
export async function runQueueCampaign(
  options: QueueCampaignOptions,
  watch: CampaignWatch,
): Promise<QueueCampaignResult> {
  const { module, seed, mode, bounds, canary, hangMs, runs, batchRuns = BATCH_RUNS } = options;
  if (runs < 1) throw new CampaignError(`Cannot share ${runs} runs, expected at least 1`);
  const connection = await Connection.open(options.queue);
  try {
    const code = await codeDigestOf(module);
    const conditions = { module, seed, mode, bounds, canary, hangMs, runs, batchRuns, code };
    return await new Participant(options, { watch, connection, conditions }).run();
  } finally {
    connection.end();
  }
}

/** One process of a shared campaign. */
class Participant {
  readonly #options: QueueCampaignOptions;
  readonly #watch: CampaignWatch;
  readonly #connection: Connection;
  readonly #conditions: Conditions;
  readonly #begun: Begun;
  readonly #shared: SharedState;
  readonly #local: LocalState;
  readonly #merged: Merged;
  /** Aborted when this process leaves, for whatever reason. */
  readonly #leaving = new AbortController();
  #jobs: Jobs | undefined;
  #base: readonly Kept[] = [];
  readonly #explained = new Map<string, Counterexample>();
  #doubtful: readonly number[] = [];
  /** Whether the findings were handed out to be explained. */
  #areHanded = false;
  /** Why the log cannot be run here. */
  #refusal: string | undefined;
  /** Whether Redis stayed away. */
  #isLost = false;
  readonly #incidents = new Map<string, Incident>();
  readonly #points: Point[] = [];
  #startedAt = 0;

  constructor(
    options: QueueCampaignOptions,
    { watch, connection, conditions }: {
      readonly watch: CampaignWatch;
      readonly connection: Connection;
      readonly conditions: Conditions;
    },
  ) {
    this.#options = options;
    this.#watch = watch;
    this.#connection = connection;
    this.#conditions = conditions;
    const of = batchesOf(conditions);
    this.#begun = { seed: options.seed, lanes: [], of, conditions: announce(conditions, "") };
    this.#shared = new SharedState(connection, conditions);
    this.#merged = new Merged(of);
    this.#local = new LocalState(options.directory, this.#begun);
  }

  async run(): Promise<QueueCampaignResult> {
    const { signal } = this.#options;
    const leave = () => this.#leaving.abort();
    this.#startedAt = performance.now();
    signal?.addEventListener("abort", leave);
    if (signal?.aborted) leave();
    try {
      const { bounds } = this.#options;
      const base = this.#local.base.map(({ run, input }) => ({
        run,
        input: fitted(input, bounds),
      }));
      this.#base = await this.#inTime(this.#shared.join(base));
      this.#local.begin();
      this.#local.add(this.#base, []);
      this.#jobs = this.#startJobs();
      await this.#follow();
      return await this.#result();
    } finally {
      signal?.removeEventListener("abort", leave);
      leave();
      if (this.#isLost) this.#connection.end();
      await this.#jobs?.close({ force: this.#isLost });
      this.#local.close();
    }
  }

  #startJobs(): Jobs {
    const { jobs, leaseMs = LEASE_MS } = this.#options;
    return new Jobs(this.#connection, {
      name: nameOfCampaign(this.#conditions),
      jobs,
      leaseMs,
      work: (task) => task.kind === "batch" ? this.#make(task.batch) : this.#explain(task),
      isLeaving: () => this.#leaving.signal.aborted,
    });
  }

  /** Follows the campaign to its end, or until this process leaves it. */
  async #follow(): Promise<void> {
    const { patienceMs = PATIENCE_MS } = this.#options;
    const { signal } = this.#leaving;
    await this.#inTime(this.#hand());
    let answeredAt = performance.now();
    for (;;) {
      try {
        const left = answeredAt + patienceMs - performance.now();
        const isOver = await unlessAborted(within(Math.max(left, 1), this.#beat()), signal);
        if (isOver) return;
        answeredAt = performance.now();
      } catch (error) {
        if (error instanceof CampaignError) throw error;
        if (performance.now() - answeredAt >= patienceMs) throw this.#lose(error as Error);
      }
      if (this.#refusal !== undefined) throw new CampaignError(this.#refusal);
      if (signal.aborted) return;
      await pause(BEAT_MS, signal);
    }
  }

  /** Waits for Redis, but no longer than it may be away. */
  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const { patienceMs = PATIENCE_MS } = this.#options;
    try {
      return await within(patienceMs, answer);
    } catch (error) {
      throw error instanceof CampaignError ? error : this.#lose(error as Error);
    }
  }

  #lose({ message }: Error): CampaignError {
    this.#isLost = true;
    this.#local.sync();
    const { directory } = this.#options;
    return new CampaignError(
      `Lost Redis at ${this.#connection.place} (${this.#connection.lastError || message}): ` +
        `${this.#merged.size} of ${this.#merged.batches} batches are kept in "${directory}"; the ` +
        `same command goes on`,
    );
  }

  /** Hands out what is left to be done. */
  async #hand(): Promise<void> {
    for await (const [batch, outcome] of this.#shared.news()) this.#take(batch, outcome);
    await this.#jobs!.add(
      this.#merged.missing().map((batch) => ({ kind: "batch", batch, finding: 0 })),
    );
  }

  /** Asks for what is new; returns whether everything is done. */
  async #beat(): Promise<boolean> {
    if (await this.#shared.isForgotten()) await this.#remind();
    for await (const [batch, outcome] of this.#shared.news()) this.#take(batch, outcome);
    for (const { task, words } of await this.#jobs!.failed()) await this.#giveUp(task, words);
    const isOver = this.#merged.isComplete && await this.#collectExplanations();
    this.#tell();
    return isOver;
  }

  /** Redis was restarted without what it knew: it is told again. */
  async #remind(): Promise<void> {
    await this.#shared.join(this.#base);
    for (const [batch, outcome] of this.#merged.outcomes()) await this.#shared.keep(batch, outcome);
    for (const [cause, explained] of this.#explained) await this.#shared.explain(cause, explained);
    await this.#hand();
    this.#areHanded = false;
  }

  /** Makes a batch. */
  async #make(batch: number): Promise<void> {
    if (await this.#shared.has(batch)) return;
    const { signal } = this.#leaving;
    try {
      const task = { conditions: this.#conditions, batch, base: this.#base };
      const result = await runBatch(task, signal);
      // As everybody else reads it.
      const outcome = parseOutcome(JSON.stringify({ kind: "made", result }));
      // First here: Redis may be away.
      if (!this.#merged.has(batch)) this.#take(batch, outcome);
      await this.#shared.keep(batch, outcome);
    } catch (error) {
      if (error instanceof UnrunnableError) {
        this.#refusal = error.message;
        this.#leaving.abort();
      }
      throw error;
    }
  }

  /** A batch is known. */
  #take(batch: number, outcome: Outcome): void {
    this.#merged.take(batch, outcome);
    if (outcome.kind === "failed") return;
    const { entries, findings, incidents } = outcome.result;
    this.#local.add(entries, findings);
    for (const incident of incidents) {
      const whole = { ...incident, module: this.#options.module };
      const file = writeIncident(whole, this.#options.findings);
      if (this.#incidents.has(file)) continue;
      this.#incidents.set(file, whole);
      this.#watch.onIncident(whole, file);
    }
  }

  /** A job that failed too often is no reason to wait for it. */
  async #giveUp({ kind, batch, finding }: JobTask, words: string): Promise<void> {
    if (kind === "batch") {
      if (!this.#merged.has(batch)) await this.#shared.keep(batch, { kind: "failed", words });
      return;
    }
    const raw = this.#merged.findings().find((raw) =>
      raw.batch === batch && raw.finding === finding
    );
    if (raw !== undefined && !this.#explained.has(raw.cause)) {
      await this.#shared.explain(raw.cause, raw.found);
    }
  }

  /** Hands out the findings to be explained; returns whether all are. */
  async #collectExplanations(): Promise<boolean> {
    const findings = this.#merged.findings();
    for (const { cause } of findings) {
      if (this.#explained.has(cause)) continue;
      const explained = await this.#shared.explanationOf(cause);
      if (explained !== undefined) this.#explained.set(cause, explained);
    }
    const left = findings.filter(({ cause }) => !this.#explained.has(cause));
    if (!this.#areHanded) {
      await this.#jobs!.add(
        left.map(({ batch, finding }) => ({ kind: "explain", batch, finding })),
      );
      this.#areHanded = true;
    }
    if (left.length > 0) return false;
    this.#doubtful = await this.#shared.doubtful();
    return true;
  }

  /** Explains a finding. */
  async #explain({ batch, finding }: JobTask): Promise<void> {
    const outcome = await this.#shared.outcomeOf(batch);
    const found = outcome?.kind === "made" ? outcome.result.findings[finding] : undefined;
    if (found === undefined) return;
    const cause = causeOf(found);
    if (await this.#shared.explanationOf(cause) !== undefined) return;
    const { module, hangMs } = this.#options;
    const { signal } = this.#leaving;
    const explained = await explainInProcess(found, module, { hangMs, signal });
    if (signal.aborted) throw new LeftError("The explanation was left before its end");
    await this.#shared.explain(cause, explained ?? found);
  }

  /** What was told is made safe, and shown. */
  #tell(): void {
    const standing = this.#standing();
    const { marks: _, explaining: __, learning: ___, ...point } = standing;
    const before = this.#points.at(-1)?.seconds ?? 0;
    const isDue = standing.seconds >= before * (1 + STRETCH) + 1;
    if (isDue) this.#points.push(point);
    this.#local.sync(isDue ? point : undefined);
    this.#watch.onStanding(standing);
  }

  #standing(): Standing {
    const { canary: _, ...counts } = this.#merged.counts();
    return {
      ...counts,
      seconds: Math.round((performance.now() - this.#startedAt) / 100) / 10,
      corpus: this.#local.size,
      findings: this.#explained.size,
      memory: Deno.memoryUsage().rss,
      explaining: this.#merged.findings().length - this.#explained.size,
    };
  }

  /** What it came to, as far as this process has stayed. */
  async #result(): Promise<QueueCampaignResult> {
    const entries = [...this.#base, ...this.#merged.entries(this.#base)];
    const isOver = this.#merged.isComplete && !this.#leaving.signal.aborted;
    const findings = await this.#writeFindings();
    const standing = { ...this.#standing(), findings: findings.length };
    const { marks: _, explaining: __, learning: ___, ...point } = standing;
    this.#points.push(point);
    if (isOver) {
      const explained = new Set(this.#explained.keys());
      this.#local.settle(entries, { explained, points: this.#points });
    } else this.#local.sync(point);
    return {
      begun: this.#begun,
      standing,
      points: this.#points,
      findings,
      givenUp: [],
      incidents: [...this.#incidents].map(([file, incident]) => ({ incident, file })),
      canary: this.#merged.counts().canary,
      digests: this.#merged.digests(),
      interrupted: !isOver,
      batches: {
        of: this.#merged.batches,
        known: this.#merged.size,
        failed: this.#merged.failed(),
        doubtful: this.#doubtful,
      },
      corpusDigest: corpusDigestOf(entries),
      isKept: this.#local.isKept,
    };
  }

  /** Writes the findings that are explained, one for each cause, in the order of their batches. */
  async #writeFindings(): Promise<CampaignFinding[]> {
    const explained = this.#merged.findings()
      .flatMap(({ cause }) => this.#explained.get(cause) ?? []);
    const findings: CampaignFinding[] = [];
    for (const counterexample of onePerCause(explained)) {
      const finding = { counterexample, file: await this.#write(counterexample) };
      findings.push(finding);
      this.#watch.onFinding(finding);
    }
    return findings;
  }

  async #write(counterexample: Counterexample): Promise<string> {
    const { findings } = this.#options;
    try {
      return await writeFinding(counterexample, findings);
    } catch (error) {
      throw new CampaignError(
        `Cannot keep findings in "${findings}": ${(error as Error).message}`,
      );
    }
  }
}
