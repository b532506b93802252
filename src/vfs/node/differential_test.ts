/**
 * The shim and the real `node:fs`, side by side: random sequences of calls, in the synchronous,
 * callback and promise forms, must give the same values and the same errors (code, errno, syscall,
 * path, message).
 *
 * METHOD. One interpreter ({@linkcode interpret}) runs here, on the shim and on Deno's own `node:fs`,
 * and as text in a `node` process. Node says what is right; with Deno, the words of errors are not
 * compared, nor are the calls in {@linkcode DENO_DIFFERS}.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import realFs from "node:fs";
import { hasNode, NodeChild } from "./_node_child.ts";
import { type AnyFs, interpret, type Outcome, type ScriptCall, written } from "./_script.ts";
import { ON_HANDLES, ON_NUMBERS, ON_PATHS, scripts } from "./_script_arbitrary.ts";
import { nodeFs } from "./node_fs.ts";
import { SimulatedFileSystem } from "../simulated_file_system.ts";

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
      { numRuns: 600, seed: 1 },
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
    const write = fs.write as Sync;
    const writeSync = fs.writeSync as Sync;
    fs.write = (...args: unknown[]) => write(...args.with(4, args[4] ?? 0));
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
  "cp",
  "mkdir",
  "readv",
  "realpath",
  "unlink",
]);

function isOdd({ name, form, args }: ScriptCall): boolean {
  const [file, flags] = args;
  // Deno opens no file for appending and cuts it.
  if (name === "open" && flags === 0o3101) return true;
  // A number that is not exact is no position for Node.
  if (args.includes(2 ** 53)) return true;
  // The promise form has handles in place of numbers; Deno takes both.
  const isNumber = form === "promise" && typeof file === "object" && file !== null && "fd" in file;
  return DENO_DIFFERS.has(name) || isNumber;
}

/** Deno has its own words for errors. */
function withoutWords(outcome: Outcome): Outcome {
  return "error" in outcome ? { error: "fails" } : outcome;
}
