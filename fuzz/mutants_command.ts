import { dirname, fromFileUrl, relative, resolve } from "@std/path";
import {
  type BarrierSurvey,
  formatMutants,
  type Mutant,
  type MutantReport,
  type MutantResult,
  type Mutation,
} from "../mod.ts";
import {
  complain,
  type DiskFlags,
  paint,
  printJson,
  refuse,
  STATUS,
  taskOptions,
  watchOf,
} from "./options.ts";
import { runTask } from "./run_task.ts";

/** Options of `mutants`, as the command line hands them over. */
export interface MutantFlags extends DiskFlags {
  readonly only?: Mutation;
}

/** Changes the barriers of a module one by one; returns the exit status. */
export async function mutants(module: string, flags: MutantFlags): Promise<number> {
  const started = performance.now();
  const options = taskOptions(flags);
  const mutations = flags.only && [flags.only];
  const settled: MutantResult[] = [];
  let survey: BarrierSurvey | undefined;
  for (;;) {
    let current: { mutant: Mutant; since: number } | undefined;
    let report: MutantReport | undefined;
    const task = { kind: "mutants", module, options, mutations, survey, settled } as const;
    const ending = await runTask(task, watchOf(flags), (message) => {
      if (message.kind === "surveyed") survey = message.survey;
      if (message.kind === "mutating") {
        current = { mutant: message.mutant, since: performance.now() };
      }
      if (message.kind === "mutant") {
        settled.push(message.result);
        current = undefined;
      }
      if (message.kind === "mutated") report = message.report;
    });
    if (report !== undefined) {
      return show({ ...report, milliseconds: performance.now() - started }, module, flags);
    }
    if (ending.kind !== "failed") return giveUp(settled, module, flags);
    if (ending.status !== 3 || current === undefined) return refuse(ending, flags);
    // A mutant that hangs or ends its process has been noticed; the others go on without it.
    settled.push(brokenBy(ending.message, current));
  }
}

function brokenBy(
  reason: string,
  { mutant, since }: { readonly mutant: Mutant; readonly since: number },
): MutantResult {
  return {
    ...mutant,
    verdict: "noticed",
    workload: undefined,
    reason,
    complete: false,
    recoveries: 0,
    milliseconds: performance.now() - since,
  };
}

function show(report: MutantReport, module: string, flags: DiskFlags): number {
  const nameFile = namerFor(module);
  if (flags.json) {
    const { sites, mutants, ...rest } = report;
    printJson({
      ...rest,
      sites: sites.map((site) => ({ ...site, file: nameFile(site.file) })),
      mutants: mutants.map((mutant) => named(mutant, nameFile)),
    });
  } else console.log(formatMutants(report, { paint, nameFile }));
  const { verdict } = report.check;
  return verdict === "holds" ? statusOf(report.mutants) : STATUS[verdict];
}

/** Ends an interrupted run; what it has found is told. */
function giveUp(settled: readonly MutantResult[], module: string, flags: DiskFlags): number {
  const missing = settled.filter(isUnnoticed);
  complain(
    `Interrupted after ${settled.length} mutants, ${missing.length} of which were not noticed`,
  );
  const nameFile = namerFor(module);
  const mutants = settled.map((mutant) => named(mutant, nameFile));
  if (flags.json) printJson({ interrupted: true, mutants });
  return settled.some((mutant) => mutant.mutation === "dropped" && isUnnoticed(mutant)) ? 1 : 4;
}

function isUnnoticed({ verdict }: MutantResult): boolean {
  return verdict === "not-noticed" || verdict === "not-reached";
}

/** Of an unnoticed mutant the status tells only when it lacks a barrier: the others are hints. */
function statusOf(mutants: readonly MutantResult[]): number {
  const dropped = mutants.filter(({ mutation }) => mutation === "dropped");
  if (dropped.some(isUnnoticed)) return 1;
  const isMeasured = mutants.length > 0 && dropped.every(({ verdict }) => verdict === "noticed");
  return isMeasured ? 0 : 4;
}

function named(mutant: MutantResult, nameFile: (file: string) => string): MutantResult {
  return { ...mutant, site: { ...mutant.site, file: nameFile(mutant.site.file) } };
}

/** Names a source file from the working directory, or from that of the module, if it is in either. */
function namerFor(module: string): (file: string) => string {
  const path = module.startsWith("file:") ? fromFileUrl(module) : resolve(module);
  const bases = [Deno.cwd(), dirname(path)];
  return (file) => {
    if (!file.startsWith("file:")) return file;
    const from = bases.map((base) => relative(base, fromFileUrl(file)));
    return from.find((name) => !/^(\.\.|[A-Za-z]:|\/)/.test(name)) ?? fromFileUrl(file);
  };
}
