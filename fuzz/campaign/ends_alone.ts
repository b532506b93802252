import type { Input } from "./input.ts";

/** A run on its own may take so many times as long as a log may be silent. */
const HANGS = 3;

/** How long a log is waited for, and until when. */
export interface Patience {
  /** How long it may be silent. */
  readonly hangMs: number;
  /** Aborted where nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Makes a run again, in a process of its own that does nothing else.
 *
 * @returns Whether it comes to its end.
 */
export async function endsAlone(
  input: Input,
  module: string,
  { hangMs, signal }: Patience,
): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", new URL("./rerun_process.ts", import.meta.url).href, module],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    signal,
  }).spawn();
  const watchdog = setTimeout(() => child.kill("SIGKILL"), HANGS * hangMs);
  try {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(input)));
    await writer.close();
  } catch {
    // It has ended before it read all.
  }
  const { code } = await child.status;
  clearTimeout(watchdog);
  return code === RERUN_ENDED;
}

/** The exit status of a run that came to its end: one that a log would not choose. */
export const RERUN_ENDED = 77;
