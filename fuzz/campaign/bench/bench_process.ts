/**
 * A process of the bench: reads one task a line, looks for the bug, and answers with one line.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { installCoverage } from "../coverage.ts";
import type { BenchTask } from "./tasks.ts";

if (import.meta.main) {
  const rare = new URL("../../../scenarios/rare/", import.meta.url).href;
  const probes = installCoverage((url) => url.startsWith(rare));
  const { seek } = await import("./seek.ts");
  const { rateOf } = await import("./rate.ts");
  // Not a literal: the module must be loaded behind the instrumentation.
  const { rareBugs } = await import(`${rare}rare_bugs.ts`);
  for await (
    const line of createInterface({ input: Readable.fromWeb(Deno.stdin.readable as never) })
  ) {
    const task: BenchTask = JSON.parse(line);
    const bug = rareBugs.find(({ id }: { id: string }) => id === task.bug);
    const answer = task.kind === "rate"
      ? await rateOf(bug, task)
      : await seek(bug.log, { ...task, probes });
    console.log(JSON.stringify(answer));
  }
  Deno.exit(0);
}
