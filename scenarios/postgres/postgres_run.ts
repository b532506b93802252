/**
 * One PostgreSQL server, with its settings, through a sample of crash states.
 *
 * @module
 */
import {
  Disk,
  formatOp,
  type ModelName,
  type PgliteParts,
  PostgresError,
  type PostgresImage,
  type PostgresOptions,
  PostgresServer,
  SimulatedFileSystem,
} from "../../mod.ts";
import {
  type CrashRule,
  type CrashState,
  crashStates,
  pointsAtRisk,
  show,
} from "./crash_sample.ts";

/** What is done to the server before the power goes. */
export type PostgresCommand = "append" | "checkpoint";

/** A record, and when it was appended, in ops. */
interface Appended {
  readonly bytes: string;
  readonly issuedAt: number;
  ackedAt: number;
}

/** What a run is about. */
export interface PostgresRun {
  /** The package. */
  readonly parts: PgliteParts;
  /** What the database is before the run. */
  readonly image: PostgresImage;
  /** The persistence model. Default: `posix-ra`. */
  readonly model?: ModelName;
  /** The settings of the server, before the power loss and after it. */
  readonly options: PostgresOptions;
  /** What is done. */
  readonly commands: readonly PostgresCommand[];
  /** Which crash states are tried. */
  readonly rules: (
    run: { inodesIn(directory: string): ReadonlySet<number> },
  ) => readonly CrashRule[];
  /** The most crash points. */
  readonly points: number;
  /** Called after every crash state: a sign of life. */
  readonly onState?: ((tried: number, of: number) => void) | undefined;
}

/** What went wrong in a crash state. */
export interface PostgresFailure {
  /** The crash state, in words. */
  readonly state: string;
  /** What the media kept. */
  readonly rule: string;
  /** The kind of failure. */
  readonly clause: "does not start" | "cannot be read" | "acked record lost" | "wrong record";
  /** What was seen. */
  readonly message: string;
}

/** What a run has shown. */
export interface PostgresOutcome {
  /** Ops of the life before the power loss. */
  readonly ops: number;
  /** Barriers among them. */
  readonly barriers: number;
  /** Crash states that were tried. */
  readonly states: number;
  /** The crash states in which the promise was broken. */
  readonly failures: readonly PostgresFailure[];
}

/** The table that records go to: each is a row, and a page takes a handful. */
export const POSTGRES_TABLE = "CREATE TABLE records (id int PRIMARY KEY, bytes text NOT NULL); " +
  "INSERT INTO records VALUES (0, 'there from the start')";

/** Runs the commands, pulls the plug, and recovers from each crash state. */
export async function runPostgres(run: PostgresRun): Promise<PostgresOutcome> {
  const disk = new Disk({ model: run.model ?? "posix-ra", sectorBytes: 4096 });
  const fs = new SimulatedFileSystem(disk);
  run.image.putOn(fs);
  const server = await PostgresServer.start(run.parts, fs, run.options);
  const from = disk.life.trace.length;
  const appended = await carryOut(run.commands, server, disk);
  fs.kill();
  disk.powerCut();
  const life = disk.lives[0]!;
  const inodesIn = (directory: string) =>
    new Set(life.trace.flatMap(({ path, inode }) => path.startsWith(directory) ? [inode] : []));
  const points = pointsAtRisk(life.trace, { from, most: run.points });
  const states = crashStates(life, points, {
    rules: run.rules({ inodesIn }),
    owed: (point) => ackedBy(appended, point),
  });
  const failures: PostgresFailure[] = [];
  for (const [i, state] of states.entries()) {
    show(disk, state);
    const failure = await recovered(run, disk, appended, state);
    if (failure !== undefined) failures.push(failure);
    run.onState?.(i + 1, states.length);
  }
  const barriers = life.trace.filter(({ kind }) => kind === "sync").length;
  return { ops: life.trace.length, barriers, states: states.length, failures };
}

const LOCK_FILE = "postmaster.pid";

/** How many records had been acked by a crash point. */
function ackedBy(appended: readonly Appended[], point: number): number {
  return appended.filter(({ ackedAt }) => ackedAt <= point).length;
}

/** A record that no other one is mistaken for. */
function recordOf(id: number): string {
  return `record ${id} `.repeat(120);
}

async function carryOut(
  commands: readonly PostgresCommand[],
  server: PostgresServer,
  disk: Disk,
): Promise<Appended[]> {
  const appended: Appended[] = [];
  for (const command of commands) {
    if (command === "checkpoint") {
      await server.run("CHECKPOINT");
      continue;
    }
    const id = appended.length + 1;
    const record = { bytes: recordOf(id), issuedAt: disk.life.trace.length, ackedAt: Infinity };
    appended.push(record);
    await server.run(`INSERT INTO records VALUES (${id}, '${record.bytes}')`);
    record.ackedAt = disk.life.trace.length;
  }
  return appended;
}

/** Recovers from the crash state that the disk shows; returns what is wrong. */
async function recovered(
  { parts, options }: PostgresRun,
  disk: Disk,
  appended: readonly Appended[],
  { point, rule }: CrashState,
): Promise<PostgresFailure | undefined> {
  const op = disk.lives[0]!.trace[point];
  const when = op === undefined ? "after the last op" : `before op ${point + 1}, ${formatOp(op)}`;
  const failure = (clause: PostgresFailure["clause"], message: string): PostgresFailure => ({
    state: `${when}: ${rule.name}`,
    rule: rule.name,
    clause,
    message,
  });
  const fs = new SimulatedFileSystem(disk);
  // Whoever restarts a machine may clear away what tells that a server was running.
  if (fs.list("/").includes(LOCK_FILE)) fs.remove(`/${LOCK_FILE}`);
  let server: PostgresServer | undefined;
  try {
    server = await PostgresServer.start(parts, fs, options);
    const bad = judge(await readTwice(server), appended, point);
    return bad && failure(...bad);
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    return failure(server === undefined ? "does not start" : "cannot be read", error.message);
  } finally {
    fs.kill();
  }
}

/** All records by way of the table and by way of its index: both ways must show the same. */
async function readTwice(server: PostgresServer): Promise<[string[], string[]]> {
  const read = async (off: string, on: string) => {
    await server.run(`SET enable_${off} = off; SET enable_${on} = on`);
    const rows = await server.rows("SELECT id, bytes FROM records ORDER BY id");
    return rows.map(({ id, bytes }) => `${id} ${bytes}`);
  };
  await server.run("SET enable_bitmapscan = off");
  return [await read("indexscan", "seqscan"), await read("seqscan", "indexscan")];
}

/** What is wrong with what was recovered: everything acked must be there, nothing but what was issued. */
function judge(
  [scanned, indexed]: readonly [readonly string[], readonly string[]],
  appended: readonly Appended[],
  point: number,
): [PostgresFailure["clause"], string] | undefined {
  const expected = [
    "0 there from the start",
    ...appended.map(({ bytes }, i) => `${i + 1} ${bytes}`),
  ];
  const acked = ackedBy(appended, point);
  const issued = appended.filter(({ issuedAt }) => issuedAt < point).length;
  const wrong = scanned.findIndex((row, i) => row !== expected[i]);
  if (wrong >= 0) return ["wrong record", `row ${wrong} is "${scanned[wrong]!.slice(0, 40)}"`];
  const count = scanned.length - 1;
  if (count < acked) {
    return ["acked record lost", `${acked} records acked, ${Math.max(count, 0)} recovered`];
  }
  if (count > issued) return ["wrong record", `${issued} records issued, ${count} recovered`];
  if (indexed.join() !== scanned.join()) {
    return ["wrong record", `${indexed.length - 1} records by the index, ${count} in the table`];
  }
  return undefined;
}
