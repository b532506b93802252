/**
 * The process of one lane. Started by the campaign, not by hand: a log that hangs, exits or eats the
 * memory takes this process along and nothing else.
 *
 * @module
 */
import { installCoverage } from "./coverage.ts";
import { divertOutput } from "../divert_output.ts";
import { endWithParent } from "./end_with_parent.ts";
import type { Lane } from "./lane.ts";
import type { HarnessMark } from "./watch.ts";
import type { LaneCount, LaneMessage, LaneTask } from "./protocol.ts";
import { collectGarbage } from "./v8_flags.ts";

/** How often it tells how far it has come, in milliseconds. */
const COUNT_MS = 250;
/** How often it tells what it needs to be resumed, in milliseconds. */
const STATE_MS = 2_000;
/** How often all garbage is collected, in milliseconds. */
const COLLECT_MS = 10_000;
/** How often it listens, in milliseconds. */
const LISTEN_MS = 50;
/** One run in so many is spent on the canary. */
const CANARY_EVERY = 32;

const ROOT = new URL("../../", import.meta.url).href;
/** Parts of the harness: a log is not made of them. */
const HARNESS = [
  "src/vfs/",
  "src/check/",
  "src/explore/",
  "src/report/",
  "src/engines/",
  "fuzz/",
  "std/",
]
  .map((folder) => ROOT + folder);

const encoder = new TextEncoder();

function tell(message: LaneMessage): void {
  const bytes = encoder.encode(JSON.stringify(message) + "\n");
  for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
}

/** Reads the task; then the next line, or the end, is the word to stop. */
async function listen(onStop: () => void): Promise<LaneTask> {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  const reader = lines.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("The campaign has ended before it gave a task");
    text += value;
  }
  const end = text.indexOf("\n");
  if (text.includes("\n", end + 1)) onStop();
  else reader.read().then(onStop, onStop);
  return JSON.parse(text.slice(0, end));
}

async function run(): Promise<void> {
  divertOutput();
  endWithParent();
  // An interrupt is for the campaign, which then says what to do.
  Deno.addSignalListener("SIGINT", () => {});
  let isOver = false;
  const task = await listen(() => isOver = true);
  let isSubject = false;
  const probes = installCoverage((url) =>
    url.startsWith(ROOT)
      ? !HARNESS.some((folder) => url.startsWith(folder)) && url !== `${ROOT}mod.ts`
      : isSubject && !url.startsWith("node:")
  );
  const laneModule = await import("./lane.ts");
  const { inBatch } = await import("../../mod.ts");
  const { loadSubject, requireLog } = await import("../load_subject.ts");
  const canaryPath = "../../scenarios/canary.ts";
  isSubject = true;
  const subject = await loadSubject(task.module);
  const { sync, truncateFront } = requireLog(subject);
  const bounds = {
    ...task.bounds,
    syncs: sync !== undefined,
    forgets: truncateFront !== undefined,
  };
  const { seed, lane: number, lanes, mode, module } = task;
  let isLearning = true;
  const lane = new laneModule.Lane(subject, {
    seed,
    lane: number,
    lanes,
    mode,
    bounds,
    module,
    probes,
    onInput: (input, run) =>
      tell({ kind: "run", run, input, ...(isLearning && { isEntry: true } as const) }),
  });
  const canary = task.canary
    ? new laneModule.Lane((await import(canaryPath)).default, {
      seed,
      lane: number,
      lanes,
      mode,
      bounds: { disk: {}, models: ["posix-ra"], faults: false, syncs: true, forgets: false },
    })
    : undefined;
  let canaryFoundAt: number | undefined;
  let { digest } = task;
  const count = (): LaneCount => ({
    runs: lane.runs,
    recoveries: lane.recoveries + (canary?.recoveries ?? 0),
    facts: lane.facts,
    violations: lane.violations,
    marks: [
      ...[...lane.reached].filter(([name]) => isPossible(name, lane, task.bounds))
        .map(([name, times]) => [name, times > 0] as const),
      ...lane.marks,
    ],
    memory: Deno.memoryUsage().rss,
    canary: { runs: canary?.runs ?? 0, foundAt: canaryFoundAt },
    digest: digest.toString(16).padStart(8, "0"),
  });
  const state = () => ({
    lane: number,
    next: lane.runs,
    digest,
    yields: lane.corpus.entries.filter(({ chosen }) => chosen > 0)
      .map(({ name, chosen, children }) => [name, chosen, children] as const),
  });
  let [counted, stated, collected] = [0, performance.now(), performance.now()];
  const end = (why: "done" | "told" | "memory") => {
    tell({ kind: "count", count: count(), state: state() });
    tell({ kind: "end", why });
  };
  const skipped = new Set(task.skipped);
  const isDone = () => task.most !== undefined && lane.runs >= task.most;
  /** Makes one run, and now and then one of the canary. */
  const step = async () => {
    if (skipped.has(lane.run)) {
      digest = Math.imul(digest ^ lane.run, 0x01000193) >>> 0;
      return lane.skip();
    }
    const { run, input, entry, finding, broken, digest: shown } = await lane.step();
    digest = Math.imul(digest ^ parseInt(shown.slice(0, 8), 16), 0x01000193) >>> 0;
    if (entry !== undefined) tell({ kind: "entry", entry: { input: entry.input, run } });
    if (finding !== undefined) tell({ kind: "finding", run, found: finding });
    if (broken !== undefined) tell({ kind: "broken", run, input, reason: broken });
    if (canary !== undefined && canaryFoundAt === undefined && lane.runs % CANARY_EVERY === 0) {
      const { finding } = await canary.step();
      if (finding !== undefined) canaryFoundAt = canary.runs;
    }
  };
  for (let learnt = 0; learnt < task.entries.length;) {
    // Nothing was run yet: it may begin anew.
    if (isOver) return tell({ kind: "end", why: "told" });
    await inBatch(async (check) => {
      lane.check = check;
      const until = performance.now() + LISTEN_MS;
      do await lane.resume([task.entries[learnt++]!], 0); while (
        learnt < task.entries.length && performance.now() < until
      );
    });
    tell({ kind: "learnt", entries: learnt });
  }
  isLearning = false;
  await lane.resume([], task.next);
  for (;;) {
    if (isOver) return end("told");
    if (isDone()) return end("done");
    await inBatch(async (check) => {
      lane.check = check;
      if (canary !== undefined) canary.check = check;
      const until = performance.now() + LISTEN_MS;
      do await step(); while (!isDone() && performance.now() < until);
    });
    const now = performance.now();
    if (now - counted < COUNT_MS) continue;
    if (now - collected > COLLECT_MS) {
      collectGarbage();
      collected = now;
    }
    const isDue = now - stated > STATE_MS;
    const counts = count();
    tell({ kind: "count", count: counts, state: isDue ? state() : undefined });
    counted = now;
    if (isDue) stated = now;
    if (counts.memory > task.memoryMax) return end("memory");
  }
}

/** Whether what the log does, and what the user has settled, leaves a mark within reach. */
function isPossible(
  mark: HarnessMark,
  { does }: Lane,
  { faults, depth, disk }: LaneTask["bounds"],
): boolean {
  switch (mark) {
    case "an fsync failed":
      return faults && does.sync;
    case "recovery was cut twice":
      return depth === undefined || depth >= 2;
    case "a torn sector was read":
      return does.readLoose && (disk.tearBytes !== undefined || disk.sectorBytes === undefined);
    case "a crash landed inside a frame":
      return does.readLoose;
  }
}

if (import.meta.main) {
  try {
    await run();
    Deno.exit(0);
  } catch (error) {
    const { InputError } = await import("../load_subject.ts");
    if (error instanceof InputError) tell({ kind: "refused", message: error.message });
    else console.error(error);
    Deno.exit(error instanceof InputError ? 2 : 3);
  }
}
