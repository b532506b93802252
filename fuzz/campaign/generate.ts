import type { Call, Command, SingleCall, Workload } from "../../mod.ts";
import type { Input } from "./input.ts";
import type { Random } from "./random.ts";
import { type Bounds, drawBytes, drawSwarm, type Swarm } from "./swarm.ts";

/** Lives after the first are short: what matters is that they begin with a recovery. */
const LATER_COMMANDS_MAX = 4;

/** Draws a run from nothing. */
export function drawInput(random: Random, bounds: Bounds): Input {
  const swarm = drawSwarm(random, bounds);
  const lives = Array.from(
    { length: random.between(1, swarm.livesMax) },
    (_, life) => drawLife(random, swarm, life === 0 ? swarm.commandsMax : LATER_COMMANDS_MAX),
  );
  return {
    workload: { name: "campaign", lives } satisfies Workload,
    disk: swarm.disk,
    faults: drawFaults(random, swarm.faults),
    depth: swarm.depth,
    recoveries: swarm.recoveries,
    seed: random.below(2 ** 31),
  };
}

function drawLife(random: Random, swarm: Swarm, commandsMax: number): Command[] {
  return Array.from({ length: random.scaled(commandsMax) }, () => drawCommand(random, swarm));
}

/** Draws one command. */
export function drawCommand(random: Random, swarm: Pick<Swarm, "commands" | "sizes">): Command {
  const { commands } = swarm;
  if (commands.length === 0 || random.oneIn(2)) return append(random, swarm);
  const kind = random.pick(commands);
  switch (kind) {
    case "append":
      return append(random, swarm);
    case "sync":
    case "reopen":
    case "kill":
      return { do: kind };
    case "truncateFront":
      return { do: kind, count: random.scaled(8) };
    case "burst": {
      const bytes = Array.from(
        { length: random.between(2, 3) },
        () => drawBytes(random, swarm.sizes),
      );
      return { do: kind, bytes, stagger: random.below(4) };
    }
    case "concurrent":
      return {
        do: kind,
        callers: [drawCalls(random, swarm), drawCalls(random, swarm)],
      };
    case "killDuring": {
      const calls: Call[] = [...drawCalls(random, swarm)];
      return { do: kind, calls, ops: random.scaled(8) };
    }
  }
}

function drawCalls(random: Random, swarm: Pick<Swarm, "commands" | "sizes">): SingleCall[] {
  return Array.from({ length: random.between(1, 2) }, () => {
    const single = swarm.commands.filter((kind) => kind === "sync" || kind === "truncateFront");
    if (single.length === 0 || random.oneIn(2)) return append(random, swarm);
    return random.pick(single) === "sync"
      ? { do: "sync" }
      : { do: "truncateFront", count: random.between(1, 2) };
  });
}

function append(random: Random, { sizes }: Pick<Swarm, "sizes">): SingleCall {
  return { do: "append", bytes: drawBytes(random, sizes) };
}

/** What may go wrong in a call, and how likely calls are named: most logs make these. */
const FAULTS = [
  ["write", "ENOSPC"],
  ["write", "ENOSPC"],
  ["write", "EIO"],
  ["write", "short 7"],
  ["barrier", "EIO"],
  ["barrier", "EIO"],
  ["barrier", "EIO"],
  ["open", "EIO"],
  ["rename", "EIO"],
  ["remove", "EIO"],
  ["truncate", "EIO"],
  ["read", "EIO"],
] as const;

/** Draws a fault plan with so many rules, as text. */
export function drawFaults(random: Random, count: number): string {
  return Array.from({ length: count }, () => drawFault(random)).join("; ");
}

function drawFault(random: Random): string {
  const [call, fault] = random.pick(FAULTS);
  return ruleOf(random, { call, fault, number: random.scaled(32) });
}

/** A call that a run makes in its first life. */
export interface MadeCall {
  /** Its name, as fault plans have it. */
  readonly call: string;
  /** Which of the calls of that name it is, from 1. */
  readonly number: number;
  /** The file that it is about: the same number for files that play the same role. */
  readonly role: number;
  /** The call before it. */
  readonly behind: string;
  /** Whether it failed, or was cut short. */
  fails?: true;
}

/**
 * Draws a rule that strikes. Where many calls are alike, as one write to a file behind the other, they are
 * together as likely to fail as the one that is not, as the first write behind an open.
 */
export function drawAimedFault(random: Random, calls: readonly MadeCall[]): string {
  const fitting = calls.filter(({ call }) => FAULTS.some(([kind]) => kind === call));
  if (fitting.length === 0) return drawFault(random);
  const alike = Map.groupBy(fitting, ({ call, role, behind }) => `${call} ${role} ${behind}`);
  const { call, number } = random.pick(random.pick([...alike.values()]));
  const [, fault] = random.pick(FAULTS.filter(([kind]) => kind === call));
  return ruleOf(random, { call, fault, number });
}

function ruleOf(
  random: Random,
  { call, fault, number }: {
    readonly call: string;
    readonly fault: string;
    readonly number: number;
  },
): string {
  const times = random.oneIn(4) ? ` ${random.between(2, 4)} times` : "";
  return `${call} ${number}${times}: ${fault}`;
}
