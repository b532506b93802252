/**
 * The simulated disk against the real one, call by call: the same random calls on both must have
 * the same answers. A small alphabet of names makes them collide all the time.
 *
 * Where a call has several things wrong with it, POSIX does not say which one it reports; the two
 * must still fail both, and with a code that the call may report.
 *
 * `PARITY_SEED` and `PARITY_RUNS` in the environment replace the fixed seed and number of runs.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type ErrorCode,
  type FileHandle,
  type FileSystem,
  FileSystemError,
  type OpenOptions,
} from "./file_system.ts";
import { RealFileSystem } from "./real_file_system.ts";
import { SimulatedFileSystem } from "./simulated_file_system.ts";

type Call =
  | { call: "open"; slot: number; path: string; options: OpenOptions }
  | { call: "read"; slot: number; length: number; offset: number }
  | { call: "write"; slot: number; length: number; offset: number; fill: number }
  | { call: "truncate"; slot: number; size: number }
  | { call: "size" | "sync" | "syncData" | "close"; slot: number }
  | { call: "mkdir" | "list" | "stat" | "remove"; path: string }
  | { call: "rename" | "link"; path: string; to: string };

const CALLS = [
  "open",
  "read",
  "write",
  "truncate",
  "size",
  "sync",
  "syncData",
  "close",
  "mkdir",
  "list",
  "stat",
  "remove",
  "rename",
  "link",
] as const;
const CODES: readonly ErrorCode[] = [
  "EBADF",
  "EEXIST",
  "EINVAL",
  "EISDIR",
  "ENOENT",
  "ENOTDIR",
  "ENOTEMPTY",
  "EPERM",
];
const SLOTS = 4;
const NO_HANDLE = "no handle yet";
const SEED = 20_240_229;
const RUNS = 700;
const CALLS_MIN = 20_000;

function arbitraryPath(): fc.Arbitrary<string> {
  const last = fc.constantFrom("a", "b", "c");
  const name = fc.oneof(
    { weight: 16, arbitrary: last },
    { weight: 1, arbitrary: fc.constantFrom("..", ".", "") },
  );
  const above = (depth: number) => fc.array(name, { minLength: depth, maxLength: depth });
  const tail = fc.oneof(
    { weight: 12, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constant("/") },
  );
  return fc.oneof(
    ...[16, 10, 4].map((weight, depth) => ({
      weight,
      arbitrary: fc.tuple(above(depth), last, tail)
        .map(([names, end, slash]) => `/${[...names, end].join("/")}${slash}`),
    })),
    { weight: 1, arbitrary: fc.constantFrom("/", "/..", "") },
  );
}

function arbitraryCalls(): fc.Arbitrary<Call[]> {
  const path = arbitraryPath();
  const slot = fc.nat(SLOTS - 1);
  const length = fc.oneof(fc.nat(20), fc.constantFrom(0, 511, 512, 513, 1_500, 5_000));
  const offset = fc.oneof(
    { weight: 12, arbitrary: fc.oneof(length, fc.nat(9_000)) },
    { weight: 1, arbitrary: fc.constantFrom(-1, NaN) },
  );
  const fill = fc.integer({ min: 1, max: 255 });
  return fc.array(
    fc.oneof(
      { weight: 10, arbitrary: record("open", { slot, path, options: arbitraryOptions() }) },
      { weight: 12, arbitrary: record("read", { slot, length, offset }) },
      { weight: 16, arbitrary: record("write", { slot, length, offset, fill }) },
      { weight: 8, arbitrary: record("truncate", { slot, size: offset }) },
      { weight: 4, arbitrary: record("size", { slot }) },
      { weight: 1, arbitrary: record("sync", { slot }) },
      { weight: 1, arbitrary: record("syncData", { slot }) },
      { weight: 2, arbitrary: record("close", { slot }) },
      { weight: 6, arbitrary: record("mkdir", { path }) },
      { weight: 2, arbitrary: record("list", { path }) },
      { weight: 3, arbitrary: record("stat", { path }) },
      { weight: 4, arbitrary: record("remove", { path }) },
      { weight: 8, arbitrary: record("rename", { path, to: path }) },
      { weight: 5, arbitrary: record("link", { path, to: path }) },
    ) as fc.Arbitrary<Call>,
    { maxLength: 150, size: "max" },
  );
}

function record<T>(call: string, fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return fc.record({ call: fc.constant(call), ...fields });
}

function arbitraryOptions(): fc.Arbitrary<OpenOptions> {
  const flag = fc.constantFrom(true, false);
  const keys = ["read", "write", "append", "create", "createNew", "truncate", "sync"] as const;
  const any = fc.record(Object.fromEntries(keys.map((key) => [key, flag])), { requiredKeys: [] });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({ read: true, write: true, create: true }) },
    { weight: 1, arbitrary: fc.constant({ append: true, read: true, create: true }) },
    { weight: 1, arbitrary: fc.constant({}) },
    { weight: 2, arbitrary: any },
  );
}

/** One of the two disks, with its open handles. */
class Side {
  readonly #fs: FileSystem;
  readonly #handles: (FileHandle | undefined)[] = [];

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /** Makes one call; returns its answer, or the code of the error and the name of the call. */
  run(call: Call): unknown {
    try {
      return "slot" in call ? this.#onHandle(call) : this.#onNames(call);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return { code: error.code, op: error.op };
    }
  }

  /** Every path below `/`: kind, bytes, and which of them are names of one inode. */
  tree(): unknown[] {
    const inodes: number[] = [];
    const found: unknown[] = [];
    const visit = (path: string) => {
      const { kind, size, inode } = this.#fs.stat(path);
      if (!inodes.includes(inode)) inodes.push(inode);
      const content = kind === "file" ? this.#content(path) : this.#fs.list(path);
      found.push({ path, kind, size, inode: inodes.indexOf(inode), content });
      if (kind === "directory") {
        for (const name of this.#fs.list(path)) visit(`${path === "/" ? "" : path}/${name}`);
      }
    };
    visit("/");
    return found;
  }

  closeAll(): void {
    this.#handles.forEach(release);
  }

  #content(path: string): Uint8Array {
    const file = this.#fs.open(path);
    const content = new Uint8Array(file.size());
    file.read(content, 0);
    file.close();
    return content;
  }

  #onNames(call: Exclude<Call, { slot: number }>): unknown {
    switch (call.call) {
      case "rename":
      case "link":
        return this.#fs[call.call](call.path, call.to);
      case "stat": {
        const { kind, size } = this.#fs.stat(call.path);
        return { kind, size };
      }
      default:
        return this.#fs[call.call](call.path);
    }
  }

  #onHandle(call: Extract<Call, { slot: number }>): unknown {
    if (call.call === "open") return this.#open(call);
    const handle = this.#handles[call.slot];
    if (handle === undefined) return NO_HANDLE;
    switch (call.call) {
      case "read": {
        const into = new Uint8Array(call.length).fill(0xee);
        return { count: handle.read(into, call.offset), into };
      }
      case "write":
        return handle.write(pattern(call.length, call.fill), call.offset);
      case "truncate":
        return handle.truncate(call.size);
      default:
        return handle[call.call]();
    }
  }

  #open({ slot, path, options }: Extract<Call, { call: "open" }>): unknown {
    const handle = this.#fs.open(path, options);
    release(this.#handles[slot]);
    this.#handles[slot] = handle;
    return "opened";
  }
}

function release(handle: FileHandle | undefined): void {
  try {
    handle?.close();
  } catch (error) {
    if (!(error instanceof FileSystemError && error.code === "EBADF")) throw error;
  }
}

function pattern(length: number, fill: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (fill + i) % 251 + 1);
}

/** How often each call was made and each code was reported. */
class Tally {
  readonly calls: Map<string, number> = new Map();
  readonly codes: Map<string, number> = new Map();

  add(call: Call, answer: unknown): void {
    if (answer === NO_HANDLE) return;
    count(this.calls, call.call);
    if (isError(answer)) count(this.codes, answer.code);
  }
}

function count(tally: Map<string, number>, key: string): void {
  tally.set(key, (tally.get(key) ?? 0) + 1);
}

function isError(answer: unknown): answer is { code: string } {
  return typeof answer === "object" && answer !== null && "code" in answer;
}

/** Whether both arguments are wrong, each in itself. */
function hasTwoFaults(call: Call, side: Side): boolean {
  if (call.call === "read") return !(call.offset >= 0);
  if (call.call !== "rename" && call.call !== "link") return false;
  const { path, to } = call;
  const isOldNameWrong = isRoot(path) || isError(side.run({ call: "stat", path }));
  const parent = to.replace(/[^/]*\/*$/, "") || ".";
  const isNewNameWrong = isRoot(to) || isError(side.run({ call: "list", path: parent }));
  return isOldNameWrong && isNewNameWrong;
}

function isRoot(path: string): boolean {
  return /^[/.]*$/.test(path);
}

function runOnBoth(calls: readonly Call[], root: string, tally: Tally): void {
  const real = new Side(new RealFileSystem({ root }));
  const simulated = new Side(new SimulatedFileSystem());
  try {
    calls.forEach((call, i) => {
      const answer = real.run(call);
      tally.add(call, answer);
      const simulatedAnswer = simulated.run(call);
      if (hasTwoFaults(call, real) && isError(answer) && isError(simulatedAnswer)) return;
      assertEquals(simulatedAnswer, answer, `call ${i}, ${fc.stringify(call)}`);
      if (i % 16 === 15) assertEquals(simulated.tree(), real.tree(), `tree after call ${i}`);
    });
    assertEquals(simulated.tree(), real.tree(), "tree at the end");
  } finally {
    real.closeAll();
  }
}

Deno.test("SimulatedFileSystem() answers every call as RealFileSystem() does", () => {
  const seed = Number(Deno.env.get("PARITY_SEED") ?? SEED);
  const numRuns = Number(Deno.env.get("PARITY_RUNS") ?? RUNS);
  const tally = new Tally();
  const directory = Deno.makeTempDirSync({ prefix: "plugpull_" });
  try {
    fc.assert(
      fc.property(arbitraryCalls(), (calls) => {
        const root = Deno.makeTempDirSync({ dir: directory });
        try {
          runOnBoth(calls, root, tally);
        } finally {
          Deno.removeSync(root, { recursive: true });
        }
      }),
      { seed, numRuns },
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
  const made = [...tally.calls.values()].reduce((sum, calls) => sum + calls, 0);
  assert(made >= CALLS_MIN, `Only ${made} calls were made, wanted ${CALLS_MIN}`);
  assertEquals([...tally.calls.keys()].toSorted(), CALLS.toSorted());
  assertEquals([...tally.codes.keys()].toSorted(), CODES.toSorted());
});
