import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import naive, { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
import { referenceLog } from "../../scenarios/reference_log.ts";
import { compactLog } from "../../scenarios/zoo/compact_log.ts";
import { countedLog } from "../../scenarios/zoo/counted_log.ts";
import { groupCommitLog } from "../../scenarios/zoo/group_commit_log.ts";
import { formatMutants } from "../report/format_mutants.ts";
import type { FileHandle, FileSystem } from "../vfs/file_system.ts";
import type { ShimmedFileSystem } from "../vfs/shimmed_file_system.ts";
import { type AsyncFileSystem, promised } from "../vfs/promised_file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { defaultWorkloads } from "./default_workloads.ts";
import { checkMutants, type MutantReport, type MutantResult } from "./mutants.ts";
import type { BarrierSite, Mutant, Mutation } from "./mutation.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";

/** The line of source that a site points to, and the one before it. */
function sourceOf({ file, line }: BarrierSite): { text: string; before: string } {
  const lines = Deno.readTextFileSync(new URL(file)).split("\n");
  return { text: lines[line - 1]!.trim(), before: lines[line - 2]!.trim() };
}

/** The call at the place that a site points to, column included. */
function calleeOf({ file, line, column }: BarrierSite): string {
  const text = Deno.readTextFileSync(new URL(file)).split("\n")[line - 1]!;
  return /^\w+/.exec(text.slice(column - 1))?.[0] ?? "";
}

function of({ mutants }: MutantReport, mutation: Mutation): MutantResult[] {
  return mutants.filter((mutant) => mutant.mutation === mutation);
}

function unnoticed(report: MutantReport, mutation: Mutation): string[] {
  assert(of(report, mutation).every(({ verdict }) => verdict !== "not-measured"));
  return of(report, mutation).filter(({ verdict }) => verdict !== "noticed")
    .map(({ site }) => sourceOf(site).text);
}

const one: Workload = {
  name: "one",
  lives: [[{ do: "append", bytes: 24 }, { do: "sync" }, { do: "append", bytes: 40 }]],
};
const two: Workload = {
  name: "two",
  lives: [[{ do: "append", bytes: 600 }, { do: "sync" }, { do: "append", bytes: 8 }], [
    { do: "append", bytes: 24 },
    { do: "sync" },
  ]],
};
/** Killed when a record has its name, which is not durable yet: what is shown then is owed. */
const killed = [4, 5].map((ops): Workload => ({
  name: `killed after op ${ops}`,
  lives: [[{ do: "killDuring", calls: [{ do: "append", bytes: 24 }], ops }]],
}));
const few = { workloads: [one, two, ...killed] };

/** A log that keeps each record in a file of its own; subclasses say how. */
class FilesLog {
  readonly names: string[] = [];
  constructor(readonly fs: FileSystem, readonly dir: string) {}

  path(number: number): string {
    return `${this.dir}/${String(number).padStart(4, "0")}`;
  }

  /** Shows whole files only: a record begins with its length. */
  read(): Uint8Array[] {
    return this.fs.list(this.dir).map((name) => {
      const file = this.fs.open(`${this.dir}/${name}`);
      const bytes = new Uint8Array(file.size());
      file.read(bytes, 0);
      file.close();
      return bytes;
    });
  }

  draft(record: Uint8Array): FileHandle {
    const file = this.fs.open(`${this.dir}/draft`, { write: true, create: true, truncate: true });
    file.write(record, 0);
    return file;
  }
}

/** Drops a draft that was never finished. */
function openFiles(fs: FileSystem, dir: string): FilesLog {
  if (fs.list(dir).includes("draft")) fs.remove(`${dir}/draft`);
  syncDirectory(fs, dir);
  return new FilesLog(fs, dir);
}

const twiceSynced: LogUnderTest<FilesLog> = {
  name: "synced twice",
  acks: "append",
  open: openFiles,
  append(log, record) {
    const number = log.read().length;
    const file = log.draft(record);
    file.sync();
    file.sync(); // superfluous
    file.close();
    log.fs.rename(`${log.dir}/draft`, log.path(number));
    syncDirectory(log.fs, log.dir);
  },
  records: (log) => log.read(),
};

const asynchronous: LogUnderTest<FilesLog> = {
  name: "asynchronous",
  acks: "append",
  async open(fs, dir) {
    await Promise.resolve();
    return openFiles(fs, dir);
  },
  async append(log, record) {
    const number = log.read().length;
    const file = log.draft(record);
    await Promise.resolve();
    file.sync(); // after an await
    await later(() => file.close());
    log.fs.rename(`${log.dir}/draft`, log.path(number));
    await later(() => syncDirectory(log.fs, log.dir)); // in a callback after an await
  },
  async *records(log) {
    for (const record of log.read()) yield await Promise.resolve(record);
  },
};

const promising: LogUnderTest<{ fs: AsyncFileSystem; log: FilesLog }> = {
  name: "on promised calls",
  acks: "append",
  async open(fs, dir) {
    const log = openFiles(fs, dir);
    await Promise.resolve();
    return { fs: promised(fs), log };
  },
  async append({ fs, log }, record) {
    const number = log.read().length;
    const options = { write: true, create: true, truncate: true, sync: true };
    const file = await fs.open(`${log.dir}/draft`, options); // synchronous
    await file.write(record, 0);
    await file.syncData(); // superfluous
    await file.close();
    await fs.rename(`${log.dir}/draft`, log.path(number));
    const directory = await fs.open(log.dir);
    await directory.sync(); // promised
    await directory.close();
  },
  records: ({ log }) => log.read(),
};

async function later(call: () => void): Promise<void> {
  await Promise.resolve();
  call();
}

Deno.test("checkMutants() misses every barrier of the compact log but two, which are not needed", async () => {
  const notNeeded = new Map([
    [
      "if (this.#rules.syncBeforeRotation) this.#file.sync();",
      "This log acks on append: each record has been synced before the segment is full",
    ],
    [
      "if (dead.length > 0) syncDirectory(this.#fs, this.#dir);",
      "A segment that comes back lies below the front, and open passes over it",
    ],
  ]);
  const report = await checkMutants(compactLog("compact"), { mutations: ["dropped"] });
  assertEquals(report.check.verdict, "holds");
  assertEquals(unnoticed(report, "dropped"), [...notNeeded.keys()]);
  assertEquals(
    of(report, "dropped").filter(({ verdict }) => verdict === "noticed").map(({ site }) =>
      sourceOf(site).text
    ),
    [
      'if (barrier === "fsync") this.#file.sync();',
      "if (durableName) syncDirectory(this.#fs, this.#dir);",
      "syncDirectory(this.#fs, this.#dir);",
      'if (syncShown || (torn && tail === "cut")) this.#file.sync();',
      "file.sync();",
      'syncDirectory(fs, path.slice(0, path.lastIndexOf("/")));',
    ],
  );
});

Deno.test("checkMutants() misses the barrier before a rotation where acks are on sync", async () => {
  const report = await checkMutants(compactLog("compact, acks on sync", { acks: "sync" }), {
    mutations: ["dropped"],
  });
  assertEquals(unnoticed(report, "dropped"), [
    "if (dead.length > 0) syncDirectory(this.#fs, this.#dir);",
  ]);
});

Deno.test("checkMutants() misses five of six barriers of the reference log", async () => {
  // Some of the default workloads, all those that close the log included: that is quicker.
  const workloads = defaultWorkloads.filter(({ name }) =>
    /^(one record|reopened|killed in the first append, after op 2|killed while .*, after op 2)$/
      .test(name)
  );
  assertEquals(workloads.length, 4);
  const ran = new Map<Mutant | undefined, Set<string>>();
  let current: Mutant | undefined;
  const report = await checkMutants(referenceLog(), {
    workloads,
    mutations: ["dropped"],
    onMutant: (mutant) => current = mutant,
    onRun: ({ name }) => ran.set(current, (ran.get(current) ?? new Set()).add(name)),
  });
  assertEquals(report.sites.length, 6);
  // The sixth is for telling damage from a torn tail, and no disk here damages anything.
  const [settle, ...others] = of(report, "dropped").filter(({ verdict }) => verdict !== "noticed");
  assertEquals(others, []);
  assertEquals(sourceOf(settle!.site), {
    text: "this.#file.syncData();",
    before: "settle(): void {",
  });
  assertEquals([settle!.verdict, settle!.complete], ["not-noticed", true]);
  const [, byWhich] = [...ran].find(([mutant]) => mutant?.site === settle!.site)!;
  assertEquals([...byWhich], ["reopened"], "no other workload comes by");
});

Deno.test("checkMutants() points to a superfluous fsync", async () => {
  const report = await checkMutants(twiceSynced, few);
  assertEquals(report.sites.map(({ call, on }) => `${call} of a ${on}`), [
    "fsync of a directory",
    "fsync of a file",
    "fsync of a file",
    "fsync of a directory",
  ]);
  // Either of the two may go, but not both: the other one is still there.
  assertEquals(unnoticed(report, "dropped"), ["file.sync();", "file.sync(); // superfluous"]);
  assertEquals(report.sites.map(calleeOf), ["syncDirectory", "sync", "sync", "syncDirectory"]);
});

Deno.test("checkMutants() finds the lines of a log that waits", async () => {
  const report = await checkMutants(asynchronous, few);
  assertEquals(report.sites.map((site) => sourceOf(site).text), [
    "syncDirectory(fs, dir);",
    "file.sync(); // after an await",
    "await later(() => syncDirectory(log.fs, log.dir)); // in a callback after an await",
  ]);
  assertEquals(unnoticed(report, "dropped"), []);
  const grouped = await checkMutants(groupCommitLog("group commit"), { mutations: ["dropped"] });
  assertEquals(grouped.sites.map(({ call }) => call), ["fsync", "fsync", "fdatasync"]);
  assertEquals(unnoticed(grouped, "dropped"), []);
});

Deno.test("checkMutants() finds the lines of promised calls, which take effect later", async () => {
  const report = await checkMutants(promising, few);
  assertEquals(report.check.reason, undefined);
  assertEquals(report.sites.map((site) => `${site.call}: ${sourceOf(site).text}`), [
    "fsync: syncDirectory(fs, dir);",
    "synchronous write: const file = await fs.open(`${log.dir}/draft`, options); // synchronous",
    "fdatasync: await file.syncData(); // superfluous",
    "fsync: await directory.sync(); // promised",
  ]);
  assertEquals(report.sites.map(calleeOf).slice(1), ["open", "syncData", "sync"]);
  assertEquals(unnoticed(report, "dropped"), [
    "const file = await fs.open(`${log.dir}/draft`, options); // synchronous",
    "await file.syncData(); // superfluous",
  ]);
});

Deno.test("checkMutants() takes synchronous writes for barriers", async () => {
  const log = compactLog("synchronous descriptor", { barrier: "synchronous descriptor" });
  const report = await checkMutants(log, { ...few, mutations: ["dropped", "delayed"] });
  const [site] = report.sites.filter(({ call }) => call === "synchronous write");
  assertStringIncludes(sourceOf(site!).text, "write: true, sync });");
  const mutants = report.mutants.filter((mutant) => mutant.site === site);
  assertEquals(mutants.map(({ mutation, verdict, reason }) => [mutation, verdict, reason]), [
    ["dropped", "noticed", "acked record lost"],
    ["delayed", "noticed", "acked record lost"],
  ]);
});

Deno.test("checkMutants() notices a delay where order matters, and only there", async () => {
  // Payload, barrier, count, barrier: with the first barrier late, the count may be alone.
  const report = await checkMutants(countedLog("counted", { files: 1 }), {
    mutations: ["delayed"],
  });
  const verdicts = of(report, "delayed").map(({ site, verdict, reason }) => [
    sourceOf(site).text,
    reason ?? verdict,
  ]);
  assertEquals(verdicts, [
    ["this.#head.sync();", "not-noticed"], // the next one follows at once
    ["syncDirectory(fs, dir);", "not-noticed"], // nothing is acked before the next one
    [
      'if (this.#barriers !== "both at the end") this.#payloads.sync();',
      "back from the dead",
    ],
    ['if (this.#barriers !== "payload only") this.#head.sync();', "acked record lost"],
  ]);
});

Deno.test("checkMutants() notices a mutant that cannot be judged", async () => {
  const log: LogUnderTest<FilesLog> = {
    ...twiceSynced,
    name: "waits for its bytes",
    append(log, record) {
      const file = log.draft(record);
      file.sync();
      file.close();
      log.fs.rename(`${log.dir}/draft`, log.path(log.read().length - 1));
      syncDirectory(log.fs, log.dir);
    },
    open(fs, dir) {
      const log = openFiles(fs, dir);
      // Never ends where a name has come without its bytes.
      for (const bytes of log.read()) {
        while (bytes.every((byte) => byte === bytes[0])) fs.stat(dir);
      }
      return log;
    },
  };
  const report = await checkMutants(log, { workloads: [one], budget: { steps: 2000 } });
  assertEquals(report.check.verdict, "holds");
  const [, file] = of(report, "dropped");
  assertEquals(calleeOf(file!.site), "sync");
  assertEquals(file!.verdict, "noticed");
  assertMatch(file!.reason!, /file-system calls/);
});

Deno.test("checkMutants() leaves a log alone that does not hold by itself", async () => {
  const report = await checkMutants(naive);
  assertEquals([report.check.verdict, report.mutants.length], ["violates", 0]);
  const text = formatMutants(report);
  assertMatch(text, /^violates {2}naive log/);
  assertStringIncludes(text, "No barrier was changed");
  const broken = await checkMutants(naiveLog(allFixes), { ...few, budget: { recoveries: 0 } });
  assertEquals([broken.check.verdict, broken.mutants.length], ["not-measured", 0]);
  await assertRejects(
    () => checkMutants({ name: "none" } as unknown as LogUnderTest),
    TypeError,
    "open is not a function",
  );
});

Deno.test("checkMutants() calls the methods of a log on the log", async () => {
  class Subject implements LogUnderTest<FilesLog> {
    readonly name = "with private state";
    readonly acks = "append";
    readonly #inner = twiceSynced;
    open(fs: ShimmedFileSystem, dir: string) {
      return this.#inner.open(fs, dir);
    }
    append(log: FilesLog, record: Uint8Array) {
      return this.#inner.append(log, record);
    }
    records(log: FilesLog) {
      return this.#inner.records(log);
    }
  }
  const report = await checkMutants(Object.freeze(new Subject()), few);
  assertEquals(report.check.verdict, "holds");
  assertEquals(of(report, "dropped").length, 4);
});

Deno.test("checkMutants() goes on where an earlier run ended", async () => {
  const whole = await checkMutants(twiceSynced, few);
  const settled = whole.mutants.slice(0, 3).map((result): MutantResult => ({
    ...result,
    verdict: "noticed",
    reason: "it hangs",
  }));
  const begun: string[] = [];
  const { check, sites } = whole;
  const rest = await checkMutants(twiceSynced, {
    ...few,
    survey: { check: { ...check, name: "as before", complete: false }, sites },
    settled,
    onSurvey: () => begun.push("survey"),
    onMutant: ({ mutation, site }) => begun.push(`${mutation} ${sourceOf(site).text}`),
  });
  assertEquals(rest.mutants.slice(0, 3), settled);
  assertEquals(rest.check.name, "as before");
  const outcome = (
    { verdict, workload, recoveries }: MutantResult,
  ) => [verdict, workload, recoveries];
  assertEquals(rest.mutants.slice(3).map(outcome), whole.mutants.slice(3).map(outcome));
  // The log itself was not covered, so neither are its mutants, where they run the same.
  assert(whole.mutants.some(({ complete }) => complete));
  assert(rest.mutants.slice(3).every(({ complete }) => !complete));
  assertEquals(begun.length, whole.mutants.length - 3);
  assertEquals(begun[0], "dropped syncDirectory(log.fs, log.dir);");
});

Deno.test("formatMutants() tells what would be missed, and claims no more", async () => {
  const report = await checkMutants(twiceSynced, few);
  const text = formatMutants(report, { nameFile: (file) => file.slice(file.lastIndexOf("/") + 1) });
  const [, site] = report.sites;
  assertMatch(
    text,
    /^mutants of synced twice {2}\(posix-ra, 512-byte sectors\)\n {2}the log itself holds: all .*recoveries, [\d,]+ ms\n/,
  );
  assertStringIncludes(
    text,
    `NOT NOTICED   fsync                 mutants_test.ts:${site!.line}:10\n`,
  );
  assertMatch(
    text,
    /your workloads would not notice if this fsync were deleted \([\d,]+ recoveries, /,
  );
  assertMatch(text, /acked record lost, in "killed after op 5" \(\d+ recoveries, \d+ ms\)/);
  assertStringIncludes(text, "2 of 4 barriers would be missed if they were deleted\n");
  assertStringIncludes(text, "this fsync were an fdatasync");
  // Each workload appends and syncs in its first life; nobody misses the second of the two barriers.
  assertMatch(text, /\n {18}\d\.\d per record over these workloads\n/);
  assertMatch(
    text,
    /\n {18}\d\.\d per record over these workloads: what this fsync costs, perhaps/,
  );
  assert(report.sites.every(({ perRecord }) => perRecord !== undefined && perRecord >= 0));
  assertStringIncludes(
    text,
    "This is evidence over 4 workloads and the model posix-ra, not a proof",
  );
  const partial = await checkMutants(twiceSynced, { ...few, budget: { recoveries: 5 } });
  assertStringIncludes(formatMutants(partial), "as far as searched");
});
