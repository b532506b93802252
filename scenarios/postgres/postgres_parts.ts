import { PGlite } from "@electric-sql/pglite";
import { BaseFilesystem } from "@electric-sql/pglite/basefs";
import type { PgliteParts } from "../../mod.ts";

/**
 * Loads PGlite 0.5.16, which is PostgreSQL 18, from its npm package.
 *
 * @returns The package, compiled.
 *
 * @example
 * ```ts
 * import { loadPglite } from "./postgres_parts.ts";
 *
 * console.log(loadPglite().PGlite.defaultStartParams.includes("-F")); // true
 * ```
 */
export function loadPglite(): PgliteParts {
  const entry = import.meta.resolve("@electric-sql/pglite");
  const read = (name: string) => Deno.readFileSync(new URL(name, entry));
  return {
    PGlite,
    BaseFilesystem,
    pgliteWasmModule: new WebAssembly.Module(read("pglite.wasm")),
    initdbWasmModule: new WebAssembly.Module(read("initdb.wasm")),
    fsBundle: new Blob([read("pglite.data")]),
  };
}
