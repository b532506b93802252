/**
 * Runs logs under test away from the main thread, so that one that never returns can be stopped.
 *
 * @module
 */
import process from "node:process";
import { clearLine, cursorTo } from "node:readline";
import {
  checkLog,
  checkMutants,
  type CheckOptions,
  type CheckResult,
  type Counterexample,
  explainAll,
  type ExplainStep,
  formatProof,
  renderHtml,
  replayCounterexample,
  type UnderTest,
} from "../mod.ts";
import { divertConsole } from "./divert_output.ts";
import { InputError, loadSubject, requireLog } from "./load_subject.ts";
import { withRelativePlaces } from "./relative_places.ts";
import { SignsOfLife } from "./signs_of_life.ts";
import type {
  CheckTaskOptions,
  Message,
  MutantsTask,
  ReplayReport,
  Task,
  ZooVisit,
} from "./task.ts";

const scope = self as unknown as EventTarget & {
  onmessage: unknown;
  close: () => void;
  postMessage(message: Message): void;
};
const send = (message: Message) => scope.postMessage(message);

const life = new SignsOfLife(send);
const { onRun, onStart } = life;

/** Whether something has been found, and is being explained. */
let isExplaining = false;
/** What was rejected meanwhile, and is told once. */
const rejected = new Set<string>();

function complainOf(reason: string): void {
  rejected.add(reason);
  console.error(
    `plugpull: While the finding was explained, the log rejected a promise that nobody handles: ${reason}`,
  );
}

/** What a log does to the process that it runs in is told to the main thread, and not carried out. */
function contain(): void {
  const escape = (what: string): never => {
    send({ kind: "escaped", what });
    throw new Error(`The log ${what}`);
  };
  Deno.exit = () => escape("called exit");
  scope.close = () => escape("called close");
  scope.addEventListener("error", (event) => {
    event.preventDefault();
    const { message } = event as ErrorEvent;
    send({ kind: "escaped", what: `threw where nobody could catch it: ${message}` });
  });
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const { reason } = event as PromiseRejectionEvent;
    // What a killed process had begun fails, and nobody is left to handle that.
    if (reason?.code === "EBADF") return;
    // A finding counts for more: what one run of its explanation leaves behind ends only that run.
    if (isExplaining) {
      if (!rejected.has(String(reason))) complainOf(String(reason));
      return;
    }
    send({ kind: "escaped", what: `rejected a promise that nobody handles: ${reason}` });
  });
  const { error } = console;
  console.error = (...parts) => {
    // The main thread may have drawn its progress there.
    if (Deno.stderr.isTerminal()) {
      cursorTo(process.stderr, 0);
      clearLine(process.stderr, 1);
    }
    error(...parts);
  };
  divertConsole();
}

/** Lets promises that were rejected come to light before the last word is said. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

scope.onmessage = async ({ data }: MessageEvent<Task>) => {
  contain();
  try {
    const last = await carryOut(data);
    await settled();
    send(last);
  } catch (error) {
    const input = error instanceof InputError;
    const message = error instanceof Error ? error.message : String(error);
    send({ kind: "failed", status: input ? 2 : 3, message });
  }
};

/** Does what is asked; returns the last message. */
async function carryOut(task: Task): Promise<Message> {
  switch (task.kind) {
    case "check": {
      const subject = await loadSubject(task.module);
      await revisitAll(subject, task.earlier, "check");
      life.begin("check");
      const result = await check(subject, {
        ...checkOptions(task.options),
        module: task.module,
        onWorkload: (result) => send({ kind: "workload", result }),
      });
      isExplaining = result.violations.length > 0;
      return { kind: "checked", result: await explained(subject, result) };
    }
    case "fuzz":
      await revisitAll(requireLog(await loadSubject(task.module)), task.earlier, "fuzz");
      return { kind: "catalogued" };
    case "rerun": {
      const { module, options } = task;
      const result = await check(await loadSubject(module), { ...options, module });
      return { kind: "checked", result };
    }
    case "replay":
      return await replay(task);
    case "page":
      return await page(task);
    case "scenarios":
      return await runCatalogue(task.name);
    case "zoo":
      return await visitZoo(task);
    case "mutants":
      return await mutate(task);
  }
}

function check(subject: UnderTest, options: CheckOptions): Promise<CheckResult> {
  return refusing(() => checkLog(subject, { ...options, onRun, onStart }));
}

/** Tells which step of an explanation begins. */
function onStep({ doing, finding, of }: ExplainStep): void {
  life.begin(`explaining finding ${finding} of ${of}`, doing);
}

/** What a check has found, so that it can be understood, and is the same on every machine. */
async function explained(subject: UnderTest, result: CheckResult): Promise<CheckResult> {
  const { violations, ...rest } = await explainAll(subject, result, { onRun, onStep });
  return { ...rest, violations: violations.map(withRelativePlaces) };
}

/** Makes a call that refuses, with a `TypeError`, what is not a log. */
async function refusing<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TypeError) throw new InputError(error.message);
    throw error;
  }
}

function checkOptions({ recoveries, ...options }: CheckTaskOptions): CheckOptions {
  return { ...options, ...(recoveries !== undefined && { budget: { recoveries } }) };
}

async function replay({ counterexample, module }: Task & { kind: "replay" }): Promise<Message> {
  const subject = await loadSubject(module);
  return { kind: "replayed", report: await replayed(subject, counterexample) };
}

async function page({ counterexample, module, file }: Task & { kind: "page" }): Promise<Message> {
  const subject = await loadSubject(module);
  life.begin("drawing the page");
  const page = await refusing(() =>
    renderHtml(subject, counterexample, {
      ...(file !== undefined && { file }),
      onRun: () => onRun(counterexample.workload),
    })
  );
  return { kind: "page", page };
}

async function replayed(
  subject: UnderTest,
  counterexample: Counterexample,
): Promise<ReplayReport> {
  onRun(counterexample.workload);
  const { violation, sameTrace, misfit } = await refusing(
    () => replayCounterexample(subject, counterexample),
  );
  const { clause, message } = counterexample.verdict;
  return {
    violation: violation && `${violation.clause}: ${violation.message}`,
    same: violation?.clause === clause && violation.message === message,
    sameTrace,
    misfit,
  };
}

/** Replays all that earlier checks have found. */
async function revisitAll(
  subject: UnderTest,
  earlier: readonly Counterexample[],
  what: string,
): Promise<void> {
  for (const [index, counterexample] of earlier.entries()) {
    life.begin(what, `earlier finding ${index + 1} of ${earlier.length}`);
    send({ kind: "revisited", index, report: await revisit(subject, counterexample) });
  }
}

/** Replays what an earlier check has found. A log that cannot even be run is not fixed. */
async function revisit(
  subject: UnderTest,
  counterexample: Counterexample,
): Promise<ReplayReport> {
  try {
    return await replayed(subject, counterexample);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const violation = `cannot be run: ${(error as Error).message}`;
    return { violation, same: false, sameTrace: false, misfit: undefined };
  }
}

async function mutate(task: MutantsTask): Promise<Message> {
  const { options, mutations, survey, settled } = task;
  const subject = await loadSubject(task.module);
  let sites = survey?.sites ?? [];
  life.begin("mutants", "the log itself");
  const report = await refusing(() =>
    checkMutants(subject, {
      ...checkOptions(options),
      ...(mutations && { mutations }),
      ...(survey && { survey }),
      settled,
      onRun,
      onStart,
      onSurvey: (survey) => {
        sites = survey.sites;
        send({ kind: "surveyed", survey });
      },
      onMutant: (mutant) => {
        const number = sites.indexOf(mutant.site) + 1;
        life.begin("mutants", `barrier ${number} of ${sites.length}, ${mutant.mutation}`);
        send({ kind: "mutating", mutant });
      },
      onMutantResult: (result) => send({ kind: "mutant", result }),
    })
  );
  return { kind: "mutated", report };
}

async function runCatalogue(name: string | undefined): Promise<Message> {
  const path = "../scenarios/catalogue_tour.ts";
  const { namesOfScenarios, scenariosNamed, tourCatalogue } = await import(path);
  if (scenariosNamed(name).length === 0) {
    const names = namesOfScenarios().join(", ");
    throw new InputError(`Cannot find the scenario "${name}", expected one of: ${names}`);
  }
  const onVisit = (visit: string) => life.begin("scenarios", visit);
  for await (const stop of tourCatalogue(name, { onVisit, onRun, onStart, onStep })) {
    const { counterexample, details, ...row } = stop;
    const proof = counterexample && formatProof(withRelativePlaces(counterexample));
    send({ kind: "scenario", row: { ...row, proof: proof ?? details } });
  }
  return { kind: "catalogued" };
}

async function visitZoo({ id, model }: Task & { kind: "zoo" }): Promise<Message> {
  const path = "../scenarios/zoo/zoo_tour.ts";
  const { entriesNamed, visitZoo } = await import(path);
  if (entriesNamed(id).length === 0) {
    const ids = entriesNamed(undefined).map((entry: { id: string }) => entry.id).join(", ");
    throw new InputError(`Cannot find "${id}" in the zoo, expected one of: ${ids}`);
  }
  const onVisit = ({ entry, model, number, of }: ZooVisit) =>
    life.begin("zoo", `${number} of ${of}, ${entry.id} on ${model}`);
  for await (const stop of visitZoo({ id, model, onRun, onVisit, onStep })) {
    send({ kind: "zoo", stop });
  }
  return { kind: "catalogued" };
}
