/**
 * How fast a campaign finds rare bugs: guided, plain random, and by exhaustive search.
 *
 * @module
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { formatResults, resultsOf } from "./results.ts";
import { type Way, WAYS } from "./seek.ts";
import { type BenchTask, type Done, doTasks } from "./tasks.ts";

interface Flags {
  readonly cap: number;
  readonly seeds: number;
  readonly rate: number;
  readonly jobs: number;
  readonly bugs?: readonly string[];
  readonly ways: readonly string[];
  readonly json?: true;
}

const isWay = (word: string): word is Way => (WAYS as readonly string[]).includes(word);

function number(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) {
    throw new InvalidArgumentError("expected a whole number");
  }
  return value;
}

/** Seed by seed over all bugs, so that an interrupted bench has something of each. */
function tasksOf(bugs: readonly string[], ways: readonly Way[], flags: Flags): BenchTask[] {
  const tasks: BenchTask[] = [];
  if (flags.rate > 0) {
    for (const bug of bugs) tasks.push({ kind: "rate", bug, seed: 1, runs: flags.rate });
  }
  for (let seed = 1; seed <= flags.seeds; seed++) {
    for (const way of ways) {
      // The exhaustive search draws nothing: all its seeds are one.
      if (way === "exhaustive" && seed > 1) continue;
      for (const bug of bugs) {
        tasks.push({ kind: "seek", bug, way, seed, capSeconds: flags.cap });
      }
    }
  }
  return tasks;
}

/** Runs the bench; returns the exit status. */
export async function bench(args: readonly string[]): Promise<number> {
  const flags: Flags = new Command("plugpull fuzz bench")
    .description(
      "seek planted bugs that random runs seldom show: guided, at random, and exhaustively",
    )
    .addOption(
      new Option("--cap <seconds>", "processor time per seed").argParser(number).default(60),
    )
    .addOption(new Option("--seeds <number>", "seeds of each bug").argParser(number).default(9))
    .addOption(
      new Option("--rate <runs>", "draw so many plain random runs of each bug and count the hits")
        .argParser(number).default(0),
    )
    .addOption(new Option("--jobs <number>", "processes").argParser(number).default(2))
    .option("--bugs <ids...>", "only these bugs")
    .addOption(new Option("--ways <ways...>", "only these ways").choices(WAYS).default([...WAYS]))
    .option("--json", "print one JSON object and nothing else")
    .parse([...args], { from: "user" }).opts();
  const { rareBugs } = await import("../../../scenarios/rare/rare_bugs.ts");
  const ids = rareBugs.map(({ id }) => id);
  const unknown = flags.bugs?.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    console.error(`Cannot find the bug "${unknown}", expected one of: ${ids.join(", ")}`);
    return 2;
  }
  const ways = flags.ways.filter(isWay);
  const tasks = tasksOf(flags.bugs ?? ids, ways, flags);
  const done: Done[] = [];
  await doTasks(tasks, {
    jobs: flags.jobs,
    onDone: (one) => {
      done.push(one);
      console.error(`${done.length}/${tasks.length} ${describe(one)}`);
    },
  });
  const results = resultsOf(done);
  const { cap, seeds } = flags;
  console.log(flags.json ? JSON.stringify({ cap, seeds, results }) : formatResults(results, ways));
  return 0;
}

function describe({ task, answer }: Done): string {
  if (!("found" in answer)) return `${task.bug}: ${answer.hits} of ${answer.drawn} plain runs`;
  const { found, runs, cpuSeconds } = answer;
  const { way, seed } = task as BenchTask & { kind: "seek" };
  return `${task.bug}, ${way}, seed ${seed}: ${found ? "found" : "not found"} in ${runs} runs, ${
    cpuSeconds.toFixed(1)
  } s`;
}

if (import.meta.main) Deno.exit(await bench(Deno.args));
