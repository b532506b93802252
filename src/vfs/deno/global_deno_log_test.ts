/**
 * A library that uses the global `Deno`, under the harness: whoever opens the log puts the shim of
 * its process in the place of the global.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { checkLog } from "../../check/check_log.ts";
import type { CheckResult } from "../../check/check_result.ts";
import type { LogUnderTest } from "../../check/subject.ts";
import { appendSync, AsyncLog, type Mistakes, type OpenLog, openSync } from "./_global_deno_log.ts";
import { denoFs } from "./deno_fs.ts";
import { replaceDeno, restoreDeno } from "./replace_deno.ts";

const real = Deno;

function syncLog(mistakes: Mistakes): LogUnderTest<OpenLog> {
  return {
    name: "log on the global Deno",
    acks: "append",
    open: (_fs, directory) => openSync(directory, mistakes),
    append: (log, record) => appendSync(log, record),
    records: (log) => log.records,
  };
}

function asyncLog(mistakes: Mistakes): LogUnderTest<AsyncLog> {
  return {
    name: "log on the asynchronous calls of the global Deno",
    acks: "append",
    open: (_fs, directory) => AsyncLog.open(directory, mistakes),
    append: (log, record) => log.append(record),
    records: (log) => log.records,
    close: (log) => log.close(),
  };
}

/** Checks a log whose every process finds its own disk behind the global. */
async function checkOnGlobal<Log>(log: LogUnderTest<Log>): Promise<CheckResult> {
  const open: LogUnderTest<Log>["open"] = (fs, directory) => {
    // Of the process before, which may have been killed.
    restoreDeno();
    replaceDeno(denoFs(fs));
    return log.open(fs, directory);
  };
  try {
    return await checkLog({ ...log, open } as LogUnderTest);
  } finally {
    restoreDeno();
    assertStrictEquals(Deno, real);
  }
}

const SOUND: Readonly<Record<string, () => Promise<CheckResult>>> = {
  synchronous: () => checkOnGlobal(syncLog({})),
  asynchronous: () => checkOnGlobal(asyncLog({})),
};

for (const [name, check] of Object.entries(SOUND)) {
  Deno.test(`replaceDeno() lets a sound ${name} log on the global Deno hold`, async () => {
    const { verdict, workloads } = await check();
    assertEquals(verdict, "holds");
    const recoveries = workloads.reduce((sum, one) => sum + (one.exploration?.recoveries ?? 0), 0);
    assert(recoveries > 1_000, `Only ${recoveries} recoveries`);
  });
}

const BROKEN: Readonly<Record<string, () => Promise<CheckResult>>> = {
  "takes writeFile for durable": () => checkOnGlobal(syncLog({ noFileSync: true })),
  "does not sync its directory": () => checkOnGlobal(syncLog({ noDirectorySync: true })),
  "syncs through another file": () => checkOnGlobal(asyncLog({ syncsElsewhere: true })),
};

for (const [name, check] of Object.entries(BROKEN)) {
  Deno.test(`replaceDeno() finds out a log on the global Deno that ${name}`, async () => {
    const { verdict, workloads } = await check();
    assertEquals(verdict, "violates");
    const clauses = workloads.flatMap(({ counterexample }) => counterexample?.verdict.clause ?? []);
    assert(clauses.includes("acked record lost"), clauses.join());
  });
}
