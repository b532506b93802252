/**
 * What the workflow and the manifests call plugpull with is what it understands.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const FILES = [
  ".github/workflows/nightly.yml",
  "deploy/kubernetes/campaign.yaml",
  "deploy/kubernetes/merge.yaml",
];

/** A call of plugpull in a script: its command and its flags. */
interface Call {
  readonly command: string;
  readonly flags: readonly string[];
}

/** The calls in a file; a line that ends with a backslash goes on in the next one. */
function callsIn(text: string): Call[] {
  return text.replaceAll(/\\\n\s*/g, "").split("\n").flatMap((line) => {
    const [, words] = /fuzz\/main\.ts"? (fuzz .*)$/.exec(line) ?? [];
    if (words === undefined) return [];
    const command = words.startsWith("fuzz merge ") ? "fuzz merge" : "fuzz";
    return [{ command, flags: words.match(/--[a-z-]+/g) ?? [] }];
  });
}

/** What a command says of itself. */
function helpOf(command: string): string {
  const { stdout } = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "fuzz/main.ts", ...command.split(" "), "--help"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).outputSync();
  return new TextDecoder().decode(stdout);
}

Deno.test("the workflow and the manifests give no flag that there is not", () => {
  const calls = FILES.flatMap((file) => callsIn(Deno.readTextFileSync(`${ROOT}${file}`)));
  assertEquals(calls.map(({ command }) => command).toSorted(), [
    "fuzz",
    "fuzz",
    "fuzz merge",
    "fuzz merge",
    "fuzz merge",
  ]);
  for (const command of ["fuzz", "fuzz merge"]) {
    const known = new Set(helpOf(command).match(/(?<=^ *)--[a-z-]+/gm));
    assert(known.has("--json"), `No flags in the help of ${command}`);
    const given = calls.filter((call) => call.command === command).flatMap(({ flags }) => flags);
    assertEquals(given.filter((flag) => !known.has(flag)), [], command);
  }
});
