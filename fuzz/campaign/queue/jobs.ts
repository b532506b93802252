/**
 * Who does what next: the jobs of a shared campaign in BullMQ. A job says only which batch or finding
 * it is about; what came of it is kept elsewhere, so that a job that is done twice does no harm.
 *
 * @module
 */
// msgpackr takes any version of it: named here, it is the one of deno.json, lock file or not.
import "msgpackr-extract";
import { type Job, Queue, WaitingError, Worker } from "bullmq";
import type { Connection } from "./connection.ts";
import { PREFIX } from "./shared_state.ts";
import { within } from "./waiting.ts";

/** One job. */
export interface JobTask {
  /** What is done. */
  readonly kind: "batch" | "explain";
  /** The number of the batch that it is about. */
  readonly batch: number;
  /** The finding of that batch, from 0. */
  readonly finding: number;
}

/** A job that failed too often. */
export interface FailedJob {
  /** The job. */
  readonly task: JobTask;
  /** Why it failed the last time. */
  readonly words: string;
}

/** How jobs are done. */
export interface JobsOptions {
  /** The name of the campaign. */
  readonly name: string;
  /** How many jobs are done at once. */
  readonly jobs: number;
  /** A process that is silent for so long has lost its job to another, in milliseconds. */
  readonly leaseMs: number;
  /** Does a job. Rejects to leave it to somebody else; `isLeaving` says whether that counts. */
  readonly work: (task: JobTask) => Promise<void>;
  /** Whether this process leaves the campaign. */
  readonly isLeaving: () => boolean;
}

/** A job that fails so often is given up. */
const ATTEMPTS = 3;
/** How long a worker waits after an error of Redis, in milliseconds. */
const RETRY_MS = 500;
/** So many events of BullMQ are kept: nobody reads them. */
const EVENTS_MAX = 16;
/** How long it may take to say goodbye, in milliseconds. */
const CLOSE_MS = 3_000;
/** So many jobs are added at once. */
const JOBS_AT_ONCE = 500;

/** The jobs of a campaign: the list of all, and those that this process does. */
export class Jobs {
  readonly #queue: Queue<JobTask>;
  readonly #worker: Worker<JobTask>;

  /** Begins to do jobs as soon as there are any. */
  constructor({ redis }: Connection, { name, jobs, leaseMs, work, isLeaving }: JobsOptions) {
    const shared = { connection: redis, prefix: PREFIX };
    this.#queue = new Queue(name, { ...shared, streams: { events: { maxLen: EVENTS_MAX } } });
    this.#worker = new Worker<JobTask>(name, async (job, token) => {
      try {
        await work(job.data);
      } catch (error) {
        if (!isLeaving()) throw error;
        await putBack(job, token);
      }
    }, {
      ...shared,
      concurrency: jobs,
      lockDuration: leaseMs,
      stalledInterval: leaseMs / 2,
      // The first two that die of a job may have been unlucky.
      maxStalledCount: ATTEMPTS - 1,
      drainDelay: 1,
      runRetryDelay: RETRY_MS,
      removeOnComplete: { count: 0 },
    });
    // Where Redis is away for too long, the campaign says so.
    this.#queue.on("error", () => {});
    this.#worker.on("error", () => {});
  }

  /** Adds jobs; those that are there already are not added again. */
  async add(tasks: readonly JobTask[]): Promise<void> {
    for (let i = 0; i < tasks.length; i += JOBS_AT_ONCE) {
      await this.#queue.addBulk(
        tasks.slice(i, i + JOBS_AT_ONCE).map((data) => ({
          name: data.kind,
          data,
          opts: { jobId: idOf(data), attempts: ATTEMPTS },
        })),
      );
    }
  }

  /** The jobs that failed too often. */
  async failed(): Promise<FailedJob[]> {
    const jobs = await this.#queue.getFailed();
    return jobs.map(({ data, failedReason }) => ({ task: data, words: failedReason }));
  }

  /**
   * Does no more jobs. What is under way is waited for, but not long: Redis may be away.
   *
   * @param force Whether it is not waited for at all.
   */
  async close({ force }: { readonly force: boolean }): Promise<void> {
    try {
      await within(CLOSE_MS, Promise.all([this.#worker.close(force), this.#queue.close()]));
    } catch {
      // It does not answer any more, and this process leaves it in any case.
    }
  }
}

function idOf({ kind, batch, finding }: JobTask): string {
  return kind === "batch" ? `batch-${batch}` : `explain-${batch}-${finding}`;
}

/** Leaves a job to somebody else, without a mark against it. */
async function putBack(job: Job, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}
