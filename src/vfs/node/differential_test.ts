/**
 * The shim and the real `node:fs`, side by side: random sequences of calls, in the synchronous,
 * callback and promise forms, must give the same values and the same errors (code, errno, syscall,
 * path, message).
 *
 * METHOD. One interpreter carries out a sequence on any module in the shape of `node:fs`. It runs here
 * on the shim and on Deno's own `node:fs`, and, as text, in a `node` process. Node says what is right;
 * with Deno, the words
 * of errors are not compared, nor are the calls in {@linkcode DENO_DIFFERS}.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import realFs from "node:fs";
import { nodeFs } from "./node_fs.ts";
import { SimulatedFileSystem } from "../simulated_file_system.ts";

/** How a call is made. */
type Form = "sync" | "callback" | "promise";

/** One call: paths, bytes and open files are written as objects, which the interpreter replaces. */
interface ScriptCall {
  readonly form: Form;
  readonly name: string;
  readonly args: readonly unknown[];
  /** Of a call on a file handle: which of those that were opened. */
  readonly handle?: number;
}

type Outcome = Record<string, unknown>;
type AnyFs = Record<string, unknown>;

/**
 * Carries out calls; returns what each has given. It is sent to `node` as text, so that it uses
 * nothing but its arguments and globals.
 */
async function interpret(
  fs: AnyFs,
  root: string,
  calls: readonly ScriptCall[],
): Promise<Outcome[]> {
  type Callable = (...args: unknown[]) => unknown;
  const asCallable = (holder: unknown, name: string) => {
    const found = (holder as Record<string, Callable>)[name];
    if (typeof found !== "function") throw new Error(`no ${name}`);
    return found.bind(holder) as Callable;
  };
  const fds: number[] = [];
  const handles: Record<string, unknown>[] = [];
  const buffers: Uint8Array[] = [];
  const given = (arg: unknown): unknown => {
    if (typeof arg !== "object" || arg === null) return arg;
    if (Array.isArray(arg)) return arg.map(given);
    const written = arg as Record<string, unknown>;
    if ("nothing" in written) return undefined;
    if ("path" in written) return written.path === "" ? "" : `${root}/${written.path}`;
    if ("bytes" in written) return new TextEncoder().encode(written.bytes as string);
    if ("fd" in written) {
      return fds.length === 0 ? 9999 : fds[(written.fd as number) % fds.length];
    }
    if ("into" in written) {
      buffers.push(new Uint8Array(written.into as number));
      return buffers[buffers.length - 1];
    }
    return arg;
  };
  const plain = (text: unknown) =>
    typeof text === "string" ? text.split(root).join("").replace(/t-\w{6}/, "t-") : text;
  const shown = (value: unknown): unknown => {
    if (value === undefined) return "undefined";
    if (typeof value === "string") return plain(value);
    if (typeof value !== "object" || value === null) {
      return typeof value === "bigint" ? `${value}n` : value;
    }
    if (ArrayBuffer.isView(value)) return `bytes ${new TextDecoder().decode(value)}`;
    if (Array.isArray(value)) {
      const list = value.map(shown);
      const isNames = list.every((entry) =>
        typeof entry === "string" || "name" in (entry as object)
      );
      return isNames ? list.map((entry) => JSON.stringify(entry)).sort() : list;
    }
    const thing = value as Record<string, unknown>;
    if (typeof thing.isFile === "function") {
      const kind = (thing.isFile as () => boolean)() ? "file" : "directory";
      if ("name" in thing) return { name: thing.name, kind, in: plain(thing.parentPath) };
      const size = kind === "file" ? shown(thing.size) : "any";
      return { kind, size, isDirectory: (thing.isDirectory as () => boolean)() };
    }
    if ("fd" in thing) return "handle";
    return Object.fromEntries(Object.entries(thing).map(([key, part]) => [key, shown(part)]));
  };
  const called = (call: ScriptCall, args: unknown[]): unknown => {
    if (call.handle !== undefined) {
      const handle = handles[call.handle % handles.length];
      return handle === undefined ? "no handle" : asCallable(handle, call.name)(...args);
    }
    if (call.form === "sync") return asCallable(fs, `${call.name}Sync`)(...args);
    if (call.form === "promise") return asCallable(fs.promises, call.name)(...args);
    return new Promise((resolve, reject) => {
      const done = (error: unknown, ...values: unknown[]) => {
        if (call.name === "exists") resolve(error);
        else if (error) reject(error);
        else resolve(values[0]);
      };
      asCallable(fs, call.name)(...args, done);
    });
  };
  const outcomes: Outcome[] = [];
  for (const call of calls) {
    buffers.length = 0;
    try {
      let value = await called(call, call.args.map(given));
      if (call.handle === undefined && call.name === "open") {
        if (call.form === "promise") handles.push(value as Record<string, unknown>);
        else fds.push(value as number);
        value = "opened";
      }
      // The number may be another file's by now.
      if (call.name === "close") {
        const closed = given(call.args[0]);
        for (const [i, fd] of fds.entries()) if (fd === closed) fds[i] = 9999;
      }
      if (call.name === "mkdtemp") value = (value as string).replace(/\w{6}$/, "");
      outcomes.push({ value: shown(value), into: buffers.map(shown) });
    } catch (error) {
      const { name, code, errno, syscall, path, dest, message } = error as Record<string, unknown>;
      // In what they say about a wrong argument, versions of Node differ.
      const said = String(code).startsWith("ERR_") ? "" : message;
      const lines = [name, code, errno, syscall, path, dest, said].map(plain);
      outcomes.push({ error: lines.map((part) => part === undefined ? null : part) });
    }
    // Of a number that nothing can be read of, the forms of readFile say different things.
    const { error, value } = outcomes[outcomes.length - 1]!;
    const isEmpty = error !== undefined || value === "" || value === "bytes ";
    const isNumber = typeof call.args[0] === "object" && "fd" in (call.args[0] ?? {});
    if (call.name === "readFile" && isNumber && isEmpty) outcomes[outcomes.length - 1] = {};
  }
  for (const fd of fds) {
    try {
      asCallable(fs, "closeSync")(fd);
    } catch {
      // It was closed by a call.
    }
  }
  for (const handle of handles) await asCallable(handle, "close")();
  return outcomes;
}

/** Carries out calls on the shim. */
function onShim(calls: readonly ScriptCall[], change: (fs: AnyFs) => void = () => {}) {
  const disk = new SimulatedFileSystem();
  disk.mkdir("/root");
  const fs = { ...nodeFs(disk) } as unknown as AnyFs;
  change(fs);
  return interpret(fs, "/root", calls);
}

/** Carries out calls on the real disk. */
async function onDeno(calls: readonly ScriptCall[]) {
  const root = Deno.makeTempDirSync({ prefix: "plugpull_" });
  try {
    return await interpret(realFs as unknown as AnyFs, root, calls);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

/** A `node` process that carries out calls. */
class NodeChild implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor() {
    const source = `
      const fs = require("node:fs"), os = require("node:os"), path = require("node:path");
      const interpret = ${interpret};
      const lines = require("node:readline").createInterface({ input: process.stdin });
      lines.on("line", async (line) => {
        const root = fs.mkdtempSync(path.join(os.tmpdir(), "plugpull_"));
        const outcomes = await interpret(fs, root, JSON.parse(line));
        fs.rmSync(root, { recursive: true, force: true });
        console.log(JSON.stringify(outcomes));
      });`;
    this.#child = new Deno.Command("node", {
      args: ["--no-warnings", "-e", source],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async run(calls: readonly ScriptCall[]): Promise<Outcome[]> {
    await this.#writer.write(new TextEncoder().encode(`${written(calls)}\n`));
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#lines.read();
      assert(!done, "node has ended");
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#lines.cancel();
    await this.#child.status;
  }
}

const NAMES = ["a", "b", "d", "d/e", "d/e/f", "d/a", "missing/x", "a/x", "d/../b", "d/./a", "a/"];
const path = fc.constantFrom(...NAMES).map((path) => ({ path }));
const fd = fc.nat(3).map((fd) => ({ fd }));
const text = fc.constantFrom("", "x", "hello", "0123456789");
const bytes = text.map((bytes) => ({ bytes }));
const data = fc.oneof(text, bytes);
/** Where nothing is to be written, the forms differ in whether they ask the disk at all. */
const someData = data.filter((data) => data !== "" && (data as { bytes?: string }).bytes !== "");
const count = fc.constantFrom(0, 1, 3, 7, 20);
const position = fc.constantFrom(null, 0, 2, 12, -1, undefined);
const flags = fc.constantFrom(
  ...["r", "r+", "w", "wx", "w+", "a", "ax", "a+", "rs+", "as", "wx+", "nope"],
  ...[0, 1, 2, 0o101, 0o102, 0o301, 0o1101, 0o2102, 0o3101, 0o200000, 0o10101, 0o4010102],
);
const encoding = fc.constantFrom(undefined, "utf8", "hex", { encoding: "latin1" }, "nope", null);
const writing = fc.constantFrom(
  undefined,
  "utf8",
  { flag: "a" },
  { flag: "wx" },
  { flag: "r+", flush: true },
  { flush: true },
  { mode: 0o600 },
);
const wrong = fc.constantFrom<unknown>(undefined, null, {}, true, "a\0b", 1.5);
const form = fc.constantFrom<Form>("sync", "callback", "promise");
const onNumber = fc.constantFrom<Form>("sync", "callback");

type Args = fc.Arbitrary<readonly unknown[]>;
const recursive = fc.constantFrom({ recursive: true }, { recursive: false });

/** The arguments of each call that has all three forms. */
const ON_PATHS: Readonly<Record<string, Args>> = {
  access: fc.tuple(path, fc.constantFrom(undefined, 0, 2, 4)),
  appendFile: fc.oneof(fc.tuple(path, data, writing), fc.tuple(fd, someData, writing)),
  chmod: fc.tuple(path, fc.constantFrom<unknown>(0o644, "600", undefined, "9")),
  chown: fc.tuple(path, fc.constant(0), fc.constantFrom<unknown>(0, -1, undefined)),
  copyFile: fc.tuple(path, path, fc.constantFrom(undefined, 0, 1)),
  link: fc.tuple(path, path),
  lstat: fc.tuple(path),
  mkdir: fc.tuple(path, fc.oneof(fc.constant(undefined), recursive)),
  mkdtemp: fc.tuple(fc.constantFrom({ path: "t-" }, { path: "missing/t-" })),
  open: fc.tuple(path, flags),
  readFile: fc.tuple(fc.oneof(path, path, path, fd), encoding),
  readdir: fc.tuple(
    path,
    fc.constantFrom(undefined, "utf8", { withFileTypes: true }, { recursive: true }),
  ),
  readlink: fc.tuple(path),
  realpath: fc.tuple(path),
  rename: fc.tuple(path, path),
  rm: fc.tuple(path, fc.constantFrom(undefined, { recursive: true }, { force: true })),
  rmdir: fc.tuple(path),
  stat: fc.tuple(path),
  truncate: fc.tuple(path, fc.constantFrom(undefined, 0, 3, 20, -2)),
  unlink: fc.tuple(path),
  utimes: fc.tuple(path, fc.constantFrom<unknown>(1, "2", undefined), fc.constant(3)),
  writeFile: fc.oneof(fc.tuple(path, data, writing), fc.tuple(fd, someData, writing)),
};

/** Those on the number of an open file. */
const ON_NUMBERS: Readonly<Record<string, Args>> = {
  close: fc.tuple(fd),
  exists: fc.tuple(path),
  fchmod: fc.tuple(fd, fc.constant(0o600)),
  fdatasync: fc.tuple(fd),
  fstat: fc.tuple(fd),
  fsync: fc.tuple(fd),
  ftruncate: fc.tuple(fd, fc.constantFrom(undefined, 0, 3, 20)),
  read: fc.tuple(fd, count.map((into) => ({ into })), fc.constantFrom(0, 1), count, position),
  readv: fc.tuple(
    fd,
    fc.array(fc.constantFrom({ into: 1 }, { into: 4 }), { maxLength: 3 }),
    position,
  ),
  write: fc.tuple(fd, bytes, fc.constantFrom(0, 1), fc.constantFrom(undefined, 1), position),
  writev: fc.tuple(fd, fc.array(bytes, { minLength: 1, maxLength: 3 }), position),
};

/** Those of a file handle. */
const ON_HANDLES: Readonly<Record<string, Args>> = {
  appendFile: fc.tuple(data),
  close: fc.tuple(),
  datasync: fc.tuple(),
  read: fc.tuple(fc.constant({ into: 6 }), fc.constant(0), count, position),
  readFile: fc.tuple(encoding),
  stat: fc.tuple(),
  sync: fc.tuple(),
  truncate: fc.tuple(fc.constantFrom(undefined, 3, 20)),
  write: fc.tuple(bytes, fc.constant(0), fc.constant(undefined), position),
  writeFile: fc.tuple(data),
  writev: fc.tuple(fc.array(bytes, { minLength: 1, maxLength: 3 }), position),
};

function callsOf(table: Readonly<Record<string, Args>>, form: fc.Arbitrary<Form>) {
  return Object.entries(table).map(([name, args]) =>
    fc.tuple(form, args).map(([form, args]): ScriptCall => ({ form, name, args }))
  );
}

/** A right call, whose first argument may be wrong. */
function spoilt(call: fc.Arbitrary<ScriptCall>): fc.Arbitrary<ScriptCall> {
  const spoil = fc.oneof(
    { weight: 15, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: wrong.map((value) => ({ value })) },
  );
  return fc.tuple(call, spoil).map(([call, spoil]) =>
    // Node makes a string of whatever path it gets here.
    spoil === null || call.args.length === 0 || call.name === "realpath"
      ? call
      : { ...call, args: call.args.with(0, spoil.value) }
  );
}

/** Sequences of calls; some have a wrong argument, if `isSpoilt`. */
function scripts(isSpoilt: boolean): fc.Arbitrary<ScriptCall[]> {
  const maybe = isSpoilt ? spoilt : (call: fc.Arbitrary<ScriptCall>) => call;
  const handle = fc.tuple(
    fc.oneof(...callsOf(ON_HANDLES, fc.constant("promise"))),
    fc.nat(2),
  ).map(([call, handle]) => ({ ...call, handle }));
  const calls = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: maybe(fc.oneof(...callsOf(ON_PATHS, form))) },
      { weight: 2, arbitrary: maybe(fc.oneof(...callsOf(ON_NUMBERS, onNumber))) },
      { weight: 1, arbitrary: handle },
    ),
    { minLength: 1, maxLength: 24, size: "max" },
  );
  return fc.tuple(fc.subarray([...BEGINNINGS]), calls).map((parts) => parts.flat());
}

/** Something to begin with, so that not everything fails. */
const BEGINNINGS: readonly ScriptCall[] = [
  { form: "sync", name: "mkdir", args: [{ path: "d" }] },
  { form: "sync", name: "mkdir", args: [{ path: "d/e" }] },
  { form: "sync", name: "writeFile", args: [{ path: "a" }, "first"] },
  { form: "sync", name: "writeFile", args: [{ path: "d/a" }, "second"] },
  { form: "sync", name: "open", args: [{ path: "a" }, "r+"] },
  { form: "callback", name: "open", args: [{ path: "d" }, "r"] },
  { form: "promise", name: "open", args: [{ path: "a" }, "a+"] },
  { form: "promise", name: "open", args: [{ path: "b" }, "w+"] },
];

const hasNode = (() => {
  try {
    return new Deno.Command("node", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
})();

/** Calls as text; JSON has no `undefined`. */
function written(calls: unknown): string {
  return JSON.stringify(calls, (_key, value) => value === undefined ? { nothing: true } : value);
}

/** Compares what calls have given, up to the first that differs. */
function assertSame(calls: readonly ScriptCall[], actual: Outcome[], expected: Outcome[]): void {
  for (const [i, outcome] of actual.entries()) {
    const call = written(calls[i]);
    assertEquals({ call, ...JSON.parse(JSON.stringify(outcome)) }, { call, ...expected[i] });
  }
  assertEquals(actual.length, expected.length);
}

/** Which calls have succeeded and failed at least once. */
class Seen {
  readonly #names = { value: new Set<string>(), error: new Set<string>() };

  add(calls: readonly ScriptCall[], outcomes: readonly Outcome[]): void {
    for (const [i, { name, handle }] of calls.entries()) {
      const seen = "value" in outcomes[i]! ? this.#names.value : this.#names.error;
      seen.add(handle === undefined ? name : `handle.${name}`);
    }
  }

  /** Nothing is compared that never works. */
  assertAll(): void {
    const handles = Object.keys(ON_HANDLES).map((name) => `handle.${name}`);
    const names = [...Object.keys(ON_PATHS), ...Object.keys(ON_NUMBERS), ...handles];
    // There are no symbolic links.
    const never = names.filter((name) => !this.#names.value.has(name) && name !== "readlink");
    assertEquals(never, [], "these calls never succeeded");
    assert(this.#names.error.size > 25, `Only ${this.#names.error.size} calls ever failed`);
  }
}

Deno.test({
  name: "nodeFs() does what Node does, call by call",
  ignore: !hasNode,
  async fn() {
    const seen = new Seen();
    await using node = new NodeChild();
    await fc.assert(
      fc.asyncProperty(scripts(true), async (calls) => {
        const outcomes = await onShim(calls);
        seen.add(calls, outcomes);
        assertSame(calls, outcomes, await node.run(calls));
      }),
      { numRuns: Number(Deno.env.get("RUNS") ?? 1000), seed: Number(Deno.env.get("SEED") ?? 1) },
    );
    seen.assertAll();
  },
});

Deno.test({
  name: "the comparison with Node notices a planted deviation",
  ignore: !hasNode,
  async fn() {
    await using node = new NodeChild();
    for (const [what, plant] of PLANTED) {
      const { failed } = await fc.check(
        fc.asyncProperty(scripts(false), async (calls) => {
          assertSame(calls, await onShim(calls, plant), await node.run(calls));
        }),
        { numRuns: 3000, seed: 1, endOnFailure: true },
      );
      assert(failed, `not noticed: ${what}`);
    }
  },
});

type Sync = (...args: unknown[]) => unknown;

/** Small lies. */
const PLANTED: readonly [what: string, plant: (fs: AnyFs) => void][] = [
  ["the cursor stays where it is", (fs) => {
    const writeSync = fs.writeSync as Sync;
    fs.writeSync = (...args: unknown[]) => writeSync(...args.with(4, args[4] ?? 0));
  }],
  ["a failed rename says nothing of the target", (fs) => {
    const renameSync = fs.renameSync as Sync;
    fs.renameSync = (...args: unknown[]) => {
      try {
        return renameSync(...args);
      } catch (error) {
        delete (error as { dest?: string }).dest;
        throw error;
      }
    };
  }],
  ["append does not create", (fs) => {
    fs.appendFile = (path: unknown, data: unknown, _options: unknown, done: unknown) =>
      (fs.writeFile as Sync)(path, data, { flag: "r+" }, done);
  }],
];

Deno.test("nodeFs() stores what Deno stores, call by call", async () => {
  await fc.assert(
    fc.asyncProperty(scripts(false), async (calls) => {
      const comparable = calls.filter((call) => !isOdd(call));
      const [actual, expected] = [await onShim(comparable), await onDeno(comparable)];
      assertSame(comparable, actual.map(withoutWords), expected.map(withoutWords));
    }),
    { numRuns: 500, seed: 1 },
  );
});

/** Calls by which Deno does something else than Node: its `unlink` removes directories, too. */
const DENO_DIFFERS: ReadonlySet<string> = new Set([
  "copyFile",
  "mkdir",
  "readv",
  "realpath",
  "unlink",
]);

function isOdd({ name, form, args: [file, flags] }: ScriptCall): boolean {
  // Deno opens no file for appending and cuts it.
  if (name === "open" && flags === 0o3101) return true;
  // The promise form has handles in place of numbers; Deno takes both.
  const isNumber = form === "promise" && typeof file === "object" && file !== null && "fd" in file;
  return DENO_DIFFERS.has(name) || isNumber;
}

/** Deno has its own words for errors. */
function withoutWords(outcome: Outcome): Outcome {
  return "error" in outcome ? { error: "fails" } : outcome;
}
