import Table from "cli-table3";
import type { ModelName } from "../mod.ts";
import { complain, paint, printJson } from "./options.ts";
import { runTask } from "./run_task.ts";
import type { ZooStop } from "./task.ts";

/** How long one log may be silent, in milliseconds. */
const HANG_MS = 60_000;

/** The model whose figures stand for an entry, where it claims something about that one. */
const USUAL: ModelName = "posix-ra";

/** Options of the command. */
interface ZooFlags {
  readonly model?: ModelName;
  readonly json?: boolean;
}

/** Checks the zoo, or a part of it; returns the exit status. */
export async function zoo(id: string | undefined, flags: ZooFlags): Promise<number> {
  const stops: ZooStop[] = [];
  const ending = await runTask({ kind: "zoo", id, model: flags.model }, {
    hangMs: HANG_MS,
    json: flags.json,
  }, (message) => {
    if (message.kind === "zoo") stops.push(message.stop);
  });
  if (flags.json) {
    printJson({
      stops,
      summary: summaryOf(stops),
      ...(ending.kind === "failed" && { error: ending.message }),
      ...(ending.kind === "interrupted" && { interrupted: true }),
    });
  } else if (stops.length > 0) {
    if (id === undefined) console.log(tableOf(stops));
    else console.log(entriesOf(stops).map(story).join("\n\n"));
    console.log(`\n${describe(stops)}`);
  } else if (ending.kind === "finished") {
    console.log(`Nothing is claimed about "${id}" on ${flags.model}`);
  }
  if (ending.kind === "failed") {
    complain(ending.message);
    return ending.status;
  }
  if (ending.kind === "interrupted") {
    complain(`Interrupted after ${stops.length} checks`);
    return 4;
  }
  const surprises = stops.filter((stop) => !isExpected(stop));
  for (const stop of surprises) {
    const { entry, model, verdict, reason } = stop;
    const cause = reason === undefined ? "" : `: ${reason}`;
    const found = verdict === "holds" && !stop.complete
      ? "holds, but not all was covered"
      : verdict;
    complain(`${entry.id} on ${model} is not as expected: ${found}${cause}`);
  }
  return surprises.length === 0 ? 0 : 1;
}

/** A sound log must be shown to hold; that nothing was found is not enough. */
function isExpected({ entry, verdict, complete }: ZooStop): boolean {
  return verdict === entry.expected && (verdict !== "holds" || complete);
}

/** The stops of each entry. */
function entriesOf(stops: readonly ZooStop[]): ZooStop[][] {
  return [...Map.groupBy(stops, ({ entry }) => entry.id).values()];
}

/** The stop whose figures are shown: the first surprise, or the usual model. */
function shownOf(stops: readonly ZooStop[]): ZooStop {
  return stops.find((stop) => !isExpected(stop)) ??
    stops.find(({ model }) => model === USUAL) ?? stops[0]!;
}

function tableOf(stops: readonly ZooStop[]): string {
  const head = ["id", "expected", "found", "model", "recoveries", "ms", "killed by", "missed by"];
  const table = new Table({
    head,
    colAligns: ["left", "left", "left", "left", "right", "right", "left", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const group of entriesOf(stops)) {
    const shown = shownOf(group);
    const { entry, model, verdict, recoveries, milliseconds, killer, missedBy } = shown;
    const others = group.filter((stop) => isExpected(stop) === isExpected(shown)).length - 1;
    table.push([
      entry.id,
      entry.expected,
      paint(verdict, verdict) + (isExpected(shown) ? "" : " (!)"),
      others > 0 ? `${model} +${others}` : model,
      recoveries.toLocaleString("en-US"),
      formatMs(milliseconds),
      killer ?? "",
      missedBy === undefined ? "" : missedBy.join(", ") || "none",
    ]);
  }
  return table.toString();
}

/** Everything about one entry. */
function story(stops: readonly ZooStop[]): string {
  const shown = shownOf(stops);
  const { entry, missedBy } = shown;
  const lines = [`${entry.id}  ${entry.title}`, `Rule     ${entry.rule}`];
  if (entry.source !== undefined) lines.push(`Source   ${entry.source}`);
  if (entry.kill !== undefined) lines.push(`Crash    ${entry.kill}`);
  if (entry.correct !== undefined) lines.push(`Twin     ${entry.correct}, which is sound`);
  for (const { model, verdict, recoveries, milliseconds, killer } of stops) {
    const where = killer === undefined ? "" : ` in "${killer}"`;
    const runs = `${recoveries.toLocaleString("en-US")} recoveries, ${formatMs(milliseconds)} ms`;
    lines.push(`Found    ${model}: ${paint(verdict, verdict)}${where}, ${runs}`);
  }
  if (missedBy !== undefined) lines.push(`Missed   by ${missedBy.join(", ") || "no weaker check"}`);
  if (shown.reason !== undefined) lines.push(`Reason   ${shown.reason}`);
  if (shown.proof !== undefined) lines.push("", shown.proof);
  return lines.join("\n");
}

/** The figures over all stops. */
function summaryOf(stops: readonly ZooStop[]) {
  const entries = entriesOf(stops);
  const mistakes = entries.filter(([stop]) => stop!.entry.expected !== "holds");
  const sound = stops.filter(({ entry }) => entry.expected === "holds");
  const kills = stops.filter(({ entry }) => entry.expected !== "holds").filter(isExpected);
  const times = kills.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return {
    mistakes: mistakes.length,
    killed: mistakes.filter((group) => group.every(isExpected)).length,
    soundLogs: entries.length - mistakes.length,
    falseAlarms: sound.filter((stop) => !isExpected(stop)).length,
    soundChecks: sound.length,
    medianKillMs: times.length === 0 ? undefined : times[times.length >> 1],
    missedBy: Object.fromEntries(
      [...new Set(mistakes.flatMap(([stop]) => stop!.missedBy ?? []))].map((check) => [
        check,
        mistakes.filter(([stop]) => stop!.missedBy?.includes(check)).length,
      ]),
    ),
  };
}

function describe(stops: readonly ZooStop[]): string {
  const { mistakes, killed, soundLogs, soundChecks, falseAlarms, medianKillMs, missedBy } =
    summaryOf(stops);
  const parts: string[] = [];
  if (mistakes > 0) {
    const all = killed === mistakes ? mistakes === 1 ? "" : "all " : `${killed} of `;
    parts.push(`${all}${count(mistakes, "mistake")} killed`);
  }
  if (soundLogs > 0) {
    const where = `${count(soundChecks, "check")} of ${count(soundLogs, "sound log")}`;
    parts.push(`${count(falseAlarms, "false alarm")} in ${where}`);
  }
  if (medianKillMs !== undefined) parts.push(`median first kill ${formatMs(medianKillMs)} ms`);
  const missed = Object.entries(missedBy).map(([check, count]) => `"${check}" misses ${count}`);
  return [parts.join(", "), ...missed.length > 0 ? [missed.join(", ")] : []].join("\n");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function formatMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString("en-US");
}
