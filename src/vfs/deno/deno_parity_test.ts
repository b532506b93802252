/**
 * The shim against the real Deno, call by call: the same random calls on a temporary directory and
 * on the simulated disk must have the same answers, be it values or errors, and leave the same tree.
 * Class, message, name and code of errors are compared, and which fields there are of what is told
 * about a file, but not its times, owner, mode and number of links.
 *
 * Where both paths of a call are wrong, each in itself, POSIX does not say which one is reported:
 * then both must fail.
 *
 * Deno has all permissions here: with fewer, it takes `..` and a slash at the end out of a path before
 * it asks the system.
 *
 * `PARITY_SEED` and `PARITY_RUNS` in the environment replace the fixed seed and number of runs.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { existsSync } from "@std/fs";
import fc from "fast-check";
import { SimulatedFileSystem } from "../simulated_file_system.ts";
import { DenoSide, isFailure, SKIPPED } from "./_deno_side.ts";
import { type Call, CALL_NAMES, denoCalls } from "./_random_deno_calls.ts";
import { relativeCalls } from "./_relative_calls.ts";
import { type DenoFs, denoFs } from "./deno_fs.ts";

const SEED = 20_240_229;
const RUNS = 300;
const CALLS_MIN = 8_000;
/** The errors that random calls must meet. */
const ERRORS = [
  "AlreadyExists EEXIST",
  "BadResource undefined",
  "Error EBADF",
  "Error EBUSY",
  "Error ENOTEMPTY",
  "Error undefined",
  "IsADirectory EISDIR",
  "NotADirectory ENOTDIR",
  "NotFound ENOENT",
  "PermissionDenied EPERM",
  "TypeError EINVAL",
  "TypeError undefined",
];

/** What is compared, and how often it was. */
interface Comparison {
  /** Puts a mistake into the simulation. */
  readonly plant?: (deno: DenoFs) => DenoFs;
  readonly calls?: Map<string, number>;
  readonly errors?: Map<string, number>;
}

function count(tally: Map<string, number> | undefined, key: string): void {
  tally?.set(key, (tally.get(key) ?? 0) + 1);
}

/** Makes every call on both, each in a directory of the same path. */
async function runOnBoth(
  calls: readonly Call[],
  root: string,
  { plant = (deno) => deno, ...tally }: Comparison,
): Promise<void> {
  const simulation = denoFs(new SimulatedFileSystem());
  simulation.mkdirSync(root, { recursive: true });
  Deno.mkdirSync(root);
  const simulated = new DenoSide(plant(simulation));
  const real = new DenoSide(Deno);
  try {
    for (const [i, call] of calls.entries()) {
      const answer = await real.run(call);
      const simulatedAnswer = await simulated.run(call);
      if (answer !== SKIPPED) count(tally.calls, call.call);
      if (isFailure(answer)) {
        count(tally.errors, `${answer.type} ${answer.code}`);
        if (isFailure(simulatedAnswer) && hasTwoFaults(call, real)) continue;
      }
      assertEquals(simulatedAnswer, answer, `call ${i}, ${fc.stringify(call)}`);
      if (i % 8 === 7) assertEquals(simulated.tree(root), real.tree(root), `tree after call ${i}`);
    }
    assertEquals(simulated.tree(root), real.tree(root), "tree at the end");
  } finally {
    real.close();
    if (existsSync(root)) Deno.removeSync(root, { recursive: true });
  }
}

function hasTwoFaults(call: Call, side: DenoSide): boolean {
  if (!("to" in call)) return false;
  const isNoName = (path: string) => /(^|\/)\.{0,2}\/*$/.test(path);
  const isOldNameWrong = side.isWrong(call.path) || isNoName(call.path);
  const isNewNameWrong = side.isWrong(call.to.replace(/[^/]*\/*$/, "")) || isNoName(call.to);
  return isOldNameWrong && isNewNameWrong;
}

/** Compares random calls; returns what fast-check says. */
async function compare(
  numRuns: number,
  comparison: Comparison,
): Promise<fc.RunDetails<[Call[]]>> {
  const seed = Number(Deno.env.get("PARITY_SEED") ?? SEED);
  const directory = Deno.makeTempDirSync({ prefix: "plugpull_" });
  try {
    const root = `${directory}/root`;
    return await fc.check(
      fc.asyncProperty(denoCalls(root), (calls) => runOnBoth(calls, root, comparison)),
      { seed, numRuns, endOnFailure: comparison.plant !== undefined },
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

Deno.test("denoFs() answers every call as Deno does", async () => {
  const [calls, errors] = [new Map<string, number>(), new Map<string, number>()];
  const numRuns = Number(Deno.env.get("PARITY_RUNS") ?? RUNS);
  const details = await compare(numRuns, { calls, errors });
  assert(!details.failed, `${fc.defaultReportMessage(details)}\n${details.errorInstance}`);
  const made = [...calls.values()].reduce((sum, calls) => sum + calls, 0);
  assert(made >= CALLS_MIN, `Only ${made} calls were made, wanted ${CALLS_MIN}`);
  assertEquals([...calls.keys()].toSorted(), CALL_NAMES.toSorted());
  assertEquals([...errors.keys()].toSorted(), ERRORS);
});

/** Mistakes that a shim may have: each changes little, and seldom. */
const PLANTS: Readonly<Record<string, (deno: DenoFs) => Partial<DenoFs>>> = {
  "an error without its code": (deno) => ({
    renameSync: (from, to) => {
      try {
        deno.renameSync(from, to);
      } catch (error) {
        delete (error as { code?: string }).code;
        throw error;
      }
    },
  }),
  "an error with the wrong verb": (deno) => ({
    readTextFile: async (path) => {
      try {
        return await deno.readTextFile(path);
      } catch (error) {
        (error as Error).message = (error as Error).message.replace("readfile", "readtextfile");
        throw error;
      }
    },
  }),
  "a write of a whole file that leaves its old end": (deno) => ({
    writeFileSync: (path, data, options) => {
      const before = existing(deno, path);
      deno.writeFileSync(path, data, options);
      if (options?.append || before.length <= data.length) return;
      using file = deno.openSync(path, { append: true });
      file.writeSync(before.subarray(data.length));
    },
  }),
  "a read that forgets the cursor": (deno) => ({
    openSync: (path, options) => {
      const file = deno.openSync(path, options);
      const readSync = file.readSync.bind(file);
      file.readSync = (into) => {
        const got = readSync(into);
        if (got !== null) file.seekSync(-got, Deno.SeekMode.Current);
        return got;
      };
      return file;
    },
  }),
  "asynchronous calls on one file that overtake": (deno) => ({
    open: async (path, options) => {
      const file = await deno.open(path, options);
      const write = file.write.bind(file);
      file.write = async (bytes) => {
        await Promise.resolve();
        return await write(bytes);
      };
      return file;
    },
  }),
};

function existing(deno: DenoFs, path: string | URL): Uint8Array {
  try {
    return deno.readFileSync(path);
  } catch {
    return new Uint8Array();
  }
}

for (const [name, plant] of Object.entries(PLANTS)) {
  Deno.test(`denoFs() compared with Deno shows ${name}`, async () => {
    const planted = (deno: DenoFs) => Object.assign(Object.create(deno), plant(deno)) as DenoFs;
    const details = await compare(RUNS, { plant: planted });
    assert(details.failed, "Nobody has noticed the mistake");
  });
}

Deno.test("denoFs() follows a working directory as Deno does", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "plugpull_" });
  try {
    // The working directory is that of the whole process, and other tests have none to spare.
    const script = new URL("_relative_calls.ts", import.meta.url).href;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--allow-all", script, directory],
    }).output();
    const deno = denoFs(new SimulatedFileSystem());
    deno.mkdirSync(directory, { recursive: true });
    const text = new TextDecoder().decode(stdout);
    assert(text !== "", new TextDecoder().decode(stderr));
    const answers = JSON.parse(text);
    assert(answers.length > 20 && answers.some(isFailure), text);
    assertEquals(relativeCalls(deno, directory), answers);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
