import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { parseCounterexample, RealFileSystem } from "../mod.ts";
import { directoryOf, ended, plugpull, type Ran, start } from "./_run_plugpull.ts";
import { nameOf } from "./campaign/input.ts";
import { Journal, tell, type Told } from "./campaign/journal.ts";

const REFERENCE = fromFileUrl(new URL("../scenarios/reference_log.ts", import.meta.url));
const NAIVE = fromFileUrl(new URL("../scenarios/naive_log.ts", import.meta.url));

/** The JSON lines of a campaign. */
function linesOf({ stdout }: Ran): Record<string, unknown>[] {
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

// deno-lint-ignore no-explicit-any -- JSON
function endOf(ran: Ran): any {
  const last = linesOf(ran).at(-1);
  assertEquals(last?.kind, "end", ran.stdout + ran.stderr);
  return last;
}

/** What the only campaign of a directory has kept. */
function toldIn(cwd: string): Told {
  const campaigns = join(cwd, ".plugpull/campaigns");
  const [name] = [...Deno.readDirSync(campaigns)].map(({ name }) => name);
  using journal = Journal.open(new RealFileSystem(), join(campaigns, name!, "journal"));
  return tell(journal.lines());
}

/** Waits until the journal of a directory has grown by some records, for at most a minute. */
async function growth(cwd: string): Promise<void> {
  const before = journalBytes(cwd);
  for (let i = 0; i < 600; i++) {
    if (journalBytes(cwd) > before + 4_000) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Waited in vain for the campaign to keep something");
}

function journalBytes(cwd: string): number {
  try {
    const campaigns = join(cwd, ".plugpull/campaigns");
    const [{ name }] = [...Deno.readDirSync(campaigns)] as [Deno.DirEntry];
    const journal = join(campaigns, name, "journal");
    return [...Deno.readDirSync(journal)]
      .reduce((sum, { name }) => sum + Deno.statSync(join(journal, name)).size, 0);
  } catch {
    // Not begun yet.
    return 0;
  }
}

function namesIn(cwd: string): string[] {
  const { base, own } = toldIn(cwd);
  return [...base, ...own].map(({ input }) => nameOf(input)).toSorted();
}

Deno.test("a campaign repeats itself bit for bit, also where it was stopped in between", async () => {
  const run = (cwd: string, ...args: string[]) =>
    plugpull(cwd, "fuzz", REFERENCE, "--seed", "5", "--jobs", "2", "--json", ...args);
  const [a, b, c] = [directoryOf(), directoryOf(), directoryOf()];
  const [whole, again, half] = await Promise.all([
    run(a, "--runs", "120"),
    run(b, "--runs", "120"),
    run(c, "--runs", "50"),
  ]);
  // It knows its seed.
  const rest = await plugpull(
    c,
    "fuzz",
    REFERENCE,
    "--jobs",
    "2",
    "--json",
    "--runs",
    "120",
    "--resume",
  );
  const { digests, runs } = endOf(whole);
  assertEquals(runs, 120);
  assertEquals(endOf(again).digests, digests);
  assertEquals(endOf(rest).digests, digests);
  assert(JSON.stringify(endOf(half).digests) !== JSON.stringify(digests));
  assertEquals(namesIn(b), namesIn(a));
  assertEquals(namesIn(c), namesIn(a));
  assertEquals(new Set(namesIn(a)).size, namesIn(a).length);
});

Deno.test("two shards make the runs of one machine, where nothing is varied", async () => {
  const run = (cwd: string, ...args: string[]) =>
    plugpull(
      cwd,
      "fuzz",
      NAIVE,
      "--seed",
      "5",
      "--mode",
      "random",
      "--runs",
      "60",
      "--json",
      ...args,
    );
  const [one, left, right] = [directoryOf(), directoryOf(), directoryOf()];
  const ran = await Promise.all([
    run(one, "--jobs", "2"),
    run(left, "--jobs", "1", "--shard", "1/2"),
    run(right, "--jobs", "1", "--shard", "2/2"),
  ]);
  const [whole, first, second] = ran.map(endOf);
  assertEquals({ ...first.digests, ...second.digests }, whole.digests);
  assertEquals(first.runs + second.runs, whole.runs);
  assertEquals(first.recoveries + second.recoveries, whole.recoveries);
});

Deno.test("a campaign that is killed again and again loses seconds, and goes on", async () => {
  const cwd = directoryOf();
  let before: string[] = [];
  for (let times = 0; times < 5; times++) {
    const args = ["fuzz", REFERENCE, "--seed", "9", "--jobs", "2", "--time", "10m", "--json"];
    const child = start(cwd, times === 0 ? args : [...args, "--resume"]);
    await growth(cwd);
    // Somewhere between two of its writes, or in one.
    await new Promise((resolve) => setTimeout(resolve, 331 * times));
    child.kill("SIGKILL");
    await ended(child);
    // Its lanes end by themselves: nobody listens to them.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const now = namesIn(cwd);
    for (const name of before) assert(now.includes(name), "what was kept is gone");
    before = now;
  }
  assert(before.length > 10, `only ${before.length} runs were kept`);
  const last = await plugpull(
    cwd,
    "fuzz",
    REFERENCE,
    "--seed",
    "9",
    "--jobs",
    "2",
    "--time",
    "10m",
    "--runs",
    "1",
    "--json",
    "--resume",
  );
  assertEquals(endOf(last).findings, []);
});

Deno.test("a log that hangs or exits costs a run, is noted, and the campaign goes on", async () => {
  const tricky = `
import naive from ${JSON.stringify(NAIVE)};
let appends = 0;
export default {
  ...naive,
  name: "tricky log",
  open(fs, dir) { appends = 0; return naive.open(fs, dir); },
  append(log, record) {
    if (record.length === 3) while (true);
    if (record.length === 5) Deno.exit(0);
    return naive.append(log, record);
  },
};
`;
  const cwd = directoryOf({ "log.ts": tricky });
  const ran = await plugpull(
    cwd,
    "fuzz",
    "log.ts",
    "--seed",
    "1",
    "--jobs",
    "1",
    "--runs",
    "120",
    "--hang",
    "1",
    "--json",
  );
  const { incidents, runs, verdict } = endOf(ran);
  assertEquals([ran.status, verdict, runs], [1, "violates", 120]);
  const kinds = new Set(incidents.map(({ what }: { what: string }) => what));
  assertEquals([...kinds].toSorted(), ["died", "hung"]);
  const [hung] = incidents.filter(({ what }: { what: string }) => what === "hung");
  const again = await plugpull(cwd, "replay", hung.file, "--hang", "1");
  assertEquals(again.status, 3);
  assertStringIncludes(again.stderr, "The log hangs");
});

/** A log that ends its process, or hangs, on some records. */
function ending(when: string, how: string): string {
  return `
import reference from ${JSON.stringify(REFERENCE)};
export default {
  ...reference,
  append(log, record) {
    if (${when}) ${how};
    return reference.append(log, record);
  },
};
`;
}

Deno.test("a campaign repeats itself bit for bit, also where runs end their process", async () => {
  const log = ending("record.length > 4 && record.length < 9", "Deno.exit(7)");
  const [a, b] = [directoryOf({ "log.ts": log }), directoryOf({ "log.ts": log })];
  const run = (cwd: string, runs: string, ...args: string[]) =>
    plugpull(
      cwd,
      ...["fuzz", "log.ts", "--seed", "4", "--jobs", "1", "--json"],
      ...args,
      "--runs",
      runs,
    );
  const [whole] = await Promise.all([run(a, "70"), run(b, "40")]);
  const rest = endOf(await run(b, "70", "--resume"));
  const { digests, incidents, runs, corpus } = endOf(whole);
  assert(incidents.length > 1, `${incidents.length} runs have ended their process`);
  assertEquals([rest.digests, rest.runs, rest.corpus], [digests, runs, corpus]);
  assertEquals(namesIn(b), namesIn(a));
});

Deno.test("no process is left where a campaign is killed while its log hangs", async () => {
  const cwd = directoryOf({ "log.ts": ending("true", "for (;;);") });
  const child = start(cwd, ["fuzz", "log.ts", "--seed", "1", "--jobs", "1", "--hang", "60"]);
  let lanes: number[] = [];
  for (let i = 0; i < 300 && lanes.length === 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    lanes = childrenOf(child.pid);
  }
  // Long enough for it to hang: the first append of the first run does.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  child.kill("SIGKILL");
  await ended(child);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  assert(lanes.length > 0);
  assertEquals(lanes.filter(isAlive), []);
});

/** The processes that a process has started. */
function childrenOf(pid: number): number[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
  return text.trim() === "" ? [] : text.trim().split(" ").map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test("a campaign goes on past known findings, and fails when one comes back", async () => {
  const cwd = directoryOf();
  const fuzz = () =>
    plugpull(
      cwd,
      "fuzz",
      NAIVE,
      "--seed",
      "2",
      "--jobs",
      "1",
      "--runs",
      "60",
      "--no-canary",
      "--no-faults",
      "--json",
    );
  const first = endOf(await fuzz());
  assertEquals(first.verdict, "violates");
  const files: string[] = first.findings.map(({ file }: { file: string }) => file);
  for (const file of files) parseCounterexample(Deno.readTextFileSync(join(cwd, file)));
  // What is found again is nothing new, and needs no other file.
  const again = endOf(await fuzz());
  const causesOf = ({ findings }: { findings: { cause: string }[] }) =>
    findings.map(({ cause }) => cause).toSorted();
  assertEquals(causesOf(again), causesOf(first));
  assertEquals(again.reasons, [
    files.length === 1
      ? "1 earlier finding that still fails"
      : `${files.length} earlier findings that still fail`,
  ]);
  assertEquals([...Deno.readDirSync(join(cwd, ".plugpull/findings"))].length, files.length);
  assertEquals((await plugpull(cwd, "fuzz", "known", ...files)).status, 0);
  const second = await fuzz();
  assertEquals(
    new Set(endOf(second).findings.map(({ news }: { news: string }) => news)),
    new Set(["known"]),
  );
  assert(second.status !== 1, second.stdout);
  assertEquals((await plugpull(cwd, "fuzz", "known", "--fixed", files[0]!)).status, 0);
  const third = await fuzz();
  assertEquals(third.status, 1);
  assertStringIncludes(third.stdout, "came back");
});

Deno.test("a campaign that never saw what it should have seen says that it was dull", async () => {
  const log = `
import { sometimes } from ${JSON.stringify(import.meta.resolve("../mod.ts"))};
import reference from ${JSON.stringify(REFERENCE)};
export default {
  ...reference,
  append(log, record) {
    sometimes(record.length > 1e9, "a record is huge");
    return reference.append(log, record);
  },
};
`;
  const cwd = directoryOf({ "log.ts": log });
  const ran = await plugpull(cwd, "fuzz", "log.ts", "--seed", "1", "--runs", "20");
  assertEquals(ran.status, 4, ran.stderr);
  assertStringIncludes(ran.stdout, "it was dull: never reached");
  assertStringIncludes(ran.stdout, '"a record is huge"');
});

Deno.test("a campaign ends with one error where it cannot begin or go on", async () => {
  const cwd = directoryOf();
  const refused = async (part: string, ...args: string[]) => {
    const { status, stderr } = await plugpull(cwd, "fuzz", ...args);
    assertStringIncludes(stderr, part);
    assertEquals(status, 2, stderr);
  };
  await refused("there is no campaign", NAIVE, "--resume", "--runs", "1");
  await refused('--shard is "3/2"', NAIVE, "--shard", "3/2");
  await refused("Cannot load", "no.ts");
  assertEquals((await plugpull(cwd, "fuzz", NAIVE, "--runs", "2", "--seed", "1")).status, 1);
  await refused("its seed was 1, expected 2", NAIVE, "--resume", "--runs", "4", "--seed", "2");
  const running = start(cwd, ["fuzz", NAIVE, "--time", "1m", "--seed", "1"]);
  await growth(cwd);
  await refused("another campaign is under way", NAIVE, "--runs", "1");
  Deno.mkdirSync(join(cwd, "other"));
  await refused("another campaign is under way", "merge", "other");
  running.kill("SIGINT");
  const { stdout, status } = await ended(running);
  assertEquals(status, 1, stdout);
  assertStringIncludes(stdout, "interrupted");
  Deno.writeTextFileSync(join(cwd, ".plugpull/known.json"), "{");
  await refused("known.json", NAIVE, "--runs", "1");
  const readOnly = directoryOf();
  Deno.mkdirSync(join(readOnly, ".plugpull"));
  Deno.writeTextFileSync(join(readOnly, ".plugpull/campaigns"), "not a directory");
  const { status: other, stderr } = await plugpull(readOnly, "fuzz", NAIVE, "--runs", "1");
  assertEquals(other, 2);
  assertStringIncludes(stderr, "Cannot open the campaign");
});
