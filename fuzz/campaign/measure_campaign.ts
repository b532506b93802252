/**
 * Measures what a campaign costs beside the search: the runs of a lane, instrumented and announced as
 * in its process, against the same runs checked one after the other and nothing else. Prints JSON.
 *
 * ```sh
 * deno run -A fuzz/campaign/measure_campaign.ts
 * ```
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { installCoverage } from "./coverage.ts";
import type { Input } from "./input.ts";

/** Rounds, each of both in turn. */
const ROUNDS = 7;
/** Runs of a round. */
const RUNS = 400;
/** Rounds of one campaign with one process, and one with two. */
const JOB_ROUNDS = 5;

const LOGS = [
  { name: "W20 log", file: new URL("./_w20_log.ts", import.meta.url).href },
  {
    name: "reference log",
    file: new URL("../../scenarios/reference_log.ts", import.meta.url).href,
  },
];

async function measure(): Promise<void> {
  const probes = installCoverage((url) => LOGS.some(({ file }) => url === `${file}?instrumented`));
  const { inBatch } = await import("../../mod.ts");
  const { Lane } = await import("./lane.ts");
  const { checkOptionsOf } = await import("./input.ts");
  const sink = Deno.openSync("/dev/null", { write: true });
  const encoder = new TextEncoder();
  const report: Record<string, unknown> = {};
  for (const { name, file } of LOGS) {
    const { default: bare } = await import(file);
    const { default: instrumented } = await import(`${file}?instrumented`);
    const bounds = {
      disk: {},
      models: ["posix-ra"] as const,
      faults: true,
      syncs: true,
      forgets: bare.truncateFront !== undefined,
    };
    const shares: number[] = [];
    const rates: number[] = [];
    await inBatch(async (check) => {
      for (let round = 0; round < ROUNDS; round++) {
        const inputs: Input[] = [];
        const lane = new Lane(instrumented, {
          seed: round,
          lane: 0,
          lanes: 1,
          mode: "guided",
          bounds,
          probes,
          onInput: (input, run) => {
            inputs.push(input);
            sink.writeSync(encoder.encode(JSON.stringify({ kind: "run", run, input }) + "\n"));
          },
        });
        lane.check = check;
        let started = performance.now();
        while (lane.runs < RUNS) await lane.step();
        const campaign = lane.recoveries / (performance.now() - started);
        started = performance.now();
        let recoveries = 0;
        for (const input of inputs) {
          recoveries += (await check(bare, checkOptionsOf(input))).recoveries;
        }
        const search = recoveries / (performance.now() - started);
        // The first round warms up.
        if (round === 0) continue;
        shares.push(campaign / search);
        rates.push(campaign * 1000);
      }
    });
    report[name] = { share: rangeOf(shares), recoveriesPerSecond: rangeOf(rates) };
  }
  report["two processes against one"] = await measureJobs();
  console.log(JSON.stringify(report, undefined, 2));
}

/** How many times the recoveries of one process two of them make, on two processors. */
async function measureJobs(): Promise<unknown> {
  const times: number[] = [];
  for (let round = 0; round < JOB_ROUNDS; round++) {
    const [one, two] = [await recoveriesPerSecond(1, round), await recoveriesPerSecond(2, round)];
    times.push(two / one);
  }
  return rangeOf(times);
}

/** Recoveries of a campaign per second, once its processes have started. */
async function recoveriesPerSecond(jobs: number, seed: number): Promise<number> {
  const cwd = Deno.makeTempDirSync();
  const main = fromFileUrl(new URL("../main.ts", import.meta.url));
  const log = fromFileUrl(LOGS[1]!.file);
  const args = ["fuzz", log, "--time", "25s", "--json", "--no-canary"];
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", main, ...args, "--jobs", `${jobs}`, "--seed", `${seed}`],
    cwd,
  }).output();
  Deno.removeSync(cwd, { recursive: true });
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  const [first] = lines.filter(({ kind }) => kind === "standing");
  const last = lines.at(-1);
  return (last.recoveries - first.recoveries) / (last.seconds - first.seconds);
}

function rangeOf(values: readonly number[]): { median: number; lowest: number; highest: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const round = (value: number) => Number(value.toPrecision(3));
  return {
    median: round(sorted[Math.floor(sorted.length / 2)]!),
    lowest: round(sorted[0]!),
    highest: round(sorted.at(-1)!),
  };
}

if (import.meta.main) await measure();
