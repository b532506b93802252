/**
 * Which code is run: two machines that share a campaign must run the same.
 *
 * @module
 */
import { digestOf } from "../input.ts";

/** What `deno info --json` tells, as far as it is used. */
interface Graph {
  readonly modules: readonly { readonly specifier: string; readonly local?: string }[];
  readonly npmPackages?: Readonly<Record<string, unknown>>;
}

/**
 * A digest of a module, of all that it imports, of the harness and of the version of Deno. Where the
 * files are does not matter.
 *
 * @param module The module of the log, as the user gave it.
 * @returns Sixteen hexadecimal digits.
 */
export async function codeDigestOf(module: string): Promise<string> {
  const harness = new URL("../lane_process.ts", import.meta.url).href;
  const parts = (await Promise.all([module, harness].map(partsOf))).flat();
  return digestOf([Deno.version.deno, ...new Set(parts.toSorted())].join("\n"));
}

/** A digest of each file that a module is made of, and the names of its packages. */
async function partsOf(module: string): Promise<string[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", module],
    stderr: "null",
  }).output();
  // What cannot be loaded is refused by the lane, which says why.
  if (!success) return [];
  const { modules, npmPackages = {} } = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
  const files = modules.map(({ specifier, local }) =>
    local === undefined ? specifier : digestOf(Deno.readTextFileSync(local))
  );
  return [...files, ...Object.keys(npmPackages)];
}
