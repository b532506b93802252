import type { StoreUnderTest } from "../../mod.ts";
import type { Input } from "./input.ts";
import { Journal, type Kept, tell } from "./journal.ts";

/** A command on a journal. */
type Command =
  /** Notes a run. */
  | { readonly note: number }
  /** Writes the journal anew, with what is in it. */
  | { readonly compact: true };

/** A run that no other is like. */
export function keptRun(number: number): Kept {
  const input: Input = {
    workload: { name: "campaign", lives: [[{ do: "append", bytes: number }]] },
    disk: { model: "posix-ra", sectorBytes: 512, staleTail: false },
    faults: "",
    depth: 1,
    recoveries: 16,
    seed: number,
  };
  return { input, run: number };
}

/** The journal of a campaign as a store of the runs that it notes; `sync` may be left out by mistake. */
export function journalStore(
  { name = "campaign journal", sync = (journal: Journal) => journal.sync() } = {},
): StoreUnderTest<Journal, Command, number[]> {
  return {
    name,
    acks: "sync",
    command: (number) => number % 4 === 0 ? { compact: true } : { note: number },
    model: {
      initial: [],
      next: (state, command) => "note" in command ? [...state, command.note] : state,
    },
    open: (fs, dir) => Journal.open(fs, dir),
    apply(journal, command) {
      if ("note" in command) return journal.append({ kind: "entry", entry: keptRun(command.note) });
      journal.replace(tell(journal.lines()));
    },
    sync,
    observe: runsIn,
    close: (journal) => journal.close(),
  };
}

function runsIn(journal: Journal): number[] {
  const { base, own } = tell(journal.lines());
  return [...base, ...own].map(({ run }) => run);
}
