/**
 * What the README tells a reader to type is run here, and what it shows as output is compared. A
 * command is documented in a fenced `sh` block, with its exit status in a comment unless that is 0;
 * the next block, when it is `console`, is its output. The snippets of `ts` are doc tests of their own.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join, toFileUrl } from "@std/path";
import { RealFileSystem } from "./vfs/real_file_system.ts";
import { Wal } from "./wal/wal.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const README = Deno.readTextFileSync(join(ROOT, "README.md"));

/** A fenced block. */
interface Block {
  readonly language: string;
  readonly text: string;
}

/** A command line with what the README says about it. */
interface Documented {
  readonly args: readonly string[];
  readonly status: number;
  readonly output: string | undefined;
}

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const blocks: readonly Block[] = [...README.matchAll(/^```(.*)\n([^]*?)^```$/gm)]
  .map(([, language, text]) => ({ language: language!, text: text! }));

const documented: readonly Documented[] = blocks.flatMap(({ language, text }, i) => {
  if (language !== "sh") return [];
  const next = blocks[i + 1];
  const output = next?.language === "console" ? next.text : undefined;
  return text.trimEnd().split("\n").map((line) => ({ ...parse(line), output }));
});

function parse(line: string): { args: string[]; status: number } {
  const command = /^(?:npx -y deno@2\.9\.6|deno) task ([^#]+?)(?: +# exit status (\d)\b.*)?$/;
  const [, words, status] = command.exec(line) ?? [];
  if (words === undefined) throw new Error(`Cannot read the command "${line}" of the README`);
  return { args: words.split(" "), status: Number(status ?? 0) };
}

/** The tasks that `.ci/run` runs by itself, because they take long or run this test. */
const stepsOfCi = [
  ...Deno.readTextFileSync(join(ROOT, ".ci", "run")).matchAll(/^step \d+ (\w+)$/gm),
]
  .map(([, task]) => task!);

async function deno(...args: string[]): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { status: code, stdout: out!, stderr: err! };
}

/** The first snippet that contains some text, as a module that lies elsewhere. */
function snippetWith(text: string): string {
  const found = blocks.find((block) =>
    block.language.startsWith("ts") && block.text.includes(text)
  );
  assert(found !== undefined, `No snippet with "${text}"`);
  return found.text.replace('"./mod.ts"', `"${toFileUrl(join(ROOT, "mod.ts"))}"`);
}

/** The log that the README plugs in, as the module that it says to save. */
function myLog(): string {
  const lines = snippetWith("const myLog").trimEnd().split("\n");
  assertMatch(lines.at(-1)!, /^assertEquals\(/);
  return [...lines.slice(0, -1), "export default myLog;", ""].join("\n");
}

/** Numbers, and the name of a file that follows from its content, may change. The words may not. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/-[0-9a-f]{8}\.json/g, "-*.json").replaceAll(/\d[\d,.]*/g, "#").trimEnd();
}

/** What checks have found here before has lines of its own at the end. */
function withoutEarlier(text: string): string {
  return text.replaceAll(/\n(?:\n {2}(?:still fails|does not fit|fixed) .*)+/g, "");
}

/** Runs `body` with a directory that holds what the README calls `my_log.ts` and `my_data`. */
async function withFiles(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(join(dir, "my_log.ts"), myLog());
    Deno.mkdirSync(join(dir, "my_data", "log"), { recursive: true });
    const wal = Wal.open(new RealFileSystem(), join(dir, "my_data", "log"));
    wal.append(new TextEncoder().encode("set x=1"));
    wal.append(new TextEncoder().encode("set y=2"));
    wal.close();
    await body(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test("README.md says of each command how it ends, and what it prints", async () => {
  await withFiles(async (dir) => {
    let finding = "";
    for (const { args, status, output } of documented) {
      if (stepsOfCi.includes(args.join(" ")) && output === undefined) continue;
      const real = args.map((arg) => arg.startsWith("my_") ? join(dir, arg) : arg);
      const named = args.find((arg) => arg.startsWith(".plugpull/"));
      if (named !== undefined) assertEquals(named, finding, "The finding has another name now");
      const ran = await deno("task", "-q", ...real);
      const line = `deno task ${args.join(" ")}`;
      assertEquals(ran.status, status, `${line}\n${ran.stdout}${ran.stderr}`);
      finding = /deno task replay (\S+)/.exec(ran.stdout)?.[1] ?? finding;
      if (output === undefined) continue;
      const printed = withoutEarlier(ran.stdout).replaceAll(`${dir}/`, "");
      assertEquals(withoutNumbers(printed), withoutNumbers(output), line);
    }
  });
});

Deno.test("README.md names every task of the command line", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  for (const task of Object.keys(tasks)) assertStringIncludes(README, `deno task ${task}`);
});

Deno.test("README.md shows a log that violates without either of two lines", async () => {
  await withFiles(async (dir) => {
    const marked = [...myLog().matchAll(/^.*\/\/ without this line it violates: (.*)$/gm)];
    assertEquals(marked.length, 2);
    for (const [line, clause] of marked) {
      Deno.writeTextFileSync(join(dir, "my_log.ts"), myLog().replace(line, ""));
      const { status, stdout } = await deno("task", "-q", "check", join(dir, "my_log.ts"));
      assertEquals(status, 1, line);
      assertStringIncludes(stdout, clause!);
    }
  });
});

Deno.test("README.md shows a test that passes", async () => {
  await withFiles(async (dir) => {
    Deno.writeTextFileSync(join(dir, "my_log_test.ts"), snippetWith("crashTest(myLog)"));
    const { status, stdout } = await deno("test", "-A", "-c", "deno.json", dir);
    assertEquals(status, 0, stdout);
    assertStringIncludes(stdout, "1 passed");
  });
});
