/**
 * What `plugging_in.md` tells a reader to do is done here, in its order and in a directory of its own. A
 * block of `ts` that begins with the name of a file is saved there, a block of `diff` changes the file
 * that was saved last, a command of `sh` is run, and a block of `console` behind it has lines of its
 * output, with `…` for those that are left out.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("..", import.meta.url);
const GUIDE = Deno.readTextFileSync(new URL("./plugging_in.md", import.meta.url));

const blocks = [...GUIDE.matchAll(/^```(\S+).*\n([^]*?)^```$/gm)]
  .map(([, language, text]) => ({ language: language!, text: text! }));

/** Where the reader is, and what has happened so far. */
interface Reader {
  readonly directory: string;
  saved: string;
  stdout: string;
}

/** Saves a module under the name in its first line. */
function save(reader: Reader, text: string): void {
  const name = /^\/\/ (my_\w+\.ts)\n/.exec(text)?.[1];
  assert(name !== undefined, `No name of a file in front of\n${text}`);
  reader.saved = `${reader.directory}/${name}`;
  const surface = JSON.stringify(new URL("mod.ts", ROOT).href);
  Deno.writeTextFileSync(reader.saved, text.replace('"./mod.ts"', surface));
}

/** Changes the module that was saved last, hunk by hunk. */
function change(reader: Reader, diff: string): void {
  let module = Deno.readTextFileSync(reader.saved);
  for (const hunk of diff.split(/^@@\n/m).slice(1)) {
    const lines = hunk.trimEnd().split("\n");
    const side = (other: string) =>
      lines.filter((line) => !line.startsWith(other)).map((line) => line.slice(1)).join("\n");
    assertStringIncludes(module, side("+"));
    module = module.replace(side("+"), () => side("-"));
  }
  Deno.writeTextFileSync(reader.saved, module);
}

/** Runs Deno in the reader's directory. */
async function deno(reader: Reader, ...args: string[]): Promise<number> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: reader.directory,
    env: { NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  reader.stdout = out!;
  if (code > 1) console.error(err);
  return code;
}

/** Runs the commands of a block, and compares how they end. */
async function run(reader: Reader, text: string): Promise<void> {
  for (const line of text.trimEnd().split("\n")) {
    const [, words, status] = /^deno task ([^#]+?)(?: +# exit status (\d))?$/.exec(line) ?? [];
    assert(words !== undefined, `Cannot read the command "${line}"`);
    const main = new URL("fuzz/main.ts", ROOT).href;
    const code = await deno(reader, "run", "--quiet", "-A", "--no-lock", main, ...words.split(" "));
    assertEquals(code, Number(status ?? 0), `${line}\n${reader.stdout}`);
  }
}

/** Every line of the block is part of the output, in the same order. Numbers may differ. */
function compare(reader: Reader, text: string): void {
  const plain = (some: string) => some.replaceAll(/\d[\d,.]*/g, "#");
  let rest = plain(reader.stdout);
  for (const line of text.trimEnd().split("\n").filter((line) => line !== "…")) {
    assertStringIncludes(rest, plain(line));
    rest = rest.slice(rest.indexOf(plain(line)) + plain(line).length);
  }
}

Deno.test("plugging_in.md does what it says, step by step", async () => {
  const reader: Reader = { directory: Deno.makeTempDirSync(), saved: "", stdout: "" };
  try {
    for (const { language, text } of blocks) {
      if (language === "ts") save(reader, text);
      else if (language === "diff") change(reader, text);
      else if (language === "sh") await run(reader, text);
      else if (language === "console") compare(reader, text);
      else throw new Error(`Nobody knows what to do with a block of "${language}"`);
    }
    assertStringIncludes(Deno.readTextFileSync(`${reader.directory}/my_page.html`), "<html");
    const config = new URL("deno.json", ROOT).pathname;
    assertEquals(await deno(reader, "test", "-A", "--config", config, "my_lines_test.ts"), 0);
    assertStringIncludes(reader.stdout, "1 passed");
    assertEquals(await deno(reader, "check", "--config", config, "."), 0);
  } finally {
    Deno.removeSync(reader.directory, { recursive: true });
  }
});
