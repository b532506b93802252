/**
 * Logs that no crash checker can judge, because opening the same disk twice does not make the same
 * calls. They must be reported as broken harness use.
 *
 * METHOD. Before it opens a sound log, `open` looks at one byte of the disk ("read ahead"). Which
 * byte depends on something that is not on the disk. What the log then returns is right.
 *
 * @module
 */
import type { FileSystem, LogUnderTest } from "../../mod.ts";
import { compactLog } from "./compact_log.ts";
import { readBytes } from "./frames.ts";
import type { OpenLog } from "./open_log.ts";

const SECTOR_BYTES = 512;

/** Where the whim comes from: a number from 0 up to, but not including, 1. */
export type Whim = () => number;

/**
 * A whim that depends on the clock.
 *
 * @returns A number from 0 up to, but not including, 1.
 */
export function clockWhim(): number {
  return (performance.now() * 997) % 1;
}

/**
 * A whim that depends on randomness.
 *
 * @returns A number from 0 up to, but not including, 1.
 */
export function randomWhim(): number {
  return Math.random();
}

function lookAtOneByte(fs: FileSystem, { dir, whim }: { dir: string; whim: Whim }): void {
  const paths = fs.list(dir).map((name) => `${dir}/${name}`);
  const path = paths[Math.floor(whim() * paths.length)];
  if (path === undefined) return;
  const file = fs.open(path);
  const sectors = Math.ceil(file.size() / SECTOR_BYTES);
  readBytes(file, { offset: Math.floor(whim() * sectors) * SECTOR_BYTES, length: 1 });
  file.close();
}

/**
 * A sound log behind an `open` that follows a whim.
 *
 * @param name Shown in reports.
 * @param whim Where the whim comes from.
 * @returns The log as the harness sees it.
 */
export function unfitLog(name: string, whim: Whim): LogUnderTest<OpenLog> {
  const sound = compactLog(name, { acks: "sync" });
  return {
    ...sound,
    open: (fs, dir) => {
      lookAtOneByte(fs, { dir, whim });
      return sound.open(fs, dir);
    },
  };
}
