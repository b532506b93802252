import { ensureDirSync } from "@std/fs";
import { join } from "@std/path";
import { type Counterexample, RealFileSystem, syncDirectory, writeFully } from "../mod.ts";
import { complain } from "./options.ts";

/** Where counterexamples are kept, below the working directory. */
export const FINDINGS = ".plugpull/findings";

/** Longer names of logs are cut: a file system takes 255 bytes. */
const SLUG_CHARS_MAX = 100;

/**
 * Writes counterexamples. Where that is not possible it says so once and goes on: what was found
 * counts for more than the file.
 *
 * @param found The findings.
 * @returns The paths of the files that were written, relative to the working directory.
 */
export async function writeFindings(found: readonly Counterexample[]): Promise<string[]> {
  const files: string[] = [];
  try {
    for (const counterexample of found) files.push(await writeFinding(counterexample));
  } catch (error) {
    complain(`Cannot keep counterexamples in "${FINDINGS}": ${(error as Error).message}`);
  }
  return files;
}

/**
 * Writes a counterexample so that a crash leaves the whole file or none: a temporary file, a
 * barrier, a rename, a barrier on the directory. The same finding gets the same name.
 *
 * @param counterexample The finding.
 * @returns The path of the file, relative to the working directory.
 * @throws {Error} When the disk is full or the directory cannot be written.
 */
async function writeFinding(counterexample: Counterexample): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(counterexample, null, 2) + "\n");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const tag = [...digest.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const path = `${FINDINGS}/${slugOf(counterexample.subject.name)}-${tag}.json`;
  const directory = join(Deno.cwd(), FINDINGS);
  ensureDirSync(directory);
  writeWhole(join(Deno.cwd(), path), bytes);
  syncDirectory(new RealFileSystem(), directory);
  return path;
}

/** Puts a file in place whole; a failure leaves nothing behind. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const fs = new RealFileSystem();
  const temporary = `${path}.tmp`;
  const file = fs.open(temporary, { write: true, create: true, truncate: true });
  try {
    try {
      writeFully(file, bytes, 0);
      file.sync();
    } finally {
      file.close();
    }
    fs.rename(temporary, path);
  } catch (error) {
    try {
      fs.remove(temporary);
    } catch {
      // The first failure is the one to report.
    }
    throw error;
  }
}

/** The name of a log as a part of a file name. */
function slugOf(name: string): string {
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, SLUG_CHARS_MAX);
  return words.replaceAll(/^-|-$/g, "") || "log";
}
