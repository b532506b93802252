import type { Disk } from "../vfs/disk.ts";
import { pathOf } from "./counterexample.ts";

/**
 * A message about cells, in which files go by their paths, and sectors by their bytes.
 *
 * @param message The message, with cells as they call themselves: `sector 1 of inode 4 (life 0)`.
 * @param disk The disk that they are on; without it, the message stays as it is.
 * @returns The message with, for example, `bytes 512 to 1023 of "/log/1"`.
 */
export function withPaths(message: string, disk: Disk | undefined): string {
  if (disk === undefined) return message;
  return message
    .replaceAll(/sector (\d+) of (?=inode)/g, (_, place) => {
      const first = Number(place) * disk.cellBytes;
      return `bytes ${first} to ${first + disk.cellBytes - 1} of `;
    })
    .replaceAll(/inode (\d+)/g, (_, inode) => {
      const path = pathOf(disk, Number(inode));
      return path.startsWith("inode ") ? path : `"${path}"`;
    })
    .replaceAll(/ \(life (\d+)\)/g, (_, life) => life === "0" ? "" : ` after recovery ${life}`);
}
