/** What ends a process that has run out of memory or crashed: that comes of what it was asked. */
const KILLS_ITSELF: ReadonlySet<string> = new Set([
  "SIGABRT",
  "SIGBUS",
  "SIGILL",
  "SIGSEGV",
  "SIGTRAP",
]);

/** What a process is asked. */
export interface Question {
  /** The module of the log. */
  readonly module: string;
  /** What it reads from standard input. */
  readonly text: string;
  /** When it is ended. */
  readonly patienceMs: number;
  /** Aborted where nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Asks a module of this folder one thing, in a process of its own: a log that hangs or ends its process
 * takes nothing else along.
 *
 * @param script The module that is run.
 * @returns Its exit status, what it has written to standard output, and whether somebody else has
 * killed it: then it has not answered.
 */
export async function oneShot(
  script: string,
  { module, text, patienceMs, signal }: Question,
): Promise<{ code: number; stdout: string; isKilled: boolean }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", new URL(script, import.meta.url).href, module],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    signal,
  }).spawn();
  let isLate = false;
  const watchdog = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, patienceMs);
  const output = child.output();
  try {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // It has ended before it read all.
  }
  const { code, stdout, signal: killedBy } = await output;
  clearTimeout(watchdog);
  const isKilled = killedBy !== null && !isLate && !KILLS_ITSELF.has(killedBy);
  return { code, stdout: new TextDecoder().decode(stdout), isKilled };
}
