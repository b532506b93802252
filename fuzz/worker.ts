/**
 * Runs logs under test away from the main thread, so that one that never returns can be stopped.
 *
 * @module
 */
import fc from "fast-check";
import {
  checkLog,
  type CheckOptions,
  crashProperty,
  type LogUnderTest,
  replayCounterexample,
  type Workload,
} from "../mod.ts";
import type { CheckTaskOptions, FuzzTaskOptions, Message, Task } from "./task.ts";

/** A sign of life is sent at most this often, in milliseconds. */
const ALIVE_MS = 250;

/** An error in what the user gave: exit status 2. */
class InputError extends Error {}

const scope = self as unknown as { onmessage: unknown; postMessage(message: Message): void };
const send = (message: Message) => scope.postMessage(message);

let lastAlive = -Infinity;
const onRun = ({ name }: Workload) => {
  const now = performance.now();
  if (now - lastAlive < ALIVE_MS) return;
  lastAlive = now;
  send({ kind: "alive", workload: name });
};

scope.onmessage = async ({ data }: MessageEvent<Task>) => {
  try {
    await carryOut(data);
  } catch (error) {
    const input = error instanceof InputError;
    const message = error instanceof Error ? error.message : String(error);
    send({ kind: "failed", status: input ? 2 : 3, message });
  }
};

async function carryOut(task: Task): Promise<void> {
  switch (task.kind) {
    case "check": {
      const subject = await loadSubject(task.module);
      const result = await check(subject, {
        ...checkOptions(task.options),
        module: task.module,
        onWorkload: (result) => send({ kind: "workload", result }),
      });
      return send({ kind: "checked", result });
    }
    case "replay":
      return await replay(task);
    case "fuzz":
      return await fuzz(await loadSubject(task.module), task.module, task.options);
    case "scenarios":
      return await runCatalogue(task.name);
  }
}

async function check(subject: LogUnderTest, options: CheckOptions) {
  try {
    return await checkLog(subject, { ...options, onRun });
  } catch (error) {
    if (error instanceof TypeError) throw new InputError(error.message);
    throw error;
  }
}

function checkOptions({ recoveries, ...options }: CheckTaskOptions): CheckOptions {
  return { ...options, ...(recoveries !== undefined && { budget: { recoveries } }) };
}

async function loadSubject(module: string): Promise<LogUnderTest> {
  const url = new URL(module, `file://${Deno.cwd()}/`);
  let loaded: { default?: LogUnderTest };
  try {
    loaded = await import(url.href);
  } catch (error) {
    throw new InputError(`Cannot load "${module}": ${(error as Error).message}`);
  }
  if (loaded.default === undefined || loaded.default === null) {
    throw new InputError(`Cannot check "${module}": it has no default export, expected a log`);
  }
  return loaded.default;
}

async function replay(task: Task & { kind: "replay" }): Promise<void> {
  const { counterexample, module } = task;
  const { violation, sameTrace, misfit } = await replayCounterexample(
    await loadSubject(module),
    counterexample,
  );
  const { clause, message } = counterexample.verdict;
  send({
    kind: "replayed",
    report: {
      violation: violation && `${violation.clause}: ${violation.message}`,
      same: violation?.clause === clause && violation.message === message,
      sameTrace,
      misfit,
    },
  });
}

async function fuzz(
  subject: LogUnderTest,
  module: string,
  options: FuzzTaskOptions,
): Promise<void> {
  const { runs, timeMs, seed = 1, ...rest } = options;
  const checked = { ...checkOptions(rest), module, onRun };
  const details = await fc.check(crashProperty(subject, checked), {
    seed,
    numRuns: runs,
    ...(timeMs !== undefined && { interruptAfterTimeLimit: timeMs }),
  });
  const workload = details.counterexample?.[0];
  send({
    kind: "fuzzed",
    runs: details.numRuns,
    seed,
    result: workload && await check(subject, { ...checked, workloads: [workload] }),
  });
}

async function runCatalogue(name: string | undefined): Promise<void> {
  const path = "../scenarios/catalogue.ts";
  const { catalogue } = await import(path);
  const chosen = catalogue.filter((scenario: { name: string }) =>
    name === undefined || scenario.name === name || scenario.name.startsWith(`${name}/`)
  );
  if (chosen.length === 0) {
    const names = catalogue.map((scenario: { name: string }) => scenario.name).join(", ");
    throw new InputError(`Cannot find the scenario "${name}", expected one of: ${names}`);
  }
  for (const { name, log, workloads, expected } of chosen) {
    for (const [model, verdict] of Object.entries(expected)) {
      const options = { model, ...(workloads && { workloads }) } as CheckOptions;
      const result = await check(log(), options);
      send({
        kind: "scenario",
        row: {
          name,
          model: model as NonNullable<CheckOptions["model"]>,
          expected: verdict as typeof result.verdict,
          result,
        },
      });
    }
  }
  send({ kind: "catalogued" });
}
