/**
 * The counterexample document: a workload, a crash and what was wrong, complete enough to replay
 * without a seed.
 *
 * @module
 */

import { z } from "zod";
import type { Choices } from "../explore/choices.ts";
import type { Cell, CellKind } from "../vfs/cell.ts";
import { Disk, type DiskOptions, MAX_FILE_BYTES } from "../vfs/disk.ts";
import { type FaultPlan, formatFaultPlan, parseFaultPlan } from "../vfs/fault_plan.ts";
import type { Life } from "../vfs/life.ts";
import { mediaFaultKinds } from "../vfs/media.ts";
import { type ModelName, models } from "../vfs/model.ts";
import { formatOp, type Op } from "../vfs/op.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { type Blame, blameSchema } from "./blame_document.ts";
import { fieldError } from "./field_error.ts";
import { syntaxError } from "./syntax_error.ts";
import { opOfLife } from "./op_of_life.ts";
import type { Violation } from "./run_log.ts";
import { excessOf } from "./workload_size.ts";
import type { WeakestDisk } from "./weakest_disk.ts";
import { formatCommand, type Workload } from "./workload.ts";

const whole = z.number().int().nonnegative();
const length = whole.max(MAX_FILE_BYTES);
const singleCallSchemas = [
  z.strictObject({ do: z.literal("append"), bytes: length }),
  z.strictObject({ do: z.literal("sync") }),
  z.strictObject({ do: z.literal("truncateFront"), count: whole }),
] as const;
const callSchemas = [
  ...singleCallSchemas,
  z.strictObject({ do: z.literal("burst"), bytes: z.array(length), stagger: whole.max(10_000) }),
  z.strictObject({
    do: z.literal("concurrent"),
    callers: z.array(z.array(z.discriminatedUnion("do", singleCallSchemas))),
  }),
] as const;
const commandSchema = z.discriminatedUnion("do", [
  ...callSchemas,
  z.strictObject({ do: z.literal("reopen") }),
  z.strictObject({ do: z.literal("kill") }),
  z.strictObject({
    do: z.literal("killDuring"),
    calls: z.array(z.discriminatedUnion("do", callSchemas)),
    ops: whole,
  }),
]);

const modelName = z.enum(Object.keys(models) as [ModelName, ...ModelName[]]);

/**
 * Zod's own type.
 *
 * @internal
 */
type Schema<T> = z.ZodType<T>;

/** What a kind of disk is read with. */
export const diskSchema: Schema<Counterexample["disk"]> = z.strictObject({
  model: modelName,
  sectorBytes: z.literal([512, 4096]),
  staleTail: z.boolean(),
  staleSectors: z.boolean().optional(),
  dioreadNolock: z.boolean().optional(),
  tearBytes: z.literal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]).optional(),
  powersafeOverwrite: z.boolean().optional(),
  lyingBarriers: z.boolean().optional(),
  capacityBytes: whole.optional(),
  mediaFaults: z.array(z.enum(mediaFaultKinds)).optional(),
});

/** What a workload is read with. */
export const workloadSchema: Schema<Workload> = z.strictObject({
  name: z.string(),
  lives: z.array(z.array(commandSchema)).min(1),
  schedule: z.array(whole).optional(),
});

/** What a document is read with. */
export const schema: z.ZodType<Counterexample> = z.strictObject({
  format: z.literal("plugpull counterexample"),
  version: z.literal(1),
  subject: z.strictObject({
    name: z.string(),
    module: z.string().min(1).optional(),
    commands: z.array(z.string()).optional(),
    trace: z.strictObject({ ops: whole, digest: z.string() }),
  }),
  disk: diskSchema,
  workload: workloadSchema,
  interleaving: z.array(z.string()).optional(),
  faults: z.string().refine(isPlan, "Invalid input: expected a fault plan").optional(),
  crash: z.strictObject({
    points: z.array(whole),
    ops: z.array(z.array(z.string())),
    kept: z.array(z.strictObject({
      life: whole,
      cell: z.enum(["sector", "size", "name", "journal", "damage", "fault"]),
      inode: whole,
      place: z.union([whole, z.string()], "Invalid input: expected a whole number or a name"),
      version: whole,
      newest: whole,
      holds: z.string(),
    })),
  }),
  verdict: z.strictObject({
    clause: z.string(),
    message: z.string(),
    after: z.array(z.string()).optional(),
    ops: z.array(z.string()).optional(),
  }),
  weakestDisk: z.strictObject({
    violates: z.array(modelName),
    holds: z.array(modelName),
    words: z.string(),
  }).optional(),
  blame: blameSchema.optional(),
});

/** A finding that replays: the workload, the crash, and what was wrong. Version 1 of the format. */
export interface Counterexample {
  /** Tells the format from others. */
  readonly format: "plugpull counterexample";
  /** Version of the format. */
  readonly version: 1;
  /** The log that was checked. */
  readonly subject: {
    /** Its name. */
    readonly name: string;
    /** The module that it was loaded from, relative to where the check was started. */
    readonly module?: string | undefined;
    /** Where it is a store: the commands that it was given, in words, for people. */
    readonly commands?: readonly string[] | undefined;
    /** The ops of its first life, to tell whether the log has changed since. */
    readonly trace: { readonly ops: number; readonly digest: string };
  };
  /** The kind of disk. */
  readonly disk:
    & DiskOptions
    & Required<Pick<DiskOptions, "model" | "sectorBytes" | "staleTail">>;
  /** The commands. */
  readonly workload: Workload;
  /** What happened when in the first life, in words, for people; the schedule says the same. */
  readonly interleaving?: readonly string[] | undefined;
  /** The calls of the first life that fail, as a fault plan; later ones are among `crash.kept`. */
  readonly faults?: string | undefined;
  /** The power losses: when each happened, and what the media kept. */
  readonly crash: {
    /** The crash point of each life, in completed ops. */
    readonly points: readonly number[];
    /** The ops of each life up to its crash point, in words, for people. */
    readonly ops: readonly (readonly string[])[];
    /** The version of every cell that recovery read. */
    readonly kept: readonly Kept[];
  };
  /** What was wrong. */
  readonly verdict: {
    /** Which rule is broken. */
    readonly clause: string;
    /** The rule and the records, in words. */
    readonly message: string;
    /**
     * What the log was asked to after the last power loss, besides the commands of the workload,
     * until that showed; in words, for people. Every recovery must be readable and appendable.
     */
    readonly after?: readonly string[] | undefined;
    /** The ops after the last power loss, until that showed; in words, for people. */
    readonly ops?: readonly string[] | undefined;
  };
  /** On which persistence models the workload breaks the promise, where that was tried. */
  readonly weakestDisk?: WeakestDisk | undefined;
  /** What it comes from, where that was looked for. */
  readonly blame?: Blame | undefined;
}

/** Which version of a cell the media kept. */
export interface Kept {
  /** The life whose ops wrote the cell. */
  readonly life: number;
  /** What the cell is. */
  readonly cell: CellKind;
  /** The file, or for a name the directory. */
  readonly inode: number;
  /** Index of the sector, or the name. */
  readonly place: number | string;
  /** The version kept: 0 is what was there before this life. */
  readonly version: number;
  /** The newest version that there was when the power went. */
  readonly newest: number;
  /** The cell and the op that wrote the version, in words. */
  readonly holds: string;
}

/** A counterexample that cannot be used: not JSON, not of the format, or not of this log. */
export class CounterexampleError extends Error {
  /** Always `"CounterexampleError"`. */
  override readonly name = "CounterexampleError";
}

/**
 * Reads a counterexample document.
 *
 * @param text The document, as JSON.
 * @returns The counterexample.
 * @throws {CounterexampleError} When it is damaged; the message names the field.
 *
 * @example
 * ```ts
 * import { checkLog, parseCounterexample } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const [found] = (await checkLog(naive)).violations;
 * const read = parseCounterexample(JSON.stringify(found));
 * console.log(read.subject.name); // naive log
 * ```
 */
export function parseCounterexample(text: string): Counterexample {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = syntaxError(text, error as Error);
    throw new CounterexampleError(`Cannot read the counterexample: ${reason}`);
  }
  const version = (json as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version !== 1) {
    throw new CounterexampleError(
      `Cannot read the counterexample: version is ${version}, expected 1`,
    );
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) {
    requireCrash(parsed.data);
    const excess = excessOf(parsed.data.workload);
    if (excess !== undefined) {
      throw new CounterexampleError(`Cannot read the counterexample: ${excess}`);
    }
    const { tearBytes = 1, sectorBytes } = parsed.data.disk;
    if (tearBytes <= sectorBytes) return parsed.data;
    throw new CounterexampleError(
      `Cannot read the counterexample: disk.tearBytes is ${tearBytes}, expected at most the ` +
        `${sectorBytes} of disk.sectorBytes`,
    );
  }
  const reason = fieldError(parsed.error.issues[0]!, json);
  throw new CounterexampleError(`Cannot read the counterexample: ${reason}`);
}

/** Refuses crash points that are not those of the ops before them. */
function requireCrash({ crash: { points, ops, kept } }: Counterexample): void {
  const refuse = (what: string): never => {
    throw new CounterexampleError(`Cannot read the counterexample: ${what}`);
  };
  if (points.length !== ops.length) {
    refuse(
      `crash.points has ${points.length} of them, expected one for each of ${ops.length} in crash.ops`,
    );
  }
  for (const [i, point] of points.entries()) {
    if (point !== ops[i]!.length) {
      refuse(`crash.points.${i} is ${point}, expected the ${ops[i]!.length} of crash.ops.${i}`);
    }
  }
  for (const [i, { life }] of kept.entries()) {
    if (life > points.length) {
      refuse(
        `crash.kept.${i}.life is ${life}, expected at most the ${points.length} of crash.points`,
      );
    }
  }
}

/** Writes down a violation as a document. */
export function documentOf(
  violation: Violation,
  choices: Choices,
  disk: Disk,
  workload: Workload,
  subject: Omit<Counterexample["subject"], "trace">,
  { story, plan }: { readonly story: readonly string[]; readonly plan: FaultPlan },
): Counterexample {
  const telling = choices.made.filter((choice) =>
    choice.cell.words === undefined || choices.version(choice) < choice.to
  );
  const kept = telling.map((choice): Kept => {
    const { cell } = choice;
    const version = choices.version(choice);
    return {
      life: cell.life.index,
      cell: cell.kind,
      inode: cell.inode,
      place: cell.place,
      version,
      newest: cell.newestAt(violation.crashPoints[cell.life.index] ?? Infinity),
      holds: describeKept(disk, cell, version),
    };
  });
  const isAfterwards = disk.lives.length > workload.lives.length && violation.after.length > 0;
  // Where nothing but a recovery comes after the last power loss, what it does breaks nothing.
  const last = violation.crashPoints.length;
  const isAsked = isAfterwards || (workload.lives[last] ?? []).length > 0 ||
    kept.some(({ cell, life }) => cell === "fault" && life === last);
  const ops = isAsked ? disk.lives.slice(last).flatMap(({ trace }) => trace.map(formatOp)) : [];
  return {
    format: "plugpull counterexample",
    version: 1,
    subject: { ...subject, trace: traceDigest(disk.lives[0]!.trace) },
    disk: {
      ...disk.options,
      model: disk.model.name,
      sectorBytes: disk.sectorBytes as 512 | 4096,
      staleTail: disk.staleTail,
    },
    workload,
    ...(workload.schedule !== undefined && { interleaving: story }),
    ...(plan.length > 0 && { faults: formatFaultPlan(plan) }),
    crash: {
      points: violation.crashPoints,
      ops: violation.crashPoints.map((point, i) =>
        disk.lives[i]!.trace.slice(0, point).map(formatOp)
      ),
      kept,
    },
    verdict: {
      clause: violation.clause,
      message: violation.message,
      ...(ops.length > 0 && { ops }),
      ...(isAfterwards && {
        after: violation.after.map((command) =>
          formatCommand(command, subject.commands && ((bytes) => `apply ${bytes} bytes`))
        ),
      }),
    },
  };
}

function isPlan(text: string): boolean {
  try {
    parseFaultPlan(text);
    return true;
  } catch {
    return false;
  }
}

/** A short print of a trace: the same ops with the same bytes have the same print. */
export function traceDigest(trace: readonly Op[]): { ops: number; digest: string } {
  let hash = 0x811c9dc5;
  const mix = (byte: number) => hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  for (const op of trace) {
    for (const char of formatOp(op)) mix(char.codePointAt(0)! & 0xff);
    for (const byte of op.bytes ?? []) mix(byte);
  }
  return { ops: trace.length, digest: hash.toString(16).padStart(8, "0") };
}

/** The path under which a file was last mentioned in a life, for reports. */
export function pathOf(disk: Disk, inode: number): string {
  for (const life of disk.lives) {
    for (const op of life.trace) if (op.inode === inode) return op.path;
  }
  return `inode ${inode}`;
}

/** What a cell holds that no op of its life has changed, as far as the media are concerned. */
function beginningOf({ life, kind }: Cell): string {
  if (life.index > 0) return "as it was when this life began";
  // The first life begins with an empty directory.
  return kind === "name" ? "not there" : kind === "size" ? "0 bytes" : "not written";
}

/** Which bytes of which file a cell holds, in words. */
function placeOf(disk: Disk, { place, inode }: Cell): string {
  const { cellBytes, sectorBytes } = disk;
  const file = `of "${pathOf(disk, inode)}"`;
  if (cellBytes === sectorBytes) return `sector ${place} ${file}`;
  if (cellBytes > sectorBytes) return `block ${place} ${file}`;
  const first = Number(place) * cellBytes;
  return cellBytes === 1
    ? `byte ${first} ${file}`
    : `bytes ${first} to ${first + cellBytes - 1} ${file}`;
}

function describeKept(disk: Disk, cell: Cell, version: number): string {
  if (cell.kind === "fault") return cell.words![version]!;
  if (cell.words !== undefined) {
    return `${placeOf(disk, cell)}: ${cell.words[version]}`;
  }
  const made = cell.made[version]!;
  const op = made > 0 ? cell.life.trace[made - 1] : undefined;
  const by = opOfLife(made, cell.life.index);
  // A write that goes into one sector in steps, or a file growing page by page.
  const isHalfway = version < cell.newest && cell.made[version + 1] === made;
  const isGone = cell.kind === "name" && cell.values[version] === 0;
  const state = op === undefined
    ? beginningOf(cell)
    : isHalfway
    ? `half-way through ${by}`
    : `${isGone ? "gone, " : ""}as ${by} left it`;
  const what = cell.kind === "name"
    ? `name "${cell.place}"`
    : cell.kind === "size"
    ? `size of "${pathOf(disk, cell.inode)}"`
    : placeOf(disk, cell);
  if (op?.failed !== undefined) {
    const held = cell.values[version] === null && cell.sourceOf(version) === version
      ? "what lay there before, as nothing was ever written there"
      : "as it was before";
    return `${what}: ${held} (${by} is ${formatOp(op)})`;
  }
  const stale = cell.kind === "sector" && version > 0 && cell.values[version] === null
    ? `allocated, but not written, by ${by}`
    : state;
  return `${what}: ${stale}${op === undefined ? "" : ` (${formatOp(op)})`}`;
}

/** Decides as a counterexample says. */
export class Script {
  readonly #versions: Map<string, number>;
  /** A cell for which the document has no version, or one that is not possible now. */
  misfit: string | undefined;

  /** Reads the decisions of a document. */
  constructor(kept: readonly Kept[]) {
    this.#versions = new Map(
      kept.map(({ life, cell, inode, place, version }) => [
        [life, cell, inode, place].join(),
        version,
      ]),
    );
  }

  /** See {@linkcode Chooser.choose}. */
  choose(cell: Cell, from: number, to: number, feasible: readonly number[] | undefined): number {
    const key = [cell.life.index, cell.kind, cell.inode, cell.place].join();
    const version = this.#versions.get(key);
    // A document does not say of each sector that it is sound.
    if (version === undefined && cell.words !== undefined) return to;
    const possible = version !== undefined &&
      (feasible?.includes(version) ?? (version >= from && version <= to));
    if (possible) return version;
    this.misfit ??= cell.toString();
    return to;
  }
}

/** Lets the power go at exactly one crash point of a life. */
export function pin(life: Life, point: number): void {
  life.lo = life.hi = Math.min(point, life.trace.length);
}

/** A disk for a subject: the directory exists, and is durable. */
export function freshDisk(options: ConstructorParameters<typeof Disk>[0], directory: string): Disk {
  const disk = new Disk(options);
  new SimulatedFileSystem(disk).mkdir(directory);
  disk.settle();
  return disk;
}
