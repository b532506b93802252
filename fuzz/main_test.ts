import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { directoryOf, ended, MAIN, plugpull, type Ran, start, TEMPORARY } from "./_run_plugpull.ts";

/** One file a record, in place whole before it is acked, if the last barrier is there. */
const logWith = (lastBarrier: string) => `
function sync(fs, path) {
  const file = fs.open(path);
  file.sync();
  file.close();
}
export default {
  name: "one file a record",
  acks: "append",
  open(fs, dir) {
    sync(fs, dir);
    const names = fs.list(dir).filter((name) => name.endsWith(".record"));
    const records = names.map((name) => {
      const file = fs.open(dir + "/" + name);
      const record = new Uint8Array(file.size());
      file.read(record, 0);
      file.close();
      return record;
    });
    return { fs, dir, records };
  },
  append({ fs, dir, records }, record) {
    const file = fs.open(dir + "/temporary", { write: true, create: true, truncate: true });
    file.write(record, 0);
    file.sync();
    file.close();
    const number = String(records.push(record)).padStart(4, "0");
    fs.rename(dir + "/temporary", dir + "/" + number + ".record");
    ${lastBarrier}
  },
  records: ({ records }) => records,
};
`;

const SOUND = logWith("sync(fs, dir);");
const BROKEN = logWith("");

/** A log that does what `open`, `append` and `records` say, and keeps nothing. */
function stub(methods: string, head = ""): string {
  return `${head}\nexport default { name: "stub", acks: "append", open: () => ({}), ` +
    `append() {}, records: () => [], ${methods} };\n`;
}

/** Runs one module that is called `log.ts`. */
function checkText(text: string, ...args: string[]): Promise<Ran> {
  return plugpull(directoryOf({ "log.ts": text }), "check", "log.ts", ...args);
}

/** The command ended with one error for a human, and nothing else. */
function assertRefused({ status, stdout, stderr }: Ran, expected: number, ...parts: string[]) {
  assertEquals(stdout, "");
  for (const part of parts) assertStringIncludes(stderr, part);
  assertEquals(stderr.match(/^(plugpull|error): /gm)?.length, 1, stderr);
  assertNoStackTrace(stderr);
  assertEquals(status, expected, stderr);
}

function assertNoStackTrace(text: string): void {
  assert(!/^ +at .*[^\d:]:\d+:\d+\)$/m.test(text) && !text.includes("Uncaught (in"), text);
}

/** The one JSON object on stdout. */
function objectOf({ stdout }: Ran): Record<string, unknown> {
  assertEquals(stdout.trimEnd().split("\n").length, 1, stdout);
  const value = JSON.parse(stdout);
  assert(typeof value === "object" && value !== null && !Array.isArray(value));
  return value;
}

function findingsIn(cwd: string): string[] {
  const directory = ".plugpull/findings";
  return [...Deno.readDirSync(`${cwd}/${directory}`)].map(({ name }) => `${directory}/${name}`)
    .toSorted();
}

/** Waits until a file is there. */
async function appearance(path: string): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    try {
      Deno.statSync(path);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  throw new Error(`Waited for "${path}" in vain`);
}

Deno.test("--help shows the options with examples, for every command", async () => {
  const commands = [["check"], ["replay"], ["dump"], ["scenarios"], ["fuzz"], []];
  for (
    const { status, stdout, stderr } of await Promise.all(
      commands.map((command) => plugpull(TEMPORARY, ...command, "--help")),
    )
  ) {
    assertEquals([status, stderr], [0, ""]);
    assertMatch(stdout, /^Usage: plugpull .*\n[^]*\nExamples:\n {2}deno task \w+/);
  }
});

Deno.test("check exits with 0 for a log that holds, and says what was covered", async () => {
  const { status, stdout, stderr } = await checkText(SOUND);
  assertEquals([status, stderr], [0, ""]);
  assertMatch(
    stdout,
    /^holds {2}one file a record {2}\(posix-ra, 512-byte sectors\)\n {2}all [\d,]+ /,
  );
});

Deno.test("check exits with 1 for a log that violates, and its finding replays", async () => {
  const cwd = directoryOf({ "log.ts": BROKEN });
  const checked = await plugpull(cwd, "check", "log.ts");
  assertEquals([checked.status, checked.stderr], [1, ""]);
  assertMatch(checked.stdout, /^violates {2}one file a record/);
  assertStringIncludes(checked.stdout, "However  acked record lost");
  const [, file] = /Replay {3}.* replay (\S+)/.exec(checked.stdout)!;
  const found = findingsIn(cwd);
  assert(found.includes(file!), found.join());

  const replayed = await plugpull(cwd, "replay", file!);
  assertEquals([replayed.status, replayed.stderr], [1, ""]);
  assertStringIncludes(replayed.stdout, "\nReplay   violates, as before\n");

  assertEquals((await plugpull(cwd, "check", "log.ts")).stdout.match(/replay (\S+)/)?.[1], file);
  assertEquals(findingsIn(cwd), found, "the same findings must have the same names");

  Deno.writeTextFileSync(`${cwd}/log.ts`, SOUND);
  const fixed = await plugpull(cwd, "replay", file!, "--json");
  assertEquals([fixed.status, fixed.stderr], [0, ""]);
  const { violation, sameTrace } = objectOf(fixed);
  assertEquals([violation, sameTrace], [undefined, false]);
});

Deno.test("check writes one finding for each cause, and replays it when it checks again", async () => {
  const cwd = directoryOf({ "log.ts": BROKEN });
  const first = await plugpull(cwd, "check", "log.ts", "--json");
  const { violations, workloads } = objectOf(first) as Record<string, { verdict: string }[]>;
  const broken = workloads!.filter(({ verdict }) => verdict === "violates").length;
  assert(broken > 10, `${broken}`);
  assertEquals(findingsIn(cwd).length, violations!.length);
  assert(violations!.length < 5, `${violations!.length}`);

  const [file] = findingsIn(cwd);
  const again = await plugpull(cwd, "check", "log.ts");
  assertStringIncludes(again.stdout, `\n  still fails   ${file}  `);
  assertEquals(findingsIn(cwd).length, violations!.length);

  // A finding of another log, and one that is damaged, are in nobody's way.
  const text = Deno.readTextFileSync(`${cwd}/${file}`);
  Deno.writeTextFileSync(`${cwd}/.plugpull/findings/cut.json`, text.slice(0, 99));
  Deno.writeTextFileSync(
    `${cwd}/.plugpull/findings/other.json`,
    text.replace('"module": "log.ts"', '"module": "other.ts"'),
  );
  Deno.writeTextFileSync(`${cwd}/log.ts`, SOUND);
  const fixed = await plugpull(cwd, "check", "log.ts");
  assertEquals(fixed.status, 0, fixed.stdout);
  assertStringIncludes(fixed.stdout, `\n  fixed         ${file}\n`);
  assert(!fixed.stdout.includes("other.json") && !fixed.stdout.includes("still fails"));
  assertMatch(
    fixed.stderr,
    /^plugpull: Skipped \S+cut\.json: Cannot read the counterexample: it is not JSON at line \d, column \d+: .*\n$/,
  );
  const { earlier } = objectOf(await plugpull(cwd, "check", "log.ts", "--json"));
  assertEquals((earlier as { state: string }[]).map(({ state }) => state)[0], "fixed");
});

Deno.test("check skips an earlier finding that would never end, and names file and field", async () => {
  const cwd = directoryOf({ "log.ts": BROKEN });
  await plugpull(cwd, "check", "log.ts");
  const [file] = findingsIn(cwd);
  const found = JSON.parse(Deno.readTextFileSync(`${cwd}/${file}`));
  found.workload.lives = [[{ do: "append", bytes: 1e9 }]];
  Deno.writeTextFileSync(`${cwd}/${file}`, JSON.stringify(found));
  const { status, stderr } = await plugpull(cwd, "check", "log.ts");
  assertEquals(status, 1);
  assertStringIncludes(stderr, `plugpull: Skipped ${file}: `);
  assertStringIncludes(stderr, "workload.lives.0.0.bytes is more than can be lived through again");
});

Deno.test("replay shows what a document would have a terminal obey", async () => {
  const cwd = directoryOf({ "log.ts": BROKEN });
  await plugpull(cwd, "check", "log.ts");
  const [file] = findingsIn(cwd);
  const found = JSON.parse(Deno.readTextFileSync(`${cwd}/${file}`));
  found.verdict.message = "gone \u001b[2J";
  found.subject.commands = ["set \u001b[1A"];
  Deno.writeTextFileSync(`${cwd}/${file}`, JSON.stringify(found));
  const { status, stdout, stderr } = await plugpull(cwd, "replay", file!);
  assertEquals([status, stderr], [1, ""]);
  assertStringIncludes(stdout, "gone \\u{1b}[2J");
  assertStringIncludes(stdout, "Replay   violates, but otherwise: acked record lost");
  assert(!stdout.includes("\u001b"), stdout);
});

Deno.test("check exits with 1 where it finds nothing and an earlier finding still fails", async () => {
  const cwd = directoryOf({ "log.ts": BROKEN });
  await plugpull(cwd, "check", "log.ts");
  const options = ["check", "log.ts", "--budget", "1"];
  const [blind, elsewhere] = await Promise.all([
    plugpull(cwd, ...options),
    plugpull(cwd, ...options, "--model", "xfs"),
  ]);
  assertMatch(blind.stdout, /^holds as far as searched/);
  assertMatch(
    blind.stderr,
    /^plugpull: Found nothing new, but an earlier finding still fails: \S+\n$/,
  );
  assertEquals(blind.status, 1);
  // On another disk it is another question.
  assertStringIncludes(elsewhere.stdout, "\n  still fails   ");
  assertEquals([elsewhere.status, elsewhere.stderr], [0, ""]);
});

Deno.test("check --github annotates the line that is to blame, or the module", async () => {
  const cwd = directoryOf({ "log.ts": BROKEN });
  const { status, stdout } = await plugpull(cwd, "check", "log.ts", "--github");
  assertEquals(status, 1);
  assertMatch(
    stdout,
    /^::error file=log\.ts,line=\d+,(col=\d+,)?title=one file a record%3A [^:]+::.+$/m,
  );
  const json = await plugpull(cwd, "check", "log.ts", "--github", "--json");
  objectOf(json);
  assertMatch(json.stderr, /^::error file=log\.ts,line=/m);
});

Deno.test("check makes calls fail where it is asked to, and says so", async () => {
  const careless = SOUND.replace(
    "file.write(record, 0);",
    "try { file.write(record, 0); } catch {}",
  );
  const directory = directoryOf({ "log.ts": SOUND, "careless.ts": careless });
  const [placed, planned, full] = await Promise.all([
    plugpull(directory, "check", "log.ts", "--call-faults", "1", "--budget", "300"),
    plugpull(directory, "check", "log.ts", "--faults", "write 1: short 1", "--budget", "300"),
    plugpull(directory, "check", "careless.ts", "--capacity", "4095", "--budget", "300"),
  ]);
  assertEquals([placed.status, planned.status, full.status], [1, 1, 1]);
  assertMatch(placed.stdout, /, with calls failing in [\d,]+ of [\d,]+ ways, /);
  assertMatch(planned.stdout, /with these faults:\n +! {2}write 1: short 1\n/);
  const [, file] = /Replay {3}.* replay (\S+)/.exec(planned.stdout)!;
  const replayed = await plugpull(directory, "replay", file!);
  assertEquals(replayed.status, 1, replayed.stdout);
  assertRefused(
    await plugpull(directory, "check", "log.ts", "--faults", "write 1: EFBIG"),
    2,
    'character 10 is "EFBIG", expected an error or "short"',
  );
});

Deno.test("check exits with 2 where the module is not a log", async () => {
  const wrong: [string, ...string[]][] = [
    [`export default { name: "x",`, `Cannot load "log.ts"`, "SyntaxError"],
    [`throw new Error("no key");`, `Cannot load "log.ts": no key`],
    [`export const log = {};`, `"log.ts": it has no default export`],
    [`export default 42;`, "open is not a function"],
    [stub('acks: "always"'), 'acks is "always"'],
  ];
  await Promise.all(wrong.map(async ([text, ...parts]) => {
    assertRefused(await checkText(text), 2, ...parts);
  }));
  assertRefused(await plugpull(TEMPORARY, "check", "no.ts"), 2, `Cannot load "no.ts"`, "not found");
  const cwd = directoryOf({ "log.ts": stub("open: 1") });
  assertRefused(await plugpull(cwd, "fuzz", "log.ts"), 2, "open is not a function");
});

Deno.test("the command line exits with 2 where it is not understood", async () => {
  const wrong: [string, string[]][] = [
    ["--model", ["check", "x.ts", "--model", "fat"]],
    ["--sector", ["check", "x.ts", "--sector", "1024"]],
    ["--budget", ["check", "x.ts", "--budget", "-1"]],
    ["--budget", ["check", "x.ts", "--budget", "99999999999999999999"]],
    ["--hang", ["check", "x.ts", "--hang", "0"]],
    ["--hang", ["check", "x.ts", "--hang", "9999999"]],
    ["--time", ["fuzz", "x.ts", "--time", "9999h"]],
    ["arguments", ["check", "x.ts", "y.ts"]],
    ["frobnicate", ["frobnicate"]],
  ];
  await Promise.all(wrong.map(async ([part, args]) => {
    assertRefused(await plugpull(TEMPORARY, ...args), 2, part);
  }));
  assertRefused(await plugpull(TEMPORARY, "scenarios", "nonesuch"), 2, `scenario "nonesuch"`);
  assertRefused(await plugpull(TEMPORARY, "dump", "nonesuch"), 2, `Cannot dump "nonesuch"`);
});

Deno.test("check exits with 3 for a log that hangs, and names the workload", async () => {
  const loop = "for (;;) { try { fs.stat(dir); } catch { /* again */ } }";
  const hanging: [string, string][] = [
    [stub("records() { while (true); }"), `in workload "one record"`],
    [stub(`open(fs, dir) { ${loop} }`), `in workload "one record"`],
    [
      stub("append(_log, { length }) { while (length === 700); }"),
      `in workload "records of several sectors"`,
    ],
    ["await new Promise(() => {});", "while it was loaded"],
  ];
  // All at once: most of the time is spent waiting.
  await Promise.all(hanging.map(async ([text, where]) => {
    const cwd = directoryOf({ "log.ts": text });
    const ran = await ended(start(cwd, ["check", "log.ts", "--hang", "4"]));
    assertRefused(ran, 3, `The log hangs: no run ended for 4 s ${where}`);
  }));
});

Deno.test("check exits with 3 for a log that gets out of its calls", async () => {
  const exit = `import process from "node:process";`;
  const escaping: [string, ...string[]][] = [
    [stub("open() { Deno.exit(0); }"), "The log called exit", `workload "one record"`],
    [stub("open() { process.exit(0); }", exit), "The log called exit"],
    [stub("open() { close(); }"), "The log called close"],
    ["Deno.exit(0);", "The log called exit (while it was loaded)"],
    [stub("open() { Promise.reject(new Error('lost')); }"), "nobody handles: Error: lost"],
  ];
  await Promise.all(escaping.map(async ([text, ...parts]) => {
    assertRefused(await checkText(text), 3, ...parts);
  }));
});

Deno.test("check exits with 3 for a log that waits for nothing, or throws in a timer", async () => {
  const later = "setTimeout(() => { throw new Error('late'); })";
  const cases: [string, RegExp][] = [
    ["open: () => new Promise(() => {})", /^harness-broken[^]*waits for something that never h/],
    [`open() { ${later}; return new Promise(() => {}); }`, /^harness-broken[^]*in a timer[^]*late/],
  ];
  await Promise.all(cases.map(async ([open, expected]) => {
    const { status, stdout, stderr } = await checkText(stub(open));
    assertEquals([status, stderr], [3, ""]);
    assertMatch(stdout, expected);
  }));
});

Deno.test("check exits with 3 for a log that is not deterministic", async () => {
  const { status, stdout, stderr } = await checkText(
    stub("open(fs, dir) { if (opened++ % 2) fs.mkdir(dir + '/d' + opened); }", "let opened = 0;"),
  );
  assertEquals([status, stderr], [3, ""]);
  assertMatch(stdout, /^harness-broken {2}stub[^]*not deterministic/);
});

Deno.test("check exits with 4 where nothing was measured", async () => {
  const broke = await checkText(SOUND, "--budget", "0");
  assertEquals([broke.status, broke.stderr], [4, ""]);
  assertStringIncludes(broke.stdout, "The budget ended before anything was shown");
  const mute = await checkText(stub("append() { throw new Error('full'); }"));
  assertEquals([mute.status, mute.stderr], [4, ""]);
  assertStringIncludes(mute.stdout, "acked no record");
});

Deno.test("--json prints one JSON object, whatever the log prints and however it ends", async () => {
  const chatty = logWith("console.log(1); console.table([2]); sync(fs, dir);");
  const cases: [number, Promise<Ran>][] = [
    [0, checkText(chatty, "--json", "--budget", "5")],
    [1, checkText(BROKEN, "--json")],
    [2, checkText("export default 42;", "--json")],
    [3, checkText(stub("open() { Deno.exit(0); }"), "--json")],
    [4, checkText(SOUND, "--json", "--budget", "0")],
    [0, plugpull(TEMPORARY, "check", "--json", "--budget", "9")],
    [0, plugpull(TEMPORARY, "scenarios", "zoo/5b", "--json")],
    [2, plugpull(TEMPORARY, "scenarios", "nonesuch", "--json")],
  ];
  for (const [status, running] of cases) {
    const ran = await running;
    objectOf(ran);
    assertEquals(ran.status, status, ran.stdout + ran.stderr);
    assertNoStackTrace(ran.stderr);
  }
  const { verdict, crashStates, files, violations } = objectOf(await cases[1]![1]);
  assertEquals(verdict, "violates");
  assertMatch(String(crashStates), /^\d+$/);
  assertEquals((files as string[]).length, (violations as unknown[]).length);
});

Deno.test("check takes a module by any path or URL", async () => {
  const cwd = directoryOf({ "a #1 %20 log.ts": SOUND });
  const url = new URL("../scenarios/reference_log.ts", import.meta.url).href;
  const runs = ["a #1 %20 log.ts", `${cwd}/a #1 %20 log.ts`, url].map((module) =>
    plugpull(cwd, "check", module, "--sector", "4096", "--budget", "5")
  );
  for (const { status, stderr } of await Promise.all(runs)) {
    assertEquals([status, stderr], [0, ""]);
  }
});

Deno.test("replay exits with 2 for a counterexample that cannot be used", async () => {
  const cwd = directoryOf({ "log.ts": BROKEN });
  await plugpull(cwd, "check", "log.ts", "--budget", "30");
  const text = Deno.readTextFileSync(`${cwd}/${findingsIn(cwd)[0]}`);
  const document = () => JSON.parse(text);
  const without = (change: (document: ReturnType<typeof JSON.parse>) => void) => {
    const changed = document();
    change(changed);
    return JSON.stringify(changed);
  };
  const damaged: [string, string][] = [
    ["JSON", text.slice(0, text.length / 2)],
    ["version is 2", without((it) => it.version = 2)],
    ["disk.model", without((it) => it.disk.model = "fat")],
    ["workload.lives.0.0.bytes", without((it) => it.workload.lives[0][0].bytes = -1)],
    ["subject.module", without((it) => delete it.subject.module)],
  ];
  for (const [part, text] of damaged) {
    Deno.writeTextFileSync(`${cwd}/damaged.json`, text);
    assertRefused(await plugpull(cwd, "replay", "damaged.json"), 2, "damaged.json: ", part);
  }
  Deno.removeSync(`${cwd}/log.ts`);
  Deno.writeTextFileSync(`${cwd}/whole.json`, text);
  assertRefused(await plugpull(cwd, "replay", "whole.json"), 2, `Cannot load "log.ts"`);
  Deno.writeTextFileSync(`${cwd}/log.ts`, "export default {};");
  assertRefused(await plugpull(cwd, "replay", "whole.json"), 2, "open is not a function");
  assertRefused(await plugpull(cwd, "replay", "no.json"), 2, `Cannot read "no.json": No such file`);
  assertRefused(await plugpull(cwd, "replay", "."), 2, `Cannot read "."`);
});

Deno.test("--html writes a page, and the exit status is as without", async () => {
  const cwd = directoryOf({ "log.ts": BROKEN });
  const checked = await plugpull(cwd, "check", "log.ts", "--html", "checked.html");
  assertEquals([checked.status, checked.stderr], [1, ""]);
  assertStringIncludes(checked.stdout, "\n  Page     checked.html\n");
  const [, file] = /Replay {3}.* replay (\S+)/.exec(checked.stdout)!;
  const page = Deno.readTextFileSync(`${cwd}/checked.html`);
  assertMatch(page, /^<!doctype html>[^]*one file a record[^]*<\/html>\n$/);
  assertStringIncludes(page, ` replay ${file}`);

  const replayed = await plugpull(cwd, "replay", file!, "--html", "replayed.html", "--json");
  assertEquals([replayed.status, objectOf(replayed)["html"]], [1, "replayed.html"]);
  assertEquals(Deno.readTextFileSync(`${cwd}/replayed.html`), page);

  const nowhere = ["--html", "no/page.html"];
  assertRefused(await plugpull(cwd, "replay", file!, ...nowhere), 2, `Cannot write "no/page.html"`);
  assertRefused(await plugpull(cwd, "check", "log.ts", ...nowhere), 2, "Cannot write");

  Deno.writeTextFileSync(`${cwd}/log.ts`, SOUND);
  const sound = await plugpull(cwd, "check", "log.ts", "--html", "sound.html");
  assertEquals(sound.status, 0);
  assertStringIncludes(sound.stdout, "no page was written");
});

Deno.test("check keeps its verdict where the findings cannot be written", async () => {
  const cwd = directoryOf({ "log.ts": BROKEN, ".plugpull": "in the way" });
  const blocked = await plugpull(cwd, "check", "log.ts");
  assertEquals(blocked.status, 1);
  assertMatch(blocked.stderr, /^plugpull: Cannot keep counterexamples in "\.plugpull.*\n$/);
  assertStringIncludes(blocked.stdout, "However  acked record lost");
  assert(!blocked.stdout.includes("  Replay   "), blocked.stdout);

  Deno.removeSync(`${cwd}/.plugpull`);
  await plugpull(cwd, "check", "log.ts");
  const found = findingsIn(cwd);
  for (const file of found) {
    Deno.removeSync(`${cwd}/${file}`);
    Deno.mkdirSync(`${cwd}/${file}/in the way`, { recursive: true });
  }
  const again = await plugpull(cwd, "check", "log.ts");
  assertEquals(again.status, 1);
  assertMatch(again.stderr, /^plugpull: Cannot keep counterexamples in .*\n$/);
  assertEquals(findingsIn(cwd), found, "no temporary file may stay behind");
});

Deno.test({
  name: "check says in a line that its output cannot be written",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const cwd = directoryOf({ "log.ts": SOUND });
    const script = `exec "$0" run -A --no-lock "$1" check log.ts --budget 1 > /dev/full`;
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", script, Deno.execPath(), MAIN],
      cwd,
    }).output();
    assertEquals(code, 3);
    assertMatch(new TextDecoder().decode(stderr), /^plugpull: .*No space left.*\n$/);
  },
});

Deno.test({
  name: "SIGINT ends a check at once, and what was found is kept",
  ignore: Deno.build.os === "windows",
  async fn() {
    const block = `
      if (record.length === 700) {
        Deno.writeTextFileSync("started", "");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
      }`;
    const slow = (text: string) => text.replace(/append\(\{.*\{/, `$&${block}`);
    for (const [text, status] of [[slow(SOUND), 4], [slow(BROKEN), 1]] as const) {
      const cwd = directoryOf({ "log.ts": text });
      const child = start(cwd, ["check", "log.ts", "--json"]);
      await appearance(`${cwd}/started`);
      child.kill("SIGINT");
      const ran = await ended(child);
      assertEquals(ran.status, status);
      const said = /^plugpull: Interrupted after (\d+) workloads, (\d+) of which violate$/m;
      const [, finished, violating] = said.exec(ran.stderr)!.map(Number);
      assert(finished! > 0);
      assertEquals(violating, status === 1 ? finished : 0);
      // One document for each cause: here, all workloads have the same.
      const kept = ran.stderr.match(/^plugpull: Found \.plugpull/gm)?.length ?? 0;
      assertEquals(kept, Math.min(violating!, 1));
      assertNoStackTrace(ran.stderr);
      assertEquals(objectOf(ran)["interrupted"], true);
    }
  },
});
