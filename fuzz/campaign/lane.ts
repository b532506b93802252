/**
 * One lane of a campaign: a row of runs, each of which follows from the seed, its number, and the
 * runs before it. Lanes know nothing of each other; several processes and machines are several lanes.
 *
 * @module
 */
import { causeOf, checkLog, type CheckResult, type Counterexample, takeMarks } from "../../mod.ts";
import type { UnderTest } from "../../mod.ts";
import type { Probes } from "./coverage.ts";
import { Corpus, type Entry, type Shape } from "./corpus.ts";
import { Features } from "./features.ts";
import { drawInput } from "./generate.ts";
import { checkOptionsOf, digestOf, type Input } from "./input.ts";
import { mutated } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Bounds } from "./swarm.ts";
import { Watch } from "./watch.ts";

/** How a lane draws its runs: varying what led somewhere new, or each from nothing. */
export type Mode = "guided" | "random";

/** What makes a lane. */
export interface LaneOptions {
  /** Seed of the campaign. */
  readonly seed: number;
  /** Number of the lane, from 0. */
  readonly lane: number;
  /** How many lanes the campaign has, over all shards. */
  readonly lanes: number;
  /** How runs are drawn. */
  readonly mode: Mode;
  /** What the log can do, and what the user has settled. */
  readonly bounds: Bounds;
  /** The module that the log came from, as findings name it. */
  readonly module?: string | undefined;
  /** Counts of the branches taken, where the log is instrumented. */
  readonly probes?: Probes | undefined;
  /** Called with the input before each run. */
  readonly onInput?: (input: Input, run: number) => void;
}

/** What one run showed. */
export interface RunReport {
  /** Its number in the campaign. */
  readonly run: number;
  /** What was run. */
  readonly input: Input;
  /** How many recoveries were run, repeats included. */
  readonly recoveries: number;
  /** A digest of everything that it showed: the same run, the same digest. */
  readonly digest: string;
  /** Where it led somewhere new: what is kept. */
  readonly entry: Entry | undefined;
  /** A crash that breaks the promise, where none of its kind was found by this lane before. */
  readonly finding: Counterexample | undefined;
  /** Why the log cannot be judged. */
  readonly broken: string | undefined;
}

/** One run in so many is made twice: both must show the same. */
const TWICE_EVERY = 64;

/** Of the runs of a guided lane, one in so many is drawn from nothing. */
const FRESH_EVERY = 4;

/** A lane, which makes one run after the other. */
export class Lane {
  /** What led somewhere new. */
  readonly corpus = new Corpus();
  /** Marks of the log, each with whether it was ever reached. */
  readonly marks: Map<string, boolean> = new Map();
  /** How many runs broke the promise. */
  violations = 0;
  readonly #subject: UnderTest;
  readonly #options: LaneOptions;
  readonly #features = new Features();
  readonly #watch = new Watch(this.#features);
  readonly #causes = new Set<string>();
  /** The number of the next run in this lane, from 0. */
  #next = 0;
  #recoveries = 0;

  /** Begins a lane. */
  constructor(subject: UnderTest, options: LaneOptions) {
    this.#subject = subject;
    this.#options = options;
  }

  /** What runs are checked with: {@linkcode checkLog}, or what `inBatch` hands out. */
  check: typeof checkLog = checkLog;

  /** The number of the next run in the campaign. */
  get run(): number {
    return this.#next * this.#options.lanes + this.#options.lane;
  }

  /** How many runs were made, those before a resumption included. */
  get runs(): number {
    return this.#next;
  }

  /** How many recoveries were run since the start or the resumption. */
  get recoveries(): number {
    return this.#recoveries;
  }

  /** How many different facts the runs have shown. */
  get facts(): number {
    return this.#features.size;
  }

  /** What kinds of calls the log makes at all. */
  get does(): Watch["does"] {
    return this.#watch.does;
  }

  /** How often each mark of the harness was reached. */
  get reached(): Watch["reached"] {
    return this.#watch.reached;
  }

  /**
   * Goes on where an earlier process stopped, or begins with what earlier campaigns have kept: every
   * entry is run again, so that what it shows is known.
   *
   * @param entries The entries, oldest first.
   * @param next How many runs the lane has made.
   */
  async resume(
    entries: readonly Omit<Entry, keyof Shape | "name" | "cost">[],
    next: number,
  ): Promise<void> {
    for (const entry of entries) {
      this.#options.onInput?.(entry.input, entry.run);
      const { result, facts } = await this.#check(entry.input, { keep: true });
      // What breaks the log by now is found again by the replay of findings.
      if (result.verdict === "violates" || result.verdict === "harness-broken") continue;
      this.corpus.add({ ...entry, ...this.#shape(facts) });
    }
    this.#next = next;
  }

  /** Leaves the next run out. */
  skip(): void {
    this.#next++;
  }

  /** Makes the next run. */
  async step(): Promise<RunReport> {
    const { run } = this;
    const { seed, onInput } = this.#options;
    const random = new Random(seed, run);
    const { input, parent } = this.#draw(random);
    onInput?.(input, run);
    const { result, fresh, digest, facts } = await this.#check(input, { keep: true });
    const shape = this.#shape(facts);
    let broken = result.verdict === "harness-broken" ? result.reason : undefined;
    if (this.#next % TWICE_EVERY === 0 && broken === undefined) {
      const again = await this.#check(input, { keep: false });
      if (again.digest !== digest) {
        broken = `The run is not deterministic: it first showed ${digest}, then ${again.digest}`;
      }
    }
    this.#next++;
    const [violation] = result.violations;
    if (violation !== undefined) this.violations++;
    const isSound = violation === undefined && broken === undefined;
    const isKept = isSound && fresh > 0 && this.#options.mode === "guided";
    if (isKept && parent !== undefined) parent.children++;
    return {
      run,
      input,
      recoveries: result.recoveries,
      digest,
      entry: isKept ? this.corpus.add({ input, run, ...shape }) : undefined,
      finding: violation !== undefined && this.#isNews(violation) ? violation : undefined,
      broken,
    };
  }

  /** What the last run looked like, for those who vary it. */
  #shape(facts: Shape["facts"]): Shape {
    const { lastEnd, calls } = this.#watch;
    return { lastEnd, calls, facts };
  }

  #isNews(violation: Counterexample): boolean {
    const cause = causeOf(violation);
    if (this.#causes.has(cause)) return false;
    this.#causes.add(cause);
    return true;
  }

  /** Draws the next run. */
  #draw(random: Random): { input: Input; parent: Entry | undefined } {
    const { mode, bounds } = this.#options;
    const { corpus } = this;
    if (mode === "random" || corpus.size === 0 || random.oneIn(FRESH_EVERY)) {
      return { input: drawInput(random, bounds), parent: undefined };
    }
    const parent = corpus.choose(random);
    const { input: other } = corpus.any(random);
    const { lastEnd, calls } = parent;
    const input = mutated(parent.input, random, { bounds, other, lastEnd, calls });
    return { input, parent };
  }

  /** Runs one input, and notes what is new about it. */
  async #check(
    input: Input,
    { keep }: { readonly keep: boolean },
  ): Promise<{ result: CheckResult; fresh: number; digest: string; facts: Shape["facts"] }> {
    const { module, probes } = this.#options;
    takeMarks();
    probes?.counts.fill(0, 0, probes.used);
    const before = this.#watch.recoveries;
    const result = await this.check(this.#subject, {
      ...checkOptionsOf(input),
      ...(module !== undefined && { module }),
      observer: this.#watch,
    });
    for (const [name, isReached] of takeMarks()) {
      this.marks.set(name, isReached || this.marks.get(name) === true);
      if (isReached) this.#watch.mark(name);
    }
    for (let probe = 0; probe < (probes?.used ?? 0); probe++) {
      if (probes!.counts[probe] !== 0) this.#watch.probe(probe);
    }
    this.#recoveries += result.recoveries;
    const isSound = result.violations.length === 0 && result.verdict !== "harness-broken";
    const { fresh, digest, facts } = this.#features.take({ keep: keep && isSound });
    const judged = this.#watch.recoveries - before;
    const shown = [result.verdict, result.recoveries, judged, digest];
    return { result, fresh, digest: digestOf(shown.join()), facts };
  }
}
