import { ensureDirSync } from "@std/fs";
import { join } from "@std/path";

/**
 * Takes the lock of the directory of a campaign; whoever closes the file, or ends, gives it back.
 *
 * @returns `undefined` where another process has it.
 * @throws {Error} When the directory cannot be written.
 */
export function tryLock(directory: string): Deno.FsFile | undefined {
  ensureDirSync(directory);
  const file = Deno.openSync(join(directory, "lock"), { write: true, create: true });
  if (file.tryLockSync(true)) return file;
  file.close();
  return undefined;
}

/** What to say to somebody who needs the lock. */
export const UNDER_WAY = "another campaign is under way there";
