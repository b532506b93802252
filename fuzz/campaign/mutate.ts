/**
 * Small changes to a run that led somewhere new, in the hope that it leads further.
 *
 * @module
 */
import { appendsOf, type Command, type Workload } from "../../mod.ts";
import { drawAimedFault, drawCommand, drawFaults, drawInput, type MadeCall } from "./generate.ts";
import type { Input } from "./input.ts";
import type { Random } from "./random.ts";
import { type Bounds, drawBytes, drawSwarm, type SizeLaw } from "./swarm.ts";

/** What a run is varied with. */
export interface Sources {
  /** What the log can do, and what the user has settled. */
  readonly bounds: Bounds;
  /** Another run that led somewhere new. */
  readonly other: Input;
  /** Where the last write of the first life ended, by file offset; 0 where there was none. */
  readonly lastEnd: number;
  /** The calls of the first life. */
  readonly calls: readonly MadeCall[];
}

/** Longer workloads are cut: a run has to end. */
const COMMANDS_MAX = 100;
const LIVES_MAX = 6;
const BYTES_MAX = 16_384;
/** About what a log calls to recover, and to go on. */
const SOON = 32;

type Lives = Command[][];

/** Changes the commands of a run; may leave it as it is. */
type Mutation = (lives: Lives, random: Random, sources: Sources) => void;

/**
 * A run with a few changes. What is done is left alone every other time: a fault that is aimed at a
 * call would miss it, if there were more or fewer calls before it.
 */
export function mutated(input: Input, random: Random, sources: Sources): Input {
  const varied = { ...input, seed: random.below(2 ** 31) };
  if (random.oneIn(2)) return withOtherConditions(varied, random, sources);
  const workload = otherWorkload(input.workload, random, sources);
  const other = { ...varied, workload };
  return random.oneIn(4) ? withOtherConditions(other, random, sources) : other;
}

function otherWorkload(
  { name, lives: before }: Workload,
  random: Random,
  sources: Sources,
): Workload {
  const lives = before.map((life) => [...life]);
  // A single change keeps what was aligned as it is.
  const changes = random.oneIn(3) ? 1 : random.scaled(8);
  for (let i = 0; i < changes; i++) random.pick(MUTATIONS)(lives, random, sources);
  return { name, lives: cut(lives) };
}

function cut(lives: Lives): Lives {
  let left = COMMANDS_MAX;
  return lives.slice(0, LIVES_MAX).map((life) => {
    const kept = life.slice(0, left);
    left -= kept.length;
    return kept;
  });
}

/** The disk, the faults and the budget are drawn anew, each now and then. */
function withOtherConditions(input: Input, random: Random, sources: Sources): Input {
  const { bounds, other } = sources;
  const swarm = drawSwarm(random, bounds);
  switch (random.below(bounds.faults ? 9 : 3)) {
    case 0:
      return { ...input, disk: swarm.disk };
    case 1:
      return { ...input, depth: swarm.depth };
    case 2:
      return { ...input, recoveries: swarm.recoveries };
    case 3:
      return { ...input, faults: other.faults };
    default:
      return {
        ...input,
        faults: otherFaults(input.faults, random, sources),
        // The crash states were explored without the fault: where it matters, few of them may show it.
        recoveries: Math.min(input.recoveries, random.pick([4, 8, input.recoveries])),
      };
  }
}

/** A fault comes, goes, or strikes a little earlier or later. */
function otherFaults(faults: string, random: Random, { calls }: Sources): string {
  const aimed = () => drawAimedFault(random, calls);
  if (faults === "") return aimed();
  switch (random.below(6)) {
    case 0:
      return "";
    case 1:
      return drawFaults(random, random.between(1, 2));
    case 2:
      return faults.replace(
        /\d+/,
        (number) => `${Math.max(1, Number(number) + random.between(-2, 2))}`,
      );
    case 3:
      return aimed();
    default:
      // What an error leads to is seldom run, and where the next error hurts.
      return faults.includes(";")
        ? aimed()
        : `${faults}; ${drawAimedFault(random, behindFailure(calls))}`;
  }
}

/** The calls that come soon after one that has failed; all, where none has. */
function behindFailure(calls: readonly MadeCall[]): readonly MadeCall[] {
  const last = calls.findLastIndex(({ fails }) => fails);
  return last < 0 || last === calls.length - 1 ? calls : calls.slice(last + 1, last + 1 + SOON);
}

/** A life, and a place in it. */
function place(lives: Lives, random: Random): { life: Command[]; at: number } {
  const life = random.pick(lives);
  return { life, at: random.below(life.length + 1) };
}

/** A number of bytes that is near, or that fits where the last write ended. */
function otherBytes(bytes: number, random: Random, { lastEnd }: Sources): number {
  const near = (change: number) => Math.min(BYTES_MAX, Math.max(0, bytes + change));
  switch (random.below(7)) {
    case 0:
      return near(random.oneIn(2) ? 1 : -1);
    case 1:
      return near(random.between(-16, 16));
    case 2:
      return near(bytes);
    case 3:
      return bytes >> 1;
    case 4:
      return drawBytes(random, ["empty", "small", "any", "sectors", "large"] as SizeLaw[]);
    default: {
      const unit = drawUnit(random);
      const over = lastEnd % unit;
      return near(random.oneIn(2) ? unit - over : -over);
    }
  }
}

/** Sectors, blocks, and what logs take for pages and segments. */
const drawUnit = (random: Random) => random.pick([512, 4096, 1 << random.between(10, 14)]);

/** The last append of the first life decides where its last write ends. */
const alignLast: Mutation = ([first], random, { lastEnd }) => {
  const at = first!.findLastIndex((command) => command.do === "append");
  const command = first![at];
  if (command?.do !== "append") return;
  const unit = drawUnit(random);
  const over = lastEnd % unit;
  const bytes = command.bytes + (random.oneIn(2) ? -over : unit - over);
  first![at] = { do: "append", bytes: Math.min(BYTES_MAX, Math.max(0, bytes)) };
};

/** All records are forgotten, or all but one: what is empty is seldom thought of. */
const forgetAll: Mutation = (lives, random, { bounds }) => {
  if (!bounds.forgets) return;
  const { life, at } = place(lives, random);
  const here = life.findIndex((command, i) => i >= at && command.do === "truncateFront");
  const end = here < 0 ? life.length : here;
  const count = appendsOf({ name: "", lives: [life.slice(0, end)] }).length - random.below(2);
  if (count > 0) life.splice(end, here < 0 ? 0 : 1, { do: "truncateFront", count });
};

const MUTATIONS: readonly Mutation[] = [
  alignLast,
  forgetAll,
  // Another size.
  ...Array<Mutation>(3).fill((lives, random, sources) => {
    const { life, at } = place(lives, random);
    const command = life[at];
    if (command?.do === "append") {
      life[at] = { do: "append", bytes: otherBytes(command.bytes, random, sources) };
    }
    if (command?.do === "killDuring") {
      life[at] = { ...command, ops: Math.max(0, command.ops + random.between(-2, 2)) };
    }
    if (command?.do === "truncateFront") {
      life[at] = { do: "truncateFront", count: Math.max(1, command.count + random.between(-2, 2)) };
    }
  }),
  // One more command.
  ...Array<Mutation>(2).fill((lives, random, { bounds }) => {
    const { life, at } = place(lives, random);
    life.splice(at, 0, drawCommand(random, drawSwarm(random, bounds)));
  }),
  // Some fewer.
  (lives, random) => {
    const { life, at } = place(lives, random);
    life.splice(at, random.scaled(8));
  },
  // A stretch again, and again.
  (lives, random) => {
    const { life, at } = place(lives, random);
    const stretch = life.slice(at, at + random.scaled(8));
    for (let times = random.scaled(4); times > 0; times--) life.splice(at, 0, ...stretch);
  },
  // All of a life again: counters that overflow need many of everything.
  (lives, random) => {
    const { life } = place(lives, random);
    life.push(...life);
  },
  // The power goes in the middle.
  (lives, random) => {
    const number = random.below(lives.length);
    const at = random.below(lives[number]!.length + 1);
    lives.splice(number + 1, 0, lives[number]!.splice(at));
  },
  // The power does not go.
  (lives) => {
    if (lives.length > 1) lives.splice(0, 2, [...lives[0]!, ...lives[1]!]);
  },
  // Another life at the end.
  (lives, random, { bounds }) => {
    lives.push(drawInput(random, bounds).workload.lives.at(-1)!.slice(0, 4));
  },
  // The beginning of this, the end of another.
  (lives, random, { other }) => {
    const { life, at } = place(lives, random);
    const from = random.pick(other.workload.lives);
    life.splice(at, life.length, ...from.slice(random.below(from.length + 1)));
  },
  // The lives of another after these.
  (lives, _random, { other }) => {
    lives.push(...other.workload.lives.slice(1).map((life) => [...life]));
  },
];
