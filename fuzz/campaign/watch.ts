/**
 * Looks over the shoulder of a search: which calls the log makes, what its files look like, what the
 * crashes did that it recovered from.
 *
 * @module
 */
import {
  callNames,
  type Cell,
  type CheckObserver,
  type Disk,
  type Leaf,
  type Op,
} from "../../mod.ts";
import { type Features, scaleOf } from "./features.ts";
import type { MadeCall } from "./generate.ts";

/** What facts are about. */
const FACT = {
  calls: 1,
  firstCalls: 2,
  write: 3,
  files: 4,
  crash: 5,
  mark: 6,
  probe: 7,
  failure: 8,
} as const;

/** What a campaign must have seen: a night that has not was dull. */
const HARNESS_MARKS = [
  "a crash landed inside a frame",
  "a torn sector was read",
  "an fsync failed",
  "recovery was cut twice",
] as const;

/** One of {@linkcode HARNESS_MARKS}. */
export type HarnessMark = typeof HARNESS_MARKS[number];

/** Calls by number. The numbers must not depend on what came first: facts are hashed from them. */
const CALLS: readonly string[] = [...callNames, "read to the end", "failed barrier"];
const CODES: ReadonlyMap<string, number> = new Map(CALLS.map((call, i) => [call, i + 1]));
const CALLS_MAX = CALLS.length + 1;
const FAILED_BARRIER = CODES.get("failed barrier")!;

/** Notes what a run does as facts. */
export class Watch implements CheckObserver {
  readonly #features: Features;
  readonly #roles = new Map<string, number>();
  /** How often one call came after another in the present life. */
  readonly #edges = new Uint16Array(CALLS_MAX * CALLS_MAX);
  readonly #touched: number[] = [];
  #before = 0;
  /** How often each mark was reached. */
  readonly reached: Map<HarnessMark, number> = new Map(HARNESS_MARKS.map((mark) => [mark, 0]));
  /** Whether the log ever makes a barrier, and ever reads a sector that no barrier has forced. */
  readonly does = { sync: false, readLoose: false };
  /** Where the last write of the first life ended; 0 where there was none. */
  lastEnd = 0;
  /** The calls of the first life. */
  calls: readonly MadeCall[] = [];
  #made: MadeCall[] = [];
  readonly #counts = new Map<string, number>();
  #isFirstLife = false;
  #disk: Disk | undefined;
  #failures = 0;
  /** The two calls before the present one. */
  #last = 0;
  #lastButOne = 0;
  /** The last failure. */
  #failure = 0;
  /** What the last call was about. */
  #path = "";
  /** How many recoveries were judged. */
  recoveries = 0;

  /** Notes facts in `features`. */
  constructor(features: Features) {
    this.#features = features;
  }

  /** See {@linkcode CheckObserver.onDisk}. */
  readonly onDisk = (disk: Disk): void => {
    this.#endCalls(undefined);
    this.#disk = disk;
    this.#failures = 0;
    this.#counts.clear();
    this.#made = [];
    this.#isFirstLife = true;
    // What a run shows must not depend on the one before it.
    this.#last = this.#lastButOne = this.#failure = 0;
    disk.onCall = this.#onCall;
  };

  readonly #onCall = (call: string, path: string): void => {
    const code = CODES.get(call) ?? 0;
    this.#noteFailure();
    if (this.#isFirstLife) this.#noteCall(call, this.#roleOf(path));
    this.#lastButOne = this.#last;
    this.#last = code;
    this.#path = path;
    const edge = this.#before * CALLS_MAX + code;
    if (this.#edges[edge]!++ === 0) this.#touched.push(edge);
    this.#before = code;
  };

  #noteCall(made: string, role: number): void {
    const call = made === "sync" || made === "syncData" ? "barrier" : made;
    // These are no calls, but what became of one.
    if (made === "read to the end" || made === "failed barrier") return;
    const number = (this.#counts.get(call) ?? 0) + 1;
    this.#counts.set(call, number);
    this.#made.push({ call, number, role, behind: CALLS[this.#last - 1] ?? "nothing" });
  }

  /**
   * Which call failed, on which file, and behind which: the same error means one thing in a rotation,
   * another in a sync.
   */
  #noteFailure(): void {
    const failures = this.#disk?.failures ?? 0;
    if (failures > this.#failures) {
      const made = this.#lastButOne * CALLS_MAX + this.#last;
      const failure = this.#roleOf(this.#path) * 1024 + made;
      // What comes of it depends on the disk, on what was done before, and on what has failed before.
      const facts = [
        failure,
        failure ^ hashOf(this.#disk!.model.name),
        failure * 32 + scaleOf(this.#made.length),
        Math.imul(this.#failure, 31) + failure,
      ];
      for (const [i, fact] of facts.entries()) this.#features.add(FACT.failure, fact * 4 + i);
      this.#failure = failure;
      const failed = this.#isFirstLife ? this.#made.at(-1) : undefined;
      if (failed !== undefined) failed.fails = true;
    }
    this.#failures = failures;
  }

  /** Counts of calls become facts. */
  #endCalls(kind: number | undefined): void {
    for (const edge of this.#touched) {
      if (kind !== undefined) this.#features.add(kind, edge * 32 + scaleOf(this.#edges[edge]!));
      this.#edges[edge] = 0;
    }
    this.#touched.length = 0;
    this.#before = 0;
  }

  /** See {@linkcode CheckObserver.onFirstLife}. */
  readonly onFirstLife = (disk: Disk): void => {
    if (this.#touched.some((edge) => edge % CALLS_MAX === FAILED_BARRIER)) {
      this.#reach("an fsync failed");
    }
    this.#noteFailure();
    this.#isFirstLife = false;
    this.calls = this.#made;
    this.#endCalls(FACT.firstCalls);
    const ends = new Map<string, number>();
    this.lastEnd = 0;
    for (const { kind, path, offset = 0, bytes } of disk.life.trace) {
      if (kind === "sync" || kind === "syncData") this.does.sync = true;
      if (kind !== "write" || bytes === undefined) continue;
      const end = offset + bytes.length;
      ends.set(path, end);
      this.lastEnd = end;
      const fit = fitOf(offset) * 256 + fitOf(end) * 32 + scaleOf(bytes.length);
      this.#features.add(FACT.write, this.#roleOf(path) * 4096 + fit);
    }
    this.#features.add(FACT.files, ends.size);
    for (const [path, end] of ends) {
      this.#features.add(FACT.files, this.#roleOf(path) * 64 + 32 + scaleOf(end));
    }
  };

  /** Files whose names differ in numbers only play the same role. */
  #roleOf(path: string): number {
    let role = this.#roles.get(path);
    if (role === undefined) {
      role = hashOf(path.replaceAll(/[0-9a-f]{6,}|\d+/g, "#")) & 0xffff;
      this.#roles.set(path, role);
    }
    return role;
  }

  /** See {@linkcode CheckObserver.onRecovery}. */
  readonly onRecovery = ({ choices, disk }: Leaf): void => {
    this.recoveries++;
    this.#endCalls(FACT.calls);
    const { lives } = disk;
    let lost = 0;
    let kinds = 0;
    let torn = false;
    let tornInside = false;
    let before: Cell | undefined;
    for (const choice of choices.made) {
      const { cell } = choice;
      const version = choices.version(choice);
      const isLost = version < cell.values.length - 1;
      if (isLost) {
        lost++;
        kinds |= 1 << KINDS.indexOf(cell.kind);
      }
      if (cell.kind !== "sector") continue;
      this.does.readLoose = true;
      if (before !== undefined && areOfOneWrite(before, cell)) {
        const wasLost = before.chosen < before.values.length - 1;
        if (wasLost !== isLost) {
          torn = true;
          tornInside ||= areOfOneSector(before, cell, disk);
        }
      }
      before = cell;
    }
    if (torn) this.#reach("a crash landed inside a frame");
    if (tornInside) this.#reach("a torn sector was read");
    const op = lives[0]!.trace[lives[0]!.lo];
    if (isCutTwice(disk)) this.#reach("recovery was cut twice");
    const last = op === undefined ? 0 : OPS.indexOf(op.kind) + 1;
    this.#features.add(
      FACT.crash,
      ((Math.min(lives.length, 7) * 64 + kinds) * 16 + last) * 8 + Math.min(scaleOf(lost), 7),
    );
  };

  #reach(mark: HarnessMark): void {
    this.reached.set(mark, this.reached.get(mark)! + 1);
    this.#features.add(FACT.mark, HARNESS_MARKS.indexOf(mark));
  }

  /** Notes a mark of the log's own. */
  mark(name: string): void {
    this.#features.add(FACT.mark, HARNESS_MARKS.length + hashOf(name));
  }

  /**
   * Notes that a branch of the log was taken. How often is left out: it depends on the compiler, which
   * calls the comparison of a sort more or less often as it sees fit.
   */
  probe(number: number): void {
    this.#features.add(FACT.probe, number);
  }
}

const KINDS: readonly Cell["kind"][] = ["sector", "size", "name", "journal", "damage", "fault"];

const OPS: readonly Op["kind"][] = [
  "create",
  "mkdir",
  "link",
  "remove",
  "rename",
  "write",
  "truncate",
  "sync",
  "syncData",
  "writeback",
];

/** How a place in a file lies to the sectors: on a boundary, just before, just behind, or in between. */
function fitOf(offset: number): number {
  if (offset % 4096 === 0) return 1;
  const over = offset % 512;
  if (over === 0) return 2;
  if (over <= 8) return 3;
  return over >= 504 ? 4 : 0;
}

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** Whether the newest versions of two neighbours were made by one write. */
function areOfOneWrite(a: Cell, b: Cell): boolean {
  return a.inode === b.inode && a.life === b.life && a.made.at(-1) === b.made.at(-1) &&
    Math.abs((a.place as number) - (b.place as number)) === 1;
}

function areOfOneSector(a: Cell, b: Cell, { cellBytes, sectorBytes }: Disk): boolean {
  const cells = sectorBytes / cellBytes;
  return cells > 1 &&
    Math.floor((a.place as number) / cells) === Math.floor((b.place as number) / cells);
}

/** Whether two recoveries were themselves cut short. */
function isCutTwice({ lives }: Disk): boolean {
  return lives.length >= 4 &&
    lives.slice(1, 3).every(({ lo, trace }) => trace.length === 0 || lo < trace.length);
}
