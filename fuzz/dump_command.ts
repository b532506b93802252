import { resolve } from "@std/path";
import { dumpLog, FileSystemError, formatDump, RealFileSystem } from "../mod.ts";
import { complain } from "./options.ts";

/** Prints a log record by record; returns the exit status. */
export function dump(path: string): number {
  try {
    for (const line of formatDump(dumpLog(new RealFileSystem(), resolve(path)))) console.log(line);
    return 0;
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    complain(`Cannot dump "${path}": ${error.message}`);
    return 2;
  }
}
