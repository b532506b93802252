import { type Counterexample, parseCounterexample } from "../../mod.ts";
import type { Patience } from "./ends_alone.ts";

/** How often a log may be silent for so long before its explanation is given up. */
const HANGS = 12;

/**
 * Explains a finding in a process of its own.
 *
 * @param found The finding.
 * @param module The module of the log.
 * @param patience How long the log may be silent; an explanation runs it many times.
 * @returns The finding, smaller and with its blame; `undefined` where that did not work.
 */
export async function explainInProcess(
  found: Counterexample,
  module: string,
  { hangMs, signal }: Patience,
): Promise<Counterexample | undefined> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", new URL("./explain_process.ts", import.meta.url).href, module],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    signal,
  }).spawn();
  const watchdog = setTimeout(() => child.kill("SIGKILL"), HANGS * hangMs);
  try {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(found)));
    await writer.close();
    const { stdout, success } = await child.output();
    return success ? parseCounterexample(new TextDecoder().decode(stdout)) : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(watchdog);
  }
}
