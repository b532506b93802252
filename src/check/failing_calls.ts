/**
 * What goes wrong in a finding besides the power: which calls fail, where the log makes them, and
 * what must be done about it.
 *
 * @module
 */
import type { FaultInjector } from "../vfs/fault_injector.ts";
import { formatFault, parseFaultPlan } from "../vfs/fault_plan.ts";
import { CallRecorder, ChosenFaults } from "./call_faults.ts";
import { type SourcePlace, withPlace } from "./call_place.ts";
import { type Counterexample, freshDisk, pin, Script } from "./counterexample.ts";
import { epilogue } from "./fit_workload.ts";
import { together, watched } from "./insertion.ts";
import { follow } from "./interleaving.ts";
import { STEPS } from "./replay.ts";
import { LOG_DIRECTORY, LogRun } from "./run_log.ts";
import { drive, isPromiseLike } from "./settle.ts";
import { oracleOf } from "./store.ts";
import type { LogUnderTest } from "./subject.ts";
import { isUnjudgeable } from "./unjudgeable.ts";
import type { CallWatcher, WatchedCall } from "./watched_file_system.ts";

/** What goes wrong in a finding besides the power. */
export interface Faults {
  /** What does, and what must be done about it: the end of a sentence. */
  readonly what: string;
  /** Whether calls fail, and not only the media. */
  readonly areCalls: boolean;
  /** The places of the calls that fail. */
  readonly places: readonly SourcePlace[];
}

/** What is said where nothing but that does harm. */
export function alone({ what, areCalls }: Faults): string {
  return `A power loss alone does no harm here${areCalls ? ", but" : ":"} ${what}.`;
}

/**
 * What goes wrong in a finding besides the power, and what follows; `undefined` for nothing.
 *
 * @param subject The log.
 * @param counterexample The finding.
 * @param imposed Sees the calls besides, as it did when the finding was made.
 */
export async function faultsOf(
  subject: LogUnderTest,
  counterexample: Counterexample,
  imposed?: CallWatcher,
): Promise<Faults | undefined> {
  const { faults, crash, disk } = counterexample;
  const kept = (kind: string) => crash.kept.filter(({ cell }) => cell === kind);
  if (disk.mediaFaults !== undefined || kept("damage").length > 0) {
    const what = "the damage must be noticed, and refused or repaired";
    return { what, areCalls: false, places: [] };
  }
  if (faults === undefined && kept("fault").length === 0) return undefined;
  const struck = await struckCalls(subject, counterexample, imposed);
  if (struck.length === 0) return undefined;
  const isStore = oracleOf(subject) !== undefined;
  const kinds = Map.groupBy(struck, (call) => `${call.how}: ${handling(call, isStore)}`);
  const sentences = [...kinds].map(([end, calls]) => {
    const places = [...Map.groupBy(calls, ({ where }) => where)]
      .map(([where, { length }]) => length === 1 ? where : `${where}, ${length} times`);
    return `${inWords(places)} ${places.length === 1 ? "fails" : "fail"} with ${end}`;
  });
  const what = sentences.join("; and ");
  return { what, areCalls: true, places: struck.flatMap(({ place }) => place ?? []) };
}

function inWords(places: readonly string[]): string {
  return places.length < 2
    ? places.join()
    : `${places.slice(0, -1).join(", ")} and ${places.at(-1)}`;
}

/** A call that fails. */
interface StruckCall {
  /** Where it is made, and when. */
  readonly where: string;
  /** Where in the log's code. */
  readonly place: SourcePlace | undefined;
  /** The call. */
  readonly call: string;
  /** How it fails. */
  readonly how: string;
  /** The call of the log itself that failed with it, which is right; `undefined` where none did. */
  passedOnBy: OwnCall | undefined;
}

/** The calls that fail: where each is made, how it fails, what the log made of it. */
async function struckCalls(
  subject: LogUnderTest,
  { disk: options, workload, faults = "", crash }: Counterexample,
  imposed: CallWatcher | undefined,
): Promise<StruckCall[]> {
  const disk = freshDisk(options, LOG_DIRECTORY);
  disk.stepLimit = STEPS;
  disk.chooser = new Script(crash.kept);
  const struck: StruckCall[] = [];
  let making = "";
  let place: SourcePlace | undefined;
  const before = (call: WatchedCall) => {
    place = call.place();
    making = withPlace(`${call.name} "${call.path}"`, place);
  };
  const listenTo = (injector: FaultInjector | undefined): FaultInjector => ({
    next: (call) => {
      const fault = injector?.next(call);
      if (fault === undefined) return undefined;
      const words = `${call.call} "${call.path}"`;
      const where = making.includes(words) ? making : words;
      const when = disk.life.index === 0 ? "" : ` in recovery ${disk.life.index}`;
      const how = formatFault(fault);
      struck.push({
        where: `${where}${when}`,
        place,
        call: call.call,
        how,
        passedOnBy: undefined,
      });
      return fault;
    },
  });
  disk.faults = listenTo(new CallRecorder(disk, parseFaultPlan(faults)));
  const chosen = new ChosenFaults(disk, crash.kept.filter(({ cell }) => cell === "fault").length);
  const noting = { seesReturns: false, before, after: () => {} };
  const watcher = imposed === undefined ? noting : together(noting, imposed);
  const log = passingOn(watched(subject, watcher), struck);
  const run = new LogRun(log, disk, { decide: follow(workload.schedule ?? []) });
  const lives = [...workload.lives, epilogue(subject)];
  try {
    for (const [i, commands] of lives.entries()) {
      const violation = await drive(run.live(commands), run.interleaving);
      if (violation !== undefined || i === lives.length - 1) break;
      disk.powerCut();
      if (i === 0) disk.steps = 0;
      pin(disk.lives[i]!, crash.points[i] ?? Infinity);
      chosen.begin();
      disk.faults = listenTo(disk.faults);
    }
  } catch (error) {
    if (!isUnjudgeable(error)) throw error;
  }
  return struck;
}

/** The calls of a log that may fail. */
const OWN_CALLS = ["open", "append", "sync", "truncateFront"] as const;
type OwnCall = typeof OWN_CALLS[number];

/** The log, with each of its own calls that fails noted at what was struck in the course of it. */
function passingOn(subject: LogUnderTest, struck: readonly StruckCall[]): LogUnderTest {
  // Methods are called on the log itself: it may be an object with private state.
  return new Proxy({} as LogUnderTest, {
    get(_, name: keyof LogUnderTest) {
      const value: unknown = subject[name];
      if (typeof value !== "function") return value;
      const call = value.bind(subject) as (...args: unknown[]) => unknown;
      const own = OWN_CALLS.find((own) => own === name);
      if (own === undefined) return call;
      return (...args: unknown[]) => {
        const from = struck.length;
        const failed = (error: unknown): never => {
          for (const one of struck.slice(from)) one.passedOnBy ??= own;
          throw error;
        };
        try {
          const made = call(...args);
          return isPromiseLike(made) ? made.then((value) => value, failed) : made;
        } catch (error) {
          return failed(error);
        }
      };
    },
  });
}

/** What must be done about a call that fails, by what the log made of it. */
function handling({ call, how, passedOnBy }: StruckCall, isStore: boolean): string {
  if (passedOnBy === undefined) return swallowed(call, how);
  return passedOn(call, isStore && passedOnBy === "append" ? "apply" : passedOnBy);
}

/** What a log must do that has gone on as if nothing had failed. */
function swallowed(call: string, fault: string): string {
  if (call === "sync" || call === "syncData") {
    return "what it should have made durable may be gone, and no later sync brings that back. " +
      "Ack nothing of it, and append nothing behind it, until it is written again";
  }
  if (call === "read") {
    return "what cannot be read is not missing. Let open fail, or read the rest, and never take it " +
      "for the end of the log";
  }
  if (call === "write" && fault.startsWith("short")) {
    return "it stores only a part and says so. Write the rest, or cut the part off, before anything " +
      "is acked";
  }
  if (call === "write") {
    return "the bytes are not stored. Pass the error on, ack nothing of it, and cut off what may have " +
      "been stored before anything is appended";
  }
  return "the log must not go on as if it had been done. Pass the error on";
}

/** What a log must do besides, where a call of its own has failed with the error. */
function passedOn(call: string, own: OwnCall | "apply"): string {
  const right = `${own} passes the error on, which is right, but not enough`;
  const isBarrier = call === "sync" || call === "syncData";
  const lost = isBarrier
    ? ". What it should have made durable may be gone, though it can still be read"
    : "";
  const anew = "write anew what was read, and sync it, before it is shown";
  if (own === "open" && isBarrier) return `${right}${lost}. At opening, ${anew}`;
  if (own === "open") {
    return `${right}. Let the next open start from what is there: it must finish or undo what the failed ` +
      "one has begun";
  }
  const cut = call === "write" ? "cut off what was stored in part, " : "";
  return `${right}${lost}. Refuse further calls until it is opened again, and at opening ${cut}${anew}`;
}
