import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { directoryOf, ended, plugpull, type Ran, start, TEMPORARY } from "./_run_plugpull.ts";

/** Each record is a name: a directory of which the name is durable before the record is acked. */
const log = ({ open = "sync(fs, dir);", append = "sync(fs, dir);", head = "" } = {}) =>
  `${head}
function sync(fs, path) {
  const directory = fs.open(path);
  directory.sync(); // the one barrier
  directory.close();
}
export default {
  name: "names",
  acks: "append",
  open(fs, dir) {
    ${open}
    return { fs, dir };
  },
  append({ fs, dir }, record) {
    fs.mkdir(dir + "/" + (1000 + fs.list(dir).length) + " " + record.toHex());
    ${append}
  },
  records: ({ fs, dir }) => fs.list(dir).map((name) => Uint8Array.fromHex(name.slice(5))),
};
`;

/** One file a record; what \`open\` does with a record that came without its bytes, \`broken\` says. */
const files = (broken: string) => `
function sync(fs, path) {
  const file = fs.open(path);
  file.sync(); // of a directory
  file.close();
}
export default {
  name: "files",
  acks: "append",
  open(fs, dir) {
    sync(fs, dir);
    const records = fs.list(dir).filter((name) => name !== "draft").map((name) => {
      const file = fs.open(dir + "/" + name);
      const record = new Uint8Array(file.size());
      file.read(record, 0);
      file.close();
      if (record.length === 0 || (record.length > 1 && record.every((byte) => byte === record[0]))) {
        ${broken}
      }
      return record;
    });
    return { fs, dir, records };
  },
  append({ fs, dir, records }, record) {
    if (record.length === 0) throw new Error("empty");
    const file = fs.open(dir + "/draft", { write: true, create: true, truncate: true });
    file.write(record, 0);
    file.sync(); // of a file
    file.close();
    fs.rename(dir + "/draft", dir + "/" + String(records.push(record)).padStart(4, "0"));
    sync(fs, dir);
  },
  records: ({ records }) => records,
};
`;

function mutants(text: string, ...args: string[]): Promise<Ran> {
  return plugpull(directoryOf({ "log.ts": text }), "mutants", "log.ts", ...args);
}

/** The one JSON object on stdout. */
// deno-lint-ignore no-explicit-any
function objectOf({ stdout }: Ran): any {
  assertEquals(stdout.trimEnd().split("\n").length, 1, stdout);
  return JSON.parse(stdout);
}

function lineOf(text: string, part: string): number {
  return text.split("\n").findIndex((line) => line.includes(part)) + 1;
}

Deno.test("mutants exits with 0 where every deleted barrier is noticed", async () => {
  const { status, stdout, stderr } = await mutants(log());
  assertEquals([status, stderr], [0, ""]);
  const line = lineOf(log(), "the one barrier");
  assertStringIncludes(stdout, `    noticed       fsync of a directory  log.ts:${line}:13\n`);
  assertStringIncludes(stdout, "The only barrier would be missed if it were deleted\n");
});

Deno.test("mutants exits with 1 where one is not noticed, and tells its line", async () => {
  const text = log({ append: "sync(fs, dir);\n    const again = fs.open(dir); again.sync();" });
  const { status, stdout, stderr } = await mutants(text, "--only", "dropped");
  assertEquals([status, stderr], [1, ""]);
  assertMatch(stdout, new RegExp(`NOT NOTICED .* log\\.ts:${lineOf(text, "again.sync()")}:39\n`));
  assertStringIncludes(stdout, "would not notice if this fsync were deleted");
  assert(!stdout.includes("delayed"), stdout);

  const ran = await mutants(text, "--json", "--sector", "4096");
  assertEquals([ran.status, ran.stderr], [1, ""]);
  const { check, sites, mutants: results } = objectOf(ran);
  assertEquals([check.verdict, check.sectorBytes], ["holds", 4096]);
  assertEquals(sites.map(({ file, call, on }: Record<string, string>) => [file, call, on]), [
    ["log.ts", "fsync", "directory"],
    ["log.ts", "fsync", "directory"],
  ]);
  assert(results.every(({ site }: { site: { file: string } }) => site.file === "log.ts"));
  assertEquals(results.length, 4);
});

Deno.test("mutants exits with the status of a log that does not hold by itself", async () => {
  const violating = await mutants(log({ append: "" }));
  assertEquals([violating.status, violating.stderr], [1, ""]);
  assertMatch(violating.stdout, /^violates {2}names[^]*No barrier was changed/);
  const broken = await mutants(log({ head: "let n = 0;", open: "if (n++ % 2) sync(fs, dir);" }));
  assertEquals([broken.status, broken.stderr], [3, ""]);
  assertMatch(
    broken.stdout,
    /^harness-broken {2}names[^]*not deterministic[^]*No barrier was changed/,
  );
  const unmeasured = await mutants(log(), "--budget", "0", "--json");
  assertEquals(unmeasured.status, 4);
  assertEquals(objectOf(unmeasured).mutants, []);
});

Deno.test("mutants exits with 2 where it is not understood, or the module is not a log", async () => {
  const wrong: [Promise<Ran>, string][] = [
    [mutants("export default 42;"), "open is not a function"],
    [mutants(log(), "--only", "moved"), "--only"],
    [mutants(log(), "--model", "fat"), "--model"],
    [plugpull(TEMPORARY, "mutants"), "missing required argument"],
    [plugpull(TEMPORARY, "mutants", "no.ts", "--json"), "no.ts"],
  ];
  for (const [ran, part] of wrong) {
    const { status, stderr } = await ran;
    assertEquals(status, 2, stderr);
    assertStringIncludes(stderr, part);
  }
  assertEquals(objectOf(await wrong.at(-1)![0]).status, 2);
});

Deno.test("mutants takes a mutant that hangs or ends its process for noticed, and goes on", async () => {
  const cases: [string, RegExp][] = [
    ["for (;;);", /^The log hangs: no run ended for 2 s in workload "/],
    ["Deno.exit(0);", /^The log called exit /],
  ];
  for (const [broken, reason] of cases) {
    const text = files(broken);
    const ran = await mutants(text, "--json", "--hang", "2", "--only", "dropped");
    assertEquals(ran.stderr, "");
    const { mutants: results } = objectOf(ran);
    const verdicts = results.map((
      { site, verdict }: { site: { line: number }; verdict: string },
    ) => [site.line, verdict]);
    assertEquals(verdicts, [
      [lineOf(text, "of a directory"), "noticed"],
      [lineOf(text, "of a file"), "noticed"],
    ]);
    assertMatch(results[1].reason, reason);
    assertEquals(ran.status, 0);
  }
});

Deno.test("mutants exits with 3 for a log that hangs by itself", async () => {
  const { status, stdout, stderr } = await mutants(log({ open: "for (;;);" }), "--hang", "1");
  assertEquals([status, stdout], [3, ""]);
  assertMatch(stderr, /^plugpull: The log hangs: no run ended for 1 s in workload "one record"\n$/);
});

Deno.test({
  name: "SIGINT ends mutants at once, and what was found is told",
  ignore: Deno.build.os === "windows",
  async fn() {
    const block = `
      Deno.writeTextFileSync("started", "");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);`;
    const cwd = directoryOf({ "log.ts": files(block) });
    const child = start(cwd, ["mutants", "log.ts", "--json"]);
    for (let i = 0; i < 1000; i++) {
      if ([...Deno.readDirSync(cwd)].some(({ name }) => name === "started")) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill("SIGINT");
    const ran = await ended(child);
    assertEquals(ran.status, 4);
    assertEquals(
      ran.stderr,
      "plugpull: Interrupted after 1 mutants, 0 of which were not noticed\n",
    );
    const { interrupted, mutants: results } = objectOf(ran);
    assertEquals([interrupted, results.length, results[0].verdict], [true, 1, "noticed"]);
  },
});
