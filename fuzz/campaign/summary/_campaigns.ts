/**
 * Campaigns to test their summaries with: a night that found something, and one that did not.
 *
 * @module
 */
import type { Counterexample } from "../../../mod.ts";
import type { Input } from "../input.ts";
import type { JudgedFinding } from "../judge.ts";
import { judge } from "../judge.ts";
import type { News } from "../known.ts";
import type { Point } from "../point.ts";
import type { SummaryOrder } from "./order.ts";

/** The curve of a night: what is new gets rare, memory stays, three findings come. */
export function nightOf(hours: number): Point[] {
  const points: Point[] = [];
  for (let seconds = 1; seconds <= hours * 3600; seconds = Math.ceil(seconds * 1.01 + 1)) {
    points.push({
      seconds,
      runs: seconds * 40,
      recoveries: Math.round(seconds * (2_400 - seconds / 60)),
      facts: Math.round(4_000 * Math.log1p(seconds / 40)),
      corpus: Math.round(300 * Math.log1p(seconds / 60)),
      findings: [600, 5_000, 21_000].filter((at) => seconds >= at).length,
      memory: (180 + (seconds % 13)) * 2 ** 20,
    });
  }
  return points;
}

/** A finding; its barrier is missing in line `line`. */
export function findingOf(
  news: News,
  { line, message, name = "my log" }: { line: number; message: string; name?: string },
): JudgedFinding {
  const counterexample: Counterexample = {
    format: "plugpull counterexample",
    version: 1,
    subject: { name, module: "my_log.ts", trace: { ops: 2, digest: "1f2e3d4c" } },
    disk: { model: "posix-ra", sectorBytes: 512, staleTail: false },
    workload: { name: "drawn", lives: [[{ do: "append", bytes: 24 }]] },
    crash: { points: [1], ops: [['write "/log/1" at 0, 24 bytes']], kept: [] },
    verdict: { clause: "acked record lost", message },
    weakestDisk: { violates: ["posix-ra"], holds: [], words: "every kind of disk" },
    blame: {
      kind: "barriers",
      barriers: [{
        when: "after",
        call: 'write "/log/1"',
        life: 0,
        op: 1,
        place: { file: "my_log.ts", line, column: 5 },
        target: "/log/1",
        on: "file",
        role: "itself",
      }],
      reason: "A barrier is missing.",
      verified: true,
      others: { hold: 4, of: 4, complete: true },
    },
  };
  return { counterexample, file: `.plugpull/findings/my-log-${line}.json`, news };
}

/** A run. */
const INPUT: Input = {
  workload: { name: "drawn", lives: [[{ do: "sync" }]] },
  disk: { model: "posix-ra", sectorBytes: 512, staleTail: false },
  faults: "",
  depth: 1,
  recoveries: 64,
  seed: 7,
};

/** What a test wants to be otherwise. */
export interface Night {
  readonly findings?: readonly JudgedFinding[];
  readonly points?: readonly Point[];
  readonly marks?: ReadonlyMap<string, boolean>;
  /** The last words of a process that died. */
  readonly died?: string;
  readonly interrupted?: boolean;
  readonly explaining?: number;
  readonly module?: string;
}

/** The marks of a night that was not dull. */
const MARKS: ReadonlyMap<string, boolean> = new Map([
  ["a crash landed inside a frame", true],
  ["a torn sector was read", true],
  ["an fsync failed", true],
  ["recovery was cut twice", true],
]);

/** A night; without findings of its own it holds. */
export function campaignOf(night: Night): SummaryOrder {
  const { findings = [], points = nightOf(8), marks = MARKS, module = "my_log.ts" } = night;
  const last = points.at(-1) ??
    { seconds: 0, runs: 0, recoveries: 0, facts: 0, corpus: 0, findings: 0, memory: 0 };
  const { died } = night;
  const result: SummaryOrder["result"] = {
    begun: { seed: 7, lanes: [2, 3], of: 8, conditions: "{}" },
    standing: { ...last, marks, explaining: night.explaining ?? 0 },
    points,
    findings,
    givenUp: [],
    incidents: died === undefined ? [] : [{
      incident: { what: "died", run: 1234, input: INPUT, words: died, module },
      file: ".plugpull/findings/died-1f2e3d4c.incident",
    }],
    canary: { runs: 36_000, found: [812, 1_377] },
    digests: { 2: "00c0ffee1f2e3d4c", 3: "5ca1ab1e00112233" },
    interrupted: night.interrupted ?? false,
  };
  return {
    module,
    begin: [
      `campaign  ${module}`,
      "  Seed     7 --shard 2/4 --jobs 2, lanes 2 to 3 of 8, guided",
      "  Draws    posix-ra ext4-ordered xfs btrfs, failing calls, power losses in recovery; of these each run a part",
      "  Until    8:00:00",
      "  Corpus   132 runs of earlier campaigns",
    ].join("\n"),
    command: `deno task fuzz ${module} --seed 7 --shard 2/4 --jobs 2 --time 8h`,
    result,
    findings,
    judgement: judge(result, findings),
  };
}

/** A night that found one of each. */
export function eventful(): SummaryOrder {
  return campaignOf({
    findings: [
      findingOf("known", {
        line: 80,
        message: "record 3 of 3 is missing (24 bytes, acked by sync)",
      }),
      findingOf("new", {
        line: 42,
        message: "record 1 of 2 is missing (24 bytes, acked by append)",
      }),
      findingOf("came back", { line: 61, message: "record 2 of 2 is missing (700 bytes)" }),
    ],
    marks: new Map([...MARKS, ["the log rotated", false]]),
    died: "error: Uncaught (in worker) RangeError: Maximum call stack size exceeded",
    explaining: 2,
  });
}
