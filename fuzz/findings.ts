import { ensureDirSync } from "@std/fs";
import { join } from "@std/path";
import { type Counterexample, RealFileSystem, syncDirectory, writeFully } from "../mod.ts";

/** Where counterexamples are kept, below the working directory. */
export const FINDINGS = ".plugpull/findings";

/**
 * Writes a counterexample so that a crash leaves the whole file or none: a temporary file, a
 * barrier, a rename, a barrier on the directory. The same finding gets the same name.
 *
 * @param counterexample The finding.
 * @returns The path of the file, relative to the working directory.
 * @throws {FileSystemError} When the disk is full or the directory cannot be written.
 */
export async function writeFinding(counterexample: Counterexample): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(counterexample, null, 2) + "\n");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const tag = [...digest.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const slug = counterexample.subject.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const path = `${FINDINGS}/${slug.replaceAll(/^-|-$/g, "")}-${tag}.json`;
  const directory = join(Deno.cwd(), FINDINGS);
  const target = join(Deno.cwd(), path);
  ensureDirSync(directory);
  const fs = new RealFileSystem();
  const file = fs.open(`${target}.tmp`, { write: true, create: true, truncate: true });
  try {
    writeFully(file, bytes, 0);
    file.sync();
  } finally {
    file.close();
  }
  fs.rename(`${target}.tmp`, target);
  syncDirectory(fs, directory);
  return path;
}
