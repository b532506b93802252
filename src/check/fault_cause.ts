/**
 * The cause of a finding in which calls or media fail, and which shows a cause that needs no failure.
 *
 * METHOD. The search for a cause runs on a disk on which nothing fails. What it suggests is no fix of
 * the finding until it holds there, too: with the faults of the finding, as many of them in recoveries,
 * and its damage. A barrier that is inserted moves the numbers in a plan of faults. So this is checked
 * twice: with barriers that no plan counts, so that the same calls fail as in the finding; and with
 * barriers as they will stand in the source, where the plan may strike them, or another call. Where
 * either breaks the promise, a failing call is what the log does not cope with, and that is said.
 *
 * @module
 */
import { parseFaultPlan } from "../vfs/fault_plan.ts";
import type { Blame } from "./blame_document.ts";
import { placesNamed, type SourcePlace } from "./call_place.ts";
import type { FilledOptions, WorkloadResult } from "./check_result.ts";
import { checkWorkload } from "./check_workload.ts";
import type { Counterexample } from "./counterexample.ts";
import { type Faults, faultsOf } from "./failing_calls.ts";
import { firstLife } from "./first_life.ts";
import { barrierInWords } from "./format_blame.ts";
import { watched, watcherOf } from "./insertion.ts";
import { follow } from "./interleaving.ts";
import { pullPlug } from "./pull_plug.ts";
import type { LogUnderTest } from "./subject.ts";
import {
  type BlameOptions,
  type Cause,
  filled,
  PATIENCE,
  UNCOVERED,
  variantsOf,
} from "./suggestion.ts";
import type { Workload } from "./workload.ts";

/**
 * What is to blame where something fails besides the power.
 *
 * @param cause What is to blame where nothing fails.
 * @param counterexample The finding.
 * @param options The budget, and what fails.
 * @returns The cause of the finding.
 */
export async function causeWithFaults(
  { blame, given, mended, isHarmless }: Cause,
  counterexample: Counterexample,
  options: BlameOptions & { readonly faults: Faults },
): Promise<Blame> {
  // Without a failure it is fine, or nobody knows: then nothing is suggested.
  if (isHarmless || blame.kind === "unknown") return blame;
  if (mended === undefined) return besides(blame, options.faults);
  const found = await checkWithFaults({ given, mended }, counterexample, options);
  if (found === "holds") return blame;
  if (found !== "unknown") return besides(blame, found);
  return blame.barriers.length === 0 ? blame : { ...blame, reason: UNCOVERED, verified: false };
}

/** The verdict of a fix where something fails; what did, where the promise is broken all the same. */
async function checkWithFaults(
  { given, mended }: Required<Pick<Cause, "given">> & { readonly mended: LogUnderTest },
  counterexample: Counterexample,
  options: BlameOptions & { readonly faults: Faults },
): Promise<Faults | "holds" | "unknown"> {
  const { disk, workload, faults = "", crash: { kept } } = counterexample;
  const plan = parseFaultPlan(faults);
  const later = kept.filter(({ cell }) => cell === "fault").length;
  const mayBeStruck = given.barriers.length > 0 && options.faults.areCalls;
  let isProven = true;
  for (const mayFail of mayBeStruck ? [false, true] : [false]) {
    const watcher = watcherOf(given.barriers, { counts: true, mayFail, waits: given.waits });
    const log = watched(mended, watcher);
    for (const one of variantsOf(workload)) {
      const settings = { ...filled(disk, options, isProven ? PATIENCE : 1), faults: plan };
      const result = await checkFaulty(log, one, { ...settings, later });
      if (result.verdict === "violates") {
        return await faultsOf(mended, result.counterexample!, watcher) ?? options.faults;
      }
      isProven &&= result.verdict === "holds" && result.exploration?.complete === true;
    }
  }
  return isProven ? "holds" : "unknown";
}

/** Checks a workload, with so many faults wherever they may strike in its recoveries. */
async function checkFaulty(
  log: LogUnderTest,
  workload: Workload,
  { later, ...options }: FilledOptions & { readonly later: number },
): Promise<WorkloadResult> {
  const result = await checkWorkload(log, workload, options);
  if (later === 0 || result.verdict !== "holds") return result;
  const first = await firstLife(log, workload, options, follow(workload.schedule ?? []));
  return await pullPlug(log, workload, options, { ...first, later });
}

/** What fails comes first: it is what the finding shows. */
function besides(blame: Blame, { what, places }: Faults): Blame {
  const { barriers } = blame;
  const known: SourcePlace[] = [...places, ...blame.places ?? []];
  let reason = `Here ${what}. Where nothing fails, the promise is broken as well. ${blame.reason}`;
  if (barriers.length > 0) {
    const [are, them] = barriers.length === 1
      ? ["a barrier is", "it"]
      : [`${barriers.length} barriers are`, "them"];
    const missing = barriers.map((barrier) => barrierInWords(barrier)).join("; and ");
    const checked = blame.verified
      ? ` Checked: with ${them}, a power loss alone does no harm, as far as searched.`
      : "";
    reason =
      `Barriers alone do not mend this: ${what}. And ${are} missing, which a power loss alone ` +
      `shows: ${missing}.${checked}`;
    for (const { place, from, late } of barriers) {
      known.push(...[place, from, late].filter((one) => one !== undefined));
    }
  }
  return {
    kind: "logic",
    barriers: [],
    reason,
    places: placesNamed(reason, known),
    verified: false,
    others: { hold: 0, of: 0, complete: false },
  };
}
