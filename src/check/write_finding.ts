import { ensureDirSync } from "@std/fs";
import { join, resolve } from "@std/path";
import { writeWhole } from "../vfs/write_whole.ts";
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
  return join(directory, name);
}

function bytesOf(document: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(document, null, 2) + "\n");
}

/** The name of a log as a part of a file name. */
function slugOf(name: string): string {
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, SLUG_CHARS_MAX);
  return words.replaceAll(/^-|-$/g, "") || "log";
}
