import type { Counterexample } from "../mod.ts";
import type { Refusal } from "./options.ts";
import { runTask, type Watch } from "./run_task.ts";

/** What a page is made of, and where it goes. */
export interface PageOrder {
  /** The finding. */
  readonly counterexample: Counterexample;
  /** The module of the log. */
  readonly module: string;
  /** Where the finding is kept. */
  readonly file: string | undefined;
  /** Where the page goes. */
  readonly out: string;
  /** How the log is watched. */
  readonly watch: Watch;
}

/**
 * Writes the HTML page of a finding.
 *
 * @param order What is wanted.
 * @returns Why there is no page, where there is none.
 */
export async function writePage(order: PageOrder): Promise<Refusal | undefined> {
  const { counterexample, module, file, out, watch } = order;
  let page: string | undefined;
  const task = { kind: "page", module, counterexample, file } as const;
  const ending = await runTask(task, watch, (message) => {
    if (message.kind === "page") page = message.page;
  });
  if (ending.kind === "failed") return ending;
  if (page === undefined) return { status: 4, message: "Interrupted before the page was written" };
  try {
    Deno.writeTextFileSync(out, page);
  } catch (error) {
    const reason = (error as Error).message.replace(/: writefile .*$/, "");
    return { status: 2, message: `Cannot write "${out}": ${reason}` };
  }
  return undefined;
}
