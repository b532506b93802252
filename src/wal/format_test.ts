import { assertEquals } from "@std/assert";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { FRAME_HEADER_BYTES, FRAMES_OFFSET, HEADER_BYTES, MARK_BYTES } from "./layout.ts";
import { Wal } from "./wal.ts";

const PAGE = Deno.readTextFileSync(new URL("./FORMAT.md", import.meta.url));

/** The bytes of the worked example, as the page shows them. */
function workedExample(): Uint8Array {
  const [, hex] = /```hex\n([^`]+)```/.exec(PAGE)!;
  const [, size] = /one file of\s+(\d+) bytes/.exec(PAGE)!;
  const bytes = new Uint8Array(Number(size));
  for (const line of hex!.trimEnd().split("\n")) {
    const [, offset, row] = /^ *(\d+) {2}((?:[0-9a-f]{2} ?)+)/.exec(line)!;
    bytes.set(row!.trim().split(" ").map((byte) => parseInt(byte, 16)), Number(offset));
  }
  return bytes;
}

Deno.test("FORMAT.md shows, byte for byte, what the log writes", () => {
  const fs = new SimulatedFileSystem();
  const encoder = new TextEncoder();
  const wal = Wal.open(fs, "/");
  wal.append(encoder.encode("set x=1"));
  wal.appendBatch([encoder.encode("set y=2"), encoder.encode("")]);
  wal.close();

  const file = fs.open("/00000000000000000001.wal");
  const written = new Uint8Array(file.size());
  file.read(written, 0);
  assertEquals(written, workedExample());
});

Deno.test("FORMAT.md shows a log that opens", () => {
  const fs = new SimulatedFileSystem();
  fs.open("/00000000000000000001.wal", { write: true, create: true }).write(workedExample(), 0);
  const records = [...Wal.open(fs, "/").records()];
  assertEquals(records.map((record) => new TextDecoder().decode(record)), [
    "set x=1",
    "set y=2",
    "",
  ]);
});

Deno.test("FORMAT.md has field tables that add up to the lengths in the code", () => {
  const length = (title: string) => {
    const table = PAGE.split(`| ${title}`)[1]!.split("\n\n")[0]!;
    let at = 0;
    for (const [, offset, bytes] of table.matchAll(/^\| *(\d+) *\| *(\d+) *\|/gm)) {
      assertEquals(Number(offset), at, title);
      at += Number(bytes);
    }
    return at;
  };
  assertEquals(length("header, at 0"), HEADER_BYTES);
  assertEquals(length("mark, at 4096"), MARK_BYTES);
  assertEquals(length(`frame, from ${FRAMES_OFFSET} on`), FRAME_HEADER_BYTES);
});
