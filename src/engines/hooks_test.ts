import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { fromFileUrl, toFileUrl } from "@std/path";
import realFs from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { checkLog } from "../check/check_log.ts";
import type { LogUnderTest } from "../check/subject.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { freshModules, installHooks } from "./hooks.ts";
import { packageFs, useDisk } from "./node_current.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** A `node_modules` with packages in it, each of one file or more. */
class Packages implements Disposable {
  readonly #root = Deno.makeTempDirSync({ prefix: "plugpull_" });

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, source] of Object.entries(files)) {
      const path = `${this.#root}/node_modules/${name}`;
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(path, source);
    }
  }

  async load(name: string): Promise<Record<string, unknown>> {
    const { href } = toFileUrl(`${this.#root}/node_modules/${name}`);
    return await import(href);
  }

  require(name: string): unknown {
    return createRequire(import.meta.url)(`${this.#root}/node_modules/${name}`);
  }

  /** The same file, but outside of any package. */
  async loadOutside(name: string): Promise<Record<string, unknown>> {
    Deno.copyFileSync(`${this.#root}/node_modules/${name}`, `${this.#root}/outside.mjs`);
    const { href } = toFileUrl(`${this.#root}/outside.mjs`);
    return await import(href);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#root, { recursive: true });
  }
}

Deno.test("installHooks() gives packages the simulated disk, however they ask for it", async () => {
  installHooks();
  using packages = new Packages({
    "a/require.cjs": "exports.fs = require('fs'); exports.promises = require('node:fs/promises');",
    "a/default.mjs":
      "import fs from 'node:fs'; import promises from 'fs/promises'; export { fs, promises };",
    "a/namespace.mjs":
      "import * as fs from 'fs'; import * as promises from 'fs/promises'; export { fs, promises };",
    "a/named.mjs": `import { writeFileSync, constants } from 'node:fs';
      import { readFile } from 'node:fs/promises';
      export const fs = { writeFileSync, constants }; export const promises = { readFile };`,
    "a/builtin.cjs": "exports.fs = process.getBuiltinModule('fs'); exports.promises = " +
      "process.getBuiltinModule('node:fs/promises');",
  });
  for (const name of ["require.cjs", "default.mjs", "namespace.mjs", "named.mjs", "builtin.cjs"]) {
    const { fs, promises } = await packages.load(`a/${name}`) as {
      fs: typeof realFs;
      promises: typeof realFs.promises;
    };
    const disk = new SimulatedFileSystem();
    useDisk(disk);
    fs.writeFileSync("/a", name);
    assertEquals(disk.list("/"), ["a"], name);
    assertEquals(await promises.readFile("/a", "utf8"), name);
    assertEquals(fs.constants.O_DSYNC, 4096);
  }
  assertEquals(realFs.existsSync("/a"), false);
});

Deno.test("installHooks() leaves the real disk to everything but packages, unless told", async () => {
  installHooks();
  using packages = new Packages({ "a/fs.mjs": "import fs from 'node:fs'; export default fs;" });
  assertEquals((await packages.loadOutside("a/fs.mjs")).default, realFs);
  installHooks({ also: (importer) => importer.endsWith("/outside.mjs") });
  using others = new Packages({ "a/fs.mjs": "import fs from 'node:fs'; export default fs;" });
  assertEquals((await others.loadOutside("a/fs.mjs")).default, packageFs);
  installHooks();
});

Deno.test("installHooks() gives require an object that can be patched", () => {
  installHooks();
  using packages = new Packages({
    "a/patch.cjs": "const fs = require('fs'); const before = fs.statSync; " +
      "fs.statSync = (...args) => ({ patched: true, size: before(...args).size }); " +
      "exports.undo = () => fs.statSync = before; exports.fs = fs;",
    "b/use.cjs": "module.exports = require('fs');",
  });
  const { fs, undo } = packages.require("a/patch.cjs") as { fs: typeof realFs; undo: () => void };
  useDisk(new SimulatedFileSystem());
  fs.writeFileSync("/a", "xyz");
  const used = packages.require("b/use.cjs") as typeof realFs;
  assertEquals(used.statSync("/a") as unknown, { patched: true, size: 3 });
  undo();
});

Deno.test("installHooks() lets packages require JSON, also when they are loaded anew", () => {
  installHooks();
  using packages = new Packages({
    "a/version.cjs": "module.exports = require('./package.json').version;",
    "a/package.json": '{ "version": "1.2.3" }',
  });
  assertEquals(packages.require("a/version.cjs"), "1.2.3");
  freshModules();
  assertEquals(packages.require("a/version.cjs"), "1.2.3");
});

Deno.test("installHooks() refuses native addons, naming the package", async () => {
  installHooks();
  using packages = new Packages({
    "native/gyp.cjs": "module.exports = require('node-gyp-build')(__dirname);",
    "@scope/napi/index.cjs": "module.exports = require('./addon.node');",
    "@scope/napi/addon.node": "",
    "fallback/index.cjs": "try { module.exports = require('bindings')('x'); } " +
      "catch (error) { if (error.code !== 'MODULE_NOT_FOUND') throw error; exports.plain = true; }",
  });
  const expected = 'Cannot load the native addon of "native": it would write to the real disk';
  await assertRejects(() => packages.load("native/gyp.cjs"), Error, expected);
  assertThrows(() => packages.require("@scope/napi/index.cjs"), Error, 'addon of "@scope/napi"');
  assertEquals(packages.require("fallback/index.cjs"), { plain: true });
});

Deno.test("useDisk() begins the randomness of packages anew, and they see one process", async () => {
  installHooks();
  using packages = new Packages({
    "a/random.cjs": `const crypto = require('crypto');
      module.exports = () => [crypto.randomUUID(), crypto.randomBytes(4).toString('hex'),
        crypto.randomInt(1000), crypto.getRandomValues(new Uint8Array(2)).join(), process.pid];`,
    "a/pid.mjs": "import process, { pid } from 'node:process'; export default [pid, process.pid];",
  });
  const random = packages.require("a/random.cjs") as () => unknown[];
  const draws = [1, 2].map(() => {
    useDisk(new SimulatedFileSystem());
    return [random(), random()];
  });
  assertEquals(draws[0], draws[1]);
  assertNotEquals(draws[0]![0], draws[0]![1]);
  assertEquals((await packages.load("a/pid.mjs")).default, [4321, 4321]);
  assertNotEquals(process.pid, 4321);
});

Deno.test("freshModules() loads packages anew, in both kinds, and takes their listeners away", async () => {
  installHooks();
  const counting = "let n = 0; process.on('exit', () => {});";
  using packages = new Packages({
    "a/count.cjs": `${counting} module.exports = () => ++n;`,
    "a/count.mjs": `${counting} export default () => ++n;`,
    "a/again.cjs": "module.exports = require('./count.cjs');",
  });
  const before = process.listenerCount("exit");
  const counts: number[] = [];
  for (let i = 0; i < 3; i++) {
    freshModules();
    for (const name of ["count.cjs", "count.mjs", "again.cjs", "count.mjs"]) {
      const count = (await packages.load(`a/${name}`)).default as () => number;
      counts.push(count());
    }
  }
  assertEquals(counts, [1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2]);
  freshModules();
  assertEquals(process.listenerCount("exit"), before);
});

/** A log kept as JSON, in a file that `store` replaces. */
function jsonLog(
  name: string,
  store: (path: string, text: string) => Promise<unknown> | void,
): LogUnderTest<{ path: string; lines: string[] }> {
  return {
    name,
    acks: "append",
    open(fs, dir) {
      useDisk(fs);
      const path = `${dir}/records`;
      const text = fs.node.existsSync(path) ? fs.node.readFileSync(path, "utf8") : "[]";
      return { path, lines: JSON.parse(text) };
    },
    append(log, record) {
      log.lines.push(btoa(String.fromCharCode(...record)));
      return store(log.path, JSON.stringify(log.lines));
    },
    records: ({ lines }) =>
      lines.map((line) => Uint8Array.from(atob(line), (char) => char.charCodeAt(0))),
  };
}

const ONE_RECORD = {
  workloads: [{ name: "one", lives: [[{ do: "append", bytes: 24 }]] }],
} as const;

/** The verdict, and which promise is broken. */
async function breachOf(log: LogUnderTest): Promise<string> {
  const { verdict, violations: [violation], reason } = await checkLog(log, ONE_RECORD);
  return `${verdict}${violation ? `: ${violation.verdict.clause}` : ""}${reason ?? ""}`;
}

Deno.test("checkLog() finds what unmodified packages lose", async () => {
  installHooks();
  const { Writer } = await import("steno");
  const { default: fse } = await import("fs-extra");
  const { default: graceful } = await import("graceful-fs");
  const { default: writeFileAtomic } = await import("write-file-atomic");
  const stored: [string, (path: string, text: string) => Promise<unknown> | void][] = [
    ["steno", (path, text) => new Writer(path).write(text)],
    ["fs-extra", (path, text) => fse.outputFile(path, text)],
    [
      "graceful-fs",
      (path, text) =>
        new Promise<void>((resolve, reject) =>
          graceful.writeFile(path, text, (error: unknown) => error ? reject(error) : resolve())
        ),
    ],
  ];
  for (const [name, store] of stored) {
    assertEquals(await breachOf(jsonLog(name, store)), "violates: open failed", name);
  }
  const log = jsonLog("write-file-atomic", async (path, text) => {
    freshModules();
    const { default: fresh } = await import("write-file-atomic");
    await fresh(path, text);
  });
  assertEquals(await breachOf(log), "violates: acked record lost");
  assertEquals(typeof writeFileAtomic.sync, "function");
});

Deno.test("checkLog() finds nothing where a package's file is synced, and its directory", async () => {
  installHooks();
  const { default: fse } = await import("fs-extra");
  const log = jsonLog("fs-extra, synced", (path, text) => {
    const directory = path.slice(0, path.lastIndexOf("/"));
    const fd = fse.openSync(`${path}~`, "w");
    fse.writeFileSync(fd, text);
    fse.fsyncSync(fd);
    fse.closeSync(fd);
    fse.renameSync(`${path}~`, path);
    const parent = fse.openSync(directory, "r");
    fse.fsyncSync(parent);
    fse.closeSync(parent);
  });
  assertEquals(await breachOf(log), "holds");
});

interface Nedb {
  loadDatabaseAsync(): Promise<void>;
  insertAsync(document: object): Promise<{ _id: string }>;
  findAsync(query: object): Promise<{ n: number; data: number[] }[]>;
}

Deno.test("checkLog() runs NeDB, whose names are random, the same way each time", async () => {
  installHooks();
  const { default: Datastore } = (await import("@seald-io/nedb")) as unknown as {
    default: new (options: { filename: string }) => Nedb;
  };
  const log: LogUnderTest<{ db: Nedb; n: number }> = {
    name: "NeDB",
    acks: "append",
    async open(fs, dir) {
      useDisk(fs);
      const db = new Datastore({ filename: `${dir}/data` });
      await db.loadDatabaseAsync();
      return { db, n: (await db.findAsync({})).length };
    },
    append: (log, record) => log.db.insertAsync({ n: log.n++, data: [...record] }),
    records: async ({ db }) =>
      (await db.findAsync({})).toSorted((a, b) => a.n - b.n)
        .map(({ data }) => Uint8Array.from(data)),
  };
  assertEquals(await breachOf(log), "violates: open failed");
});

Deno.test("checkLog() sees a log that rolls dice roll the same each time", async () => {
  installHooks();
  const log = jsonLog("dice", () => {});
  log.append = ({ path, lines }, record) => {
    lines.push(btoa(String.fromCharCode(...record)));
    const { writeFileSync } = packageFs as unknown as typeof realFs;
    writeFileSync(`${path}${Math.random()}${crypto.randomUUID()}`, "");
  };
  assertEquals(await breachOf(log), "violates: acked record lost");
  assertNotEquals(Math.random(), Math.random());
});

Deno.test("installHooks() refuses to move a simulated process", async () => {
  const refused: string[] = [];
  const directory = process.cwd();
  const log: LogUnderTest<null> = {
    name: "moves",
    acks: "never",
    open() {
      try {
        (globalThis as unknown as { process: typeof process }).process.chdir("/");
      } catch (error) {
        refused.push((error as Error).message);
      }
      return null;
    },
    append() {},
    records: () => [],
  };
  await checkLog(log);
  assertEquals([...new Set(refused)], ["not simulated: process.chdir"]);
  assertEquals(process.cwd(), directory);
});

Deno.test("checkLog() lets the timers of a package fire at once", async () => {
  installHooks();
  using packages = new Packages({
    "a/wait.mjs": `import { setTimeout as wait } from 'node:timers/promises';
      import { setTimeout } from 'timers';
      import { writeFileSync } from 'fs';
      export const store = async (path, text) => {
        const [start] = process.hrtime();
        await wait(600_000);
        await new Promise((resolve) => setTimeout(resolve, 600_000));
        const [end] = process.hrtime();
        writeFileSync(path, text + ' '.repeat(end - start - 1200));
      };`,
  });
  const { store } = await packages.load("a/wait.mjs") as {
    store: (path: string, text: string) => Promise<void>;
  };
  assertEquals(await breachOf(jsonLog("late", store)), "violates: open failed");
});

/** Runs a module in a process of its own, which may read but not write. */
async function runWithoutWriting(source: string): Promise<{ output: string; success: boolean }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-env", "--allow-sys", "--no-prompt", "--ext=ts", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { stdout, stderr, success } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { output: text(stdout) + text(stderr), success };
}

const STORING = `
  const { default: store } = await import("write-file-atomic");
  const path = "/plugpull-leak-test";
  await store(path, "x");
  store.sync(path, "xy");
  console.log("stored");`;

Deno.test("installHooks() lets packages run without permission to write", async () => {
  const { output, success } = await runWithoutWriting(`
    import { installHooks, SimulatedFileSystem, useDisk } from "./mod.ts";
    installHooks();
    const fs = new SimulatedFileSystem();
    useDisk(fs);
    ${STORING}
    console.log(fs.list("/"), fs.node.readFileSync(path, "utf8"));`);
  assert(success, output);
  assertEquals(output.trim(), 'stored\n[ "plugpull-leak-test" ] xy');
});

Deno.test("without installHooks() the same package needs it", async () => {
  const { output, success } = await runWithoutWriting(STORING);
  assert(!success && output.includes("Requires write access"), output);
});

Deno.test("hooks_preload.ts installs the hooks before static imports", async () => {
  const { output, success } = await runPreloaded();
  assert(success, output);
  assertEquals(output.trim(), '[ "settings.json" ]');
});

async function runPreloaded() {
  const entry = Deno.makeTempFileSync({ suffix: ".ts" });
  const mod = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);
  Deno.writeTextFileSync(
    entry,
    `import { SimulatedFileSystem, useDisk } from ${mod};
    import fse from "fs-extra";
    const fs = new SimulatedFileSystem();
    useDisk(fs);
    fse.outputJsonSync("/log/settings.json", {});
    console.log(fs.list("/log"));`,
  );
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-read", "--allow-env", "--allow-sys", "--no-prompt", "--no-check"],
      ...[`--config=${ROOT}deno.json`, `--preload=${ROOT}src/engines/hooks_preload.ts`, entry],
    ],
  }).output();
  Deno.removeSync(entry);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { output: text(stdout) + text(stderr), success };
}
