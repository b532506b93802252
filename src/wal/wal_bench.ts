import { RealFileSystem } from "../vfs/real_file_system.ts";
import { checksum } from "./checksum.ts";
import { FrameBuffer } from "./frame_buffer.ts";
import { Wal } from "./wal.ts";

const record = new Uint8Array(100).fill(7);

Deno.bench("checksum() of 100 bytes", () => {
  checksum(record);
});

const buffer = new FrameBuffer();

Deno.bench("FrameBuffer.push() of 100 bytes", () => {
  if (buffer.length > 1e6) buffer.clear();
  buffer.push(record, { segment: 1, lsn: 1, continues: false });
});

const root = Deno.makeTempDirSync();
const wal = Wal.open(new RealFileSystem({ root }), "/");
addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

Deno.bench("Wal.append() of 100 bytes, buffered", () => {
  wal.append(record);
});

Deno.bench("Wal.append() and Wal.sync() of 100 bytes", () => {
  wal.append(record);
  wal.sync();
});

Deno.bench("Wal.appendDurable() of 100 bytes by 64 callers at once", async () => {
  await Promise.all(Array.from({ length: 64 }, () => wal.appendDurable(record)));
});

Deno.bench("Wal.read()", () => {
  wal.read(1 + wal.lastLsn >> 1);
});
