/**
 * Which workloads are simpler than a given one.
 *
 * METHOD. The candidates come in order, the boldest first: without whole lives, without runs of
 * commands (all, halves, quarters, single ones), with a simpler command in the place of a command, and
 * with smaller records. Whoever shrinks takes the first one that still shows what is sought, and asks
 * again; the end is reached when none does. Fast-check's own shrinking is of no use here: it cannot
 * turn a call that is killed into one that is not, nor callers at once into one after the other.
 *
 * @module
 */
import type { Call, Command, SingleCall, Workload } from "./workload.ts";

/** A record this long can be told from all others, whichever bytes of it are lost. */
const SMALLEST_BYTES = 8;

/**
 * The workloads that are one step simpler.
 *
 * @param workload The workload; its schedule is not looked at.
 * @returns Candidates, the boldest first. None has a schedule.
 */
export function* simplerWorkloads(workload: Workload): Generator<Workload> {
  for (const simpler of allSimpler(workload)) {
    // What shows without any command shows better with one.
    if (simpler.lives.some((life) => life.length > 0)) yield simpler;
  }
}

function* allSimpler({ name, lives }: Workload): Generator<Workload> {
  for (const fewer of withoutRuns(lives)) if (fewer.length > 0) yield { name, lives: fewer };
  for (const [i, life] of lives.entries()) {
    const withLife = (changed: readonly Command[]): Workload => ({
      name,
      lives: lives.with(i, changed),
    });
    for (const fewer of withoutRuns(life)) yield withLife(fewer);
    for (const [k, command] of life.entries()) {
      for (const simpler of simplerCommands(command)) {
        yield withLife([...life.slice(0, k), ...simpler, ...life.slice(k + 1)]);
      }
    }
  }
  yield* fewerLargerRecords({ name, lives });
  yield* smallerRecords({ name, lives });
}

/** With one command less, and records that go over the end of a sector all the sooner. */
function* fewerLargerRecords({ name, lives }: Workload): Generator<Workload> {
  for (const [i, life] of lives.entries()) {
    for (const k of life.keys()) {
      const fewer = lives.with(i, life.toSpliced(k, 1));
      for (const least of [300, 700]) {
        if (lengthsOf(fewer).every((length) => length >= least)) continue;
        const larger = (length: number) => Math.max(length, least);
        yield { name, lives: fewer.map((life) => life.map((one) => resized(one, larger))) };
      }
    }
  }
}

/**
 * How much there is to carry out: calls, kills and lives.
 *
 * @param workload The workload.
 * @returns The number of commands, each call of those made at once counted.
 */
export function commandCount({ lives }: Workload): number {
  const countOf = (command: Command): number => {
    switch (command.do) {
      case "burst":
        return command.bytes.length;
      case "concurrent":
        return command.callers.flat().length;
      case "killDuring":
        return command.calls.reduce((sum, call) => sum + countOf(call), 1);
      default:
        return 1;
    }
  };
  return lives.flat().reduce((sum, command) => sum + countOf(command), 0);
}

/** Without runs of items: all of them, then ever shorter runs, the last ones first. */
function* withoutRuns<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let run = items.length; run > 0; run >>= 1) {
    for (let end = items.length; end > 0; end -= run) {
      yield [...items.slice(0, Math.max(end - run, 0)), ...items.slice(end)];
    }
  }
}

/** What may stand in the place of a command. */
function* simplerCommands(command: Command): Generator<readonly Command[]> {
  switch (command.do) {
    case "truncateFront":
      if (command.count > 1) yield [{ ...command, count: 1 }];
      return;
    case "burst": {
      const { bytes, stagger } = command;
      yield bytes.map((bytes): SingleCall => ({ do: "append", bytes }));
      if (stagger > 0) yield [{ ...command, stagger: 0 }];
      for (const fewer of withoutRuns(bytes)) {
        if (fewer.length > 1) yield [{ ...command, bytes: fewer }];
      }
      return;
    }
    case "concurrent": {
      const { callers } = command;
      yield callers.flat();
      for (const fewer of withoutRuns(callers)) {
        if (fewer.length > 1) yield [{ ...command, callers: fewer }];
      }
      for (const [i, calls] of callers.entries()) {
        for (const fewer of withoutRuns(calls)) {
          if (fewer.length > 0) yield [{ ...command, callers: callers.with(i, fewer) }];
        }
      }
      return;
    }
    case "killDuring": {
      const { calls, ops } = command;
      yield calls;
      yield [...calls, { do: "kill" }];
      for (const fewer of withoutRuns(calls)) {
        if (fewer.length > 0) yield [{ ...command, calls: fewer }];
      }
      for (const [i, call] of calls.entries()) {
        for (const simpler of simplerCommands(call)) {
          yield [{
            ...command,
            calls: [...calls.slice(0, i), ...simpler as Call[], ...calls.slice(i + 1)],
          }];
        }
      }
      for (let fewer = 1; fewer < ops; fewer++) yield [{ ...command, ops: fewer }];
      return;
    }
  }
}

/** With smaller records: all of them at once, then one after the other. */
function* smallerRecords({ name, lives }: Workload): Generator<Workload> {
  const lengths = lengthsOf(lives);
  const withLengths = (next: (length: number, place: number) => number): Workload => {
    let place = 0;
    return { name, lives: lives.map((life) => life.map((one) => resized(one, shrunk))) };
    function shrunk(length: number): number {
      return next(length, place++);
    }
  };
  for (const most of [SMALLEST_BYTES, 24, 300, 600]) {
    if (lengths.some((length) => length > most)) {
      yield withLengths((length) => Math.min(length, most));
    }
  }
  for (const [place, length] of lengths.entries()) {
    for (const smaller of towards(length)) {
      yield withLengths((length, at) => at === place ? smaller : length);
    }
  }
}

/** Shorter lengths, the shortest first: each closer to the length by half of what is left. */
function* towards(length: number): Generator<number> {
  for (let gap = length - SMALLEST_BYTES; gap > 0; gap >>= 1) yield length - gap;
  // A shorter one looks like a special case; it is one only where no other length shows the same.
  if (length < SMALLEST_BYTES) yield SMALLEST_BYTES;
}

function lengthsOf(lives: Workload["lives"]): number[] {
  const lengths: number[] = [];
  for (const command of lives.flat()) {
    resized(command, (length) => {
      lengths.push(length);
      return length;
    });
  }
  return lengths;
}

/** The command with other lengths of its records. */
function resized<Some extends Command>(command: Some, next: (length: number) => number): Some {
  switch (command.do) {
    case "append":
      return { ...command, bytes: next(command.bytes) };
    case "burst":
      return { ...command, bytes: command.bytes.map(next) };
    case "concurrent": {
      const callers = command.callers.map((calls) => calls.map((call) => resized(call, next)));
      return { ...command, callers };
    }
    case "killDuring":
      return { ...command, calls: command.calls.map((call) => resized(call, next)) };
    default:
      return command;
  }
}
