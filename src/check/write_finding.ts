import { ensureDirSync } from "@std/fs";
import { join, resolve } from "@std/path";
import { RealFileSystem } from "../vfs/real_file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { writeFully } from "../vfs/write_fully.ts";
import type { Counterexample } from "./counterexample.ts";

/** Longer names of logs are cut: a file system takes 255 bytes. */
const SLUG_CHARS_MAX = 100;

/**
 * Writes a finding so that a crash leaves the whole file or none: a temporary file, a barrier, a
 * rename, a barrier on the directory. The same crash gets the same name.
 *
 * @param counterexample The finding.
 * @param directory Where to, from the working directory; it is made where it is missing.
 * @returns The path of the file, which begins with `directory`.
 * @throws {Error} When the disk is full or the directory cannot be written.
 *
 * @example
 * ```ts
 * import { checkLog, writeFinding } from "../../mod.ts";
 * import naive from "../../scenarios/naive_log.ts";
 *
 * const [found] = (await checkLog(naive)).violations;
 * const directory = Deno.makeTempDirSync();
 * console.log(await writeFinding(found!, directory)); // …/naive-log-93b7558b.json
 * Deno.removeSync(directory, { recursive: true });
 * ```
 */
export async function writeFinding(
  counterexample: Counterexample,
  directory: string,
): Promise<string> {
  const bytes = bytesOf(counterexample);
  // What is known about a crash may grow; the crash is the same.
  const { weakestDisk: _, blame: __, ...crash } = counterexample;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(crash)));
  const name = `${slugOf(counterexample.subject.name)}-${digest.subarray(0, 4).toHex()}.json`;
  const path = resolve(directory);
  ensureDirSync(path);
  writeWhole(join(path, name), bytes);
  syncDirectory(new RealFileSystem(), path);
  return join(directory, name);
}

function bytesOf(document: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(document, null, 2) + "\n");
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
