/**
 * How many small synchronous calls the shim makes in a second, and how that compares with its floor:
 * the same work in plain calls of the file system below. Prints one line for each kind of work, with
 * the median and range of 7 runs. `--quick` takes fewer and shorter runs.
 *
 * Disk and shim are new for every round, as they are for every recovery.
 *
 * @module
 */
import { SimulatedFileSystem } from "../simulated_file_system.ts";
import { denoFs } from "./deno_fs.ts";

/** Work in two forms, and how many calls of the shim it takes. */
interface Work {
  readonly name: string;
  readonly calls: number;
  shim(fs: SimulatedFileSystem): void;
  floor(fs: SimulatedFileSystem): void;
}

const ROUND = 100;
const record = new Uint8Array(100).fill(7);
const into = new Uint8Array(100);

const WORKS: readonly Work[] = [
  {
    name: "open file: write, seek, read, syncData",
    calls: 4 * ROUND,
    shim(fs) {
      const file = denoFs(fs).openSync("/a", { read: true, write: true, create: true });
      for (let i = 0; i < ROUND; i++) {
        file.writeSync(record);
        file.seekSync(-record.length, 1);
        file.readSync(into);
        file.syncDataSync();
      }
    },
    floor(fs) {
      const file = fs.open("/a", { read: true, write: true, create: true });
      for (let i = 0; i < ROUND; i++) {
        file.write(record, i * record.length);
        file.read(into, i * record.length);
        file.syncData();
      }
    },
  },
  {
    name: "paths: open, close, stat, rename, remove",
    calls: 5 * ROUND,
    shim(fs) {
      const deno = denoFs(fs);
      for (let i = 0; i < ROUND; i++) {
        deno.openSync("/a", { write: true, create: true }).close();
        deno.statSync("/a");
        deno.renameSync("/a", "/b");
        deno.removeSync("/b");
      }
    },
    floor(fs) {
      for (let i = 0; i < ROUND; i++) {
        fs.open("/a", { write: true, create: true }).close();
        fs.stat("/a");
        fs.rename("/a", "/b");
        fs.remove("/b");
      }
    },
  },
  {
    name: "whole files of 100 bytes: write, read",
    calls: 2 * ROUND,
    shim(fs) {
      const deno = denoFs(fs);
      for (let i = 0; i < ROUND; i++) {
        deno.writeFileSync("/a", record);
        deno.readFileSync("/a");
      }
    },
    floor(fs) {
      for (let i = 0; i < ROUND; i++) {
        const out = fs.open("/a", { write: true, create: true, truncate: true });
        out.write(record, 0);
        out.close();
        const back = fs.open("/a");
        back.read(new Uint8Array(back.size()), 0);
        back.close();
      }
    },
  },
  {
    name: "new shim: open, close",
    calls: 2,
    shim: (fs) => denoFs(fs).openSync("/").close(),
    floor: (fs) => fs.open("/").close(),
  },
];

/** Rounds for so long; returns calls of the shim per second, or as many as they stand for. */
function rate({ calls }: Work, round: (fs: SimulatedFileSystem) => void, ms: number): number {
  const start = performance.now();
  let rounds = 0;
  let passed = 0;
  for (; passed < ms; passed = performance.now() - start) {
    round(new SimulatedFileSystem());
    rounds++;
  }
  return rounds * calls / passed * 1000;
}

function spread(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const format = (value: number) => value.toLocaleString("en", { maximumFractionDigits: digits });
  const median = sorted[sorted.length >> 1]!;
  return `${format(median)} (${format(sorted[0]!)} to ${format(sorted.at(-1)!)})`;
}

if (import.meta.main) {
  const [runs, ms] = Deno.args.includes("--quick") ? [3, 50] : [7, 300];
  for (const work of WORKS) {
    const rates: number[] = [];
    const ratios: number[] = [];
    rate(work, work.shim, ms);
    rate(work, work.floor, ms);
    for (let run = 0; run < runs; run++) {
      const shim = rate(work, work.shim, ms);
      rates.push(shim);
      ratios.push(shim / rate(work, work.floor, ms));
    }
    const figures = `${spread(rates, 0)} calls/s, ${spread(ratios, 2)} of the floor`;
    console.log(`${work.name}: ${figures}`);
  }
}
