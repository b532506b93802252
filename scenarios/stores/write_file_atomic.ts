/**
 * write-file-atomic 7.0.1 replaces a file: a temporary file, an fsync of it, a rename.
 *
 * It promises to be "atomic" (README.md, first paragraph), and syncs the file unless it is told
 * not to (README.md, option `fsync`). It says nothing of when the new text is durable, and no
 * directory is synced, so a power loss may bring the old text back. Judged is what it does
 * promise: the old text or the new one, whole.
 *
 * @module
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { freshModules, installHooks } from "../../mod.ts";
import { keyedFile, type Replace } from "./_keyed_file.ts";

/** How a file is written. */
export interface WriteFileAtomicOptions {
  /** The option `fsync` of the package. Default: true, as the package has it. */
  readonly fsync?: boolean;
}

type Write = (path: string, text: string, options: WriteFileAtomicOptions) => Promise<void>;

/**
 * A store in a file that write-file-atomic replaces.
 *
 * @param options How it is written.
 * @returns The store.
 */
export function writeFileAtomicStore({ fsync = true }: WriteFileAtomicOptions = {}) {
  installHooks();
  const require = createRequire(import.meta.url);
  const entry = fileURLToPath(import.meta.resolve("write-file-atomic"));
  return keyedFile({
    name: `write-file-atomic 7.0.1, fsync ${fsync}`,
    // It counts its temporary files: each process begins anew.
    start: (): Replace => {
      freshModules();
      const write = require(entry) as Write;
      return (path, text) => write(path, text, { fsync });
    },
  });
}
