import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { FileSystem } from "../vfs/file_system.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { dumpLog, formatDump } from "./dump.ts";
import { Wal } from "./wal.ts";
import { WalCorruptionError, WalVersionError } from "./wal_errors.ts";

/** A log of several segments, with a batch, a forgotten record and a reopening in it. */
function build(end: "closed" | "proven" | "running"): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  const options = {
    segmentBytes: 250,
    preallocateBytes: end === "closed" ? 0 : 30,
    provenAcks: end === "proven",
  };
  for (let life = 1; life <= 2; life++) {
    const wal = Wal.open(fs, "/", options);
    for (let i = 1; i <= 3; i++) {
      wal.append(new Uint8Array(40).fill(10 * life + i));
      wal.appendBatch([new Uint8Array(7).fill(life), new Uint8Array(0), new Uint8Array(9).fill(i)]);
      wal.sync();
    }
    if (life === 1) wal.truncateFront(3);
    if (life === 1 || end === "closed") wal.close();
  }
  return fs;
}

/** What the log shows, or that it refuses. */
function outcome(fs: FileSystem): string[] | "refused" {
  try {
    const wal = Wal.open(fs, "/");
    return [`front ${wal.firstLsn}`, ...Array.from(wal.records(), (record) => record.join())];
  } catch (error) {
    if (error instanceof WalCorruptionError || error instanceof WalVersionError) return "refused";
    throw error;
  }
}

function change(fs: FileSystem, path: string, offset: number, by: (byte: number) => number): void {
  const file = fs.open(path, { read: true, write: true });
  const byte = new Uint8Array(1);
  file.read(byte, offset);
  file.write(byte.map(by), offset);
  file.close();
}

/** Every byte that the log has written. */
function* places(fs: FileSystem): Generator<{ path: string; offset: number }> {
  for (const name of fs.list("/")) {
    const { size } = fs.stat(`/${name}`);
    for (let offset = 0; offset < size; offset++) {
      if (offset === 64) offset = 4096;
      if (offset === 4120) offset = 8192;
      yield { path: `/${name}`, offset };
    }
  }
}

const changes: readonly ((byte: number) => number)[] = [
  (byte) => byte ^ 1,
  (byte) => byte ^ 0x80,
  (byte) => ~byte,
  () => 0,
  () => 0xdb,
];

for (const end of ["closed", "proven"] as const) {
  Deno.test(`one damaged byte of a ${end} log is refused or harmless, whichever it is`, () => {
    const whole = outcome(build(end));
    let refused = 0;
    for (const { path, offset } of places(build(end))) {
      for (const by of changes) {
        const fs = build(end);
        change(fs, path, offset, by);
        const found = outcome(fs);
        if (found === "refused") refused++;
        else assertEquals(found, whole, `${path} at ${offset}`);
      }
    }
    assert(refused > 500, `only ${refused} were refused`);
  });
}

Deno.test("one damaged byte of a running log is refused, harmless, or cuts what its last barrier covered", () => {
  const whole = outcome(build("running")) as string[];
  for (const { path, offset } of places(build("running"))) {
    const fs = build("running");
    change(fs, path, offset, (byte) => ~byte);
    const found = outcome(fs);
    if (found === "refused") continue;
    assertEquals(found, whole.slice(0, found.length), `${path} at ${offset}`);
    assert(found.length >= whole.length - 4, `${path} at ${offset}`);
  }
});

Deno.test("a closed log that lost its end, whole sectors or a file is refused or whole", () => {
  const whole = outcome(build("closed"));
  const names = build("closed").list("/");
  for (const name of names) {
    const path = `/${name}`;
    const { size } = build("closed").stat(path);
    for (const keep of [0, 1, 63, 64, 65, 4096, 4119, 8191, 8192, 8200, 8230, size - 1]) {
      const fs = build("closed");
      fs.open(path, { write: true }).truncate(keep);
      const found = outcome(fs);
      const isNewest = name === names.at(-1);
      // A newest file without a mark and frames looks like one that was never used.
      if (isNewest && keep < 4120) continue;
      if (found !== "refused") assertEquals(found, whole, `${path} cut to ${keep}`);
    }
    for (let sector = 0; sector < size; sector += 512) {
      for (const byte of [0, 0xdb]) {
        const fs = build("closed");
        const length = Math.min(512, size - sector);
        fs.open(path, { write: true }).write(new Uint8Array(length).fill(byte), sector);
        const found = outcome(fs);
        if (found !== "refused") assertEquals(found, whole, `${path} sector at ${sector}`);
      }
    }
  }
});

Deno.test("arbitrary damage never makes Wal.open() fail in another way, nor dumpLog() at all", () => {
  const patch = fc.record({
    file: fc.nat(),
    offset: fc.oneof(fc.nat(70), fc.integer({ min: 4090, max: 4125 }), fc.nat(8700)),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    cut: fc.option(fc.nat(9000)),
  });
  fc.assert(
    fc.property(
      fc.array(patch, { maxLength: 4 }),
      fc.constantFrom("closed" as const, "running"),
      (patches, end) => {
        const fs = build(end);
        for (const { file, offset, bytes, cut } of patches) {
          const names = fs.list("/");
          const handle = fs.open(`/${names[file % names.length]}`, { write: true });
          handle.write(bytes, offset);
          if (cut !== null) handle.truncate(cut);
          handle.close();
        }
        for (const line of formatDump(dumpLog(fs, "/"))) assert(line.length > 0);
        outcome(fs);
      },
    ),
    { numRuns: 300, seed: 8 },
  );
});
