import { append, lives } from "./commands.ts";
import { compactLog } from "./compact_log.ts";
import { clockWhim, randomWhim, unfitLog } from "./unfit_log.ts";
import { everywhere, scattered, type ZooEntry } from "./zoo_entry.ts";

/** Mistakes 25 and 26: logs that cannot be judged, which is a finding of its own. */
export const unfitEntries: readonly ZooEntry[] = [
  {
    id: "25a",
    title: "recovery depends on the clock",
    rule: "Opening the same disk makes the same calls at any time of day.",
    expected: "harness-broken",
    // Where the size tells what the sectors hold, the two runs are seldom to be told apart.
    models: scattered,
    kill:
      "Append a record over several sectors and lose power: two runs on the same state read another " +
      "sector first.",
    shows: lives([append(2500)]),
    correct: "base-sync",
    log: () => unfitLog("25a depends on the clock", clockWhim),
  },
  {
    id: "25b",
    title: "recovery depends on randomness",
    rule: "Opening the same disk makes the same calls every time.",
    expected: "harness-broken",
    // Where the size tells what the sectors hold, the two runs are seldom to be told apart.
    models: scattered,
    kill:
      "Append a record over several sectors and lose power: two runs on the same state read another " +
      "sector first.",
    shows: lives([append(2500)]),
    correct: "base-sync",
    log: () => unfitLog("25b depends on randomness", randomWhim),
  },
  {
    id: "26",
    title: "recovery never ends",
    rule: "Opening ends, whatever is on the disk.",
    expected: "harness-broken",
    models: everywhere,
    kill: "Append one record of more than a page and lose power: the size of its first page " +
      "persists. Open reads the same bad frame for ever.",
    shows: lives([append(4090)]),
    sectorBytes: 4096,
    correct: "base-sync",
    log: () => compactLog("26 never ends", { acks: "sync", badFrame: "is read again" }),
  },
];
