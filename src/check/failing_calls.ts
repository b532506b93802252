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
import { watched } from "./insertion.ts";
import { follow } from "./interleaving.ts";
import { STEPS } from "./replay.ts";
import { LOG_DIRECTORY, LogRun } from "./run_log.ts";
import { drive } from "./settle.ts";
import type { LogUnderTest } from "./subject.ts";
import { isUnjudgeable } from "./unjudgeable.ts";
import type { WatchedCall } from "./watched_file_system.ts";

/** What goes wrong in a finding besides the power. */
export interface Faults {
  /** What does, and what follows. */
  readonly words: string;
  /** The places of the calls that fail. */
  readonly places: readonly SourcePlace[];
}

/** What goes wrong in a finding besides the power, and what follows; `undefined` for nothing. */
export async function faultsOf(
  subject: LogUnderTest,
  counterexample: Counterexample,
): Promise<Faults | undefined> {
  const { faults, crash, disk } = counterexample;
  const kept = (kind: string) => crash.kept.filter(({ cell }) => cell === kind);
  if (disk.mediaFaults !== undefined || kept("damage").length > 0) {
    const words =
      "A power loss alone does no harm here: the damage must be noticed, and refused or " +
      "repaired.";
    return { words, places: [] };
  }
  if (faults === undefined && kept("fault").length === 0) return undefined;
  const struck = await struckCalls(subject, counterexample);
  const kinds = Map.groupBy(struck, ({ how, remedy }) => `${how}: ${remedy}`);
  const sentences = [...kinds].map(([end, calls]) => {
    const places = [...Map.groupBy(calls, ({ where }) => where)]
      .map(([where, { length }]) => length === 1 ? where : `${where}, ${length} times`);
    return `${inWords(places)} ${places.length === 1 ? "fails" : "fail"} with ${end}`;
  });
  const words = `A power loss alone does no harm here, but ${sentences.join("; and ")}.`;
  return { words, places: struck.flatMap(({ place }) => place ?? []) };
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
  /** How it fails. */
  readonly how: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** The calls that fail: where each is made, how it fails, what to do about it. */
async function struckCalls(
  subject: LogUnderTest,
  { disk: options, workload, faults = "", crash }: Counterexample,
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
      struck.push({ where: `${where}${when}`, place, how, remedy: handling(call.call, how) });
      return fault;
    },
  });
  disk.faults = listenTo(new CallRecorder(disk, parseFaultPlan(faults)));
  const chosen = new ChosenFaults(disk, crash.kept.filter(({ cell }) => cell === "fault").length);
  const log = watched(subject, { seesReturns: false, before, after: () => {} });
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

/** What a log must do where a call fails. */
function handling(call: string, fault: string): string {
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
