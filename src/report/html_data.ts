/**
 * From a finding to what its page shows. The finding is lived through again; then every crash point
 * of every life is tried, and for each one the disk is read as the crash would have left it.
 *
 * @module
 */
import type { Counterexample } from "../check/counterexample.ts";
import type { Terms } from "../check/oracle.ts";
import { quirksOf } from "../check/proof.ts";
import { type Outcome, type PointVerdict, Reenactment } from "../check/reenact.ts";
import { forgiving } from "../check/replay.ts";
import { traceDigest } from "../check/counterexample.ts";
import { LOG_DIRECTORY } from "../check/run_log.ts";
import { subjectOf, termsOf, type UnderTest } from "../check/store.ts";
import type { LogUnderTest } from "../check/subject.ts";
import { type Disk, ROOT } from "../vfs/disk.ts";
import { cellsOf, FileList, opsOf } from "./page_cells.ts";
import type { PageFile, PageLife, PageModel, PageMoment } from "./page_model.ts";
import { heldBefore } from "./page_held.ts";
import { Layouts } from "./page_layouts.ts";
import { damageIn, sparse } from "./page_moments.ts";
import { Names } from "./page_names.ts";
import { type Balance, RecordList } from "./page_records.ts";
import { eventsOf } from "./page_timeline.ts";
import { mergeUnits } from "./page_units.ts";
import { storyOf } from "./page_story.ts";
import { endOf, sentenceOf, whyOf } from "./page_words.ts";
import { visible } from "./visible.ts";

/** Recoveries for one crash point, at first and where that is not enough, and for all of them. */
const RECOVERIES_PER_POINT = [60, 600];
const RECOVERIES = 9_000;
/** Of a longer life, the crash points around the crash are tried, and no others. */
const POINTS_MAX = 600;

/**
 * What the page of a finding shows, as plain data.
 *
 * @param log The log under test.
 * @param counterexample The finding.
 * @param onRun Called for each crash point: a sign of life.
 * @returns The data, the same whenever it is asked for.
 * @throws {TypeError} When `log` is not a log under test.
 */
export async function pageModel(
  subject: UnderTest,
  counterexample: Counterexample,
  onRun: () => void = () => {},
): Promise<PageModel> {
  const log = subjectOf(subject);
  return await forgiving(async () => {
    const play = await Reenactment.begin(log, counterexample);
    return await new ModelBuilder(log, counterexample, play, onRun).build();
  });
}

/** A life as it was told. */
type ToldLife = Omit<PageLife, "moments" | "events" | "held"> & { readonly inodes: FileList };

/** Collects what is shared, and builds the rest from it. */
class ModelBuilder {
  readonly #log: LogUnderTest;
  readonly #counterexample: Counterexample;
  readonly #play: Reenactment;
  readonly #disk: Disk;
  readonly #layouts: Layouts;
  readonly #terms: Terms;
  readonly #records: RecordList;
  readonly #names: Names;
  readonly #paths = new Map<number, { path: string; kind: PageFile["kind"] }>();
  readonly #onRun: () => void;
  #left = RECOVERIES;

  constructor(
    log: LogUnderTest,
    counterexample: Counterexample,
    play: Reenactment,
    onRun: () => void,
  ) {
    this.#onRun = onRun;
    this.#log = log;
    this.#counterexample = counterexample;
    this.#play = play;
    this.#disk = play.disk;
    this.#layouts = new Layouts(log);
    this.#terms = termsOf(log);
    this.#records = new RecordList(this.#terms);
    this.#names = new Names(play.disk);
  }

  async build(): Promise<PageModel> {
    const { crash, subject } = this.#counterexample;
    const told: ToldLife[] = [];
    const outcome = await this.#play.retell((life) => {
      told.push(this.#tell(life));
    });
    const isSame = traceDigest(this.#disk.lives[0]!.trace).digest === subject.trace.digest;
    // What the media hold is known once every life has read what it reads, and the power is on.
    const held = told.map(({ inodes }, i) => heldBefore(this.#disk, i, inodes));
    const lives: PageLife[] = [];
    for (const [i, life] of told.entries()) {
      const { inodes: _, ...rest } = life;
      const isEnd = i === told.length - 1;
      const moments = await this.#moments(i, life, outcome, isEnd);
      const merged = mergeUnits({ cells: life.cells, moments }, this.#perSector);
      lives.push({ ...rest, held: held[i]!, events: this.#events(i, rest.ops.length), ...merged });
    }
    const last = Math.max(Math.min(crash.points.length, lives.length - 1) - 1, 0);
    return {
      title: this.#title(outcome, lives, isSame),
      terms: {
        subject: this.#terms.subject,
        item: this.#terms.item,
        called: this.#terms.called,
        content: this.#terms.content,
      },
      unit: {
        bytes: this.#disk.cellBytes,
        sectorBytes: this.#disk.cellBytes * this.#perSector,
        name: this.#disk.cellBytes > this.#disk.sectorBytes ? "block" : "sector",
      },
      lives,
      records: this.#records.records,
      accounts: this.#records.accounts,
      states: this.#records.states,
      layouts: this.#layouts.layouts,
      labels: this.#layouts.labels,
      start: { life: last, point: lives[last]!.crash ?? lives[last]!.ops.length },
      isDecoded: this.#log.decode !== undefined,
    };
  }

  /** How many cells a sector has: more than one where it may tear. */
  get #perSector(): number {
    return Math.max(this.#disk.sectorBytes / this.#disk.cellBytes, 1);
  }

  #title(
    { violation }: Outcome,
    lives: readonly PageLife[],
    isSame: boolean,
  ): PageModel["title"] {
    const { subject, disk, workload } = this.#counterexample;
    const terms = this.#terms;
    const quirks = quirksOf(disk).map((quirk) => `, ${quirk}`).join("");
    return {
      log: visible(this.#log.name),
      verdict: violation === undefined ? "holds" : "violates",
      sentence: violation === undefined
        ? `On this crash the ${terms.subject} now keeps its promise.`
        : sentenceOf(violation, terms),
      why: violation === undefined ? "" : whyOf(violation.clause, terms),
      story: violation === undefined
        ? []
        : storyOf(this.#counterexample, lives, endOf(violation, terms)),
      about: visible(
        `Workload "${workload.name}", model ${disk.model}, sectors of ${disk.sectorBytes} bytes${quirks}`,
      ),
      notes: [
        ...(isSame ? [] : [
          `The ${terms.subject} has changed since this was found: it makes other calls on the disk.`,
        ]),
        ...(subject.name === this.#log.name
          ? []
          : [visible(`The finding was made with the ${terms.subject} "${subject.name}".`)]),
      ],
    };
  }

  /** Takes down a life that has just ended. */
  #tell(life: number): ToldLife {
    const disk = this.#disk;
    const { crash } = this.#counterexample;
    const { trace } = disk.lives[life]!;
    if (life === 0) {
      this.#paths.set(ROOT, { path: "/", kind: "directory" });
      const directory = disk.lookup(ROOT, LOG_DIRECTORY.slice(1));
      this.#paths.set(directory, { path: LOG_DIRECTORY, kind: "directory" });
    }
    const inodes = new FileList();
    for (const op of trace) {
      const kind = op.kind === "mkdir" ? "directory" : "file";
      const known = this.#paths.get(op.inode);
      const path = op.kind === "rename" ? op.toPath! : known?.path ?? op.path;
      this.#paths.set(op.inode, { path, kind: known?.kind ?? kind });
    }
    for (const { inode } of trace) {
      const { path, kind } = this.#pathOf(inode);
      inodes.placeOf(inode, path, kind);
    }
    if (life > 0) {
      for (const [inode, { path, kind }] of this.#paths) inodes.placeOf(inode, path, kind);
    }
    const cells = cellsOf(disk.lives[life]!, inodes, (inode) => this.#pathOf(inode));
    const point = crash.points[life];
    return {
      name: life === 0
        ? "First life"
        : point === undefined
        ? "Recovery"
        : `After power loss ${life}`,
      crash: point === undefined ? null : Math.min(point, trace.length),
      ops: opsOf(trace, cells, inodes.files, {
        name: disk.cellBytes > disk.sectorBytes ? "block" : "sector",
        perSector: this.#perSector,
      }),
      files: inodes.distinct(trace),
      cells,
      inodes,
    };
  }

  #pathOf(inode: number): { path: string; kind: PageFile["kind"] } {
    return this.#paths.get(inode) ?? { path: `inode ${inode}`, kind: "file" };
  }

  #events(life: number, ops: number): PageLife["events"] {
    const story = this.#play.story.filter(({ call }) => call.life === life);
    const accounts = this.#play.sessionsOf(life).map((session) => session.accountAt(ops));
    return eventsOf({ story, accounts, acks: this.#log.acks, terms: this.#terms })
      .map((event) => ({ ...event, words: visible(event.words) }));
  }

  /** Tries the crash points of a life, those next to the crash first. */
  async #moments(
    life: number,
    told: ToldLife,
    outcome: Outcome,
    isEnd: boolean,
  ): Promise<(PageMoment | null)[]> {
    const { length } = told.ops;
    const crash = told.crash ?? length;
    const near = Array.from({ length: length + 1 }, (_, point) => point)
      .sort((a, b) => Math.abs(a - crash) - Math.abs(b - crash) || a - b).slice(0, POINTS_MAX);
    const moments: (PageMoment | null)[] = Array(length + 1).fill(null);
    const isPowerLost = told.crash !== null && !isEnd;
    const isShown = (point: number) => point === crash && outcome.violation !== undefined;
    const verdicts = isPowerLost
      ? await this.#verdicts(life, near.filter((point) => !isShown(point)))
      : new Map<number, PointVerdict>();
    for (const point of near) {
      this.#onRun();
      const { verdict, recoveries, worst } = verdicts.get(point) ?? {
        verdict: isPowerLost ? "violates" : "none",
        recoveries: 0,
        worst: isShown(point) ? outcome : undefined,
      } as const;
      moments[point] = await this.#shown(life, point, told, {
        verdict,
        recoveries,
        outcome: worst,
      });
    }
    return sparse(moments);
  }

  /** Searches the crash states of each crash point: a little everywhere, then more where it helps. */
  async #verdicts(life: number, points: readonly number[]): Promise<Map<number, PointVerdict>> {
    const verdicts = new Map<number, PointVerdict>();
    for (const budget of RECOVERIES_PER_POINT) {
      for (const point of points) {
        const before = verdicts.get(point);
        this.#onRun();
        const most = Math.min(budget, this.#left);
        if (before !== undefined && (before.verdict !== "not searched" || most < budget)) continue;
        const found: PointVerdict = most > 0
          ? await this.#play.judge(life, point, most)
          : { verdict: "not searched", recoveries: 0, worst: undefined };
        this.#left -= Math.max(found.recoveries, 1);
        verdicts.set(point, found);
      }
    }
    return verdicts;
  }

  /** What is to be seen at a crash point, of one crash there or without one. */
  async #shown(
    life: number,
    point: number,
    told: ToldLife,
    { verdict, recoveries = 0, outcome }: {
      readonly verdict: PageMoment["verdict"];
      readonly recoveries?: number;
      readonly outcome?: Outcome | undefined;
    },
  ): Promise<PageMoment> {
    const kept = verdict === "violates" ? outcome?.kept ?? [] : [];
    await this.#play.goTo(life, point, kept);
    const cells = this.#decided(life, point, verdict === "violates");
    const files = this.#files(life, point, told);
    const violation = outcome?.violation;
    return {
      verdict,
      recoveries,
      clause: violation?.clause ?? "",
      message: visible(violation?.message ?? ""),
      kept: cells,
      damage: damageIn(kept, life, { inodes: told.inodes, crash: this.#counterexample.crash }),
      ...this.#balance({ life, point, isTold: point === told.crash }, outcome),
      files,
    };
  }

  /**
   * What is owed and what came back, as it was known at a moment. Where the promise is broken only
   * after the recovery from this crash, by what was asked then or by another crash, that recovery is
   * shown as far as the document tells of it.
   */
  #balance(
    { life, point, isTold }: {
      readonly life: number;
      readonly point: number;
      readonly isTold: boolean;
    },
    outcome: Outcome | undefined,
  ): Balance & Pick<PageMoment, "isLater"> {
    const violation = outcome?.violation;
    const shownIn = violation?.crashPoints.length ?? life;
    const isLater = shownIn > life + 1 || (shownIn === life + 1 && violation!.after.length > 0);
    if (outcome !== undefined && !isLater) {
      return { ...this.#records.balanceOf(outcome.account, violation?.recovered), isLater };
    }
    const next = isTold && isLater ? this.#play.sessionsOf(life + 1)[0] : undefined;
    const account = this.#play.accountAt(life, point);
    return { ...this.#records.balanceOf(account, next?.accountAt(0).showed), isLater };
  }

  /** The versions of the cells that were open at a crash point. */
  #decided(life: number, point: number, isCrash: boolean): (readonly [number, number])[] {
    if (!isCrash) return [];
    const { bounds, lives } = this.#disk;
    const decided: (readonly [number, number])[] = [];
    const cells = lives[life]!.cells.filter(({ kind }) =>
      kind === "sector" || kind === "size" || kind === "name"
    );
    for (const [i, cell] of cells.entries()) {
      const oldest = cell.until.findIndex((until) => until >= point);
      if (oldest === cell.newestAt(point)) continue;
      bounds.touch(cell);
      const from = bounds.lowest(cell);
      decided.push([i, cell.chosen >= 0 || from === bounds.highest(cell) ? from : -1]);
    }
    return decided;
  }

  /** Reads the files as the crash has left them; of what is open, the newest. */
  #files(
    life: number,
    point: number,
    told: ToldLife,
  ): (readonly [number, number, number, number])[] {
    const disk = this.#disk;
    const isNamed = this.#names.at(life, point);
    const born = new Map<number, number>();
    for (const [i, op] of disk.lives[life]!.trace.entries()) {
      if (op.kind === "create" || op.kind === "mkdir") born.set(op.inode, i + 1);
    }
    const files: (readonly [number, number, number, number])[] = [];
    for (const [inode, file] of told.inodes.entries()) {
      if ((born.get(inode) ?? 0) > point) continue;
      const named = isNamed(inode);
      if (told.files[file]!.kind === "directory") files.push([file, 0, named, -1]);
      else {
        const layout = this.#layouts.of(disk, inode, this.#pathOf(inode).path);
        files.push([file, disk.size(inode), named, layout]);
      }
    }
    return files;
  }
}
