import type { Command } from "commander";
import { join } from "@std/path";
import { causeOf } from "../mod.ts";
import { annotationOf } from "./annotations.ts";
import {
  Campaign,
  CampaignError,
  type CampaignOptions,
  type CampaignResult,
  type CampaignWatch,
  type Standing,
} from "./campaign/campaign.ts";
import {
  formatBegin,
  formatCampaign,
  formatNews,
  formatStanding,
  summaryOf,
} from "./campaign/format_campaign.ts";
import { complaintsOf } from "./campaign/queue/complaints.ts";
import { judge, type JudgedFinding, type Judgement } from "./campaign/judge.ts";
import { type Known, KnownError, newsOf, readKnown } from "./campaign/known.ts";
import { parseShard, type Shard, ShardError, shardFrom } from "./campaign/shard.ts";
import { formatJobSummary } from "./campaign/summary/format_job_summary.ts";
import type { SummaryOrder } from "./campaign/summary/order.ts";
import { renderSummary } from "./campaign/summary/render_summary.ts";
import { placeOf } from "./check_command.ts";
import { type EarlierFinding, FINDINGS } from "./findings.ts";
import {
  complain,
  type DiskFlags,
  paint,
  printJson,
  refuse,
  STATUS,
  taskOptions,
} from "./options.ts";
import { startProgress } from "./progress.ts";
import { replayEarlier } from "./replay_earlier.ts";

/** Options of a campaign, as the command line hands them over. */
export interface FuzzFlags extends Omit<DiskFlags, "faults"> {
  readonly runs?: number;
  readonly time?: number;
  readonly jobs?: number;
  readonly shard?: string;
  readonly resume?: boolean;
  readonly queue?: string;
  readonly mode: "guided" | "random";
  readonly canary: boolean;
  readonly faults: boolean;
}

/** Where campaigns are kept, below the working directory. */
const CAMPAIGNS = ".plugpull/campaigns";

/** Runs of a campaign without limits. */
const RUNS = 1_000;

/** How often a line is printed where nobody looks, in seconds: more and more seldom. */
const LINE_GROWTH = 0.1;
const LINE_SECONDS = 10;

/** The disks that are drawn where the user names none: the default, and what people have. */
const MODELS = ["posix-ra", "posix-ra", "ext4-ordered", "xfs", "btrfs"] as const;

/** Runs a campaign; returns the exit status. */
export async function fuzz(module: string, flags: FuzzFlags, command: Command): Promise<number> {
  try {
    return await campaign(module, flags, command);
  } catch (error) {
    const isInput = error instanceof CampaignError || error instanceof KnownError ||
      error instanceof ShardError;
    if (!isInput) throw error;
    return refuse({ status: 2, message: error.message }, flags);
  }
}

async function campaign(module: string, flags: FuzzFlags, command: Command): Promise<number> {
  const known = readKnown();
  const settled = optionsOf(module, flags, command);
  const isAsked = (one: EarlierFinding) => flags.faults || !isFaulty(one);
  const earlier = await replayEarlier(module, flags, (finding) => {
    if (!isAsked(finding)) return "does not count: it needs failing calls";
    const news = newsOf(finding.counterexample, known);
    return news === "new" ? undefined : news;
  });
  if ("message" in earlier) return refuse(earlier, flags);
  const failing = earlier.failing.filter(isAsked);
  const options = { ...settled, failing: failingOf(failing) };
  const show = new Show(flags, known, failing);
  if (flags.queue !== undefined) {
    return await share(options, flags.queue, { show, earlier: earlier.words });
  }
  const running = new Campaign(options, show);
  show.begin(options, running.begun.seed, running.base);
  show.earlier(earlier.words);
  const interrupt = () => running.interrupt();
  for (const signal of SIGNALS) Deno.addSignalListener(signal, interrupt);
  try {
    const result = await running.run();
    const status = show.end(result);
    return show.write(result, {
      module,
      begin: formatBegin(options, running.begun.seed, running.base),
    }) ??
      status;
  } finally {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, interrupt);
    show.clear();
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Takes part in a campaign that many processes share; returns the exit status. */
async function share(
  options: CampaignOptions,
  queue: string,
  { show, earlier }: { readonly show: Show; readonly earlier: string },
): Promise<number> {
  const { runs, seed = SHARED_SEED } = options;
  if (
    runs === undefined || options.timeMs !== undefined || options.shard.of > 1 || options.resume
  ) {
    throw new CampaignError(
      "Cannot share a campaign: --queue needs --runs, and goes without --time, --shard and --resume",
    );
  }
  // Loaded only here: most campaigns need no Redis.
  const path = "./campaign/queue/queue_campaign.ts";
  const { runQueueCampaign }: typeof import("./campaign/queue/queue_campaign.ts") = await import(
    path
  );
  const leaving = new AbortController();
  const leave = () => {
    if (leaving.signal.aborted) Deno.exit(STATUS["not-measured"]);
    leaving.abort();
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, leave);
  show.begin(options, seed, undefined);
  show.earlier(earlier);
  try {
    const order = { ...options, seed, runs, queue, signal: leaving.signal };
    const result = await runQueueCampaign(order, show);
    const complaints = complaintsOf(result);
    const status = show.end(result, complaints);
    const begin = formatBegin(options, seed, undefined);
    return show.write(result, { module: options.module, begin, complaints }) ?? status;
  } finally {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, leave);
    show.clear();
  }
}

/** A shared campaign has the same seed in every process. */
const SHARED_SEED = 1;

/** The options of a campaign: of the disk, what was not asked for is drawn. */
function optionsOf(
  module: string,
  flags: FuzzFlags,
  command: Command,
): Omit<CampaignOptions, "failing"> {
  const isAsked = (name: string) => command.getOptionValueSource(name) === "cli";
  const { faults: _faults, ...rest } = flags;
  const { model, sectorBytes, staleTail, recoveries, depth, seed: _seed, ...asked } = taskOptions(
    rest,
  );
  const shard: Shard = flags.shard === undefined
    ? shardFrom((name) => Deno.env.get(name))
    : parseShard(flags.shard, "--shard");
  const drawn = flags.resume || flags.queue
    ? undefined
    : crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
  const { seed = drawn, time: timeMs } = flags;
  return {
    module,
    seed,
    shard,
    jobs: flags.jobs ?? navigator.hardwareConcurrency,
    mode: flags.mode,
    bounds: {
      disk: {
        ...asked,
        ...(isAsked("sector") && { sectorBytes }),
        ...(staleTail && { staleTail }),
      },
      models: isAsked("model") ? [model!] : MODELS,
      faults: flags.faults,
      depth,
      recoveries,
    },
    timeMs,
    runs: flags.runs ?? (timeMs === undefined && !flags.queue ? RUNS : undefined),
    hangMs: flags.hang * 1000,
    resume: flags.resume === true,
    canary: flags.canary,
    directory: join(CAMPAIGNS, slugOf(module)),
    findings: FINDINGS,
  };
}

/** The name of a module as the name of a directory. */
export function slugOf(module: string): string {
  return module.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "").slice(-100) || "log";
}

/** What people and programs see of a campaign. */
class Show implements CampaignWatch {
  readonly #flags: FuzzFlags;
  readonly #known: readonly Known[];
  /** What was found before and still fails. */
  readonly #earlier: readonly EarlierFinding[];
  readonly #failing: ReadonlyMap<string, string>;
  readonly #progress: ReturnType<typeof startProgress>;
  #before: Standing | undefined;
  #nextLine = LINE_SECONDS;
  #isTerminal: boolean;

  constructor(flags: FuzzFlags, known: readonly Known[], earlier: readonly EarlierFinding[]) {
    this.#flags = flags;
    this.#earlier = earlier;
    this.#failing = failingOf(earlier);
    this.#known = known;
    this.#isTerminal = Deno.stderr.isTerminal();
    this.#progress = startProgress("starting", { json: flags.json });
  }

  begin(options: CampaignOptions, seed: number, base: number | undefined): void {
    const { shard, jobs, mode, bounds } = options;
    if (this.#flags.json) printJson({ kind: "begin", seed, shard, jobs, mode, bounds, base });
    else console.log(formatBegin(options, seed, base));
  }

  /** What has become of earlier findings. */
  earlier(words: string): void {
    if (words !== "" && !this.#flags.json) console.log(words);
  }

  readonly onStanding = (standing: Standing): void => {
    const { json } = this.#flags;
    if (this.#isTerminal && !json) this.#progress.show(formatStanding(standing, this.#before));
    const isDue = standing.seconds >= this.#nextLine;
    if (isDue) {
      this.#nextLine = standing.seconds * (1 + LINE_GROWTH) + LINE_SECONDS;
      if (json) printJson({ kind: "standing", ...standing, marks: [...standing.marks] });
      else if (!this.#isTerminal) console.log(`  ${formatStanding(standing, this.#before)}`);
    }
    this.#before = standing;
  };

  readonly onFinding = ({ counterexample, file }: Omit<JudgedFinding, "news">): void => {
    const news = newsOf(counterexample, this.#known, this.#failing);
    const finding = { counterexample, file, news };
    const { json, github } = this.#flags;
    if (json) printJson({ kind: "finding", ...summaryOf(finding) });
    else console.log(formatNews(finding));
    if (!github || finding.news === "known") return;
    const annotation = annotationOf(counterexample, placeOf(counterexample), file);
    if (json) console.error(annotation);
    else console.log(annotation);
  };

  readonly onIncident: CampaignWatch["onIncident"] = ({ what, words }, file) => {
    if (this.#flags.json) printJson({ kind: "incident", what, words, file });
    else complain(`A run ${what === "not judged" ? "cannot be judged" : what}: ${words} (${file})`);
  };

  /** Says what it came to; returns the exit status. */
  end(result: CampaignResult, complaints: readonly string[] = []): number {
    this.clear();
    const findings = this.#judged(result);
    const judgement = judge(result, findings, complaints);
    if (this.#flags.json) printEnd(result, findings, judgement);
    else console.log(`\n${formatCampaign(result, findings, judgement, paint)}`);
    return STATUS[judgement.verdict];
  }

  /** Writes what was asked for besides; returns the exit status where that is not possible. */
  write(
    result: CampaignResult,
    { module, begin, complaints = [] }: {
      readonly module: string;
      readonly begin: string;
      readonly complaints?: readonly string[];
    },
  ): number | undefined {
    const { html, github } = this.#flags;
    const jobSummary = github ? Deno.env.get("GITHUB_STEP_SUMMARY") : undefined;
    if (html === undefined && !jobSummary) return undefined;
    const findings = this.#judged(result);
    const order: SummaryOrder = {
      module,
      begin,
      command: `deno task ${
        ["fuzz", ...Deno.args.slice(1), ...this.#seedOf(result)].map(quoted).join(" ")
      }`,
      result,
      findings,
      judgement: judge(result, findings, complaints),
    };
    try {
      if (html !== undefined) {
        Deno.writeTextFileSync(html, renderSummary(order));
        if (!this.#flags.json) console.log(`  Page     ${html}`);
      }
      if (jobSummary) Deno.writeTextFileSync(jobSummary, formatJobSummary(order), { append: true });
      return undefined;
    } catch (error) {
      return refuse({
        status: 2,
        message: `Cannot write the summary: ${(error as Error).message}`,
      }, this.#flags);
    }
  }

  /** What was found, and then what was found before, still fails, and was not found again. */
  #judged({ findings }: CampaignResult): JudgedFinding[] {
    const causes = new Set(findings.map(({ counterexample }) => causeOf(counterexample)));
    const others = this.#earlier.filter(({ counterexample }) => {
      const cause = causeOf(counterexample);
      const isFirst = !causes.has(cause);
      causes.add(cause);
      return isFirst;
    });
    return [...findings, ...others].map((finding) => ({
      ...finding,
      news: newsOf(finding.counterexample, this.#known, this.#failing),
    }));
  }

  /** The option that draws the same again, where the seed was drawn. */
  #seedOf({ begun: { seed } }: CampaignResult): string[] {
    return this.#flags.seed === undefined && !this.#flags.resume ? ["--seed", `${seed}`] : [];
  }

  clear(): void {
    this.#progress.clear();
  }
}

/** Files of findings by their causes. */
function failingOf(findings: readonly EarlierFinding[]): Map<string, string> {
  return new Map(findings.map(({ file, counterexample }) => [causeOf(counterexample), file]));
}

/** Whether a finding needs more than a power loss. */
function isFaulty({ counterexample: { faults, crash } }: EarlierFinding): boolean {
  return faults !== undefined || crash.kept.some(({ cell }) => cell === "fault");
}

/** An argument as a shell takes it. */
function quoted(argument: string): string {
  return /^[\w./:=@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

function printEnd(
  { begun, standing, canary, digests, incidents, interrupted }: CampaignResult,
  findings: readonly JudgedFinding[],
  { verdict, reasons }: Judgement,
): void {
  printJson({
    kind: "end",
    verdict,
    reasons,
    begun,
    ...standing,
    marks: [...standing.marks],
    findings: findings.map(summaryOf),
    incidents: incidents.map(({ incident: { what, words }, file }) => ({ what, words, file })),
    canary,
    digests,
    interrupted,
  });
}
