/**
 * Imports point one way. The layers and what each may know are the table {@linkcode KNOWS}; the
 * module graph comes from `deno info`, so that type-only and dynamic imports count too.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { walkSync } from "@std/fs";
import { fromFileUrl, relative, toFileUrl } from "@std/path";

/** What each folder of `src` may import, besides itself, packages and `@std`. */
const KNOWS: Readonly<Record<string, readonly string[]>> = {
  vfs: [],
  wal: ["vfs"],
  explore: ["vfs"],
  check: ["vfs", "explore"],
  report: ["vfs", "explore", "check"],
  engines: ["vfs", "check"],
};
const FOLDERS = ["src", "scenarios", "fuzz"];
const EMPTY_WORDS = ["utils", "util", "common", "helpers", "helper", "misc"];
const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** One import: the paths are relative to the project, a package keeps its specifier. */
interface Import {
  readonly from: string;
  readonly to: string;
  readonly isDynamic?: boolean;
}

/** What is wrong with an import, or `undefined`. */
function faultOf({ from, to, isDynamic = false }: Import): string | undefined {
  if (/^\w+:/.test(to) || to.startsWith("std/") || to === "deno.json") return undefined;
  if (/(^|\/)_[^/]*$/.test(to) && folderOf(from) !== folderOf(to)) return "private to its folder";
  if (isTest(from)) return undefined;
  if (isTest(to)) return "a test is for nobody";
  const [part, layer] = from.split("/");
  if (part === "scenarios" || part === "fuzz") {
    if (to === "mod.ts" || to.startsWith(`${part}/`)) return undefined;
    const isData = part === "fuzz" && to.startsWith("scenarios/");
    if (isData && isDynamic) return undefined;
    return isData ? "scenarios are data: import them dynamically" : "import mod.ts instead";
  }
  if (!to.startsWith("src/")) return "src knows nothing outside src";
  if (from === "mod.ts") return undefined;
  const known = KNOWS[layer!];
  if (known === undefined) return `"${layer}" is no layer`;
  const wanted = to.split("/")[1]!;
  return wanted === layer || known.includes(wanted)
    ? undefined
    : `"${layer}" must not know "${wanted}"`;
}

function faultsOf(imports: readonly Import[]): string[] {
  return imports.flatMap((one) => {
    const fault = faultOf(one);
    return fault === undefined ? [] : [`${one.from} -> ${one.to}: ${fault}`];
  });
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function isTest(path: string): boolean {
  return /_(test|bench)\.ts$/.test(path);
}

/** Whether a module does nothing but hand on what other modules export. */
function isReExportsOnly(source: string): boolean {
  return source
    .replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "")
    .replace(/export\s+(type\s+)?(\*(\s+as\s+\w+)?|\{[^}]*\})\s+from\s+"[^"]+";/g, "")
    .trim() === "";
}

function emptyWordsIn(paths: readonly string[]): string[] {
  return paths.filter((path) =>
    path.split("/").some((name) =>
      EMPTY_WORDS.includes(name.replace(/^_|(_test|_bench)?\.\w+$/g, ""))
    )
  );
}

function sources(): string[] {
  const paths = FOLDERS.flatMap((folder) =>
    Array.from(walkSync(`${ROOT}${folder}`, { exts: [".ts"], includeDirs: false }))
  );
  return ["mod.ts", ...paths.map(({ path }) => relative(ROOT, path)).toSorted()];
}

/** What `deno info --json` tells about a module, as far as it is used. */
interface GraphModule {
  readonly specifier: string;
  readonly error?: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
    readonly isDynamic?: boolean;
  }[];
}

/** Every import of `paths`, found by `deno info`. */
function importsOf(paths: readonly string[]): { seen: string[]; imports: Import[] } {
  const directory = Deno.makeTempDirSync({ prefix: "plugpull_" });
  const entry = `${directory}/entry.ts`;
  const lines = paths.map((path) => `import ${JSON.stringify(toFileUrl(ROOT + path).href)};\n`);
  Deno.writeTextFileSync(entry, lines.join(""));
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--config", `${ROOT}deno.json`, entry],
    cwd: ROOT,
  }).outputSync();
  Deno.removeSync(directory, { recursive: true });
  assert(success, new TextDecoder().decode(stderr));
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: GraphModule[] };
  const local = modules
    .filter(({ specifier, error }) => specifier.startsWith("file:") && error === undefined)
    .map((module) => ({ ...module, from: inProject(module.specifier) }))
    .filter(({ from }) => paths.includes(from));
  const imports = local.flatMap(({ from, dependencies = [] }) =>
    dependencies.flatMap(({ code, type, isDynamic = false }) =>
      [code?.specifier, type?.specifier]
        .filter((specifier) => specifier !== undefined)
        .map((specifier) => ({ from, to: inProject(specifier), isDynamic }))
    )
  );
  return { seen: local.map(({ from }) => from).toSorted(), imports };
}

function inProject(specifier: string): string {
  return specifier.startsWith("file:") ? relative(ROOT, fromFileUrl(specifier)) : specifier;
}

Deno.test("layering: every import points the right way", () => {
  const paths = sources();
  const { seen, imports } = importsOf(paths);
  assertEquals(seen, paths.toSorted());
  assert(imports.length > paths.length, `Only ${imports.length} imports were found`);
  assertEquals(faultsOf(imports), []);
});

Deno.test("layering: mod.ts does nothing but re-export", () => {
  assert(isReExportsOnly(Deno.readTextFileSync(`${ROOT}mod.ts`)));
});

Deno.test("layering: no file or folder has a name that says nothing", () => {
  assertEquals(emptyWordsIn(sources()), []);
});

Deno.test("layering: the check refuses planted imports", () => {
  const planted: Import[] = [
    { from: "src/vfs/disk.ts", to: "src/wal/wal.ts" },
    { from: "src/vfs/disk.ts", to: "src/explore/explore.ts" },
    { from: "src/wal/wal.ts", to: "src/check/subject.ts" },
    { from: "src/explore/explore.ts", to: "src/wal/wal.ts" },
    { from: "src/explore/explore.ts", to: "src/check/subject.ts" },
    { from: "src/check/shrink.ts", to: "src/wal/wal.ts" },
    { from: "src/check/shrink.ts", to: "src/report/proof.ts" },
    { from: "src/report/proof.ts", to: "src/wal/wal.ts" },
    { from: "src/engines/sqlite.ts", to: "src/report/proof.ts" },
    { from: "src/vfs/disk.ts", to: "mod.ts" },
    { from: "src/check/shrink.ts", to: "scenarios/zoo.ts" },
    { from: "src/new_layer/x.ts", to: "src/vfs/disk.ts" },
    { from: "src/x.ts", to: "src/vfs/disk.ts" },
    { from: "mod.ts", to: "scenarios/zoo.ts" },
    { from: "scenarios/zoo.ts", to: "src/vfs/disk.ts" },
    { from: "scenarios/zoo.ts", to: "fuzz/main.ts" },
    { from: "fuzz/main.ts", to: "src/vfs/disk.ts", isDynamic: true },
    { from: "fuzz/main.ts", to: "scenarios/zoo.ts" },
    { from: "src/check/shrink.ts", to: "src/vfs/_bits.ts" },
    { from: "src/check/shrink_test.ts", to: "src/vfs/_bits.ts" },
    { from: "src/check/shrink.ts", to: "src/check/shrink_test.ts" },
  ];
  assertEquals(faultsOf(planted).length, planted.length, faultsOf(planted).join("\n"));
});

Deno.test("layering: the check allows what the layers may know", () => {
  const allowed: Import[] = [
    { from: "src/wal/wal.ts", to: "src/vfs/file_system.ts" },
    { from: "src/report/proof.ts", to: "src/explore/explore.ts" },
    { from: "src/engines/sqlite.ts", to: "src/check/subject.ts" },
    { from: "src/vfs/disk.ts", to: "src/vfs/_bits.ts" },
    { from: "src/vfs/conformance.ts", to: "std/assert/mod.ts" },
    { from: "src/wal/frame.ts", to: "npm:crc-32@1.2.2" },
    { from: "src/vfs/real_file_system.ts", to: "node:fs" },
    { from: "src/vfs/disk_test.ts", to: "src/wal/wal.ts" },
    { from: "src/check/shrink_test.ts", to: "scenarios/zoo.ts" },
    { from: "scenarios/zoo/one.ts", to: "scenarios/naive_log.ts" },
    { from: "scenarios/zoo.ts", to: "mod.ts" },
    { from: "fuzz/main.ts", to: "scenarios/zoo.ts", isDynamic: true },
    { from: "mod.ts", to: "src/vfs/disk.ts" },
  ];
  assertEquals(faultsOf(allowed), []);
});

Deno.test("layering: the check sees code in a module of re-exports, and empty words", () => {
  assert(isReExportsOnly('/** Doc. */\nexport { a,\n  type B } from "./a.ts"; // why\n'));
  assert(isReExportsOnly('export * from "./a.ts";\nexport type { B } from "./b.ts";\n'));
  assert(!isReExportsOnly('export { a } from "./a.ts";\nexport const b = 1;\n'));
  assert(!isReExportsOnly('import { a } from "./a.ts";\nexport { a };\n'));
  const named = ["src/utils/x.ts", "src/vfs/helpers.ts", "src/vfs/_common.ts", "a/misc_test.ts"];
  assertEquals(emptyWordsIn(named), named);
  assertEquals(emptyWordsIn(["src/vfs/common_prefix.ts"]), []);
});
