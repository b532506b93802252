/**
 * A campaign on one machine: lanes in processes of their own, a journal, findings explained as they
 * come.
 *
 * @module
 */
import { ensureDirSync } from "@std/fs";
import { join, resolve } from "@std/path";
import {
  causeOf,
  type Counterexample,
  RealFileSystem,
  syncDirectory,
  writeFinding,
} from "../../mod.ts";
import { endsAlone } from "./ends_alone.ts";
import { tryLock, UNDER_WAY } from "./lock.ts";
import { explainInProcess } from "./explain_child.ts";
import { type Incident, writeIncident } from "./incident.ts";
import {
  type Begun,
  type Found,
  Journal,
  type Kept,
  type LaneState,
  type LaneTotals,
  type Line,
  NOTHING_TOLD,
  tell,
  type Told,
} from "./journal.ts";
import { LaneChild, type LaneEnd } from "./lane_child.ts";
import type { Mode } from "./lane.ts";
import type { Point } from "./point.ts";
import type { LaneCount, LaneMessage, LaneTask } from "./protocol.ts";
import { type Input, nameOf } from "./input.ts";

/** What a campaign is. */
export interface CampaignOptions {
  /** The module of the log. */
  readonly module: string;
  /** Seed of everything that is drawn; `undefined` for that of the campaign that is resumed. */
  readonly seed: number | undefined;
  /** Which of how many machines this is, from 0. */
  readonly shard: { readonly index: number; readonly of: number };
  /** How many processes run at once. */
  readonly jobs: number;
  /** How runs are drawn. */
  readonly mode: Mode;
  /** What the user has settled. */
  readonly bounds: LaneTask["bounds"];
  /** How long it takes, in milliseconds; without, until all runs are made. */
  readonly timeMs: number | undefined;
  /** How many runs are made over all shards; without, until the time is over. */
  readonly runs: number | undefined;
  /** How long a log may be silent, in milliseconds. */
  readonly hangMs: number;
  /** Whether it goes on where the last one stopped. */
  readonly resume: boolean;
  /** Whether it also looks for the canary. */
  readonly canary: boolean;
  /** Where the journal is. */
  readonly directory: string;
  /** Where findings go. */
  readonly findings: string;
  /** Files of findings that still fail, by their causes: what is found again needs no other file. */
  readonly failing: ReadonlyMap<string, string>;
}

/** A finding with a cause of its own. */
export interface CampaignFinding {
  /** It, as small and explained as it could be made. */
  readonly counterexample: Counterexample;
  /** Its file. */
  readonly file: string;
}

/** How a campaign stands, for people who look. */
export interface Standing extends Point {
  /** Whether each mark of the harness and of the log was reached. */
  readonly marks: ReadonlyMap<string, boolean>;
  /** Findings that are being explained. */
  readonly explaining: number;
  /** While lanes run the corpus again, how far the slowest has come. */
  readonly learning?: number | undefined;
}

/** What a campaign came to. */
export interface CampaignResult {
  /** How it was begun. */
  readonly begun: Begun;
  /** Where it stands at its end. */
  readonly standing: Standing;
  /** Its curve. */
  readonly points: readonly Point[];
  /** What it found, one for each cause. */
  readonly findings: readonly CampaignFinding[];
  /** Runs that hung, killed their process, or could not be judged. */
  readonly incidents: readonly { readonly incident: Incident; readonly file: string }[];
  /** Lanes that were given up, because too many of their runs did not come to their end. */
  readonly givenUp: readonly number[];
  /** Runs of the canary over all lanes, and those after which lanes found it. */
  readonly canary: { readonly runs: number; readonly found: readonly number[] };
  /** By lane, a digest of all its runs: the same runs, the same digest. */
  readonly digests: Readonly<Record<number, string>>;
  /** Whether it was interrupted. */
  readonly interrupted: boolean;
}

/** What the user gave cannot be run: a module, a directory, a journal. */
export class CampaignError extends Error {
  /** Always `"CampaignError"`. */
  override readonly name = "CampaignError";
}

/** Who watches a campaign. */
export interface CampaignWatch {
  /** Called now and then. */
  readonly onStanding: (standing: Standing) => void;
  /** Called with each finding that has a cause of its own. */
  readonly onFinding: (finding: CampaignFinding) => void;
  /** Called with each incident. */
  readonly onIncident: (incident: Incident, file: string) => void;
}

/** How often the journal is made durable, in milliseconds: so much is lost at most. */
const SYNC_MS = 1_000;
/** More findings are not explained: after so many causes, a log wants a human. */
const FINDINGS_MAX = 40;
/** A lane of which so many runs end its process, or cannot be judged, is given up. */
const INCIDENTS_MAX = 20;
/** A process that is killed more often than that before its first run is not started any more. */
const KILLS_MAX = 3;
/** A lane that uses more memory than that gets a new process. */
const MEMORY_MAX = 1_000 * 2 ** 20;
/** How much longer the next stretch of the curve is than all before it. */
const STRETCH = 0.01;

/** A lane of this machine. */
interface Lane {
  readonly number: number;
  child: LaneChild | undefined;
  /** What it has kept, in its order. */
  own: Kept[];
  state: LaneState | undefined;
  count: LaneCount | undefined;
  /** What its processes have counted, those that have ended included. */
  totals: LaneTotals;
  /** What those had counted that have ended. */
  before: LaneTotals;
  incidents: number;
  /** How often somebody has ended a process of its before its first run. */
  kills: number;
  /** Runs that did not end: they are left out. */
  readonly skipped: number[];
  /** The run in the middle of which its last process ended, where that did not show again. */
  suspect: number | undefined;
  isOver: boolean;
}

/** A campaign. */
export class Campaign {
  readonly #options: CampaignOptions;
  readonly #watch: CampaignWatch;
  readonly #journal: Journal;
  readonly #lock: Deno.FsFile;
  readonly #begun: Begun;
  /** What earlier campaigns have kept, as they did. */
  readonly #before: readonly Kept[];
  /** The same within what the user has settled, without what the log cannot do any more. */
  #base: readonly Kept[];
  readonly #lanes: Lane[];
  readonly #points: Point[];
  readonly #findings: CampaignFinding[] = [];
  readonly #causes = new Set<string>();
  /** What waits for its explanation, and what does not any more, by the cause that it had when found. */
  readonly #unexplained = new Map<string, Found>();
  readonly #explained = new Set<string>();
  readonly #incidents: { incident: Incident; file: string }[] = [];
  readonly #digests = new Map<number, string>();
  #explaining: Promise<void> = Promise.resolve();
  #startedAt = 0;
  #secondsBefore = 0;
  #refusal: string | undefined;
  #isStopping = false;
  #interrupted = false;
  /** Aborted when it shall end at once. */
  readonly #killed = new AbortController();

  /**
   * Opens the journal, and begins a campaign or goes on with the last one.
   *
   * @throws {CampaignError} When the journal cannot be opened or belongs to something else.
   */
  constructor(options: CampaignOptions, watch: CampaignWatch) {
    this.#options = options;
    this.#watch = watch;
    const { directory } = options;
    const journalled = join(directory, "journal");
    try {
      const lock = tryLock(directory);
      if (lock === undefined) throw new Error(UNDER_WAY);
      this.#lock = lock;
      ensureDirSync(journalled);
      this.#journal = Journal.open(new RealFileSystem(), resolve(journalled));
    } catch (error) {
      throw new CampaignError(
        `Cannot open the campaign in "${directory}": ${(error as Error).message}`,
      );
    }
    const told = this.#tell();
    const isResumed = options.resume;
    const seed = options.seed ?? told.begun?.seed ?? 0;
    this.#begun = begunBy(options, seed);
    if (isResumed) this.#requireSame(told);
    const before = isResumed ? told.base : [...told.base, ...told.own];
    this.#before = before;
    this.#base = before.map(({ run, input }) => ({ run, input: fitted(input, options.bounds) }));
    this.#points = isResumed ? [...told.points] : [];
    this.#secondsBefore = this.#points.at(-1)?.seconds ?? 0;
    this.#lanes = this.#begun.lanes.map((number) => laneOf(number, told, isResumed, this.#begun));
    const { unexplained } = told;
    try {
      this.#journal.replace(
        isResumed ? told : { ...NOTHING_TOLD, begun: this.#begun, base: before, unexplained },
      );
      syncDirectory(new RealFileSystem(), resolve(directory));
    } catch (error) {
      throw new CampaignError(
        `Cannot write the campaign in "${directory}": ${(error as Error).message}`,
      );
    }
    for (const { found } of told.unexplained) this.#take(found);
  }

  /** How many runs were kept by earlier campaigns. */
  get base(): number {
    return this.#base.length;
  }

  /** How it was begun. */
  get begun(): Begun {
    return this.#begun;
  }

  #tell(): Told {
    try {
      return tell(this.#journal.lines());
    } catch (error) {
      this.#journal.close();
      throw new CampaignError((error as Error).message);
    }
  }

  /** Only the same campaign can go on. */
  #requireSame({ begun }: Told): void {
    const { directory } = this.#options;
    if (begun === undefined) {
      throw new CampaignError(`Cannot resume: there is no campaign in "${directory}"`);
    }
    for (const field of ["seed", "of", "conditions"] as const) {
      if (begun[field] === this.#begun[field]) continue;
      throw new CampaignError(
        `Cannot resume the campaign in "${directory}": its ${WORDS[field]} was ${
          begun[field]
        }, expected ${this.#begun[field]}`,
      );
    }
    if (begun.lanes.join() !== this.#begun.lanes.join()) {
      throw new CampaignError(
        `Cannot resume the campaign in "${directory}": it had the lanes ${begun.lanes}, expected ` +
          `${this.#begun.lanes}`,
      );
    }
  }

  /**
   * Runs it to its end.
   *
   * @throws {CampaignError} When the log cannot be loaded.
   */
  async run(): Promise<CampaignResult> {
    this.#startedAt = performance.now();
    const { timeMs } = this.#options;
    const leftMs = timeMs === undefined ? undefined : timeMs - this.#secondsBefore * 1000;
    if (leftMs !== undefined && leftMs <= 0) this.#isStopping = true;
    const timer = setInterval(() => this.#beat(), SYNC_MS);
    const timeout = leftMs === undefined ? undefined : setTimeout(() => this.stop(), leftMs);
    try {
      await Promise.all(this.#lanes.map((lane) => this.#drive(lane)));
      await this.#explaining;
    } finally {
      clearInterval(timer);
      clearTimeout(timeout);
    }
    if (this.#refusal !== undefined) throw new CampaignError(this.#refusal);
    this.#beat(true);
    this.#journal.close();
    this.#lock.close();
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    return {
      begun: this.#begun,
      standing: this.#standing(),
      points: this.#points,
      findings: this.#findings,
      incidents: this.#incidents,
      givenUp: this.#lanes.filter(({ incidents }) => incidents >= INCIDENTS_MAX)
        .map(({ number }) => number),
      canary: {
        runs: sum(this.#lanes.map(({ totals }) => totals.canaryRuns)),
        found: this.#lanes.flatMap(({ totals }) => totals.canaryFound ?? []),
      },
      digests: Object.fromEntries(this.#digests),
      interrupted: this.#interrupted,
    };
  }

  /** Ends it: the lanes stop after their present runs. */
  stop(): void {
    this.#isStopping = true;
    for (const { child } of this.#lanes) child?.stop();
  }

  /** Ends it on somebody's demand: the first time as {@link stop}, the second time at once. */
  interrupt(): void {
    if (this.#interrupted) this.#killed.abort();
    this.#interrupted = true;
    this.stop();
    if (this.#killed.signal.aborted) { for (const { child } of this.#lanes) child?.kill(); }
  }

  /** Runs the processes of a lane, one after the other, until it is over. */
  async #drive(lane: Lane): Promise<void> {
    const { hangMs } = this.#options;
    while (!lane.isOver && !this.#isStopping && this.#refusal === undefined) {
      const child = new LaneChild(this.#taskOf(lane), {
        hangMs,
        onMessage: (message) => this.#hear(lane, message),
      });
      lane.child = child;
      const end = await child.ended;
      lane.before = lane.totals;
      await this.#settle(lane, end);
    }
  }

  #taskOf(lane: Lane): LaneTask {
    const { module, mode, bounds, runs, canary } = this.#options;
    const { of, seed } = this.#begun;
    const yields = new Map(lane.state?.yields.map(([name, ...counts]) => [name, counts]));
    const entries = [...this.#base, ...lane.own].map((entry) => {
      const [chosen = 0, children = 0] = yields.get(nameOf(entry.input)) ?? [];
      return { ...entry, chosen, children };
    });
    return {
      module,
      seed,
      lane: lane.number,
      lanes: of,
      mode,
      bounds,
      entries,
      next: lane.state?.next ?? 0,
      skipped: lane.skipped,
      digest: lane.state?.digest ?? 0,
      most: runs === undefined ? undefined : Math.ceil((runs - lane.number) / of),
      // Found is found.
      canary: canary && lane.totals.canaryFound === undefined,
      memoryMax: MEMORY_MAX,
    };
  }

  #hear(lane: Lane, message: LaneMessage): void {
    switch (message.kind) {
      case "entry":
        lane.own.push(message.entry);
        this.#write({ kind: "entry", entry: message.entry });
        break;
      case "count":
        lane.count = message.count;
        lane.kills = 0;
        lane.totals = totalsOf(lane.before, message.count);
        this.#digests.set(lane.number, message.count.digest);
        if (message.state !== undefined) {
          lane.state = { ...message.state, totals: lane.totals, skipped: lane.skipped };
          this.#write({ kind: "lane", state: lane.state });
        }
        break;
      case "finding":
        if (this.#take(message.found)) this.#write({ kind: "found", found: message.found });
        break;
      case "broken":
        this.#note({ what: "not judged", words: message.reason, ...message });
        this.#countIncident(lane);
        break;
    }
  }

  /** What the end of a process means for its lane. */
  async #settle(lane: Lane, end: LaneEnd): Promise<void> {
    if (end.why === "done" || end.why === "told") lane.isOver = true;
    if (end.why === "refused") this.#refusal = end.message;
    if (end.why !== "hung" && end.why !== "died") return;
    const { signal } = this.#killed;
    // Who interrupts does not want to wait: a campaign that goes on makes the run again.
    if (this.#interrupted) return;
    const { run, input, isEntry, words } = end;
    const last = words.trim().split("\n").at(-1)! || (end.signal ?? "");
    if (run === undefined || input === undefined) {
      // Somebody else has ended it: not the log, as far as anybody knows.
      if (end.why === "died" && end.signal !== null && ++lane.kills <= KILLS_MAX) return;
      this.#refusal = end.why === "hung"
        ? `Cannot check "${this.#options.module}": it hangs while it is loaded`
        : `Cannot check "${this.#options.module}": its process ended while it was loaded${
          last === "" ? "" : `: ${last}`
        }`;
      return;
    }
    const { module, hangMs } = this.#options;
    const isAlone = lane.suspect !== run && await endsAlone(input, module, { hangMs, signal });
    if (this.#interrupted) return;
    if (isAlone !== false) {
      // A machine that had no time for it, or what the runs before it had left behind: the lane makes
      // the run again, as it would have been.
      lane.suspect = run;
      this.#takeBack(lane);
      return;
    }
    const lastWords = words.trim().split("\n").slice(-3).join("\n");
    this.#note({ what: end.why, run, input, words: lastWords });
    this.#countIncident(lane);
    if (isEntry) {
      // The log has changed since: what it cannot do any more is not asked of it again.
      const isOther = (kept: Kept) => nameOf(kept.input) !== nameOf(input);
      this.#base = this.#base.filter(isOther);
      lane.own = lane.own.filter(isOther);
      this.#takeBack(lane);
      return;
    }
    // It goes on where it last told how far it had come, and leaves the run out: how far that was
    // depends on the clock, what comes of it does not.
    this.#takeBack(lane);
    lane.skipped.push(run);
    lane.state = {
      lane: lane.number,
      next: 0,
      digest: 0,
      yields: [],
      totals: lane.totals,
      ...lane.state,
      skipped: lane.skipped,
    };
    this.#write({ kind: "lane", state: lane.state });
  }

  /** What a lane has kept since it last told how far it had come is found again. */
  #takeBack(lane: Lane): void {
    const next = lane.state?.next ?? 0;
    lane.own = lane.own.filter((kept) => Math.floor(kept.run / this.#begun.of) < next);
  }

  /** A lane whose runs do not come to their end goes nowhere. */
  #countIncident(lane: Lane): void {
    if (++lane.incidents < INCIDENTS_MAX) return;
    lane.isOver = true;
    lane.child?.stop();
  }

  #note({ what, run, input, words }: Omit<Incident, "module">): void {
    const incident = { what, run, input, words, module: this.#options.module };
    const file = writeIncident(incident, this.#options.findings);
    if (this.#incidents.some((other) => other.file === file)) return;
    this.#incidents.push({ incident, file });
    this.#watch.onIncident(incident, file);
  }

  /** A crash was found: it waits for its explanation, unless another one of its kind does or did. */
  #take(found: Counterexample): boolean {
    const cause = causeOf(found);
    if (this.#unexplained.has(cause) || this.#explained.has(cause)) return false;
    if (this.#unexplained.size + this.#explained.size >= FINDINGS_MAX) return false;
    this.#unexplained.set(cause, { found });
    this.#explaining = this.#explaining.then(async () => {
      const { module, hangMs } = this.#options;
      // Who interrupts does not want to wait; the journal knows of it.
      if (this.#interrupted) return;
      const { signal } = this.#killed;
      const explained = await explainInProcess(found, module, { hangMs, signal });
      if (explained === undefined && this.#interrupted) return;
      await this.#keep(explained ?? found);
      this.#unexplained.delete(cause);
      this.#explained.add(cause);
      this.#write({ kind: "explained", cause });
    });
    return true;
  }

  async #keep(counterexample: Counterexample): Promise<void> {
    const cause = causeOf(counterexample);
    if (this.#causes.has(cause)) return;
    this.#causes.add(cause);
    const { failing, findings } = this.#options;
    let file = failing.get(cause) ?? "(not written)";
    try {
      if (!failing.has(cause)) file = await writeFinding(counterexample, findings);
    } catch (error) {
      this.#refusal ??= `Cannot keep findings in "${this.#options.findings}": ${
        (error as Error).message
      }`;
    }
    const finding = { counterexample, file };
    this.#findings.push(finding);
    this.#watch.onFinding(finding);
  }

  #write(line: Line): void {
    this.#attempt(() => this.#journal.append(line));
  }

  /** Where the journal cannot be written, the campaign ends: what it finds could not be kept. */
  #attempt(write: () => void): void {
    if (this.#refusal !== undefined) return;
    try {
      write();
    } catch (error) {
      const { directory } = this.#options;
      this.#refusal = `Cannot write the campaign in "${directory}": ${(error as Error).message}`;
      this.stop();
    }
  }

  /** Once in a while: what was told is made safe, and shown. */
  #beat(isLast = false): void {
    const standing = this.#standing();
    const before = this.#points.at(-1)?.seconds ?? 0;
    if (isLast || standing.seconds >= before * (1 + STRETCH) + 1) {
      const { marks: _, explaining: __, learning: ___, ...point } = standing;
      this.#points.push(point);
      this.#write({ kind: "point", point });
    }
    this.#attempt(() => {
      if (this.#journal.isLong) this.#journal.replace(this.#told());
      else this.#journal.sync();
    });
    this.#watch.onStanding(standing);
  }

  /** All that the journal has to tell. */
  #told(): Told {
    const states = this.#lanes.flatMap(({ state }) => state ?? []);
    return {
      begun: this.#begun,
      base: this.#before,
      own: this.#lanes.flatMap(({ own }) => own),
      lanes: new Map(states.map((state) => [state.lane, state])),
      points: this.#points,
      unexplained: [...this.#unexplained.values()],
    };
  }

  #standing(): Standing {
    const counts = this.#lanes.flatMap(({ count }) => count ?? []);
    const sum = (of: (count: LaneCount) => number) => counts.reduce((a, count) => a + of(count), 0);
    const marks = new Map<string, boolean>();
    for (const [name, isReached] of this.#lanes.flatMap(({ totals }) => totals.marks)) {
      marks.set(name, isReached || marks.get(name) === true);
    }
    const learning = this.#lanes.flatMap(({ child }) => child?.isLearning ? child.learned : []);
    return {
      seconds: Math.round(this.#secondsBefore * 10 + (performance.now() - this.#startedAt) / 100) /
        10,
      runs: this.#lanes.reduce((sum, lane) => sum + (lane.count?.runs ?? lane.state?.next ?? 0), 0),
      recoveries: this.#lanes.reduce((sum, { totals }) => sum + totals.recoveries, 0),
      facts: Math.max(0, ...this.#lanes.map(({ totals }) => totals.facts)),
      corpus: this.#base.length + this.#lanes.reduce((sum, { own }) => sum + own.length, 0),
      findings: this.#findings.length,
      memory: sum(({ memory }) => memory),
      marks,
      explaining: this.#unexplained.size,
      learning: learning.length > 0 ? Math.min(...learning) : undefined,
    };
  }
}

const WORDS = { seed: "seed", of: "number of lanes", conditions: "conditions" } as const;

const NOTHING: LaneTotals = { recoveries: 0, facts: 0, canaryRuns: 0, marks: [] };

/** What the processes of a lane have counted, with what the present one has. */
function totalsOf(before: LaneTotals, { recoveries, facts, canary, marks }: LaneCount): LaneTotals {
  const reached = new Map(before.marks);
  for (const [name, isReached] of marks) {
    reached.set(name, isReached || reached.get(name) === true);
  }
  const foundNow = canary.foundAt === undefined ? undefined : before.canaryRuns + canary.foundAt;
  const canaryFound = before.canaryFound ?? foundNow;
  return {
    recoveries: before.recoveries + recoveries,
    facts: Math.max(before.facts, facts),
    canaryRuns: before.canaryRuns + canary.runs,
    ...(canaryFound !== undefined && { canaryFound }),
    marks: [...reached],
  };
}

/** A run of an earlier campaign, within what the user has settled for this one. */
export function fitted(
  input: Input,
  { disk, models, faults, depth, recoveries }: LaneTask["bounds"],
): Input {
  const { model } = input.disk;
  return {
    ...input,
    disk: { ...input.disk, model: models.includes(model) ? model : models[0]!, ...disk },
    faults: faults ? input.faults : "",
    depth: depth ?? input.depth,
    recoveries: recoveries ?? input.recoveries,
  };
}

function begunBy(
  { shard, jobs, mode, bounds, module }: CampaignOptions,
  seed: number,
): Begun {
  return {
    seed,
    lanes: Array.from({ length: jobs }, (_, job) => shard.index * jobs + job),
    of: shard.of * jobs,
    conditions: JSON.stringify({ module, mode, ...bounds }),
  };
}

function laneOf(number: number, told: Told, isResumed: boolean, { of }: Begun): Lane {
  const state = isResumed ? told.lanes.get(number) : undefined;
  const next = state?.next ?? 0;
  return {
    number,
    child: undefined,
    // What it found after it last told how far it was is found again.
    own: isResumed
      ? told.own.filter(({ run }) => run % of === number && Math.floor(run / of) < next)
      : [],
    state,
    count: undefined,
    totals: state?.totals ?? NOTHING,
    before: state?.totals ?? NOTHING,
    incidents: 0,
    kills: 0,
    skipped: [...state?.skipped ?? []],
    suspect: undefined,
    isOver: false,
  };
}
