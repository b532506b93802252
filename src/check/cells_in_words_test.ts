import { assertEquals } from "@std/assert";
import { Disk } from "../vfs/disk.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { withPaths } from "./cells_in_words.ts";

Deno.test("withPaths() names the file and the bytes of a cell", () => {
  const disk = new Disk();
  const file = new SimulatedFileSystem(disk).open("/log", { write: true, create: true });
  file.write(new Uint8Array(600), 0);
  const { inode } = disk.life.trace[0]!;
  const message = `it first read sector 1 of inode ${inode} (life 0), then read size of inode ` +
    `${inode} (life 2), then size of inode 99 (life 0)`;
  assertEquals(
    withPaths(message, disk),
    'it first read bytes 512 to 1023 of "/log", then read size of "/log" after recovery 2, then ' +
      "size of inode 99",
  );
  assertEquals(withPaths(message, undefined), message);
});
