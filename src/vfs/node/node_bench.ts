/**
 * Small calls per second: through the shim in its three forms, and straight to the file system, which
 * is the floor. Prints one JSON object: `deno run -A src/vfs/node/node_bench.ts`.
 *
 * A round is eight calls: open, two writes of 64 bytes, fsync, read, fstat, close, and a stat of the
 * path. Every round is on the same file; a disk is used for a few thousand rounds, as its trace
 * grows. Each figure is the median of several runs.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { promisify } from "node:util";
import { SimulatedFileSystem } from "../simulated_file_system.ts";
import { nodeFs } from "./node_fs.ts";

const CALLS_PER_ROUND = 8;
const ROUNDS = 3000;
const RUNS = 7;
const bytes = Buffer.alloc(64, 7);
const into = Buffer.alloc(64);

/** Straight to the file system. */
function plain(fs: SimulatedFileSystem): void {
  const file = fs.open("/a", { read: true, write: true, create: true, truncate: true });
  file.write(bytes, 0);
  file.write(bytes, 64);
  file.sync();
  file.read(into, 0);
  file.size();
  file.close();
  fs.stat("/a");
}

function synchronous(disk: SimulatedFileSystem): void {
  const fs = nodeFs(disk);
  const fd = fs.openSync("/a", "w+");
  fs.writeSync(fd, bytes);
  fs.writeSync(fd, bytes);
  fs.fsyncSync(fd);
  fs.readSync(fd, into, 0, 64, 0);
  fs.fstatSync(fd);
  fs.closeSync(fd);
  fs.statSync("/a");
}

async function callback(disk: SimulatedFileSystem): Promise<void> {
  const fs = nodeFs(disk);
  const call = <T>(make: (done: (error: unknown, value?: T) => void) => void) =>
    new Promise<T>((resolve, reject) =>
      make((error, value) => error ? reject(error) : resolve(value as T))
    );
  const fd = await call<number>((done) => fs.open("/a", "w+", done));
  await call((done) => fs.write(fd, bytes, done));
  await call((done) => fs.write(fd, bytes, done));
  await call((done) => fs.fsync(fd, done));
  await call((done) => fs.read(fd, into, 0, 64, 0, done));
  await call((done) => fs.fstat(fd, done));
  await call((done) => fs.close(fd, done));
  await promisify(fs.stat)("/a");
}

async function promises(disk: SimulatedFileSystem): Promise<void> {
  const fs = nodeFs(disk);
  const file = await fs.promises.open("/a", "w+");
  await file.write(bytes);
  await file.write(bytes);
  await file.sync();
  await file.read(into, 0, 64, 0);
  await file.stat();
  await file.close();
  await fs.promises.stat("/a");
}

/** Calls per second of the median run. */
async function rate(round: (disk: SimulatedFileSystem) => void | Promise<void>): Promise<number> {
  const rates: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const disk = new SimulatedFileSystem();
    const start = performance.now();
    for (let i = 0; i < ROUNDS; i++) {
      const made = round(disk);
      if (made !== undefined) await made;
    }
    // The first one warms up.
    if (run > 0) rates.push(ROUNDS * CALLS_PER_ROUND * 1000 / (performance.now() - start));
  }
  return rates.sort((a, b) => a - b)[RUNS >> 1]!;
}

if (import.meta.main) {
  const figures: Record<string, { callsPerSecond: number; ofFloor: number }> = {};
  let floor: number | undefined;
  for (const [name, round] of Object.entries({ plain, synchronous, callback, promises })) {
    const callsPerSecond = await rate(round);
    floor ??= callsPerSecond;
    const ofFloor = Number((callsPerSecond / floor).toFixed(2));
    figures[name] = { callsPerSecond: Math.round(callsPerSecond), ofFloor };
  }
  console.log(JSON.stringify(figures, null, 2));
}
