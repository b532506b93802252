/**
 * A terminal for tests: the command line on a real one, and what is left on its screen.
 *
 * @module
 */
import { MAIN } from "./_run_plugpull.ts";

/** How a command is run on a terminal. */
export interface TerminalOptions {
  /** The working directory. */
  readonly cwd: string;
  /** Assignments before the command, as `NO_COLOR=1`. Default: none. */
  readonly env?: string;
  /** How wide it is; 0 for a terminal that does not know. Default: 100. */
  readonly columns?: number;
  /** Keys are pressed when this text has been written. */
  readonly press?: { readonly after: string; readonly keys: string };
}

/** Whether there is a `script` that runs a command on a terminal of its own, as that of Linux does. */
export const hasTerminal: boolean = Deno.build.os === "linux" && runs("script", "-qec", "true");

function runs(command: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(command, { args: [...args, "/dev/null"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** What begins a control sequence, in a form that can be read and searched. */
const ESCAPE = "␛";

/** Runs the command line on a terminal; returns all that was written to it, with escapes as `␛`. */
export async function onTerminal(
  args: string,
  { cwd, env = "", columns = 100, press }: TerminalOptions,
): Promise<string> {
  const size = columns === 0 ? "" : `stty cols ${columns} rows 30;`;
  const environment = `env -u CI -u NO_COLOR TERM=xterm ${env}`;
  const command =
    `${size} ${environment} ${Deno.execPath()} run --quiet -A --no-lock ${MAIN} ${args}`;
  const child = new Deno.Command("script", {
    args: ["-qec", command, "/dev/null"],
    cwd,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  let [written, isPressed] = ["", press === undefined];
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    written += piece.replaceAll("\u001b", ESCAPE);
    if (isPressed || !written.includes(press!.after)) continue;
    isPressed = true;
    await keyboard.write(new TextEncoder().encode(press!.keys));
  }
  await keyboard.close().catch(() => {});
  await child.status;
  return written;
}

/**
 * What is on the screen after all that was written to it, without colours. Of what terminals can do it
 * knows what is used here, and refuses the rest.
 */
export function screenOf(written: string): string {
  const lines = [""];
  let column = 0;
  for (const [piece, control] of written.matchAll(/␛\[([?\d;]*[A-Za-z])|[^]/gu)) {
    const last = lines.length - 1;
    const line = lines[last]!;
    if (piece === "\n") lines.push("");
    else if (piece === "\r" || control === "1G" || control === "0G") column = 0;
    else if (control === "0K") lines[last] = line.slice(0, column);
    else if (control === undefined) {
      lines[last] = line.padEnd(column).slice(0, column) + piece + line.slice(column + 1);
      column++;
    } else if (!/^(\d+m|\?2026[hl])$/.test(control)) throw new Error(`Unknown: ${piece}`);
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}
