import type { Command, Workload } from "../../../mod.ts";

/** What a log that cannot forget is asked for: a record within a sector, one of several, and the rest. */
const COMMANDS: readonly Command[] = [
  { do: "append", bytes: 24 },
  { do: "append", bytes: 700 },
  { do: "sync" },
  { do: "reopen" },
  { do: "kill" },
];

/**
 * All workloads of one command, then all of two, and so on: of each length first those of one life,
 * then those with a power loss in between, ever later. Never ends.
 */
export function* smallWorkloads({ forgets }: { readonly forgets: boolean }): Generator<Workload> {
  const alphabet: readonly Command[] = forgets
    ? [...COMMANDS, { do: "truncateFront", count: 1 }]
    : COMMANDS;
  for (let length = 1;; length++) {
    for (const commands of sequences(alphabet, length)) {
      const name = `small, ${length} commands`;
      yield { name, lives: [commands] };
      for (let at = 1; at < length; at++) {
        yield { name, lives: [commands.slice(0, at), commands.slice(at)] };
      }
    }
  }
}

/** All sequences of a length, in the order of the alphabet. */
function* sequences(alphabet: readonly Command[], length: number): Generator<readonly Command[]> {
  if (length === 0) return yield [];
  for (const start of sequences(alphabet, length - 1)) {
    for (const command of alphabet) yield [...start, command];
  }
}
