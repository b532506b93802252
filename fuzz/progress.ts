/**
 * What a command is doing, on the last line of the terminal, until there is something to read.
 *
 * @module
 */
import process from "node:process";
// The best kept of its kind: it knows about CI, dumb terminals and lines that wrap.
import type { Ora } from "ora";
import pc from "picocolors";

/** Shows what is done. */
export interface Progress {
  /** Shows these words in the place of the last ones. */
  show(words: string): void;
  /** Takes them away, for good. */
  clear(): void;
}

type Terminal = typeof process.stderr;

/** Nobody looks. */
const NOWHERE: Progress = { show: () => {}, clear: () => {} };

/** How wide a terminal is that does not say so, as one without a window. */
const COLUMNS = 80;
/** What stands before the words, and the last column, in which some terminals break the line. */
const BESIDES = 3;

/**
 * Begins to show what is done, where somebody looks: not with `--json`, and not where standard error
 * is a pipe or a file.
 *
 * @param words The first words.
 * @param options Whether the output is for a program.
 * @returns What shows it; nothing is written until the library that draws it is loaded.
 */
export function startProgress(
  words: string,
  { json = false }: { readonly json?: boolean | undefined } = {},
): Progress {
  return json || !Deno.stderr.isTerminal() ? NOWHERE : new Line(words, process.stderr);
}

class Line implements Progress {
  readonly #terminal: Terminal;
  #words: string;
  #spinner: Ora | undefined;
  #isOver = false;

  constructor(words: string, terminal: Terminal) {
    this.#words = words;
    // Of a terminal of no width the library would clear infinitely many lines.
    this.#terminal = terminal.columns > 0
      ? terminal
      : Object.create(terminal, { columns: { value: COLUMNS } });
    import("ora").then(({ default: ora }) => {
      if (!this.#isOver) this.#start(ora);
    }, () => {/* A command goes on without it. */});
  }

  show(words: string): void {
    this.#words = words;
    if (this.#spinner !== undefined) this.#spinner.text = this.#cut();
  }

  clear(): void {
    this.#isOver = true;
    this.#spinner?.stop();
    this.#spinner = undefined;
  }

  #start(ora: typeof import("ora").default): void {
    const spinner = ora({
      text: this.#cut(),
      stream: this.#terminal,
      interval: INTERVAL_MS,
      color: pc.isColorSupported && "cyan",
      // To bring it back after a signal is to take signals from the command.
      hideCursor: false,
      discardStdin: false,
    });
    // Where it is not, as in CI, it would print a line instead.
    if (spinner.isEnabled) this.#spinner = spinner.start();
  }

  #cut(): string {
    const most = Math.max(this.#terminal.columns - BESIDES, 1);
    return this.#words.length > most ? `${this.#words.slice(0, most - 1)}…` : this.#words;
  }
}

/** How often the line is drawn, in milliseconds. */
const INTERVAL_MS = 100;
