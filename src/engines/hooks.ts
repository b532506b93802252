/**
 * Hooks that give unmodified npm packages the simulated disk.
 *
 * METHOD. Who asks for `fs` decides what it gets: a module of a package gets the shim, everything
 * else (the harness, the tests) gets the real one. It makes no difference how a package asks: with
 * `require`, with a default, named or namespace import, with `process.getBuiltinModule`. The modules
 * that stand in are generated from the shim's own names. Native addons are refused: they would write
 * to the real disk. Hooks see what is imported after them, and so do not reach what a static import
 * of the same module graph has loaded; and they are those of one thread.
 *
 * @module
 */
import { createRequire, registerHooks } from "node:module";
import { ADDON_LOADERS, addonRefusal } from "./hooks_addons.ts";
import { packageFs } from "./node_current.ts";
import { forgetListeners, simulateProcess } from "./node_process_globals.ts";
import { packageCrypto, seedGlobals } from "./node_randomness.ts";
import { packageTimerPromises, packageTimers } from "./node_timers.ts";

/** Which modules get the simulated disk. */
export interface HookOptions {
  /**
   * Whether a module that is part of no package gets the simulated disk, too: a store of your own that
   * imports `node:fs`. Default: none does.
   */
  readonly also?: (importer: string) => boolean;
}

/** Under this key the modules that stand in find what they export. */
const KEY = Symbol.for("plugpull node modules");
/** Modules that stand in have addresses below it; nothing is there on the disk. */
const BASE = "file:///plugpull-stand-in/";
/** The modules of this project are never a package's. */
const OWN = new URL("../../", import.meta.url).href;

type Resolved = { url: string; shortCircuit?: boolean; format?: string };
type Loaded = { format?: string; source: unknown; shortCircuit?: boolean };
type Context = { parentURL?: string; conditions?: readonly string[] };

let shims: Map<string, object> | undefined;
let also: (importer: string) => boolean = () => false;
let edition = 0;

/**
 * From now on, npm packages have the simulated disk in the place of `node:fs` and `node:fs/promises`,
 * seeded randomness in the place of `node:crypto`'s, and the harness' clock behind `node:timers`.
 * Import them after this call, with `await import(…)`, or start Deno with
 * `--preload src/engines/hooks_preload.ts`. Calling it again changes the options only.
 *
 * @param options Which modules get the simulated disk besides packages.
 *
 * @example
 * ```ts
 * import { installHooks, SimulatedFileSystem, useDisk } from "../../mod.ts";
 *
 * installHooks();
 * const { Writer } = await import("steno");
 * const fs = new SimulatedFileSystem();
 * useDisk(fs);
 * await new Writer("/settings.json").write("{}");
 * console.log(fs.list("/")); // [ "settings.json" ]
 * ```
 */
export function installHooks(options: HookOptions = {}): void {
  also = options.also ?? (() => false);
  if (shims !== undefined) return;
  const timerPromises = packageTimerPromises();
  shims = new Map<string, object>([
    ["fs", packageFs],
    ["fs/promises", packageFs.promises as object],
    ["crypto", packageCrypto()],
    ["timers", packageTimers()],
    ["timers/promises", timerPromises],
  ]);
  (globalThis as unknown as Record<symbol, unknown>)[KEY] = shims;
  shims.set("process", simulateProcess(shims));
  seedGlobals();
  registerHooks({ resolve: resolve as never, load: load as never });
}

/**
 * Lets packages be loaded anew: what is imported from now on has none of the state that modules keep
 * from one simulated process to the next (a counter, a cache, a lock).
 *
 * @example
 * ```ts
 * import { freshModules, installHooks } from "../../mod.ts";
 *
 * installHooks();
 * const one = await import("steno");
 * freshModules();
 * const other = await import("steno");
 * console.log(one.Writer === other.Writer); // false
 * ```
 */
export function freshModules(): void {
  edition++;
  forgetListeners();
  const { cache } = createRequire(import.meta.url);
  for (const path of Object.keys(cache)) {
    if (isPackage(`file://${path}`)) delete cache[path];
  }
}

function resolve(
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => Resolved,
): Resolved {
  const importer = context.parentURL ?? "";
  const wanted = isPackage(importer) || also(importer);
  if (wanted) {
    const name = specifier.replace(/^node:/, "");
    if (shims!.has(name)) return standIn(name);
    if (ADDON_LOADERS.has(name)) return standIn(`addons/${packageOf(importer)}`);
  }
  const resolved = next(specifier, context);
  if (wanted && resolved.url.endsWith(".node")) throw addonRefusal(packageOf(importer));
  const isEditable = edition > 0 && isPackage(resolved.url) && !resolved.url.includes("?");
  return isEditable ? { ...resolved, url: `${resolved.url}?e=${edition}` } : resolved;
}

function standIn(name: string): Resolved {
  return { url: `${BASE}${encodeURIComponent(name)}.mjs`, format: "module", shortCircuit: true };
}

function load(
  url: string,
  context: Context,
  next: (url: string, context: Context) => Loaded,
): Loaded | undefined {
  if (!url.startsWith(BASE)) {
    const loaded = next(url, context);
    // Of a required ES module whose source comes from a hook, Deno does not find the imports.
    const isRequired = context.conditions?.includes("require");
    return isRequired && /\.mjs(\?|$)/.test(url) ? undefined : knownAsJson(url, loaded);
  }
  const name = decodeURIComponent(url.slice(BASE.length, -".mjs".length));
  const source = name.startsWith("addons/") ? addonSource(name.slice(7)) : sourceOf(name);
  return { format: "module", source, shortCircuit: true };
}

/** Where there are load hooks, Deno takes JSON that is required for a script, unless it is told. */
function knownAsJson(url: string, loaded: Loaded): Loaded {
  const isJson = loaded.format === undefined && /\.json(\?|$)/.test(url);
  return isJson ? { ...loaded, format: "json" } : loaded;
}

/** A module that exports what stands in for `name`, also to `require`. */
function sourceOf(name: string): string {
  const names = Object.getOwnPropertyNames(shims!.get(name))
    .filter((key) => /^[A-Za-z_$][\w$]*$/.test(key) && key !== "default");
  return [
    `const m = globalThis[Symbol.for(${JSON.stringify(KEY.description)})].get("${name}");`,
    ...names.map((key, i) => `const e${i} = m.${key};`),
    `export { m as default, m as "module.exports" };`,
    ...names.map((key, i) => `export { e${i} as ${key} };`),
  ].join("\n");
}

/** A module whose only export refuses to load an addon. */
function addonSource(name: string): string {
  const refused = addonRefusal(name);
  const text = JSON.stringify(refused.message);
  return `const refuse = () => { throw Object.assign(new Error(${text}), { code: "${refused.code}" }); };
refuse.path = refuse.resolve = refuse;
export { refuse as default, refuse as "module.exports" };`;
}

/** Whether a module is part of an npm package: in `node_modules`, or in Deno's own cache. */
function isPackage(url: string): boolean {
  if (url.startsWith(OWN) && !url.slice(OWN.length).includes("node_modules/")) return false;
  return /\/node_modules\/|\/npm\/[^/]+\/(@[^/]+\/)?[^/]+\/\d/.test(url);
}

/** The name of the package that a module is part of. */
function packageOf(url: string): string {
  const named = /.*(?:\/node_modules\/|\/npm\/[^/]+\/)((?:@[^/]+\/)?[^/]+)/.exec(url);
  return named?.[1] ?? url;
}
