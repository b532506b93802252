/**
 * atomically 2.1.1 replaces a file: a temporary file, an fsync of it, a rename.
 *
 * It promises that "it's impossible to get a corrupt/partially-written file" (readme.md,
 * Reliability). Its fsync "increases the chances" to get through a power outage (readme.md,
 * option `fsync`): no durability is promised. With `fsyncWait: false` it claims to be
 * "essentially just as safe" (readme.md, Overview) while nobody waits for the fsync before the
 * rename. Judged is the first promise: the old text or the new one, whole.
 *
 * The names of temporary files, which by default are made of the time, come from the option
 * `tmpCreate` here: what a recovery does must not depend on the time of day.
 *
 * @module
 */
import { installHooks } from "../../mod.ts";
import { keyedFile } from "./_keyed_file.ts";

/** How a file is written. */
export interface AtomicallyOptions {
  /** The option `fsyncWait` of the package. Default: true, as the package has it. */
  readonly fsyncWait?: boolean;
}

/**
 * A store in a file that atomically replaces.
 *
 * @param options How it is written.
 * @returns The store.
 */
export async function atomicallyStore({ fsyncWait = true }: AtomicallyOptions = {}) {
  installHooks();
  const { writeFile } = await import("atomically");
  return keyedFile({
    name: `atomically 2.1.1, fsyncWait ${fsyncWait}`,
    start: () => (path, text) =>
      writeFile(path, text, { fsyncWait, tmpCreate: (path) => `${path}.tmp` }),
  });
}
