import { fromFileUrl, relative } from "@std/path";

/** Where this project lies. */
const ROOT = new URL("../../", import.meta.url);

/**
 * The command that replays a finding, as it works in the working directory: outside of this project
 * there is no task of that name.
 *
 * @param file The document, from the working directory.
 * @returns For example `deno task replay .plugpull/findings/my-log-0a139d27.json`.
 *
 * @example
 * ```ts
 * import { replayCommand } from "../../mod.ts";
 *
 * console.log(replayCommand("finding.json")); // here: deno task replay finding.json
 * ```
 */
export function replayCommand(file: string): string {
  const root = pathOfRoot();
  return root === ""
    ? `deno task replay ${file}`
    : `deno run -A ${root}/fuzz/main.ts replay ${file}`;
}

/** The command that runs a test file, as it works in the working directory. */
export function testCommand(url: string): string {
  const root = pathOfRoot();
  const config = root === "" ? "" : ` --config ${root}/deno.json`;
  return `deno test -A${config} ${relative(Deno.cwd(), fromFileUrl(url))}`;
}

/** The path from the working directory to this project; empty where they are the same. */
function pathOfRoot(): string {
  if (ROOT.protocol !== "file:") return "";
  return relative(Deno.cwd(), fromFileUrl(ROOT));
}
